"""Rules on the bodies of requests and responses: a body is there, of a documented media type, readable, and valid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tallystick.nouns import budgets
from tallystick.nouns.contract import BodyFormat
from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.schema import Direction
from tallystick.nouns.violation import Severity, Violation
from tallystick.rules.exchange.parameters import unfit
from tallystick.schemas.shapes import shape_of
from tallystick.wire.bodies import UNJUDGED, judged_items
from tallystick.wire.multipart import misnamed_parts
from tallystick.wire.reading import Body, Reading
from tallystick.wire.values import MISSING

BODY_MISSING = Rule("body-missing", Severity.ERROR, Scope.REQUEST, "A request has a body where one is required.")
BODY_MEDIA_TYPE = Rule("body-media-type", Severity.ERROR, Scope.REQUEST, "A body is of a documented media type.")
BODY_MALFORMED = Rule("body-malformed", Severity.ERROR, Scope.REQUEST, "A body can be read as its media type.")
BODY_SCHEMA = Rule("body-schema", Severity.ERROR, Scope.REQUEST, "A body fits its schema.")
RESPONSE_BODY_MISSING = Rule(
    "response-body-missing", Severity.ERROR, Scope.RESPONSE, "A response has a body where one is documented."
)
RESPONSE_MEDIA_TYPE = Rule(
    "response-media-type", Severity.ERROR, Scope.RESPONSE, "A response's body is of a documented media type."
)
RESPONSE_BODY_MALFORMED = Rule(
    "response-body-malformed", Severity.ERROR, Scope.RESPONSE, "A response's body can be read as its media type."
)
RESPONSE_BODY_SCHEMA = Rule(
    "response-body-schema", Severity.ERROR, Scope.RESPONSE, "A response's body fits its schema."
)


def request_body(reading: Reading) -> Sequence[Violation]:
    """Violations in the body of a request."""
    documented = reading.operation.request_body
    if documented is None:
        return ()
    body = reading.body
    if not body.octets and not _may_be_empty(body):
        if not documented.required:
            return ()
        message = "the body is missing; it is required"
        return (BODY_MISSING.violation("body", documented.place, message),)
    if body.format is not None:
        return _judged(_OF_REQUESTS, body, body.format)
    if not documented.content:
        return ()
    fact = _fact_of_type(body, "request")
    message = f"{fact}; expected {_names(documented.content)}"
    return (BODY_MEDIA_TYPE.violation("header.Content-Type", documented.place, message),)


def response_body(reading: Reading) -> Sequence[Violation]:
    """Violations in the body of a response."""
    documented = reading.definition
    if documented is None or not documented.content or not reading.response_may_have_body:
        return ()
    body = reading.response_body
    if not body.octets and not _may_be_empty(body):
        if all(body_format.schema is None for body_format in documented.content):
            return ()
        message = f"the body is missing; a body of the media type {_names(documented.content)} is documented"
        return (RESPONSE_BODY_MISSING.violation("response.body", documented.place, message),)
    if body.format is not None:
        return _judged(_OF_RESPONSES, body, body.format)
    fact = _fact_of_type(body, "response")
    message = f"{fact}; documented: {_names(documented.content)}"
    where = "response.header.Content-Type"
    return (RESPONSE_MEDIA_TYPE.violation(where, documented.place, message),)


@dataclass(frozen=True, slots=True)
class _BodyRules:
    """The direction of a body, its `where`, and its rules: on media types of parts, on form, and on its value."""

    direction: Direction
    where: str
    media_type: Rule
    malformed: Rule
    schema: Rule


_OF_REQUESTS = _BodyRules(Direction.REQUEST, "body", BODY_MEDIA_TYPE, BODY_MALFORMED, BODY_SCHEMA)
_OF_RESPONSES = _BodyRules(
    Direction.RESPONSE, "response.body", RESPONSE_MEDIA_TYPE, RESPONSE_BODY_MALFORMED, RESPONSE_BODY_SCHEMA
)


def _fact_of_type(body: Body, sender: str) -> str:
    sent_type = body.media_type.text
    return f"the body is of the media type {sent_type!r}" if sent_type else f"the {sender} has no Content-Type"


def _names(content: Sequence[BodyFormat]) -> str:
    return ", ".join(body_format.media_type.text for body_format in content)


def _may_be_empty(body: Body) -> bool:
    """Whether a body of no bytes is valid: it is as a text or a file, but not as JSON."""
    if body.format is None or not body.media_type.text or body.media_type.is_structured:
        return False
    return shape_of(body.format.schema) == "scalar"


def _judged(body_rules: _BodyRules, body: Body, body_format: BodyFormat) -> Sequence[Violation]:
    """Violations in a body of a documented media type: in the types of its parts, its form, and its value."""
    value, where = body.value, body_rules.where
    if not (body.fault or body.media_type.is_sequence or body_format.encoding or value is UNJUDGED):
        schema = body_format.schema
        errors = schema.errors(value, body_rules.direction) if schema is not None else ()
        return unfit(errors, body_rules.schema, where) if errors else ()
    violations: list[Violation] = []
    for name, part_type, expected in misnamed_parts(body.octets, body_format, body.media_type):
        place = body_format.place.at("encoding", name, "contentType")
        message = f"the part is of the media type {part_type.text!r}; expected {expected}"
        violations.append(body_rules.media_type.violation(f"{where}/{name}", place, message))
        if len(violations) >= budgets.VIOLATIONS:
            break
    if body.fault:
        message = f"the body cannot be read: {body.fault}; expected {body_format.media_type}"
        violations.append(body_rules.malformed.violation(where, body_format.place, message))
    if value is not MISSING and value is not UNJUDGED:
        for at, item, schema in judged_items(value, body_format, body.media_type):
            violations += unfit(schema.errors(item, body_rules.direction), body_rules.schema, where + at)
            if len(violations) > budgets.VIOLATIONS:
                more = f"only the first {budgets.VIOLATIONS:,} violations are told"
                return [
                    *violations[: budgets.VIOLATIONS],
                    body_rules.schema.violation(where, body_format.place, more),
                ]
    return violations


CHECKS = (
    Check(request_body, (BODY_MISSING, BODY_MEDIA_TYPE, BODY_MALFORMED, BODY_SCHEMA)),
    Check(response_body, (RESPONSE_BODY_MISSING, RESPONSE_MEDIA_TYPE, RESPONSE_BODY_MALFORMED, RESPONSE_BODY_SCHEMA)),
)
