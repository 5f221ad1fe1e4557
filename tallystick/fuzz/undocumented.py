"""Refusals with a status that the contract does not document: what it says of such requests, and how grave that is."""

from __future__ import annotations

from tallystick.fuzz.verdicts import Verdict
from tallystick.nouns.contract import Operation
from tallystick.nouns.violation import Severity, Violation
from tallystick.rules.exchange.security import CREDENTIALS_MALFORMED, CREDENTIALS_MISSING
from tallystick.rules.exchange.status import REJECTION_UNDOCUMENTED, RESPONSE_STATUS_UNDOCUMENTED

CREDENTIAL_RULES = frozenset((CREDENTIALS_MISSING.id, CREDENTIALS_MALFORMED.id))
_OF_CREDENTIALS = ("401", "403")
_OF_INVALID_REQUESTS = ("400", "422")


def undocumented_refusal(
    violation: Violation, verdict: Verdict, operation: Operation, has_credentials: bool
) -> tuple[str, Severity, str]:
    """The rule, the severity and the message of a refusal (400 to 499) whose status is not documented.

    Where the contract says with which of 401 and 403 requests without credentials are refused, the other one is an
    error: the request breaks nothing but what the first is documented for. How else invalid requests are refused, a
    contract need not say in full (OpenAPI, Responses Object), so that is a warning.
    """
    fact = violation.message
    rules = {each.rule for each in verdict.request}
    is_of_credentials = (bool(rules) and rules <= CREDENTIAL_RULES) or (verdict.is_forged and not rules)
    is_locked_out = verdict.status in (401, 403) and bool(operation.security) and not has_credentials
    documented = _documented(operation, _OF_CREDENTIALS if is_of_credentials or is_locked_out else _OF_INVALID_REQUESTS)
    if is_of_credentials and documented and verdict.status in (401, 403):
        reason = f"requests without known credentials are refused with {documented} by the contract"
        return RESPONSE_STATUS_UNDOCUMENTED.id, RESPONSE_STATUS_UNDOCUMENTED.severity, f"{fact}; {reason}"
    if violation.rule != REJECTION_UNDOCUMENTED.id and not is_locked_out and not verdict.is_forged:
        return violation.rule, violation.severity, f"{fact}; it refuses a valid request"
    if documented:
        is_stranger = is_locked_out or is_of_credentials
        kind = "requests without known credentials" if is_stranger else "invalid requests"
        reason = f"the contract documents {documented} for {kind}"
    else:
        reason = "the contract does not say how invalid requests are refused"
    return REJECTION_UNDOCUMENTED.id, REJECTION_UNDOCUMENTED.severity, f"{fact}; {reason}"


def _documented(operation: Operation, statuses: tuple[str, ...]) -> str:
    """Those of some statuses that an operation documents by number, in words."""
    return " and ".join(response.status for response in operation.responses if response.status in statuses)
