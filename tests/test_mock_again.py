"""A request that comes again just as it was is answered as one that never came before."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence
from typing import Any

import pytest
from support.asking import answer_of, contract, request

from tallystick.mock.again import Recognition
from tallystick.mock.app import create_app
from tallystick.mock.clock import Setting
from tallystick.mock.settings import MockSettings
from tallystick.nouns.exchange import Response

PETS = """
paths:
  /pets:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer}}]
      responses: {"200": {description: All, content: {application/json: {schema: {type: array, items: &pet
        {type: object, required: [id, name], properties: {
          id: {type: integer, readOnly: true}, name: {type: string},
          created_at: {type: string, format: date-time}}}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: *pet}}}
      responses:
        "201": {description: Created, headers: {Location: {schema: {type: string}}}, content: {application/json:
          {schema: *pet, examples: {
            a: {value: {id: 5, name: Rex, created_at: "2026-01-01T00:00:00Z"}}}}}}
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: One, content: {application/json: {schema: *pet}}}, "404": {description: No}}}
    put:
      requestBody: {required: true, content: {application/json: {schema: *pet}}}
      responses: {"200": {description: One, content: {application/json: {schema: *pet}}}}
    delete: {responses: {"204": {description: Gone}, "404": {description: No}}}
  /pets/{id}/toys:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    post:
      requestBody: {required: true, content: {application/json: {schema: &toy
        {type: object, required: [name], properties: {id: {type: string}, name: {type: string}}}}}}
      responses: {"201": {description: Created, content: {application/json: {schema: *toy}}}, "404": {description: No}}
  /pets/{id}/toys/{toy}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}},
      {name: toy, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {description: One, content: {application/json: {schema: *toy}}}, "404": {description: No}}}
"""
JSON = {"content-type": "application/json", "host": "localhost:4010"}
ASKED = [
    ("GET /pets/5", {"host": "a"}, b""),
    ("GET /pets/6", {"host": "a"}, b""),
    ("GET /pets/6", {"host": "b"}, b""),
    ("HEAD /pets/6", {"host": "a"}, b""),
    ("GET /pets/6", {"host": "a", "prefer": "code=404"}, b""),
    ("GET /pets/6", {"host": "a", "tallystick-session": "other"}, b""),
    ("GET /pets/x", {"host": "a"}, b""),
    ("GET /pets", {"host": "a"}, b""),
    ("GET /pets?limit=2", {"host": "a"}, b""),
    ("POST /pets", JSON, b'{"name": "Rex"}'),
    ("POST /pets", JSON, b'{"name": "Bo"}'),
    ("POST /pets", JSON, b'{"name": 3}'),
    ("POST /pets", {**JSON, "tallystick-session": "other"}, b'{"name": "Rex"}'),
    ("POST /pets", {**JSON, "idempotency-key": "a-key-of-some-length"}, b'{"name": "Rex"}'),
    ("PUT /pets/6", JSON, b'{"name": "Changed"}'),
    ("DELETE /pets/6", {"host": "a"}, b""),
    ("DELETE /pets/7", {"host": "a"}, b""),
    ("GET /pets/7", {"host": "a"}, b""),
    ("POST /pets/7/toys", JSON, b'{"name": "Ball"}'),
    ("GET /pets/7/toys/x", {"host": "a"}, b""),
]


def answers(lines: Sequence[tuple[str, dict[str, str], bytes]], **settings: Any) -> list[Response]:
    """What a mock of pets answers to requests, one after the other, always at the same time."""
    app = create_app([contract(PETS)], MockSettings(**settings))
    app.memory.clock.machine = lambda: 1_800_000_000.0

    async def ask() -> list[Response]:
        return [await answer_of(app, request(*each)) for each in lines]

    return asyncio.run(ask())


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("settings", [{}, {"state": ("closed",)}, {"stateless": True}, {"journal": 0}])
def test_what_is_recognized_is_answered_as_if_it_were_new(
    seed: int, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is created, changed and deleted between two requests that are the same."""
    draw = random.Random(seed)
    lines = [draw.choice(ASKED) for _ in range(100)]
    recognized = answers(lines, **settings)
    monkeypatch.setattr(Recognition, "remember", lambda *_: None)
    assert recognized == answers(lines, **settings)


def test_what_is_set_for_the_mock_is_heeded_by_what_is_recognized() -> None:
    """An override and a clock that come between two requests that are the same decide the second."""
    app = create_app([contract(PETS)], MockSettings())

    async def ask() -> list[Response]:
        sent, read = request("POST /pets", JSON, b'{"name": "Rex"}'), request("GET /pets/9", JSON)
        found = [await answer_of(app, each) for each in (sent, read) for _ in range(5)]
        await app.memory.clock.set("", Setting(86_400.0, goes_on=False))
        found.append(await answer_of(app, sent))
        await app.memory.store.drop("")
        await app.memory.overrides.add("", {"match": {"operation": "GET /pets/{id}"}, "reply": {"code": 404}}, 0.0)
        found.append(await answer_of(app, read))
        return found

    *_, created, overridden = asyncio.run(ask())
    assert json.loads(created.body)["created_at"].startswith("1970-01-02")
    assert overridden.status == 404
