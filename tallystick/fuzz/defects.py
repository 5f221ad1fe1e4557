"""Defects: what one exchange shows against the server, from the judge's violations and Schemathesis's failed checks.

Two that state the same fact become one: the judge's, which names the place in the contract. A failed check that the
judge refutes (a "negative" request that keeps the contract, a "positive" one that breaks it) is no defect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from tallystick.fuzz.failed_checks import (
    AllowDiffers,
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
from tallystick.fuzz.raised import Raised
from tallystick.fuzz.rules import (
    ALLOW_HEADER_CONFORMANCE,
    IGNORED_AUTH,
    NEGATIVE_DATA_REJECTION,
    NOT_A_SERVER_ERROR,
    POSITIVE_DATA_ACCEPTANCE,
    RESPONSE_CODING,
    RESPONSE_SLOW,
    STATUS_RULES,
    UNSUPPORTED_METHOD,
)
from tallystick.fuzz.undocumented import CREDENTIAL_RULES, undocumented_refusal
from tallystick.fuzz.verdicts import Verdict
from tallystick.nouns.contract import Operation
from tallystick.nouns.exchange import Request
from tallystick.nouns.json_value import JSON
from tallystick.nouns.violation import Place, Severity, Violation
from tallystick.rules.exchange.status import REJECTION_UNDOCUMENTED, RESPONSE_STATUS_UNDOCUMENTED
from tallystick.rules.sequence.declared import members
from tallystick.rules.sequence.lives import ENSURE_RESOURCE_AVAILABILITY, USE_AFTER_FREE, may_be_kept
from tallystick.wire.reading import Reading

_NO_COOKIE = re.compile(r"[^\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]")
"""A character that no cookie may have."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One fact against the server; those of one rule, subject and detail are one finding."""

    rule: str
    severity: Severity
    subject: str
    """The operation (`GET /pets/{id}`), or the path if it is about undocumented methods."""
    detail: str
    place: Place
    message: str
    raised: Raised | None = None
    """The exception that is behind a server error of an application in this process."""
    broken_rule: str = ""
    """The rule that an accepted request breaks; "" for a defect of another kind."""

    @property
    def key(self) -> tuple[str, str, str]:
        return self.rule, self.subject, self.detail


def defects_of_response(verdict: Verdict, has_credentials: bool) -> list[Defect]:
    """The defects that the response of a judged exchange shows (see `defect_of_violation`)."""
    broken = [defect_of_violation(violation, verdict, has_credentials) for violation in verdict.response]
    return [defect for defect in (*broken, _defect_of_body(verdict)) if defect is not None]


def defects_of_probe(verdict: Verdict, has_credentials: bool) -> list[Defect]:
    """The defects that a request of the run's own shows: those of its response, and that it was wrongly accepted."""
    operation = verdict.operation
    if operation is None:
        return []
    defects = defects_of_response(verdict, has_credentials)
    if verdict.status >= 500:
        defects += _server_error(verdict.status, verdict, operation)
    return [*defects, *_accepted(verdict, operation)]


def defect_of_time(verdict: Verdict, most_seconds: float) -> list[Defect]:
    """The defect of a response that took longer than so many seconds; 0 seconds are as many as it takes."""
    if verdict.operation is None or not most_seconds or verdict.seconds <= most_seconds:
        return []
    message = f"the response took {verdict.seconds:.2f} s; the most is {most_seconds:g} s"
    return [_error(RESPONSE_SLOW.id, verdict.operation, "", message)]


def _defect_of_body(verdict: Verdict) -> Defect | None:
    """The defect of a body that is not judged; only a warning where the server is not to blame."""
    fault, operation = verdict.body_fault, verdict.operation
    if fault is None or operation is None:
        return None
    severity = Severity.ERROR if fault.is_of_server else Severity.WARNING
    definition = operation.response_for(verdict.status)
    place = definition.place if definition is not None else operation.place
    where = "header.Content-Encoding" if fault.rule is RESPONSE_CODING else "body"
    return Defect(fault.rule.id, severity, operation.label, "", place, f"{where}: {fault.message}")


def defect_of_violation(violation: Violation, verdict: Verdict, has_credentials: bool) -> Defect | None:
    """The defect that a violation of the response shows.

    `has_credentials` says whether the user gave the credentials: a 401 to made-up ones is no defect.
    """
    operation = verdict.operation
    if operation is None:
        return None
    if violation.rule in STATUS_RULES:
        return _undocumented_status(violation, verdict, operation, has_credentials)
    detail = violation.contract.pointer
    if detail.endswith("/required"):
        detail += f"#{violation.message}"  # each property that is missing is a defect of its own
    message = f"{violation.where.removeprefix('response.')}: {violation.message}"
    return Defect(violation.rule, violation.severity, operation.label, detail, violation.contract, message)


