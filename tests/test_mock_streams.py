"""Streams of items that the mock sends: how they are asked for, ended and sent in pieces."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise
from typing import Any

import click
import pytest
from support.asking import Ask, asker, contract, header, request, scope_of

from tallystick.cli.durations import seconds_given
from tallystick.mock.app import create_app
from tallystick.mock.pieces import pieces_of
from tallystick.mock.settings import MockSettings
from tallystick.nouns.exchange import Response

CHUNK = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}


def streaming(stream: dict[str, Any], media_type: str = "text/event-stream", flag: Any = None) -> Ask:
    """A mock of an operation whose 200 is a JSON object or a stream."""
    return asker(contract(document(stream, media_type, flag)))


def document(stream: dict[str, Any], media_type: str = "text/event-stream", flag: Any = None) -> dict[str, Any]:
    """A document with one operation whose 200 is a JSON object or a stream."""
    body = {"type": "object", "properties": {"stream": flag or {"type": "boolean"}}}
    content = {"application/json": {"schema": CHUNK}, media_type: stream}
    operation = {
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "responses": {"200": {"description": "Text", "content": content}},
    }
    return {"paths": {"/chat": {"post": operation}}}


def sent(ask: Ask, body: bytes, accept: str = "application/json") -> Response:
    """What the operation answers to a body."""
    return ask("POST /chat", {"Content-Type": "application/json", "Accept": accept}, body)


def test_a_body_asks_for_the_stream() -> None:
    """`stream: true` in a body asks for the stream whatever `Accept` says; it has several items and its end."""
    reply = sent(streaming({"schema": CHUNK}), b'{"stream": true}')
    assert header(reply, "content-type") == "text/event-stream"
    assert header(reply, "tallystick-violations") is None
    events = reply.body.split(b"\n\n")
    assert len(events) == 5
    assert all(event.startswith(b'data: {"text":') for event in events[:3])
    assert events[3:] == [b"data: [DONE]", b""]


@pytest.mark.parametrize("body", [b'{"stream": false}', b"{}"])
def test_without_the_wish_json_is_sent(body: bytes) -> None:
    """A body that does not ask for a stream gets JSON, and `Accept` still chooses."""
    ask = streaming({"schema": CHUNK})
    assert header(sent(ask, body), "content-type") == "application/json"
    assert header(sent(ask, body, "text/event-stream"), "content-type") == "text/event-stream"


def test_a_stream_may_be_what_the_body_asks_for_by_default() -> None:
    """Where the flag's default is true a body without it gets the stream, unless its client accepts only JSON."""
    ask = streaming({"schema": CHUNK}, "application/x-ndjson", {"type": "boolean", "default": True})
    lines = sent(ask, b"{}", "*/*")
    assert header(lines, "content-type") == "application/x-ndjson"
    assert len(lines.body.splitlines()) == 3
    assert header(sent(ask, b"{}"), "content-type") == "application/json"
    assert header(sent(ask, b'{"stream": false}', "*/*"), "content-type") == "application/json"


def test_an_example_in_the_form_of_events_is_sent_as_it_is() -> None:
    """What an author wrote as events is sent so; events with names end by these."""
    text = 'event: delta\ndata: {"text": "a"}\n\nevent: stop\ndata: {"text": ""}\n\n'
    assert sent(streaming({"schema": CHUNK, "example": text}), b'{"stream": true}').body == text.encode()
    unnamed = 'data: {"text": "a"}\n\ndata: [DONE]\n\n'
    assert sent(streaming({"schema": CHUNK, "example": unnamed}), b'{"stream": true}').body == unnamed.encode()


@pytest.mark.parametrize(
    ("media_type", "body", "pieces"),
    [
        ("text/event-stream", b"data: 1\n\ndata: 2\n\n", [b"data: 1\n\n", b"data: 2\n\n"]),
        ("text/event-stream", b"data: 1\r\n\r\ndata: 2", [b"data: 1\r\n\r\n", b"data: 2"]),
        ("application/jsonl", b"1\n2\n", [b"1\n", b"2\n"]),
        ("application/json-seq", b"\x1e1\n\x1e2\n", [b"\x1e1\n", b"\x1e2\n"]),
        ("application/json", b"[1,\n2]", []),
    ],
)
def test_a_stream_is_sent_in_its_items(media_type: str, body: bytes, pieces: list[bytes]) -> None:
    """Events, lines and records are pieces of their own, and together the whole body."""
    assert pieces_of(Response(200, (("content-type", media_type),), body)) == pieces


def test_items_come_one_after_the_other() -> None:
    """With a delay each item is sent on its own, and the delay is between them."""
    app = create_app([contract(document({"schema": CHUNK}))], MockSettings(stream_delay=0.02))
    body = b'{"stream": true}'
    messages: list[tuple[float, dict[str, Any]]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        messages.append((time.monotonic(), message))

    headers = {"Content-Type": "application/json", "content-length": str(len(body))}
    asyncio.run(app(scope_of(request("POST /chat", headers)), receive, send))
    bodies = messages[1:]
    assert [message["more_body"] for _, message in bodies] == [True, True, True, False]
    assert bodies[-1][1]["body"] == b"data: [DONE]\n\n"
    assert all(later[0] - earlier[0] >= 0.019 for earlier, later in pairwise(bodies))


@pytest.mark.parametrize(("text", "seconds"), [("", 0.0), ("200ms", 0.2), ("1.5 s", 1.5), ("0.5min", 30.0)])
def test_a_time_has_a_unit(text: str, seconds: float) -> None:
    """A delay is given in milliseconds, seconds or minutes."""
    assert seconds_given(text, 60) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["200", "2m", "-1s", "61s", "soon"])
def test_another_time_is_refused(text: str) -> None:
    """A delay without a unit, or one that is too long, is refused."""
    with pytest.raises(click.BadParameter):
        seconds_given(text, 60)
