"""Whether a request is refused, and with which status and sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tallystick.mock.credentials import says_invalid
from tallystick.mock.problem import Problem
from tallystick.nouns.contract import Operation
from tallystick.nouns.exchange import Headers
from tallystick.nouns.violation import Severity, Violation
from tallystick.nouns.words import counted
from tallystick.rules.exchange.body import BODY_MEDIA_TYPE
from tallystick.rules.exchange.security import CREDENTIALS_MALFORMED, CREDENTIALS_MISSING, challenge
from tallystick.wire.reading import Reading

_CREDENTIALS = frozenset((CREDENTIALS_MISSING.id, CREDENTIALS_MALFORMED.id))

Refusal = Callable[[Reading, Sequence[Violation]], Problem | None]
"""The problem with which a request is refused for its violations or its credentials; None where it is accepted."""


def refusal_for(operation: Operation) -> Refusal:
    """The policy of one operation."""
    has_invalid_credentials = says_invalid(operation)

    def refusal(reading: Reading, violations: Sequence[Violation]) -> Problem | None:
        if violations and has_errors(violations):
            return _for_violations(operation, violations)
        if has_invalid_credentials is not None and has_invalid_credentials(reading):
            detail = "the credentials say that they are invalid, so they are refused"
            return Problem(401, detail, headers=_challenge(operation))
        return None

    return refusal


def has_errors(violations: Sequence[Violation]) -> bool:
    """Whether any violation is more than a warning."""
    return any(violation.severity is Severity.ERROR for violation in violations)


def _for_violations(operation: Operation, violations: Sequence[Violation]) -> Problem:
    """The problem for violations: credentials go first, then the media type of the body, then all the rest."""
    credentials = next((violation for violation in violations if violation.rule in _CREDENTIALS), None)
    if credentials is not None:
        return Problem(401, credentials.message, violations, headers=_challenge(operation))
    media_type = next((violation for violation in violations if violation.rule == BODY_MEDIA_TYPE.id), None)
    if media_type is not None:
        return Problem(415, media_type.message, violations)
    fact = f"the request has {counted(len(violations), 'violation')} of the contract"
    return Problem(_status(operation), fact, violations)


def _status(operation: Operation) -> int:
    """The status that refuses an invalid request: the documented 422 or 400, else 422."""
    documented = {response.status for response in operation.responses}
    return 400 if "400" in documented and "422" not in documented else 422


def _challenge(operation: Operation) -> Headers:
    return (("www-authenticate", challenge(operation.security)),)
