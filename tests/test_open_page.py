"""`mock --open` opens the page in the browser once the mock answers."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from support.running import PETS, run, running


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """A contract on disk."""
    file = tmp_path / "pets.yaml"
    file.write_text(PETS)
    return file


def test_the_page_is_opened_once_the_mock_answers(pets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser that the user has named gets the URL of the page, and the mock answers it by then."""
    browser = tmp_path / "browser"
    seen = tmp_path / "seen"
    script = tmp_path / "browser.py"
    script.write_text(
        "import json, pathlib, sys, urllib.request as client\n"
        "asked = client.Request(sys.argv[1], headers={'Accept': 'text/html'})\n"
        "is_page = '<html' in client.urlopen(asked).read().decode()\n"
        f"pathlib.Path({str(seen)!r}).write_text(json.dumps([sys.argv[1], is_page]))\n"
        "print('seen', flush=True)\n"
    )
    browser.write_text(f'#!/bin/sh\nexec {sys.executable} {script} "$1"\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    with running(str(pets), "-p", "0", "-q", "--open", "--control-path", "/_x", cwd=tmp_path) as mock:
        mock.read_until("seen")
        assert json.loads(seen.read_text()) == [f"{mock.origin}/_x/", True]


def test_no_browser_is_one_line(pets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a browser cannot be opened, the mock says where the page is, and serves."""
    monkeypatch.setenv("BROWSER", str(tmp_path / "nothing"))
    with running(str(pets), "-p", "0", "-q", "--open", cwd=tmp_path) as mock:
        assert mock.process.stderr is not None
        line = mock.process.stderr.readline()
        assert line == f"tallystick mock: there is no browser to open here; the page is {mock.origin}/_tallystick/\n"
        assert mock.get("/pets") == 200


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        (("--no-control",), "--open opens the page of the control API; leave out --no-control"),
        (
            ("--host", "0.0.0.0"),
            "--open opens the page, which is off where others reach the mock; give --control-token",
        ),
    ],
)
def test_a_mock_without_a_page_opens_none(pets: Path, tmp_path: Path, flags: tuple[str, ...], reason: str) -> None:
    """The flag is refused where there is no page, before anything is served."""
    done = run(str(pets), "-p", "0", "--open", *flags, cwd=tmp_path)
    assert (done.returncode, reason in done.stderr, done.stdout) == (2, True, "")
