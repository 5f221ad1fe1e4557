"""Coverage in a real browser: what was called is seen, and leads to its operation."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest
from support.browser import chromium, follow, look_at, missing, opened
from support.running import running
from test_console_coverage import PETS

pytestmark = [pytest.mark.skipif(bool(missing()), reason=missing())]


def test_coverage_is_a_picture(tmp_path: Path) -> None:
    """The pages show what was seen of a contract and what was not, to everybody."""
    file = tmp_path / "test.yaml"
    file.write_text(f"openapi: 3.1.0\ninfo: {{title: Pets, version: '1'}}\n{PETS}")
    with running(str(file), "-p", "0", "-q") as mock, chromium() as browser:
        urllib.request.urlopen(f"{mock.origin}/pets").close()
        with opened(browser, f"{mock.origin}/_tallystick/page/coverage") as page:
            assert page.inner_text(".grid .cell.seen").startswith("200 1")
            look_at(page, "coverage")
            follow(page, "text=Parameters, members and all other parts")
            page.click("summary >> nth=0")
            look_at(page, "covered")
            follow(page, ".crumbs a")
            follow(page, "text=Show what was not seen")
            follow(page, ".grid a >> nth=0")
            page.wait_for_selector("text=Try it")
