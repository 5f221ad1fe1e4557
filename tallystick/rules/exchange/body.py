"""Rules on bodies, of requests and of responses: there, of a documented media type, readable, fitting the schema."""

from __future__ import annotations

from collections.abc import Sequence

from tallystick.nouns.contract import MediaType
from tallystick.nouns.schema import Direction
from tallystick.nouns.violation import Rule, Severity, Violation
from tallystick.rules.exchange.parameters import unfit
from tallystick.schemas.shapes import shape_of
from tallystick.wire import media_types
from tallystick.wire.bodies import UNJUDGED, judged_parts, misnamed_parts
from tallystick.wire.reading import Body, Reading
from tallystick.wire.values import MISSING


def request_body(reading: Reading) -> Sequence[Violation]:
    """What is wrong with the body of a request."""
    documented = reading.operation.request_body
    if documented is None:
        return ()
    body = reading.body
    if not body.octets and not _may_be_empty(body):
        if not documented.required:
            return ()
        message = "the body is missing; it is required"
        return (Violation("body-missing", Severity.ERROR, "body", documented.place, message),)
    if body.media_type is not None:
        return _judged(_OF_REQUESTS, body, body.media_type)
    if not documented.content:
        return ()
    fact = f"the body is of the media type {body.content_type!r}" if body.content_type else _UNNAMED.format("request")
    message = f"{fact}; expected {_names(documented.content)}"
    return (Violation("body-media-type", Severity.ERROR, "header.Content-Type", documented.place, message),)


def response_body(reading: Reading) -> Sequence[Violation]:
    """What is wrong with the body of a response."""
    documented = reading.definition
    if documented is None or not documented.content or not reading.response_may_have_body:
        return ()
    body = reading.response_body
    if not body.octets and not _may_be_empty(body):
        if all(media_type.schema is None for media_type in documented.content):
            return ()
        message = f"the body is missing; a body of the media type {_names(documented.content)} is documented"
        return (Violation("response-body-missing", Severity.ERROR, "response.body", documented.place, message),)
    if body.media_type is not None:
        return _judged(_OF_RESPONSES, body, body.media_type)
    fact = f"the body is of the media type {body.content_type!r}" if body.content_type else _UNNAMED.format("response")
    message = f"{fact}; documented: {_names(documented.content)}"
    where = "response.header.Content-Type"
    return (Violation("response-media-type", Severity.ERROR, where, documented.place, message),)


_UNNAMED = "the {} has no Content-Type"
_OF_REQUESTS = (Direction.REQUEST, "body", "body-media-type", "body-malformed", "body-schema")
_OF_RESPONSES = (
    Direction.RESPONSE,
    "response.body",
    "response-media-type",
    "response-body-malformed",
    "response-body-schema",
)
"""Of the bodies that go one way: the direction, where they are, and the rules on their parts, form and value."""


def _names(content: Sequence[MediaType]) -> str:
    return ", ".join(media_type.name for media_type in content)


def _may_be_empty(body: Body) -> bool:
    """Whether no bytes can be a body of a documented media type: an empty text or file, but not an empty JSON."""
    if body.media_type is None or not body.content_type or media_types.is_structured(body.content_type):
        return False
    return shape_of(body.media_type.schema) == "scalar"


def _judged(way: tuple[Direction, str, str, str, str], body: Body, media_type: MediaType) -> Sequence[Violation]:
    """What is wrong with a body of a documented media type: with the types of its parts, its form, its value."""
    direction, where, named, malformed, unfitting = way
    value = body.value
    if not (body.problem or body.is_parted or media_type.encoding or value is UNJUDGED):
        schema = media_type.schema
        errors = schema.errors(value, direction) if schema is not None else ()
        return unfit(errors, unfitting, where) if errors else ()
    found: list[Violation] = []
    for name, kind, expected in misnamed_parts(body.octets, media_type, body.content_type):
        place = media_type.place.at("encoding", name, "contentType")
        message = f"the part is of the media type {kind!r}; expected {expected}"
        found.append(Violation(named, Severity.ERROR, f"{where}/{name}", place, message))
    if body.problem:
        message = f"the body cannot be read: {body.problem}; expected {media_type.name}"
        found.append(Violation(malformed, Severity.ERROR, where, media_type.place, message))
    if value is not MISSING and value is not UNJUDGED:
        for at, part, schema in judged_parts(value, media_type, body.content_type):
            found += unfit(schema.errors(part, direction), unfitting, where + at)
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
