"""Schemathesis's failures in nouns of ours, told apart by their classes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from schemathesis.core import failures as core_failures
from schemathesis.core.failures import Failure
from schemathesis.openapi import checks as openapi_failures

from tallystick.fuzz.failed_checks import (
    AllowDiffers,
    Cause,
    CreatedLost,
    CredentialsIgnored,
    DeletedFound,
    FailedCheck,
    InvalidAccepted,
    LeftToJudge,
    MethodUnsupported,
    ServerFailed,
    ValidRefused,
)

if TYPE_CHECKING:
    from schemathesis.core.failures import ServerError
    from schemathesis.openapi.checks import (
        AllowHeaderMismatch,
        EnsureResourceAvailability,
        UnsupportedMethodResponse,
        UseAfterFree,
    )

_VALUE_CHECK = "response_schema_conformance"
_RESPONSE_CHECKS = frozenset(
    (
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        _VALUE_CHECK,
    )
)
"""The checks that hold a response to what the contract documents of it, as the judge does."""
_RESPONSE_CODES = "ST1"
"""How the codes of all failures begin that are about a response alone, also of checks that are not known here."""
_IGNORED_AUTH: tuple[type, ...] = tuple(filter(None, [getattr(openapi_failures, "IgnoredAuth", None)]))
_NO_AUTH = "no_auth"
"""The scenario of a request that is sent without credentials."""
_GENERATED_AUTH = "generated_auth"
"""The scenario of a request whose credentials were drawn as its other values are."""


def failed_check(failure: Failure, status: int | None) -> FailedCheck:
    """A failure of Schemathesis; `status` is that of the response that shows it, None if that is not on record."""
    return FailedCheck(_rule(failure), failure.title, failure.message, failure.operation or "", _cause(failure, status))


def _rule(failure: Failure) -> str:
    """The name of the check that failed, or what the failure is called where a release does not say which that is."""
    checks: Sequence[str] = getattr(failure, "checks", ())
    words = re.sub(r"(?<!^)(?=[A-Z])", "-", type(failure).__name__).lower()
    return checks[0].replace("_", "-") if checks else words


def _cause(failure: Failure, status: int | None) -> Cause:
    if isinstance(failure, _IGNORED_AUTH):
        # Releases before 4.29 do not say which scenario it was.
        scenario = str(getattr(failure, "scenario", _NO_AUTH))
        is_drawn = scenario == _GENERATED_AUTH
        return None if status is None else CredentialsIgnored(status, scenario == _NO_AUTH, is_drawn)
    for parent in type(failure).__mro__:
        if parent in _CAUSES:
            return _CAUSES[parent](failure)
    return _of_response(failure)


def _of_response(failure: Failure) -> LeftToJudge | None:
    """That a response is not what the contract documents, whatever the class is called; None for any other failure."""
    checks: Sequence[str] = getattr(failure, "checks", ())
    code = str(getattr(failure, "code", ""))
    if _RESPONSE_CHECKS.isdisjoint(checks) and not code.startswith(_RESPONSE_CODES):
        return None
    return LeftToJudge(is_of_value=_VALUE_CHECK in checks)


def _server_error(failure: ServerError) -> Cause:
    return ServerFailed(failure.status_code)


def _unsupported_method(failure: UnsupportedMethodResponse) -> Cause:
    return MethodUnsupported(failure.method, failure.failure_reason)


def _allow_header(failure: AllowHeaderMismatch) -> Cause:
    return AllowDiffers(failure.allow_header, tuple(failure.missing_methods), tuple(failure.undocumented_methods))


def _created(failure: EnsureResourceAvailability) -> Cause:
    return CreatedLost(failure.created_with, failure.not_available_with)


def _deleted(failure: UseAfterFree) -> Cause:
    return DeletedFound(failure.free, failure.usage)


def _always(cause: Cause) -> Callable[[Failure], Cause]:
    return lambda _: cause


_CAUSES_BY_NAME: dict[str, Callable[[Any], Cause]] = {
    "ServerError": _server_error,
    "AcceptedNegativeData": _always(InvalidAccepted()),
    "MissingHeaderNotRejected": _always(InvalidAccepted()),
    "RejectedPositiveData": _always(ValidRefused()),
    "UnsupportedMethodResponse": _unsupported_method,
    "AllowHeaderMismatch": _allow_header,
    "EnsureResourceAvailability": _created,
    "UseAfterFree": _deleted,
    "ResponseTimeExceeded": _always(None),
}
"""What each class of failures says that is no fact for the judge, or not for it alone.

A class that a release does not have is left out: it has no such failures.
"""


def _classes() -> dict[type, Callable[[Any], Cause]]:
    classes: dict[type, Callable[[Any], Cause]] = {}
    for name, cause in _CAUSES_BY_NAME.items():
        failure_class = getattr(openapi_failures, name, None) or getattr(core_failures, name, None)
        if isinstance(failure_class, type):
            classes[failure_class] = cause
    return classes


_CAUSES = _classes()
