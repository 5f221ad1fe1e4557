"""What a request is judged for, whether it is refused for it, and with which status and sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tallystick.mock.credentials import invalid_credentials
from tallystick.mock.problem import Problem
from tallystick.mock.rules import BODY_UNDOCUMENTED, CREDENTIALS_INVALID, SCOPES_MISSING
from tallystick.mock.scopes import LackingScopes, lacking_scopes
from tallystick.mock.settings import DEFAULTS, MockSettings, Strictness
from tallystick.mock.undocumented_query import undocumented_query
from tallystick.nouns.contract import Operation, SecurityScheme
from tallystick.nouns.exchange import Headers
from tallystick.nouns.grades import graded
from tallystick.nouns.violation import Severity, Violation
from tallystick.nouns.words import counted
from tallystick.rules.exchange.body import BODY_MEDIA_TYPE
from tallystick.rules.exchange.security import CREDENTIALS_MALFORMED, CREDENTIALS_MISSING, challenge
from tallystick.rules.judge import judge_reading
from tallystick.wire.reading import Reading

_CREDENTIALS = frozenset((CREDENTIALS_MISSING.id, CREDENTIALS_MALFORMED.id, CREDENTIALS_INVALID.id, SCOPES_MISSING.id))
_MEDIA_TYPE = frozenset((BODY_MEDIA_TYPE.id, BODY_UNDOCUMENTED.id))

Judge = Callable[[Reading], Sequence[Violation]]
"""The violations of a request that somebody wants to know."""

Refusal = Callable[[Reading, Sequence[Violation]], Problem | None]
"""The problem with which a request is refused for its violations or its credentials; None where it is accepted."""


def judge_for(operation: Operation, settings: MockSettings = DEFAULTS) -> Judge:
    """What judges the requests of one operation: the judge, without what is off and with what is asked for."""
    if settings.validate == settings.auth == "off":
        return lambda _: ()
    grades = settings.grades.for_operation(operation)
    judges: list[Judge] = [judge_reading]
    if settings.validate != "off":
        if settings.strict_query and (look := undocumented_query(operation)) is not None:
            judges.append(look)
        if operation.request_body is None and any(response.status == "415" for response in operation.responses):
            judges.append(_undocumented_body)
    if settings.auth == "report" and (credentials := _credentials_judge(operation, settings)) is not None:
        judges.append(credentials)
    is_whole = "off" not in (settings.validate, settings.auth)
    if is_whole and len(judges) == 1 and not grades:
        return judge_reading

    def judge(reading: Reading) -> Sequence[Violation]:
        violations = [violation for each in judges for violation in each(reading)]
        if grades:
            violations = graded(violations, grades)
        if is_whole:
            return violations
        return [each for each in violations if _strictness(each, settings) != "off"]

    return judge


def _strictness(violation: Violation, settings: MockSettings) -> Strictness:
    return settings.auth if violation.rule in _CREDENTIALS else settings.validate


def _undocumented_body(reading: Reading) -> Sequence[Violation]:
    """A body where the contract has none, and says by its 415 that it takes none."""
    if not reading.request.body:
        return ()
    fact = "the request has a body; none is documented, but a 415 is"
    return (BODY_UNDOCUMENTED.violation("body", reading.operation.place, fact),)


def _credentials_judge(operation: Operation, settings: MockSettings) -> Judge | None:
    """Violations of credentials that are well-formed: those that say that they are invalid, and missing scopes."""
    first_invalid = invalid_credentials(operation)
    lacking = lacking_scopes(operation, settings.tokens)
    if first_invalid is None:
        return None

    def judge(reading: Reading) -> Sequence[Violation]:
        if (scheme := first_invalid(reading)) is not None:
            return (_credentials_invalid(scheme),)
        if lacking is not None and (lack := lacking(reading)) is not None:
            return (_scopes_missing(lack),)
        return ()

    return judge


def refusal_for(operation: Operation, settings: MockSettings = DEFAULTS) -> Refusal:
    """The policy of one operation."""
    is_enforced = settings.auth == "enforce"
    grades = settings.grades.for_operation(operation)
    refuses_invalid = is_enforced and grades.get(CREDENTIALS_INVALID.id, Severity.ERROR) is Severity.ERROR
    refuses_lacking = is_enforced and grades.get(SCOPES_MISSING.id, Severity.ERROR) is Severity.ERROR
    first_invalid = invalid_credentials(operation) if refuses_invalid else None
    lacking = lacking_scopes(operation, settings.tokens) if refuses_lacking else None
    enforces_all = settings.validate == settings.auth == "enforce"
    statuses = _statuses(operation)

    def refusal(reading: Reading, violations: Sequence[Violation]) -> Problem | None:
        if violations:
            refusing = violations if enforces_all else _enforced(violations, settings)
            if has_errors(refusing):
                problem = _for_violations(operation, refusing, statuses)
                return problem if enforces_all else replace(problem, violations=violations)
        if first_invalid is not None and (scheme := first_invalid(reading)) is not None:
            violation = _credentials_invalid(scheme)
            all_violations = (*violations, violation)
            return Problem(statuses.stranger, violation.message, all_violations, headers=_challenge(operation))
        if lacking is not None and (lack := lacking(reading)) is not None:
            return _forbidden(lack, violations)
        return None

    return refusal


def _enforced(violations: Sequence[Violation], settings: MockSettings) -> Sequence[Violation]:
    return [violation for violation in violations if _strictness(violation, settings) == "enforce"]


def _forbidden(lack: LackingScopes, violations: Sequence[Violation]) -> Problem:
    violation = _scopes_missing(lack)
    error = f'Bearer error="insufficient_scope", scope="{" ".join(lack.required)}"'  # RFC 6750, section 3
    return Problem(403, violation.message, (*violations, violation), headers=(("www-authenticate", error),))


def _scopes_missing(lack: LackingScopes) -> Violation:
    fact = f"the token lacks {', '.join(lack.missing)}; required: {', '.join(lack.required)}"
    return SCOPES_MISSING.violation("header.Authorization", lack.scheme.place, fact)


def _credentials_invalid(scheme: SecurityScheme) -> Violation:
    where = f"{scheme.location}.{scheme.name}" if scheme.location else "header.Authorization"
    fact = "the credentials say that they are invalid, so they are refused"
    return CREDENTIALS_INVALID.violation(where, scheme.place, fact)


def has_errors(violations: Sequence[Violation]) -> bool:
    """Whether any violation is more than a warning."""
    return any(violation.severity is Severity.ERROR for violation in violations)


@dataclass(frozen=True, slots=True)
class _Statuses:
    """The statuses that refuse a request: for its credentials, where all violations are in its path, and otherwise."""

    stranger: int
    path: int
    other: int


def _statuses(operation: Operation) -> _Statuses:
    """The documented 422 or 400, as such or by a range or default; where neither is, 404 for a path if that is.

    422 where nothing is documented. For credentials 401, or 403 where that alone is documented and no scopes are
    required, which it would be for.
    """
    keys = {response.status for response in operation.responses}
    other = 400 if "400" in keys and "422" not in keys else 422
    is_path_missing = operation.response_for(other) is None and "404" in keys
    has_scopes = any(scheme.scopes for requirement in operation.security for scheme in requirement)
    stranger = 403 if "403" in keys and operation.response_for(401) is None and not has_scopes else 401
    return _Statuses(stranger, 404 if is_path_missing else other, other)


def _for_violations(operation: Operation, violations: Sequence[Violation], statuses: _Statuses) -> Problem:
    """The problem for violations: credentials go first, then the media type of the body, then all the rest."""
    credentials = next((violation for violation in violations if violation.rule in _CREDENTIALS), None)
    if credentials is not None:
        return Problem(statuses.stranger, credentials.message, violations, headers=_challenge(operation))
    media_type = next((violation for violation in violations if violation.rule in _MEDIA_TYPE), None)
    if media_type is not None:
        return Problem(415, media_type.message, violations)
    fact = f"the request has {counted(len(violations), 'violation')} of the contract"
    is_path = all(
        violation.where.startswith("path.") for violation in violations if violation.severity is Severity.ERROR
    )
    return Problem(statuses.path if is_path else statuses.other, fact, violations)


def _challenge(operation: Operation) -> Headers:
    return (("www-authenticate", challenge(operation.security)),)
