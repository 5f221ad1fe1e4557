"""Requests on a condition and for a part of a body: 304, 206 and 416 where the contract documents them."""

from __future__ import annotations

from typing import Any

import pytest
from support.asking import Ask, asker, contract, header

FILE = {"image/png": {"schema": {"type": "string", "format": "binary"}}}
TAGGED = {"ETag": {"schema": {"type": "string"}, "example": "v1"}}


def serving(*statuses: str, content: Any = FILE, headers: Any = TAGGED) -> Ask:
    """A mock of an operation that documents some statuses beside its 200."""
    responses: dict[str, Any] = {"200": {"description": "All", "content": content, "headers": headers}}
    for status in statuses:
        responses[status] = {"description": status, **({"content": content} if status == "206" else {})}
    return asker(contract({"paths": {"/file": {"get": {"responses": responses}}}}))


@pytest.mark.parametrize(
    ("wanted", "status"), [('"v1"', 304), ('W/"v1"', 304), ('"v0", "v1"', 304), ("*", 304), ('"v2"', 200), ("v", 200)]
)
def test_the_tag_that_a_client_has_is_not_sent_again(wanted: str, status: int) -> None:
    """`If-None-Match` with the ETag of the reply gets the documented 304, without a body and with the ETag."""
    reply = serving("304")("GET /file", {"If-None-Match": wanted})
    assert (reply.status, header(reply, "etag")) == (status, '"v1"')
    assert bool(reply.body) == (status == 200)
    assert header(reply, "tallystick-violations") is None
    assert (header(reply, "content-type") is None) == (status == 304)


def test_a_304_that_is_not_documented_is_not_sent() -> None:
    """The whole reply is sent where the contract documents no 304."""
    assert serving()("GET /file", {"If-None-Match": '"v1"'}).status == 200


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-9", 0, 10), ("bytes=10-", 10, None), ("bytes=-5", -5, None), ("bytes=5-999999", 5, None)],
)
def test_a_part_is_sent(asked: str, start: int, end: int | None) -> None:
    """A single range gets the documented 206 with those bytes, and says which they are."""
    ask = serving("206")
    whole = ask("GET /file")
    assert (whole.status, header(whole, "accept-ranges"), header(whole, "content-range")) == (200, "bytes", None)
    part = ask("GET /file", {"Range": asked})
    assert (part.status, part.body) == (206, whole.body[start:end])
    first = start % len(whole.body)
    expected = f"bytes {first}-{first + len(part.body) - 1}/{len(whole.body)}"
    assert (header(part, "content-range"), header(part, "content-length")) == (expected, str(len(part.body)))
    assert header(part, "tallystick-violations") is None


@pytest.mark.parametrize("asked", ["bytes=0-1,4-5", "lines=1-2", "bytes=9-2", "bytes=-", "bytes=999999-"])
def test_other_ranges_get_the_whole(asked: str) -> None:
    """Several ranges, other units and what is no range get the 200, as does one that is too far where no 416 is."""
    assert serving("206")("GET /file", {"Range": asked}).status == 200


def test_a_range_beyond_the_end_is_refused() -> None:
    """Where a 416 is documented, a range beyond the end gets it, with the size of the whole."""
    ask = serving("206", "416")
    reply = ask("GET /file", {"Range": "bytes=999999-"})
    assert (reply.status, header(reply, "content-range")) == (416, f"bytes */{len(ask('GET /file').body)}")


def test_a_part_of_another_version_is_not_sent() -> None:
    """`If-Range` with another ETag gets the whole."""
    assert serving("206")("GET /file", {"Range": "bytes=0-1", "If-Range": '"v0"'}).status == 200
    assert serving("206")("GET /file", {"Range": "bytes=0-1", "If-Range": '"v1"'}).status == 206


def test_ranges_are_not_served_where_none_are_documented() -> None:
    """Without a 206 the whole is sent and no ranges are promised; nor is a JSON text cut."""
    reply = serving()("GET /file", {"Range": "bytes=0-1"})
    assert (reply.status, header(reply, "accept-ranges")) == (200, None)
    texts = {"application/json": {"schema": {"type": "object"}}}
    assert serving("206", content=texts)("GET /file", {"Range": "bytes=0-1"}).status == 200


def test_a_206_alone_is_of_the_whole() -> None:
    """Where the only success is a 206, a request without a range gets all bytes as one part."""
    paths = {"/file": {"get": {"responses": {"206": {"description": "A part", "content": FILE}}}}}
    reply = asker(contract({"paths": paths}))("GET /file")
    assert (reply.status, header(reply, "content-range")) == (206, f"bytes 0-{len(reply.body) - 1}/{len(reply.body)}")


def test_a_304_that_is_documented_has_a_tag_to_ask_for() -> None:
    """Where a 304 is documented and nobody says which ETag there is, it is made of the reply's bytes, each its own."""
    texts = {"application/json": {"schema": {"type": "array", "items": {"type": "integer"}}}}
    for headers in ({}, {"ETag": {"schema": {"type": "string"}}}):
        ask = serving("304", content=texts, headers=headers)
        tag = header(ask("GET /file"), "etag")
        assert tag is not None
        assert tag.startswith('"')
        assert tag == header(ask("GET /file"), "etag")
        known = ask("GET /file", {"If-None-Match": tag})
        assert (known.status, known.body, header(known, "etag")) == (304, b"", tag)
        assert ask("GET /file", {"If-None-Match": '"other"'}).status == 200
    assert header(serving(headers={})("GET /file"), "etag") is None


def test_each_reply_has_its_own_tag() -> None:
    """What a request changes in a reply changes the ETag that is made of it."""
    pet = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    responses = {
        "200": {"description": "A pet", "content": {"application/json": {"schema": pet}}},
        "304": {"description": "As before"},
    }
    one = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    ask = asker(contract({"paths": {"/pets/{id}": {"get": {"parameters": [one], "responses": responses}}}}))
    tags = [header(ask(f"GET /pets/{id}"), "etag") for id in (1, 2, 1)]
    assert tags[0] == tags[2] != tags[1]


@pytest.mark.parametrize(
    ("since", "status"),
    [
        ("Thu, 15 Jan 2026 12:00:00 GMT", 304),
        ("Fri, 16 Jan 2026 12:00:00 GMT", 304),
        ("Wed, 14 Jan 2026 12:00:00 GMT", 200),
        ("yesterday", 200),
    ],
)
def test_what_did_not_change_is_not_sent_again(since: str, status: int) -> None:
    """`If-Modified-Since` gets the documented 304 unless the `Last-Modified` of the reply is later."""
    example = {"Last-Modified": {"schema": {"type": "string"}, "example": "Thu, 15 Jan 2026 12:00:00 GMT"}}
    ask = serving("304", headers=example)
    assert ask("GET /file", {"If-Modified-Since": since}).status == status
    tagged = ask("GET /file", {"If-Modified-Since": since, "If-None-Match": '"other"'})
    assert tagged.status == 200
