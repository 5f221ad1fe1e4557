"""The page of a proxy in a real browser: who gave each reply, the upstream or the mock in its place, and why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from support.browser import follow, look_at, missing, opened
from support.running import Running, running
from support.web import serving

pytestmark = [pytest.mark.skipif(bool(missing()), reason=missing())]

SHOP = """
openapi: 3.1.0
info: {title: Shop, version: '1'}
paths:
  /pets/{id}:
    get:
      operationId: getPet
      parameters: [{name: id, in: path, required: true, schema: {type: integer}, example: 7}]
      responses: {'200': {description: One, content: {text/plain: {schema: {type: string}}}}}
  /orders:
    get:
      operationId: listOrders
      responses: {'200': {description: All, content: {application/json: {example: [mocked]}}}}
"""
# The reply with a pet breaks the contract: it has no Content-Type.
REPLIES = {"/pets/7": (200, "Rex of the upstream"), "/orders": (501, "later")}


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A proxy of an upstream that does not have one of its operations yet."""
    file: Path = tmp_path_factory.mktemp("contracts") / "shop.yaml"
    file.write_text(SHOP)
    with (
        serving(REPLIES) as (upstream, _),
        running(str(file), "--upstream", upstream, "--remock", "501", "-p", "0", "-q") as process,
    ):
        yield process


def address(proxy: Running, session: str, operation: str) -> str:
    """The URL of the page of an operation in a session."""
    return f"{proxy.origin}/~{session}/_tallystick/page/operation?" + urlencode(
        {"contract": "shop", "operation": operation}
    )


def test_a_reply_of_the_upstream_is_shown_as_it_is(proxy: Running, browser: Any) -> None:
    """What is tried reaches the upstream; its reply is judged, and the exchange says that it gave it."""
    with opened(browser, address(proxy, "whole", "GET /pets/{id}")) as page:
        page.click("button:text('Send')")
        page.wait_for_selector("#reply >> text=Rex of the upstream")
        assert "response.header.Content-Type" in page.inner_text("#reply .violations")
        follow(page, "text=in the journal")
        assert "reply from upstream" in page.inner_text("main .verdict")
        assert page.inner_text("#why + p").startswith("http://127.0.0.1")
        assert "Upstream" in page.inner_text(".facts")
        look_at(page, "exchange-upstream")


def test_a_reply_in_place_of_the_upstream_says_so(proxy: Running, browser: Any) -> None:
    """An operation that the upstream does not have is mocked; the table and the exchange say what it answered."""
    with opened(browser, address(proxy, "mocked", "GET /orders")) as page:
        page.click("button:text('Send')")
        page.wait_for_selector("#reply >> text=mocked")
        follow(page, "nav >> text=Journal")
        page.wait_for_selector("#rows .tag >> text=upstream 501")
        look_at(page, "journal-remocked")
        follow(page, "#rows a")
        assert "in place of the upstream: 501" in page.inner_text(".facts")
        assert "reply from contract" in page.inner_text("main .verdict")
