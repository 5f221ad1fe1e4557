"""Flipping a reply in a real browser: judged while one types, set, seen by the client, and taken back."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from support.browser import follow, look_at, missing, opened
from support.running import Running, running_text
from test_console_flip import PETS

pytestmark = [pytest.mark.skipif(bool(missing()), reason=missing())]


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A mock of the pets."""
    text = f"openapi: 3.1.0\ninfo: {{title: Pets, version: '1'}}\n{PETS}"
    with running_text(tmp_path_factory.mktemp("contracts"), text) as process:
        yield process


def pet(mock: Running) -> Any:
    """What a client gets."""
    with urllib.request.urlopen(f"{mock.origin}/pets/7") as reply:
        return json.load(reply)


def test_a_reply_is_flipped_and_taken_back(mock: Running, browser: Any) -> None:
    """The editor has the documented body, is judged while one types, and sets what is right."""
    query = urlencode({"contract": "test", "operation": "GET /pets/{id}"})
    with opened(browser, f"{mock.origin}/_tallystick/page/operation?{query}") as page:
        follow(page, "text=Flip its reply")
        look_at(page, "flip")
        page.select_option("#reply", label="200 with the example 'zoe'")
        page.wait_for_selector("#body:has-text('Zoe')")
        page.wait_for_selector("#verdict .kept")
        page.fill("#body", '{\n  "name": 5\n}')
        page.wait_for_selector("#verdict .violations")
        look_at(page, "flip-wrong")
        page.click("#verdict [data-line]")
        assert (
            page.evaluate("getSelection().toString() || document.activeElement.value.split('\\n')[1]") == '  "name": 5'
        )
        page.keyboard.type('  "name": "Kim"')
        page.wait_for_selector("#verdict .kept")
        follow(page, "button.primary")
        page.wait_for_selector("text=The reply is flipped")
        assert pet(mock) == {"name": "Kim"}
        follow(page, "text=All overrides of the session")
        look_at(page, "overrides")
        follow(page, "td button")
        page.wait_for_selector("text=Nothing is overridden")
        assert pet(mock) == {"name": "Rex"}
