"""What the lenient server asks of any request: credentials, headers, a media type."""

from __future__ import annotations

from flask import request

from tests.defects import stock
from tests.defects.lenient.checks import Check, Refusal
from tests.defects.switch import on


def librarian() -> None:
    """Refuses a request without a librarian's token."""
    if on("a book is added without a token") and request.method == "POST" and request.path == "/books":
        return
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    is_sent = scheme.lower() == "bearer" and bool(token.strip())
    if not is_sent:
        status = 403 if on("403 for a missing token") else 401
        raise Refusal(status, "A token is missing", {"WWW-Authenticate": 'Bearer realm="library"'})
    if token.strip() != stock.TOKEN and not on("any token is good"):
        status = 403 if on("403 for an unknown token") else 401
        raise Refusal(status, "Unknown token", {"WWW-Authenticate": 'Bearer error="invalid_token"'})


def desk() -> None:
    """Refuses a request without a key of the desk."""
    if on("a member is removed without a key") and request.method == "DELETE":
        return
    key = request.headers.get("X-Api-Key", "")
    if key == stock.GUEST_KEY:
        raise Refusal(403, "This key may not do that")
    if key != stock.DESK_KEY and not (key and on("any key is good")):
        raise Refusal(401, "Unknown key", {"WWW-Authenticate": "Key"})


def header(name: str, check: Check) -> str | None:
    """A header of the request, if it is there."""
    value = request.headers.get(name)
    if value is not None and not check(value):
        raise Refusal(422, f"Wrong: {name}")
    return value


def body(media_type: str) -> bytes:
    """The body of the request, which has to be of a media type."""
    if request.mimetype != media_type and not (on("any media type is taken") and media_type == "application/json"):
        raise Refusal(415, f"Expected {media_type}")
    return request.get_data()
