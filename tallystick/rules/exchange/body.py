"""Rules on bodies, of requests and of responses: there, of a documented media type, readable, fitting the schema."""

from __future__ import annotations

from collections.abc import Sequence

from tallystick.nouns.contract import BodyFormat
from tallystick.nouns.schema import Direction
from tallystick.nouns.violation import Rule, Severity, Violation
from tallystick.rules.exchange.parameters import unfit
from tallystick.schemas.shapes import shape_of
from tallystick.wire.bodies import UNJUDGED, judged_items
from tallystick.wire.multipart import misnamed_parts
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
    if body.format is not None:
        return _judged(_OF_REQUESTS, body, body.format)
    if not documented.content:
        return ()
    fact = _fact_of_type(body, "request")
    message = f"{fact}; expected {_names(documented.content)}"
    return (Violation("body-media-type", Severity.ERROR, "header.Content-Type", documented.place, message),)


def response_body(reading: Reading) -> Sequence[Violation]:
    """What is wrong with the body of a response."""
    documented = reading.definition
    if documented is None or not documented.content or not reading.response_may_have_body:
        return ()
    body = reading.response_body
    if not body.octets and not _may_be_empty(body):
        if all(body_format.schema is None for body_format in documented.content):
            return ()
        message = f"the body is missing; a body of the media type {_names(documented.content)} is documented"
        return (Violation("response-body-missing", Severity.ERROR, "response.body", documented.place, message),)
    if body.format is not None:
        return _judged(_OF_RESPONSES, body, body.format)
    fact = _fact_of_type(body, "response")
    message = f"{fact}; documented: {_names(documented.content)}"
    where = "response.header.Content-Type"
    return (Violation("response-media-type", Severity.ERROR, where, documented.place, message),)


_OF_REQUESTS = (Direction.REQUEST, "body", "body-media-type", "body-malformed", "body-schema")
_OF_RESPONSES = (
    Direction.RESPONSE,
    "response.body",
    "response-media-type",
    "response-body-malformed",
    "response-body-schema",
)
"""Of the bodies that go one way: the direction, where they are, and the rules on their parts, form and value."""


def _fact_of_type(body: Body, sent: str) -> str:
    named = body.media_type.text
    return f"the body is of the media type {named!r}" if named else f"the {sent} has no Content-Type"


def _names(content: Sequence[BodyFormat]) -> str:
    return ", ".join(body_format.media_type.text for body_format in content)


def _may_be_empty(body: Body) -> bool:
    """Whether no bytes can be a body of a documented media type: an empty text or file, but not an empty JSON."""
    if body.format is None or not body.media_type.text or body.media_type.is_structured:
        return False
    return shape_of(body.format.schema) == "scalar"


def _judged(way: tuple[Direction, str, str, str, str], body: Body, body_format: BodyFormat) -> Sequence[Violation]:
    """What is wrong with a body of a documented media type: with the types of its parts, its form, its value."""
    direction, where, named, malformed, unfitting = way
    value = body.value
    if not (body.problem or body.media_type.is_sequence or body_format.encoding or value is UNJUDGED):
        schema = body_format.schema
        errors = schema.errors(value, direction) if schema is not None else ()
        return unfit(errors, unfitting, where) if errors else ()
    found: list[Violation] = []
    for name, named_type, expected in misnamed_parts(body.octets, body_format, body.media_type):
        place = body_format.place.at("encoding", name, "contentType")
        message = f"the part is of the media type {named_type.text!r}; expected {expected}"
        found.append(Violation(named, Severity.ERROR, f"{where}/{name}", place, message))
    if body.problem:
        message = f"the body cannot be read: {body.problem}; expected {body_format.media_type}"
        found.append(Violation(malformed, Severity.ERROR, where, body_format.place, message))
    if value is not MISSING and value is not UNJUDGED:
        for at, item, schema in judged_items(value, body_format, body.media_type):
            found += unfit(schema.errors(item, direction), unfitting, where + at)
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
