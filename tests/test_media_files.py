"""Bodies that no schema describes are small valid files of their media type."""

from __future__ import annotations

import pytest
from support.asking import asker, contract, header

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
