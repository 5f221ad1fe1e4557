"""The documented headers of a reply are true and well formed, whatever their examples and schemas say."""

from __future__ import annotations

from typing import Any

import pytest
from support.asking import asker, contract, header

from tallystick.nouns.exchange import Response

STRING = {"type": "string"}
INTEGER = {"type": "integer"}


def reply_with(headers: dict[str, Any], method: str = "get", **asked: str) -> Response:
    """The reply of an operation whose 200 documents some headers, by their schemas or examples."""
    documented = {
        name: value if isinstance(value, dict) and "schema" in value else {"schema": value}
        for name, value in headers.items()
    }
    body = {"application/json": {"schema": {"type": "object"}}}
    response = {"description": "Fine", "headers": documented, "content": body}
    reply = asker(contract({"paths": {"/pets": {method: {"responses": {"200": response}}}}}))(
        f"{method.upper()} /pets", asked
    )
    assert reply.status == 200
    return reply


def text_with(name: str, schema: Any, example: Any = None) -> str | None:
    """The value of one documented header."""
    documented = {"schema": schema} if example is None else {"schema": schema, "example": example}
    reply = reply_with({name: documented})
    assert header(reply, "tallystick-violations") is None
    return header(reply, name.lower())


@pytest.mark.parametrize(
    ("name", "schema", "example", "value"),
    [
        ("ETag", STRING, "33a64df5", '"33a64df5"'),
        ("ETag", STRING, 'W/"33a64df5"', 'W/"33a64df5"'),
        ("ETag", STRING, "W/33a64df5", 'W/"33a64df5"'),
        ("ETag", {"type": "string", "pattern": "^[0-9a-f]+$"}, "33a64df5", "33a64df5"),
        ("Last-Modified", STRING, "2024-02-03T04:05:06Z", "Sat, 03 Feb 2024 04:05:06 GMT"),
        ("Last-Modified", STRING, "Sat, 03 Feb 2024 04:05:06 GMT", "Sat, 03 Feb 2024 04:05:06 GMT"),
        ("Last-Modified", {"type": "string", "format": "date-time"}, "2024-02-03T04:05:06Z", "2024-02-03T04:05:06Z"),
        ("Expires", INTEGER, 0, "0"),
        ("Retry-After", INTEGER, 30, "30"),
        ("Retry-After", STRING, "2024-02-03T04:05:06Z", "Sat, 03 Feb 2024 04:05:06 GMT"),
        ("Retry-After", STRING, "soon", "1"),
        ("Link", STRING, "https://api.test/pets?page=2", '<https://api.test/pets?page=2>; rel="next"'),
        ("Link", STRING, '</pets?page=2>; rel="next"', '</pets?page=2>; rel="next"'),
        ("Link", STRING, None, '</pets>; rel="self"'),
        ("WWW-Authenticate", STRING, "Basic", "Basic"),
        (
            "WWW-Authenticate",
            STRING,
            'Bearer realm="pets", error="invalid_token"',
            'Bearer realm="pets", error="invalid_token"',
        ),
        ("WWW-Authenticate", STRING, "The realm of pets", 'Bearer realm="The realm of pets"'),
        ("WWW-Authenticate", STRING, None, 'Bearer realm="api"'),
        ("Allow", STRING, None, "GET"),
        ("Cache-Control", STRING, None, "no-cache"),
        ("Cache-Control", {"type": "string", "default": "no-store"}, None, "no-store"),
        ("Content-Location", STRING, None, "https://example.com/"),
        ("X-RateLimit-Limit", INTEGER, None, "60"),
        ("X-RateLimit-Limit", {"type": "integer", "maximum": 10, "minimum": 10}, None, "10"),
        ("X-RateLimit-Reset", INTEGER, None, "1768478400"),
        ("RateLimit-Reset", INTEGER, None, "60"),
        ("X-RateLimit-Reset", {"type": "string", "pattern": r"^\d+s$"}, None, "60s"),
        ("Set-Cookie", STRING, "a1b2", "session=a1b2"),
        ("Set-Cookie", STRING, "JSESSIONID=abcde12345; Path=/; HttpOnly", "JSESSIONID=abcde12345; Path=/; HttpOnly"),
        ("Content-Type", STRING, "text/plain", "application/json"),
    ],
)
def test_a_header_has_its_form(name: str, schema: Any, example: Any, value: str) -> None:
    """A header has the form that its name asks for, unless its schema asks for another."""
    assert text_with(name, schema, example) == value


@pytest.mark.parametrize("name", ["ETag", "Last-Modified", "Expires", "Link", "Set-Cookie"])
def test_a_generated_header_has_its_form(name: str) -> None:
    """A value that no author gave has the form that is asked for, too."""
    value = text_with(name, STRING) or ""
    sign = {"ETag": '"', "Last-Modified": " GMT", "Expires": " GMT", "Link": '"', "Set-Cookie": ""}[name]
    assert value.endswith(sign)
    assert ("=" in value) == (name in ("Link", "Set-Cookie"))


@pytest.mark.parametrize(
    "name",
    "Transfer-Encoding Content-Encoding Connection Keep-Alive Content-Range Accept-Ranges Trailer Upgrade "
    "Content-MD5 Content-Digest Alt-Svc".split(),
)
def test_what_is_not_done_is_not_said(name: str) -> None:
    """A header that would be untrue of the message is left out, though the contract documents it."""
    assert text_with(name, STRING, "gzip") is None


def test_the_length_is_that_of_the_body() -> None:
    """A documented length gives way to the true one, and there is one of it."""
    reply = reply_with({"Content-Length": {"schema": INTEGER, "example": 99}})
    assert [value for name, value in reply.headers if name == "content-length"] == [str(len(reply.body))]


def test_each_cookie_has_a_line() -> None:
    """The items of an array and the members of an object are cookies of their own."""
    reply = reply_with(
        {"Set-Cookie": {"schema": {"type": "array", "items": STRING}, "example": ["a=1; Path=/", "b=two words"]}}
    )
    assert [value for name, value in reply.headers if name == "set-cookie"] == ["a=1; Path=/", "b=two-words"]
    reply = reply_with({"Set-Cookie": {"schema": {"type": "object"}, "example": {"a": "1", "b": "2"}}})
    assert [value for name, value in reply.headers if name == "set-cookie"] == ["a=1", "b=2"]


def test_rate_limits_agree() -> None:
    """What remains of a limit is no more than the limit, whoever says how much that is."""
    names = ("X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Used", "X-Rate-Limit-Reset")
    reply = reply_with(dict.fromkeys(names, INTEGER))
    assert [header(reply, name.lower()) for name in names] == ["60", "59", "1", "1768478400"]
    examples = {"x-ratelimit-limit-requests": 10, "x-ratelimit-remaining-requests": 4999}
    reply = reply_with({name: {"schema": INTEGER, "example": value} for name, value in examples.items()})
    assert [header(reply, name) for name in examples] == ["10", "9"]


def test_a_page_may_read_the_documented_headers() -> None:
    """CORS exposes each header of a reply by its name, since `*` is no wildcard for a request with credentials."""
    reply = reply_with({"X-Total": INTEGER, "ETag": STRING}, Origin="http://localhost:3000")
    exposed = (header(reply, "access-control-expose-headers") or "").lower().split(", ")
    assert {"x-total", "etag", "tallystick-violations", "content-length"} <= {*exposed}
