"""Bodies that no schema describes are small valid files of their media type."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from support.asking import asker, contract, header

from tallystick.nouns.exchange import Response

BEGINNINGS = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
    "image/svg+xml": b"<svg",
    "application/pdf": b"%PDF-1.",
    "application/zip": b"PK\x03\x04",
    "audio/wav": b"RIFF",
}


@pytest.mark.parametrize("name", BEGINNINGS)
def test_a_body_is_a_file_of_its_type(name: str) -> None:
    """Without a schema, or as `format: binary`, the reply is a real file."""
    for described in ({}, {"schema": {"type": "string", "format": "binary"}}):
        if described and name == "image/svg+xml":
            continue
        content = {"content": {name: described}}
        ask = asker(contract({"paths": {"/a": {"get": {"responses": {"200": {"description": "A", **content}}}}}}))
        assert ask("GET /a").body.startswith(BEGINNINGS[name])


def test_a_range_is_sent_as_a_file_of_the_accepted_type() -> None:
    """The bytes of `image/*` are of the type that `Accept` names."""
    content = {"content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}}
    ask = asker(contract({"paths": {"/a": {"get": {"responses": {"200": {"description": "A", **content}}}}}}))
    for accept, name in (("", "image/png"), ("image/webp", "image/png"), ("image/gif, */*;q=0", "image/gif")):
        reply = ask("GET /a", {"Accept": accept})
        assert reply.body.startswith(BEGINNINGS[header(reply, "content-type") or name])


def test_nothing_is_refused_for_its_accept_where_violations_are_reported() -> None:
    """With violations of requests only reported, a type that is not documented gets the documented one."""
    content = {"content": {"application/json": {"example": 1}}}
    known = contract({"paths": {"/a": {"get": {"responses": {"200": {"description": "A", **content}}}}}})
    assert asker(known)("GET /a", {"Accept": "text/html"}).status == 406
    assert asker(known, validate="report")("GET /a", {"Accept": "text/html"}).status == 200


FILES = {
    "image/avif": b"ftypavif",
    "image/bmp": b"BM",
    "image/x-icon": b"\x00\x00\x01\x00",
    "image/tiff": b"II*\x00",
    "audio/mpeg": b"",
    "audio/mp4": b"ftypM4A",
    "audio/ogg": b"OggS",
    "audio/aac": b"\xff\xf1",
    "video/mp4": b"ftyp",
    "video/webm": b"\x1aE\xdf\xa3",
    "font/woff2": b"wOF2",
    "font/woff": b"wOFF",
    "font/ttf": b"\x00\x01\x00\x00",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": b"PK\x03\x04",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": b"PK\x03\x04",
    "text/html": b"<!doctype html>",
    "text/calendar": b"BEGIN:VCALENDAR",
}


@pytest.mark.parametrize("name", FILES)
def test_a_sound_a_film_or_a_font_is_one(name: str) -> None:
    """A file of each media type that pages load begins as such a file does, and is small."""
    for described in ({}, {"schema": {"type": "string", "format": "binary"}}):
        body = replying({name: described}).body
        assert FILES[name] in body[:16]
        assert 0 < len(body) < 10_000


def test_an_svg_as_binary_is_drawn() -> None:
    """An SVG is drawn, also where its schema says that it is bytes or a text."""
    for described in ({"type": "string", "format": "binary"}, {"type": "string"}):
        reply = replying({"image/svg+xml": {"schema": described}})
        assert reply.body.startswith(b"<svg")
        assert header(reply, "tallystick-violations") is None


def test_a_table_has_the_columns_of_its_schema() -> None:
    """CSV has a line of names and a line for each row; a text without columns is a table of two."""
    properties = {"id": {"type": "integer"}, "name": {"type": "string", "enum": ["a, b"]}}
    rows = {"type": "array", "minItems": 2, "items": {"type": "object", "required": ["id"], "properties": properties}}
    reply = replying({"text/csv": {"schema": rows}})
    lines = reply.body.decode().splitlines()
    assert lines[0] == "id,name"
    assert len(lines) > 2
    assert all(line.endswith(',"a, b"') for line in lines[1:])
    assert header(reply, "tallystick-violations") is None
    for described in ({}, {"schema": {"type": "string"}}, {"schema": {"type": "string", "format": "binary"}}):
        assert replying({"text/csv": described}).body == b"id,name\r\n1,First\r\n2,Second\r\n"
    few = {"schema": {"type": "string", "maxLength": 5}}
    assert len(replying({"text/csv": few}).body) <= 5


def test_a_string_that_holds_a_picture_is_one() -> None:
    """A string of JSON with the media type of a picture is that picture in Base64."""
    held = {"type": "string", "contentMediaType": "image/png", "contentEncoding": "base64"}
    body = {"type": "object", "required": ["icon"], "properties": {"icon": held}}
    icon = json.loads(replying({"application/json": {"schema": body}}).body)["icon"]
    assert base64.b64decode(icon).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("name", "described"),
    [("b64_json", {}), ("partial_image_b64", {}), ("image", {"format": "byte"}), ("thumbnailBase64", {})],
)
def test_a_string_named_after_a_picture_in_base64_is_one(name: str, described: dict[str, Any]) -> None:
    """Where no keyword says so, the name of a string says that it is a picture in Base64."""
    body = {"type": "object", "required": [name], "properties": {name: {"type": "string", **described}}}
    text = json.loads(replying({"application/json": {"schema": body}}).body)[name]
    assert base64.b64decode(text).startswith(b"\x89PNG")


def test_a_part_that_is_a_picture_is_one() -> None:
    """A part of a multipart reply with the media type of a picture is that picture."""
    body = {"type": "object", "required": ["icon"], "properties": {"icon": {"type": "string", "format": "binary"}}}
    reply = replying({"multipart/form-data": {"schema": body, "encoding": {"icon": {"contentType": "image/png"}}}})
    assert b"Content-Type: image/png\r\n\r\n\x89PNG" in reply.body
    assert header(reply, "tallystick-violations") is None
    texts = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
    held = {"type": "object", "required": ["icon"], "properties": {"icon": {"contentMediaType": "image/gif"}}}
    reply = replying({"multipart/form-data": {"schema": held}})
    assert b"Content-Type: image/gif\r\n\r\nGIF8" in reply.body
    assert b"filename" not in replying({"multipart/form-data": {"schema": texts}}).body
    assert header(reply, "tallystick-violations") is None


def replying(content: dict[str, Any]) -> Response:
    """The reply of an operation whose 200 has some content."""
    responses = {"200": {"description": "A", "content": content}}
    return asker(contract({"paths": {"/a": {"get": {"responses": responses}}}}))("GET /a")
