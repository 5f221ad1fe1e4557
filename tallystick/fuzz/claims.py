"""What a fuzz run claims of an exchange: Schemathesis's failures and the judge's violations, one claim a fact.

Two that state the same fact become one: the judge's, which names the place in the contract. A failure that the judge
refutes (a "negative" request that keeps the contract, a "positive" one that breaks it) is no claim at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tallystick.nouns.contract import Operation
from tallystick.nouns.exchange import Exchange
from tallystick.nouns.violation import Place, Severity, Violation
from tallystick.rules import judge

RULES = {
    "not-a-server-error": "No request, valid or not, is answered with a server error.",
    "positive-data-acceptance": "A valid request is accepted.",
    "negative-data-rejection": "A request that breaks the contract is refused.",
    "ignored-auth": "A request without known credentials is refused where the contract wants them.",
    "unsupported-method": "A method that the contract does not document is answered with 405 and an Allow header.",
    "allow-header-conformance": "An Allow header lists the documented methods.",
    "ensure-resource-availability": "What was created can be read.",
    "use-after-free": "What was deleted cannot be read.",
    "object-level-authorization": "What one identity created, another cannot read.",
    "no-response": "A request gets a response.",
}
"""The rules of a fuzz run that are not the judge's: Schemathesis's checks under their own names, and one of ours."""

_STATUS = frozenset(("response-status-undocumented", "rejection-undocumented"))
_BODY = frozenset(("response-media-type", "response-body-missing", "response-body-malformed"))
SAME_FACT: dict[str, frozenset[str]] = {
    "MissingContentType": _BODY | _STATUS,
    "UndefinedContentType": _BODY | _STATUS,
    "MalformedMediaType": _BODY | _STATUS,
    "MalformedJson": _BODY | _STATUS,
    "ContentDeserializationError": _BODY | _STATUS,
    "JsonSchemaError": frozenset(
        ("response-body-schema", "response-body-malformed", "response-header-schema", "response-header-malformed")
    ),
    "MissingHeaders": frozenset(("response-header-missing",)),
}
"""The rules of ours that state the same fact as a failure of Schemathesis, or the fact that it follows from."""

_THE_JUDGES = frozenset(("UndefinedStatusCode", "DiscriminatorMismatch"))
"""Failures that the judge alone decides: an operation without any response says nothing about statuses, and a
discriminator does not change what is valid (OpenAPI 3.1.1, section 4.8.25)."""
_OF_CONTENT = frozenset(("MissingContentType", "MalformedJson", "ContentDeserializationError"))
"""Failures that say nothing of a response without content: where there has to be some, the judge misses it."""
_JUDGED = frozenset(rule.id for rule in judge.RULES)
_CREDENTIALS = frozenset(("credentials-missing", "credentials-malformed"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge says of an exchange; `operation` is None where the contract has none for the request.

    `methods` are those that the contract has for its path, in whatever path template.
    """

    operation: Operation | None
    exchange: Exchange
    request: tuple[Violation, ...] = ()
    response: tuple[Violation, ...] = ()
    methods: tuple[str, ...] = ()

    @property
    def status(self) -> int:
        return self.exchange.response.status if self.exchange.response is not None else 0


@dataclass(frozen=True, slots=True)
class Claim:
    """One fact against the server; those of one rule, subject and detail are one finding."""

    rule: str
    severity: Severity
    subject: str
    """The operation (`GET /pets/{id}`), or the path where it is about undocumented methods."""
    detail: str
    place: Place
    message: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.rule, self.subject, self.detail


