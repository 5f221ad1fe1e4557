"""Rules on status codes: the operation documents the status of its response."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.violation import Severity, Violation
from tallystick.wire.reading import Reading

RESPONSE_STATUS_UNDOCUMENTED = Rule(
    "response-status-undocumented",
    Severity.ERROR,
    Scope.RESPONSE,
    "A response has a status that is documented for its operation.",
)
REJECTION_UNDOCUMENTED = Rule(
    "rejection-undocumented",
    Severity.WARNING,
    Scope.RESPONSE,
    "A client error that refuses an invalid request is documented too.",
)


def status(reading: Reading) -> Iterator[Violation]:
    """A violation for an undocumented status; only a warning if a client error refuses an invalid request."""
    operation = reading.operation
    if reading.definition is not None or not operation.responses:
        return
    code = reading.response.status
    documented = ", ".join(response.status for response in operation.responses)
    message = f"the status {code} is not documented; documented: {documented}"
    place = operation.place.at("responses")
    if 400 <= code < 500 and reading.request_violations:
        yield REJECTION_UNDOCUMENTED.violation("response.status", place, message)
    else:
        yield RESPONSE_STATUS_UNDOCUMENTED.violation("response.status", place, message)


CHECKS = (Check(status, (RESPONSE_STATUS_UNDOCUMENTED, REJECTION_UNDOCUMENTED)),)
