"""Rules on bodies, of requests and of responses: there, of a documented media type, readable, fitting the schema."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick import media
from tallystick.bodies import UNJUDGED, judged_parts, misnamed_parts
from tallystick.model import Direction, MediaType, Rule, Severity, Violation
from tallystick.reading import Reading
from tallystick.shapes import shape_of
from tallystick.values import MISSING, Value


def request_body(reading: Reading) -> Iterator[Violation]:
    """What is wrong with the body of a request."""
    documented = reading.operation.request_body
    if documented is None:
        return
    if not reading.request.body and not _may_be_empty(reading.media_type, reading.content_type):
        if documented.required:
            message = "the body is missing; it is required"
            yield Violation("body-missing", Severity.ERROR, "body", documented.place, message)
        return
    if not documented.content:
        return
    if reading.media_type is None:
        sent = reading.content_type
        fact = f"the body is of the media type {sent!r}" if sent else "the request has no Content-Type"
        names = ", ".join(media_type.name for media_type in documented.content)
        message = f"{fact}; expected {names}"
        yield Violation("body-media-type", Severity.ERROR, "header.Content-Type", documented.place, message)
        return
    yield from _misnamed("body-media-type", reading.request.body, reading.media_type, reading.content_type, "body")
    yield from _judged("body", reading.media_type, reading.content_type, reading.body, Direction.REQUEST, "body")


def response_body(reading: Reading) -> Iterator[Violation]:
    """What is wrong with the body of a response."""
    documented = reading.definition
    if documented is None or not documented.content or not reading.response_may_have_body:
        return
    names = ", ".join(media_type.name for media_type in documented.content)
    if not reading.response.body and not _may_be_empty(reading.response_media_type, reading.response_content_type):
        if any(media_type.schema is not None for media_type in documented.content):
            message = f"the body is missing; a body of the media type {names} is documented"
            yield Violation("response-body-missing", Severity.ERROR, "response.body", documented.place, message)
        return
    if reading.response_media_type is None:
        sent = reading.response_content_type
        fact = f"the body is of the media type {sent!r}" if sent else "the response has no Content-Type"
        message = f"{fact}; documented: {names}"
        where = "response.header.Content-Type"
        yield Violation("response-media-type", Severity.ERROR, where, documented.place, message)
        return
    media_type, content_type = reading.response_media_type, reading.response_content_type
    yield from _misnamed("response-media-type", reading.response.body, media_type, content_type, "response.body")
    yield from _judged(
        "response-body",
        media_type,
        content_type,
        reading.response_body,
        Direction.RESPONSE,
        "response.body",
    )


def _may_be_empty(media_type: MediaType | None, content_type: str) -> bool:
    """Whether no bytes can be a body of a documented media type: an empty text or file, but not an empty JSON."""
    if media_type is None or not content_type or media.is_structured(content_type):
        return False
    return shape_of(media_type.schema) == "scalar"


def _misnamed(rule: str, body: bytes, media_type: MediaType, content_type: str, where: str) -> Iterator[Violation]:
    """What is wrong with the media types of a multipart body's parts."""
    for name, kind, expected in misnamed_parts(body, media_type, content_type):
        place = media_type.place.at("encoding", name, "contentType")
        message = f"the part is of the media type {kind!r}; expected {expected}"
        yield Violation(rule, Severity.ERROR, f"{where}/{name}", place, message)


def _judged(
    rule: str, media_type: MediaType, content_type: str, body: Value, way: Direction, where: str
) -> Iterator[Violation]:
    value, problem = body
    if problem:
        message = f"the body cannot be read: {problem}; expected {media_type.name}"
        yield Violation(f"{rule}-malformed", Severity.ERROR, where, media_type.place, message)
    if value is MISSING or value is UNJUDGED:
        return
    for at, part, schema in judged_parts(value, media_type, content_type):
        for error in schema.errors(part, way):
            deeper = "".join(f"/{key}" for key in error.path)
            yield Violation(f"{rule}-schema", Severity.ERROR, where + at + deeper, error.place, error.message)


RULES = (
    Rule("body-missing", Severity.ERROR, "request", "A request has a body where one is required.", request_body),
    Rule("body-media-type", Severity.ERROR, "request", "A body is of a documented media type.", request_body),
    Rule("body-malformed", Severity.ERROR, "request", "A body can be read as its media type.", request_body),
    Rule("body-schema", Severity.ERROR, "request", "A body fits its schema.", request_body),
    Rule(
        "response-body-missing",
        Severity.ERROR,
        "response",
        "A response has a body where one is documented.",
        response_body,
    ),
    Rule(
        "response-media-type",
        Severity.ERROR,
        "response",
        "A response's body is of a documented media type.",
        response_body,
    ),
    Rule(
        "response-body-malformed",
        Severity.ERROR,
        "response",
        "A response's body can be read as its media type.",
        response_body,
    ),
    Rule("response-body-schema", Severity.ERROR, "response", "A response's body fits its schema.", response_body),
)
