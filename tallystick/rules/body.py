"""Rules on bodies, of requests and of responses: there, of a documented media type, readable, fitting the schema."""

from __future__ import annotations

from collections.abc import Sequence

from tallystick import media
from tallystick.bodies import UNJUDGED, judged_parts, misnamed_parts
from tallystick.model import Direction, MediaType, Rule, Severity, Violation
from tallystick.reading import Reading
from tallystick.rules.parameters import unfit
from tallystick.shapes import shape_of
from tallystick.values import MISSING, Value


def request_body(reading: Reading) -> Sequence[Violation]:
    """What is wrong with the body of a request."""
    documented = reading.operation.request_body
    if documented is None:
        return ()
    if not reading.request.body and not _may_be_empty(reading.media_type, reading.content_type):
        if not documented.required:
            return ()
        message = "the body is missing; it is required"
        return (Violation("body-missing", Severity.ERROR, "body", documented.place, message),)
    if not documented.content:
        return ()
    if reading.media_type is None:
        sent = reading.content_type
        fact = f"the body is of the media type {sent!r}" if sent else "the request has no Content-Type"
        names = ", ".join(media_type.name for media_type in documented.content)
        message = f"{fact}; expected {names}"
        return (Violation("body-media-type", Severity.ERROR, "header.Content-Type", documented.place, message),)
    return _judged(
        ("body-media-type", "body-malformed", "body-schema"),
        reading.request.body,
        reading.media_type,
        reading.content_type,
        reading.body,
        Direction.REQUEST,
        "body",
    )


def response_body(reading: Reading) -> Sequence[Violation]:
    """What is wrong with the body of a response."""
    documented = reading.definition
    if documented is None or not documented.content or not reading.response_may_have_body:
        return ()
    names = ", ".join(media_type.name for media_type in documented.content)
    if not reading.response.body and not _may_be_empty(reading.response_media_type, reading.response_content_type):
        if all(media_type.schema is None for media_type in documented.content):
            return ()
        message = f"the body is missing; a body of the media type {names} is documented"
        return (Violation("response-body-missing", Severity.ERROR, "response.body", documented.place, message),)
    if reading.response_media_type is None:
        sent = reading.response_content_type
        fact = f"the body is of the media type {sent!r}" if sent else "the response has no Content-Type"
        message = f"{fact}; documented: {names}"
        where = "response.header.Content-Type"
        return (Violation("response-media-type", Severity.ERROR, where, documented.place, message),)
    return _judged(
        ("response-media-type", "response-body-malformed", "response-body-schema"),
        reading.response.body,
        reading.response_media_type,
        reading.response_content_type,
        reading.response_body,
        Direction.RESPONSE,
        "response.body",
    )


def _may_be_empty(media_type: MediaType | None, content_type: str) -> bool:
    """Whether no bytes can be a body of a documented media type: an empty text or file, but not an empty JSON."""
    if media_type is None or not content_type or media.is_structured(content_type):
        return False
    return shape_of(media_type.schema) == "scalar"


def _judged(
    rules: tuple[str, str, str],
    octets: bytes,
    media_type: MediaType,
    content_type: str,
    body: Value,
    way: Direction,
    where: str,
) -> list[Violation]:
    """What is wrong with a body of a documented media type: with the types of its parts, its form, its value."""
    named, malformed, unfitting = rules
    found: list[Violation] = []
    if media_type.encoding:
        for name, kind, expected in misnamed_parts(octets, media_type, content_type):
            place = media_type.place.at("encoding", name, "contentType")
            message = f"the part is of the media type {kind!r}; expected {expected}"
            found.append(Violation(named, Severity.ERROR, f"{where}/{name}", place, message))
    value, problem = body
    if problem:
        message = f"the body cannot be read: {problem}; expected {media_type.name}"
        found.append(Violation(malformed, Severity.ERROR, where, media_type.place, message))
    if value is not MISSING and value is not UNJUDGED:
        for at, part, schema in judged_parts(value, media_type, content_type):
            if errors := schema.errors(part, way):
                found += unfit(errors, unfitting, where + at)
    return found


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
