"""The rules of a fuzz run that are not the judge's: Schemathesis's checks under their own names, and one of ours."""

from __future__ import annotations

from tallystick.nouns.rule import Rule, Scope
from tallystick.nouns.violation import Severity
from tallystick.rules.exchange.status import REJECTION_UNDOCUMENTED, RESPONSE_STATUS_UNDOCUMENTED

STATUS_RULES = frozenset((RESPONSE_STATUS_UNDOCUMENTED.id, REJECTION_UNDOCUMENTED.id))
"""The ids of the judge's rules on undocumented statuses."""

NOT_A_SERVER_ERROR = Rule(
    "not-a-server-error", Severity.ERROR, Scope.FUZZ, "No request, valid or not, is answered with a server error."
)
POSITIVE_DATA_ACCEPTANCE = Rule(
    "positive-data-acceptance", Severity.ERROR, Scope.FUZZ, "A valid request is not refused for what it says."
)
NEGATIVE_DATA_REJECTION = Rule(
    "negative-data-rejection", Severity.ERROR, Scope.FUZZ, "A request that breaks the contract is refused."
)
IGNORED_AUTH = Rule(
    "ignored-auth",
    Severity.ERROR,
    Scope.FUZZ,
    "A request without known credentials is refused where the contract wants them.",
)
UNSUPPORTED_METHOD = Rule(
    "unsupported-method",
    Severity.ERROR,
    Scope.FUZZ,
    "A method that the contract does not document is answered with 405 and an Allow header.",
)
ALLOW_HEADER_CONFORMANCE = Rule(
    "allow-header-conformance", Severity.ERROR, Scope.FUZZ, "An Allow header lists the documented methods."
)
OBJECT_LEVEL_AUTHORIZATION = Rule(
    "object-level-authorization", Severity.ERROR, Scope.FUZZ, "What one identity created, another cannot read."
)
NO_RESPONSE = Rule("no-response", Severity.ERROR, Scope.FUZZ, "A request gets a response, and all of it.")
RESPONSE_CODING = Rule(
    "response-coding", Severity.ERROR, Scope.FUZZ, "A response's body is coded as its Content-Encoding says."
)
RESPONSE_UNREAD = Rule(
    "response-unread", Severity.WARNING, Scope.FUZZ, "A response is small enough to be read and judged as a whole."
)
RESPONSE_SLOW = Rule(
    "response-slow", Severity.ERROR, Scope.FUZZ, "A response takes no longer than --max-response-time allows."
)
SERVER_DIED = Rule("server-died", Severity.ERROR, Scope.FUZZ, "No request ends the server.")

FUZZ_RULES = (
    NOT_A_SERVER_ERROR,
    POSITIVE_DATA_ACCEPTANCE,
    NEGATIVE_DATA_REJECTION,
    IGNORED_AUTH,
    UNSUPPORTED_METHOD,
    ALLOW_HEADER_CONFORMANCE,
    OBJECT_LEVEL_AUTHORIZATION,
    NO_RESPONSE,
    SERVER_DIED,
    RESPONSE_CODING,
    RESPONSE_UNREAD,
    RESPONSE_SLOW,
)
