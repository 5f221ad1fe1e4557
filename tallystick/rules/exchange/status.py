"""Rules on status codes: a response has one that its operation documents."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.nouns.violation import Rule, Severity, Violation
from tallystick.wire.reading import Reading


def status(reading: Reading) -> Iterator[Violation]:
    """A status that nothing documents; a mere warning where it refuses a request that had to be refused."""
    operation = reading.operation
    if reading.definition is not None or not operation.responses:
        return
    code = reading.response.status
    names = ", ".join(response.status for response in operation.responses)
    message = f"the status {code} is not documented; documented: {names}"
    place = operation.place.at("responses")
    if 400 <= code < 500 and reading.request_violations:
        yield Violation("rejection-undocumented", Severity.WARNING, "response.status", place, message)
    else:
        yield Violation("response-status-undocumented", Severity.ERROR, "response.status", place, message)


RULES = (
    Rule(
        "response-status-undocumented",
        Severity.ERROR,
        "response",
        "A response has a status that is documented for its operation.",
        status,
    ),
    Rule(
        "rejection-undocumented",
        Severity.WARNING,
        "response",
        "A client error that refuses an invalid request is documented too.",
        status,
    ),
)