def _undocumented_status(
    violation: Violation, verdict: Verdict, operation: Operation, has_credentials: bool
) -> Defect | None:
    status = verdict.status
    if status >= 500 or verdict.is_expected:
        return None  # of a server error not-a-server-error says so
    place = violation.contract
    if status < 400:
        return Defect(violation.rule, violation.severity, operation.label, str(status), place, violation.message)
    if violation.rule != REJECTION_UNDOCUMENTED.id and verdict.was_deleted and status in (404, 410):
        message = f"{violation.message}; the run had deleted what it asks for"
        return Defect(violation.rule, Severity.WARNING, operation.label, f"{status} deleted", place, message)
    rule, severity, message = undocumented_refusal(violation, verdict, operation, has_credentials)
    return Defect(rule, severity, operation.label, str(status), place, message)


def defects_of_check(
    failed: FailedCheck, verdict: Verdict, operation: Operation, has_credentials: bool
) -> list[Defect]:
    """The defects that a failed check shows; `operation` is the one that its case was made for."""
    match failed.cause:
        case LeftToJudge(is_of_value) if not (is_of_value and verdict.leaves_value_open):
            return []
        case ServerFailed(status):
            return list(_server_error(status, verdict, operation))
        case InvalidAccepted():
            return list(_accepted(verdict, operation))
        case CredentialsIgnored() as ignored:
            return list(_credentials_ignored(ignored, operation, has_credentials))
        case ValidRefused():
            return list(_refused(verdict, operation))
        case MethodUnsupported() as unsupported:
            return list(_unsupported_method(unsupported, verdict, operation))
        case AllowDiffers() as allow:
            return list(_wrong_allow_header(allow, verdict, operation))
        case CreatedLost() as lost:
            message = f"what {lost.created_by} created is not found by {lost.missed_by} ({verdict.status})"
            return [_error(ENSURE_RESOURCE_AVAILABILITY.id, operation, "", message)]
        case DeletedFound() as resource:
            return [] if _says_deleted(verdict) else [_still_there(resource, verdict, operation)]
    lines = str(failed.message or failed.title).splitlines()
    text = "; ".join(line.strip("- `") for line in lines if line.strip())
    return [_error(failed.rule, operation, failed.title, f"{failed.title}: {text[:300]}")]


def violated_field(violation: Violation) -> str:
    """Where a violation is, whichever item of an array it is in."""
    return re.sub(r"/\d+(?=/|$)", "/*", violation.where)


def _error(rule: str, operation: Operation, detail: str, message: str, place: Place | None = None) -> Defect:
    return Defect(rule, Severity.ERROR, operation.label, detail, place or operation.place, message)


def _server_error(status: int, verdict: Verdict, operation: Operation) -> Iterator[Defect]:
    if verdict.is_expected or verdict.speaks_of_circumstances:
        return
    if verdict.operation is None:
        request = f"the undocumented method {verdict.exchange.request.method}"
    elif verdict.request:
        first = verdict.request[0]
        request = f"an invalid request ({first.where}: {first.message})"
    else:
        request = "a valid request"
    told = f": {verdict.raised}" if verdict.raised is not None else ""
    message = f"{request} was answered with {status}{told}"
    yield replace(
        _error(NOT_A_SERVER_ERROR.id, operation, server_error_detail(verdict), message), raised=verdict.raised
    )


def server_error_detail(verdict: Verdict) -> str:
    """What tells one server error of an operation from another: the status, and where the application failed."""
    return f"{verdict.status} {verdict.raised.site}" if verdict.raised is not None else str(verdict.status)


def _accepted(verdict: Verdict, operation: Operation) -> Iterator[Defect]:
    """The violations of a request that was accepted; wrong credentials count only if there is no other violation."""
    status = verdict.status
    if not 200 <= status < 300:
        return
    violations = [violation for violation in verdict.request if violation.rule not in CREDENTIAL_RULES]
    for violation in violations:
        if violation.where.startswith("cookie.") and not _has_clear_cookies(verdict.exchange.request):
            continue
        message = f"{violation.where}: {violation.message}; yet it was accepted with {status}"
        field = violated_field(violation)
        defect = _error(NEGATIVE_DATA_REJECTION.id, operation, field, message, violation.contract)
        yield replace(defect, broken_rule=violation.rule)
    if not violations and (verdict.request or (verdict.is_forged and not _is_mock(verdict))):
        yield _ignored_auth(CredentialsIgnored(status, is_bare=bool(verdict.request)), operation, Severity.ERROR)


def _has_clear_cookies(request: Request) -> bool:
    """Whether cookies have only what a cookie may have (RFC 6265, section 4.1.1): what else a server may pass over."""
    values = [value for name, value in request.headers if name.lower() == "cookie"]
    return not any(_NO_COOKIE.search(pair) for value in values for pair in value.split("; "))