def of_violation(violation: Violation, verdict: Verdict, known_credentials: bool) -> Claim | None:
    """The claim that a violation of the response makes.

    `known_credentials` says whether the user gave the credentials: a 401 to made-up ones is no one's fault.
    """
    operation = verdict.operation
    if operation is None:
        return None
    rule, severity, detail = violation.rule, violation.severity, violation.contract.pointer
    message = f"{violation.where.removeprefix('response.')}: {violation.message}"
    if rule in _STATUS:
        if verdict.status >= 500:
            return None  # not-a-server-error says so
        detail, message = str(verdict.status), violation.message
        if verdict.status in (401, 403) and operation.security and not known_credentials:
            rule, severity = "rejection-undocumented", Severity.WARNING
        if rule == "rejection-undocumented":
            message += "; the contract does not say how invalid requests are refused"
        elif 400 <= verdict.status < 500:
            message += "; it refuses a valid request"
    elif detail.endswith("/required"):
        detail += f"#{violation.message}"  # each property that is missing is a defect of its own
    return Claim(rule, severity, operation.label, detail, violation.contract, message)


def of_failure(failure: Any, verdict: Verdict, subject: Operation, known_credentials: bool) -> list[Claim]:
    """The claims that a failure of Schemathesis makes; `subject` is the operation that its case was made for."""
    kind = type(failure).__name__
    if kind in SAME_FACT and any(violation.rule in SAME_FACT[kind] for violation in verdict.response):
        return []
    if kind in _OF_CONTENT and not (verdict.exchange.response and verdict.exchange.response.body):
        return []
    if kind in _THE_JUDGES:
        return []
    if kind in ("AcceptedNegativeData", "MissingHeaderNotRejected", "IgnoredAuth"):
        return list(_accepted(failure, verdict, subject, known_credentials))
    reading = _READINGS.get(kind)
    if reading is not None:
        return list(reading(failure, verdict, subject))
    checks: Sequence[str] = getattr(failure, "checks", ()) or (re.sub(r"(?<!^)(?=[A-Z])", "-", kind).lower(),)
    rule = checks[0].replace("_", "-")
    text = "; ".join(line.strip("- `") for line in str(failure.message or failure.title).splitlines() if line.strip())
    return [_claim(rule, subject, failure.title, f"{failure.title}: {text[:300]}")]


def shows(verdict: Verdict, claim: Claim, before: Verdict, known_credentials: bool) -> bool | None:
    """Whether an exchange shows a claim that another one made, and the request breaks nothing that that one kept.

    None where a single exchange cannot tell.
    """
    kept = {(violation.rule, violation.where) for violation in before.request}
    if any((violation.rule, violation.where) not in kept for violation in verdict.request):
        return False
    match claim.rule:
        case "not-a-server-error":
            return claim.detail == str(verdict.status)
        case "positive-data-acceptance":
            return claim.detail == str(verdict.status) and not verdict.request
        case "negative-data-rejection":
            return 200 <= verdict.status < 300 and claim.detail in map(_field, verdict.request)
        case "ignored-auth":
            return 200 <= verdict.status < 300
    if claim.rule not in _JUDGED or verdict.operation is None:
        return None
    made = (of_violation(violation, verdict, known_credentials) for violation in verdict.response)
    return any(other is not None and other.key == claim.key for other in made)


def _field(violation: Violation) -> str:
    """Where a violation is, whichever item of an array it is in."""
    return re.sub(r"/\d+(?=/|$)", "/*", violation.where)


def _claim(rule: str, subject: Operation, detail: str, message: str, place: Place | None = None) -> Claim:
    return Claim(rule, Severity.ERROR, subject.label, detail, place or subject.place, message)


def _server_error(failure: Any, verdict: Verdict, subject: Operation) -> Iterator[Claim]:
    status = failure.status_code
    if verdict.operation is None:
        request = f"the undocumented method {verdict.exchange.request.method}"
    elif verdict.request:
        first = verdict.request[0]
        request = f"an invalid request ({first.where}: {first.message})"
    else:
        request = "a valid request"
    yield _claim("not-a-server-error", subject, str(status), f"{request} was answered with {status}")


