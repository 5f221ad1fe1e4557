"""Whether a request is refused, and with which status and sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tallystick.mock.credentials import invalid_credentials
from tallystick.mock.problem import Problem
from tallystick.mock.rules import CREDENTIALS_INVALID
from tallystick.nouns.contract import Operation, SecurityScheme
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
    first_invalid = invalid_credentials(operation)
    statuses = _statuses(operation)

    def refusal(reading: Reading, violations: Sequence[Violation]) -> Problem | None:
        if violations and has_errors(violations):
            return _for_violations(operation, violations, statuses)
        if first_invalid is not None and (scheme := first_invalid(reading)) is not None:
            violation = _credentials_invalid(scheme)
            return Problem(401, violation.message, (*violations, violation), headers=_challenge(operation))
        return None

    return refusal


def _credentials_invalid(scheme: SecurityScheme) -> Violation:
    where = f"{scheme.location}.{scheme.name}" if scheme.location else "header.Authorization"
    fact = "the credentials say that they are invalid, so they are refused"
    return CREDENTIALS_INVALID.violation(where, scheme.place, fact)


def has_errors(violations: Sequence[Violation]) -> bool:
    """Whether any violation is more than a warning."""
    return any(violation.severity is Severity.ERROR for violation in violations)


@dataclass(frozen=True, slots=True)
class _Statuses:
    """The statuses that refuse a request for its violations: where all are in its path, and otherwise."""

    path: int
    other: int


def _statuses(operation: Operation) -> _Statuses:
    """The documented 422 or 400, as such or by a range or default; where neither is, 404 for a path if that is.

    422 where nothing is documented.
    """
    keys = {response.status for response in operation.responses}
    other = 400 if "400" in keys and "422" not in keys else 422
    is_path_missing = operation.response_for(other) is None and "404" in keys
    return _Statuses(404 if is_path_missing else other, other)


def _for_violations(operation: Operation, violations: Sequence[Violation], statuses: _Statuses) -> Problem:
    """The problem for violations: credentials go first, then the media type of the body, then all the rest."""
    credentials = next((violation for violation in violations if violation.rule in _CREDENTIALS), None)
    if credentials is not None:
        return Problem(401, credentials.message, violations, headers=_challenge(operation))
    media_type = next((violation for violation in violations if violation.rule == BODY_MEDIA_TYPE.id), None)
    if media_type is not None:
        return Problem(415, media_type.message, violations)
    fact = f"the request has {counted(len(violations), 'violation')} of the contract"
    is_path = all(
        violation.where.startswith("path.") for violation in violations if violation.severity is Severity.ERROR
    )
    return Problem(statuses.path if is_path else statuses.other, fact, violations)


def _challenge(operation: Operation) -> Headers:
    return (("www-authenticate", challenge(operation.security)),)
