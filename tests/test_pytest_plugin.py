"""The fixtures of tallystick for pytest, in suites of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from test_control_items import SHOP

CONTRACT = "openapi: 3.1.0\ninfo: {title: Shop, version: '1'}\n" + dedent(SHOP)
TESTS = """
    import pytest
    import requests

    @pytest.mark.parametrize("number", range(6))
    def test_alone(tallystick_mock, number):
        assert tallystick_mock.items("pets") == []
        tallystick_mock.put("pets", number, {"name": "Rex"})
        assert tallystick_mock.get("pets", number) == {"id": number, "name": "Rex"}
        assert requests.get(f"{tallystick_mock.url}/pets", timeout=9).status_code == 200

    @pytest.mark.tallystick(state="closed")
    class TestClosed:
        def test_settings(self, tallystick_mock):
            assert requests.get(f"{tallystick_mock.url}/pets/3", timeout=9).status_code == 404

    def test_contract(tallystick_mock, tallystick_contract):
        tallystick_contract.check(requests.get(f"{tallystick_mock.url}/pets", timeout=9))
"""


def suite(folder: Path, tests: str, *arguments: str, **files: str) -> subprocess.CompletedProcess[str]:
    """A suite of tests that was run in a process of its own, with warnings as errors and our plugin.

    pytest is not told that it runs in CI, where its summary repeats the messages of failures.
    """
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "BUILD_NUMBER")}
    (folder / "test_suite.py").write_text(dedent(tests))
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    command = [sys.executable, "-m", "pytest", "-p", "tallystick.pytest_plugin", "-W", "error", "--strict-markers"]
    return subprocess.run(
        [*command, *arguments],
        cwd=folder,
        env={**environment, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("arguments", [(), ("-p", "xdist", "-n", "2")], ids=["one process", "two workers"])
def test_each_test_has_a_session_of_its_own(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Tests do not see what others did, in one process or in several; a marker gives settings."""
    ini = "[pytest]\ntallystick_contracts = shop.yaml\n"
    run = suite(tmp_path, TESTS, *arguments, shop__yaml=CONTRACT, pytest__ini=ini)
    assert "8 passed" in run.stdout, run.stdout + run.stderr


def test_a_contract_is_named_by_the_configuration_or_a_marker(tmp_path: Path) -> None:
    """Without a setting of pytest's, those of tallystick count; a marker goes before both."""
    tests = """
        import pytest

        def test_configured(tallystick_contract):
            assert tallystick_contract.contract.name == "shop"

        @pytest.mark.tallystick("other.yaml")
        def test_marked(tallystick_contract):
            assert tallystick_contract.contract.name == "other"
    """
    files = {"tallystick__toml": 'contracts = ["shop.yaml"]\n', "shop__yaml": CONTRACT, "other__yaml": CONTRACT}
    run = suite(tmp_path, tests, **files)
    assert "2 passed" in run.stdout, run.stdout + run.stderr


def test_several_contracts_are_told(tmp_path: Path) -> None:
    """A response is held to one of them, so a marker has to say which."""
    ini = "[pytest]\ntallystick_contracts =\n  a.yaml\n  b.yaml\n"
    tests = "def test(tallystick_contract): pass\n"
    run = suite(tmp_path, tests, a__yaml=CONTRACT, b__yaml=CONTRACT, pytest__ini=ini)
    assert "there are 2 contracts" in run.stdout
    assert "pytest.mark.tallystick" in run.stdout


def test_nothing_is_imported_where_it_is_not_used(tmp_path: Path) -> None:
    """A suite without a fixture of ours pays for nothing but the plugin itself."""
    tests = """
        import sys

        def test():
            ours = {name for name in sys.modules if name.partition(".")[0] in ("tallystick", "connexion", "uvicorn")}
            assert ours == {"tallystick", "tallystick.pytest_plugin"}
    """
    run = suite(tmp_path, tests)
    assert "1 passed" in run.stdout, run.stdout + run.stderr


def test_pytest_finds_the_plugin() -> None:
    """It is an entry point of the distribution."""
    project = (Path(__file__).parent.parent / "pyproject.toml").read_text()
    assert '[project.entry-points.pytest11]\ntallystick = "tallystick.pytest_plugin"\n' in project


def test_a_failure_shows_what_was_asked(tmp_path: Path) -> None:
    """Each request with its reply, and the reason for it."""
    tests = """
        import requests

        def test(tallystick_mock):
            assert requests.get(f"{tallystick_mock.url}/pets?a=b", timeout=9).status_code == 418
    """
    ini = "[pytest]\ntallystick_contracts = shop.yaml\n"
    run = suite(tmp_path, tests, shop__yaml=CONTRACT, pytest__ini=ini)
    assert "- what was asked of http://127.0.0.1:" in run.stdout
    assert "\nGET /pets?a=b -> 200: " in run.stdout
