"""Coded bodies of requests and replies, and other header fields that have to be true of a message."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest
from support.asking import asker, contract, header

from tallystick.examples.requests import example_request
from tallystick.mock.request_lines import request_lines
from tallystick.nouns import budgets
from tallystick.nouns.exchange import Response

PETS = """
    paths:
      /pets:
        post:
          requestBody:
            required: true
            content: {application/json: {schema: {type: object, properties: {age: {type: integer}}}}}
          responses:
            '204': {description: Done}
            '415': {description: No, content: {application/json: {example: {code: coded}}}}
"""
JSON = {"Content-Type": "application/json"}


def told(response: Response) -> list[dict[str, str]]:
    """What the header tells of a request."""
    violations: list[dict[str, str]] = json.loads(header(response, "tallystick-violations") or "[]")
    return violations


def test_a_coded_body_is_judged_as_it_was_before() -> None:
    """What the judge and the listeners see is the decoded body."""
    bodies: list[bytes] = []
    ask = asker(contract(PETS), listeners=[lambda answered: bodies.append(answered.exchange.request.body)])
    assert ask("POST /pets", {**JSON, "Content-Encoding": "gzip"}, gzip.compress(b'{"age": 3}')).status == 204
    response = ask("POST /pets", {**JSON, "Content-Encoding": "deflate"}, zlib.compress(b'{"age": "x"}'))
    assert response.status == 422
    assert [violation["where"] for violation in told(response)] == ["body/age"]
    assert bodies == [b'{"age": 3}', b'{"age": "x"}']
    assert [violation["rule"] for violation in told(ask("POST /pets", {"Content-Encoding": "gzip"}))] == [
        "body-missing"
    ]


def test_a_coding_that_cannot_be_undone_is_refused() -> None:
    """The status is 415, the reason is told, and Accept-Encoding says what would have worked."""
    lines: list[str] = []
    ask = asker(contract(PETS), listeners=[request_lines(lines.append)])
    response = ask("POST /pets", {**JSON, "Content-Encoding": "gzip"}, b"{}")
    assert (response.status, json.loads(response.body)) == (415, {"code": "coded"})
    assert (header(response, "accept-encoding") or "").startswith("gzip, deflate")
    message = "the body is not gzip: incorrect header check"
    assert told(response) == [{"where": "header.Content-Encoding", "rule": "body-coding", "message": message}]
    assert lines == [f"415 POST /pets\n    header.Content-Encoding: {message}\n"]
    assert ask("POST /pets", {**JSON, "Content-Encoding": "snappy"}, b"{}").status == 415


def test_a_body_that_grows_beyond_the_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is as large as one that comes so."""
    monkeypatch.setattr(budgets, "BODY_BYTES", 1000)
    response = asker(contract(PETS))("POST /pets", {**JSON, "Content-Encoding": "gzip"}, gzip.compress(bytes(1001)))
    assert response.status == 413
    assert [violation["rule"] for violation in told(response)] == ["body-too-large"]


def test_a_reply_is_coded_only_where_that_is_required() -> None:
    """A documented Content-Encoding is left away, and a required one is true of the body."""
    headers = {
        "/a": {"Content-Encoding": {"required": True, "schema": {"enum": ["br", "gzip"]}}},
        "/b": {"Content-Encoding": {"example": "gzip"}},
        "/c": {"Content-Encoding": {"required": True, "schema": {"enum": ["br"]}}},
        "/d": {"Date": {"required": True}},
    }
    content = {"application/json": {"example": [1]}}
    paths = {
        path: {"get": {"responses": {"200": {"description": "A list", "headers": fields, "content": content}}}}
        for path, fields in headers.items()
    }
    ask = asker(contract({"paths": paths}))
    coded, plain, other, dated = (ask(f"GET /{name}") for name in "abcd")
    assert (header(coded, "content-encoding"), gzip.decompress(coded.body), told(coded)) == ("gzip", b"[1]", [])
    assert (header(plain, "content-encoding"), plain.body, told(plain)) == (None, b"[1]", [])
    assert (header(other, "content-encoding"), other.body) == (None, b"[1]")
    assert [violation["rule"] for violation in told(other)] == ["response-header-missing"]
    assert (header(dated, "date"), told(dated)) == (None, [])


def test_the_header_that_tells_violations_is_there_once() -> None:
    """A contract may document a header of that name; what is wrong goes before its example."""
    headers = {"Tallystick-Violations": {"required": True, "example": "none"}}
    parameters = [{"name": "limit", "in": "query", "schema": {"type": "integer"}}]
    responses = {status: {"description": status, "headers": headers} for status in ("204", "422")}
    ask = asker(contract({"paths": {"/a": {"get": {"parameters": parameters, "responses": responses}}}}))
    valid, invalid = ask("GET /a"), ask("GET /a?limit=x")
    assert [value for name, value in valid.headers if name == "tallystick-violations"] == ["none"]
    assert [name for name, _ in invalid.headers].count("tallystick-violations") == 1
    assert [violation["where"] for violation in told(invalid)] == ["query.limit"]


def test_an_optional_coding_is_not_made_up() -> None:
    """A composed request has no Content-Encoding that is not true of its body."""
    (known,) = contract(
        {
            "paths": {
                "/a": {
                    "post": {
                        "parameters": [{"name": "Content-Encoding", "in": "header", "schema": {"enum": ["gzip"]}}],
                        "requestBody": {"content": {"application/json": {"example": 1}}},
                        "responses": {"204": {"description": "Done"}},
                    }
                }
            }
        }
    )
    assert dict(example_request(known, every=True).headers) == {"content-type": "application/json"}
