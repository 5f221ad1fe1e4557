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
    SeenByJudge,
    ServerFailed,
    ValidRefused,
)
from tallystick.fuzz.rules import STATUS_RULES
from tallystick.rules.exchange.body import (
    RESPONSE_BODY_MALFORMED,
    RESPONSE_BODY_MISSING,
    RESPONSE_BODY_SCHEMA,
    RESPONSE_MEDIA_TYPE,
)
from tallystick.rules.exchange.headers import RESPONSE_HEADER_MALFORMED, RESPONSE_HEADER_MISSING, RESPONSE_HEADER_SCHEMA

if TYPE_CHECKING:
    from schemathesis.core.failures import ServerError
    from schemathesis.openapi.checks import (
        AllowHeaderMismatch,
        EnsureResourceAvailability,
        UnsupportedMethodResponse,
        UseAfterFree,
    )

_BODY_RULES = frozenset((RESPONSE_MEDIA_TYPE.id, RESPONSE_BODY_MISSING.id, RESPONSE_BODY_MALFORMED.id))
_SCHEMA_RULES = frozenset(
    (RESPONSE_BODY_SCHEMA.id, RESPONSE_BODY_MALFORMED.id, RESPONSE_HEADER_SCHEMA.id, RESPONSE_HEADER_MALFORMED.id)
)
_IGNORED_AUTH: tuple[type, ...] = tuple(filter(None, [getattr(openapi_failures, "IgnoredAuth", None)]))
_NO_AUTH = "no_auth"
"""The scenario of a request that is sent without credentials."""


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
        return None if status is None else CredentialsIgnored(status, is_bare=scenario == _NO_AUTH)
    for parent in type(failure).__mro__:
        if parent in _CAUSES:
            return _CAUSES[parent](failure)
    return None


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


_WRONG_CONTENT_TYPE = SeenByJudge(_BODY_RULES | STATUS_RULES)
_UNREADABLE = SeenByJudge(_BODY_RULES | STATUS_RULES, needs_content=True)
_CAUSES_BY_NAME: dict[str, Callable[[Any], Cause]] = {
    "ServerError": _server_error,
    "AcceptedNegativeData": _always(InvalidAccepted()),
    "MissingHeaderNotRejected": _always(InvalidAccepted()),
    "RejectedPositiveData": _always(ValidRefused()),
    "UnsupportedMethodResponse": _unsupported_method,
    "AllowHeaderMismatch": _allow_header,
    "EnsureResourceAvailability": _created,
    "UseAfterFree": _deleted,
    "MissingContentType": _always(_UNREADABLE),
    "UndefinedContentType": _always(_WRONG_CONTENT_TYPE),
    "MalformedMediaType": _always(_WRONG_CONTENT_TYPE),
    "MalformedJson": _always(_UNREADABLE),
    "ContentDeserializationError": _always(_UNREADABLE),
    "JsonSchemaError": _always(SeenByJudge(_SCHEMA_RULES)),
    "MissingHeaders": _always(SeenByJudge(frozenset((RESPONSE_HEADER_MISSING.id,)))),
    # An operation without any response says nothing about statuses.
    "UndefinedStatusCode": _always(LeftToJudge()),
    # A discriminator does not change what is valid (OpenAPI 3.1.1, section 4.8.25).
    "DiscriminatorMismatch": _always(LeftToJudge()),
}
"""What each class of failures says. A class that a release does not have is left out: it has no such failures."""


def _classes() -> dict[type, Callable[[Any], Cause]]:
    classes: dict[type, Callable[[Any], Cause]] = {}
    for name, cause in _CAUSES_BY_NAME.items():
        failure_class = getattr(openapi_failures, name, None) or getattr(core_failures, name, None)
        if isinstance(failure_class, type):
            classes[failure_class] = cause
    return classes


_CAUSES = _classes()
