"""Resources in a real browser: an item is changed under the eyes of the judge; a snapshot is saved and restored."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.browser import follow, look_at, missing, opened
from support.running import Running, running_text
from test_console_resources import SHOP

pytestmark = [pytest.mark.skipif(bool(missing()), reason=missing())]


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A mock of a shop."""
    text = f"openapi: 3.1.0\ninfo: {{title: Shop, version: '1'}}\n{SHOP}"
    with running_text(tmp_path_factory.mktemp("contracts"), text) as process:
        yield process


def test_an_item_is_kept_and_a_snapshot_brings_it_back(mock: Running, browser: Any, tmp_path: Path) -> None:
    """What is kept by the page is what a client gets; it is gone after a reset, and back with the snapshot."""

    def name() -> str:
        with urllib.request.urlopen(f"{mock.origin}/pets/7") as reply:
            return str(json.load(reply)["name"])

    with opened(browser, f"{mock.origin}/_tallystick/page/resources") as page:
        look_at(page, "resources")
        follow(page, "main >> text=pets >> nth=0")
        page.fill("#id", "7")
        follow(page, "text=Edit")
        page.fill("#body", '{"name": 5}')
        page.wait_for_selector("#verdict .violations")
        look_at(page, "item")
        page.fill("#body", '{"name": "Kim"}')
        page.wait_for_selector("#verdict .kept")
        follow(page, "button.primary")
        page.wait_for_selector("text=1 kept")
        look_at(page, "items")
        assert name() == "Kim"
        follow(page, ".crumbs >> text=Resources")
        with page.expect_download() as download:
            page.click("text=Save a snapshot")
        download.value.save_as(tmp_path / "snapshot.json")
        follow(page, "text=Reset the session")
        page.wait_for_selector("td b", state="detached")
        assert name() == "Rex"
        page.set_input_files("#snapshot", {"name": "x.json", "mimeType": "application/json", "buffer": b"{}"})
        page.wait_for_selector("#put-wrong:visible")
        page.set_input_files("#snapshot", tmp_path / "snapshot.json")
        page.wait_for_selector("td b")
        assert name() == "Kim"