def _accepted(failure: Any, verdict: Verdict, subject: Operation, known_credentials: bool) -> Iterator[Claim]:
    """What the server did not look at: each violation of a request that it accepted, or who sent it."""
    scenario = str(getattr(failure, "scenario", "no_auth"))
    probed = re.search(r"got `(\d{3})", failure.message) if type(failure).__name__ == "IgnoredAuth" else None
    status = int(probed[1]) if probed else verdict.status
    if not 200 <= status < 300:
        return
    unseen = [violation for violation in verdict.request if violation.rule not in _CREDENTIALS]
    if probed is None and unseen:
        for violation in unseen:
            message = f"{violation.where}: {violation.message}; yet it was accepted with {status}"
            yield _claim("negative-data-rejection", subject, _field(violation), message, violation.contract)
    elif probed is not None or verdict.request:
        scheme = next((scheme for requirement in subject.security for scheme in requirement), None)
        place = scheme.place if scheme is not None else subject.place
        bare = scenario == "no_auth"
        how = "without credentials" if bare else "with credentials that nobody issued"
        # Where the user gave none, this may be a mock, or a server that is meant to take any: no error, but a note.
        severity = Severity.ERROR if bare or known_credentials else Severity.WARNING
        message = f"a request {how} was accepted with {status}; expected 401 or 403"
        yield Claim("ignored-auth", severity, subject.label, "", place, message)


def _refused(_: Any, verdict: Verdict, subject: Operation) -> Iterator[Claim]:
    undocumented = any(violation.rule == "response-status-undocumented" for violation in verdict.response)
    acceptable = any(response.status[0] in "23d" for response in subject.responses) or not subject.responses
    if verdict.request or undocumented or not acceptable:
        return
    message = f"a valid request was refused with {verdict.status}"
    yield _claim("positive-data-acceptance", subject, str(verdict.status), message)


def _method(failure: Any, verdict: Verdict, subject: Operation) -> Iterator[Claim]:
    if failure.method in verdict.methods:
        return  # another path template has it: /pets/{id} is what POST /pets/search may be for
    if failure.failure_reason == "missing_allow_header":
        message = f"{failure.method} was answered with 405 without an Allow header (RFC 9110, section 15.5.6)"
    else:
        message = f"the method {failure.method} is not documented, yet was answered with {verdict.status}; expected 405"
    yield _of_path("unsupported-method", subject, str(failure.failure_reason), message)


def _allow(failure: Any, verdict: Verdict, subject: Operation) -> Iterator[Claim]:
    undocumented = [method for method in failure.undocumented_methods if method not in verdict.methods]
    missing = [method for method in failure.missing_methods if method in verdict.methods]
    parts = []
    if missing:
        parts.append(f"{', '.join(missing)} is documented and not in it")
    if undocumented:
        parts.append(f"{', '.join(undocumented)} is in it and not documented")
    if parts:
        message = f"'Allow: {failure.allow_header}' is not what the contract says: {'; '.join(parts)}"
        yield _of_path("allow-header-conformance", subject, "", message)


def _of_path(rule: str, subject: Operation, detail: str, message: str) -> Claim:
    place = subject.place
    return Claim(rule, Severity.ERROR, subject.path, detail, Place(place.file, place.path[:-1], place.locate), message)


def _lost(failure: Any, verdict: Verdict, subject: Operation) -> Iterator[Claim]:
    message = f"what {failure.created_with} created is not found by {failure.not_available_with} ({verdict.status})"
    yield _claim("ensure-resource-availability", subject, "", message)


def _undead(failure: Any, verdict: Verdict, subject: Operation) -> Iterator[Claim]:
    message = f"what {failure.free} deleted is still there: {failure.usage} was answered with {verdict.status}"
    if verdict.exchange.response is not None and ("tallystick-mock", "stateless") in verdict.exchange.response.headers:
        message += "; the server says that it is a mock without state"
        yield Claim("use-after-free", Severity.WARNING, subject.label, "", subject.place, message)
    else:
        yield _claim("use-after-free", subject, "", message)


_READINGS: dict[str, Callable[[Any, Verdict, Operation], Iterator[Claim]]] = {
    "ServerError": _server_error,
    "ContentTypeServerError": _server_error,
    "RejectedPositiveData": _refused,
    "UnsupportedMethodResponse": _method,
    "AllowHeaderMismatch": _allow,
    "EnsureResourceAvailability": _lost,
    "UseAfterFree": _undead,
}
