"""Rules on the headers of responses: a required one is there, and each is readable and fits its schema."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.schema import Direction
from tallystick.nouns.violation import Severity, Violation
from tallystick.rules.exchange.parameters import unfit
from tallystick.wire.parameters import SET_COOKIE, cookies_reader, text_reader
from tallystick.wire.reading import Reading

RESPONSE_HEADER_MISSING = Rule(
    "response-header-missing", Severity.ERROR, Scope.RESPONSE, "A response has every header that is required."
)
RESPONSE_HEADER_MALFORMED = Rule(
    "response-header-malformed", Severity.ERROR, Scope.RESPONSE, "A response's header is written as its style says."
)
RESPONSE_HEADER_SCHEMA = Rule(
    "response-header-schema", Severity.ERROR, Scope.RESPONSE, "A response's header fits its schema."
)


def headers(reading: Reading) -> Iterator[Violation]:
    """Violations in the documented headers of a response."""
    if reading.definition is None:
        return
    for header in reading.definition.headers:
        where = f"response.header.{header.name}"
        name = header.name.lower()
        text = reading.response_headers.get(name)
        if text is None:
            if header.required:
                message = "the header is missing; it is required"
                yield RESPONSE_HEADER_MISSING.violation(where, header.place, message)
            continue
        if name == SET_COOKIE:
            readings = cookies_reader(header)(reading.response_cookies)
        else:
            readings = (text_reader(header)(text),)
        for value, fault in readings:
            if fault:
                message = f"the header cannot be read: {fault}"
                yield RESPONSE_HEADER_MALFORMED.violation(where, header.place, message)
            elif header.described is not None:
                yield from unfit(header.described.errors(value, Direction.RESPONSE), RESPONSE_HEADER_SCHEMA, where)


CHECKS = (Check(headers, (RESPONSE_HEADER_MISSING, RESPONSE_HEADER_MALFORMED, RESPONSE_HEADER_SCHEMA)),)