def _credentials_ignored(ignored: CredentialsIgnored, operation: Operation, has_credentials: bool) -> Iterator[Defect]:
    if 200 <= ignored.status < 300 and not ignored.is_drawn:
        # Without the user's credentials, the server may be a mock, or accept any on purpose: only a note.
        is_error = ignored.is_bare or has_credentials
        yield _ignored_auth(ignored, operation, Severity.ERROR if is_error else Severity.WARNING)


def _ignored_auth(ignored: CredentialsIgnored, operation: Operation, severity: Severity) -> Defect:
    scheme = next((scheme for requirement in operation.security for scheme in requirement), None)
    place = scheme.place if scheme is not None else operation.place
    how = "without credentials" if ignored.is_bare else "with credentials that nobody issued"
    message = f"a request {how} was accepted with {ignored.status}; expected 401 or 403"
    return Defect(IGNORED_AUTH.id, severity, operation.label, "", place, message)


def _refused(verdict: Verdict, operation: Operation) -> Iterator[Defect]:
    if verdict.is_expected or verdict.speaks_of_circumstances or verdict.is_oddly_spelled:
        return
    is_undocumented = any(violation.rule == RESPONSE_STATUS_UNDOCUMENTED.id for violation in verdict.response)
    may_succeed = any(response.status[0] in "23d" for response in operation.responses) or not operation.responses
    if not verdict.request and not is_undocumented and may_succeed:
        message = f"a valid request was refused with {verdict.status}"
        yield _error(POSITIVE_DATA_ACCEPTANCE.id, operation, str(verdict.status), message)


def _unsupported_method(unsupported: MethodUnsupported, verdict: Verdict, operation: Operation) -> Iterator[Defect]:
    method = unsupported.method
    if method in verdict.methods:
        return  # another path template has it: the path of POST /pets/search matches /pets/{id} too
    if unsupported.reason == "missing_allow_header":
        message = f"{method} was answered with 405 without an Allow header (RFC 9110, section 15.5.6)"
    else:
        message = f"the method {method} is not documented, yet was answered with {verdict.status}; expected 405"
    yield _error_of_path(UNSUPPORTED_METHOD.id, operation, unsupported.reason, message)


def _wrong_allow_header(allow: AllowDiffers, verdict: Verdict, operation: Operation) -> Iterator[Defect]:
    undocumented = [method for method in allow.undocumented if method not in verdict.methods]
    missing = [method for method in allow.missing if method in verdict.methods]
    differences = []
    if missing:
        differences.append(f"{', '.join(missing)} is documented and not in it")
    if undocumented:
        differences.append(f"{', '.join(undocumented)} is in it and not documented")
    if differences:
        message = f"'Allow: {allow.value}' is not what the contract says: {'; '.join(differences)}"
        yield _error_of_path(ALLOW_HEADER_CONFORMANCE.id, operation, "", message)


def _error_of_path(rule: str, operation: Operation, detail: str, message: str) -> Defect:
    place = operation.place
    path_item = Place(place.file, place.path[:-1], place.locate, place.is_minified)
    return Defect(rule, Severity.ERROR, operation.path, detail, path_item, message)


def _still_there(resource: DeletedFound, verdict: Verdict, operation: Operation) -> Defect:
    message = (
        f"what {resource.deleted_by} deleted is still there: {resource.found_by} was answered with {verdict.status}"
    )
    response = verdict.exchange.response
    if response is None or ("tallystick-mock", "stateless") not in response.headers:
        return _error(USE_AFTER_FREE.id, operation, "", message)
    message += "; the server says that it is a mock without state"
    return Defect(USE_AFTER_FREE.id, Severity.WARNING, operation.label, "", operation.place, message)


def _says_deleted(verdict: Verdict) -> bool:
    """Whether a response may say of what it shows that it is deleted: a resource may be kept all the same."""
    if verdict.operation is None:
        return False
    body = Reading(verdict.operation, verdict.below or verdict.exchange).response_body
    schema = body.format.schema if body.format is not None else None
    inner = [(value, members(schema).get(name)) for name, value in _members(body.value).items()]
    shown = [(body.value, schema), *inner]
    return any(may_be_kept(_members(value), each) for value, each in shown if isinstance(value, dict))


def _members(value: object) -> Mapping[str, JSON]:
    return cast("Mapping[str, JSON]", value) if isinstance(value, dict) else {}


def _is_mock(verdict: Verdict) -> bool:
    """Whether the server says that it is a mock of ours, which issues no credentials and so takes any."""
    response = verdict.exchange.response
    return response is not None and any(name == "tallystick-mock" for name, _ in response.headers)
