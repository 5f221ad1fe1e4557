"""Streamed replies of a user's functions are read within bounds, and the start line counts what is handled."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.asking import contract
from support.shop import JSON, REX, SHOP, handled, shop_folder, write_module  # noqa: F401 - a fixture

from tallystick.mock.app import create_app
from tallystick.mock.settings import MockSettings
from tallystick.nouns import budgets


@pytest.mark.parametrize(
    ("step", "fact"),
    [
        ("yield b'x' * 1000", "its streamed reply is larger than 10,000 bytes"),
        ("yield b''", "its streamed reply did not end within 0.1 seconds"),
        ("yield await asyncio.sleep(60, b'x')", "its streamed reply did not end within 0.1 seconds"),
    ],
)
def test_a_streamed_reply_that_never_ends_is_a_problem(
    step: str, fact: str, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond a size or a time the request is answered with a 500 that says so."""
    monkeypatch.setattr(budgets, "BODY_BYTES", 10_000)
    monkeypatch.setattr(budgets, "STREAM_SECONDS", 0.1)
    ask = handled(
        shop,
        f"""
        import asyncio
        from starlette.responses import StreamingResponse

        async def endless():
            while True:
                {step}

        def addPet(body):
            return StreamingResponse(endless(), 201)
        """,
    )
    reply = ask("POST /pets", JSON, REX)
    assert reply.status == 500
    assert fact in json.loads(reply.body)["detail"]


def test_a_background_task_after_a_streamed_reply_is_not_bounded(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stops with the last chunk."""
    monkeypatch.setattr(budgets, "STREAM_SECONDS", 0.1)
    ask = handled(
        shop,
        """
        import asyncio
        from starlette.background import BackgroundTask
        from starlette.responses import StreamingResponse

        def addPet(body):
            return StreamingResponse(iter([b"a", b"b"]), 201, background=BackgroundTask(asyncio.sleep, 0.2))
        """,
    )
    reply = ask("POST /pets", JSON, REX)
    assert (reply.status, reply.body) == (201, b"ab")


def test_the_start_line_speaks_of_others_only_where_there_are_some(shop: Path) -> None:
    """Where every operation has a handler, none is said to be mocked."""
    write_module(shop, "shop.handlers", "def listPets(): return []\ndef addPet(body): return {}")
    document = contract(SHOP)
    assert create_app([document], MockSettings(handlers="shop.handlers")).summaries == (
        "shop.handlers handles 2 of 5 operations: GET /pets, POST /pets; the others are mocked",
    )
    paths = "paths: {/pets: {get: {operationId: listPets, responses: {'200': {description: Pets}}}}}"
    assert create_app([contract(paths)], MockSettings(handlers="shop.handlers")).summaries == (
        "shop.handlers handles 1 of 1 operation: GET /pets",
    )
