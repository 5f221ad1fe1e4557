"""The rules of the mock that are not the judge's: why it refuses a request that keeps the contract."""

from __future__ import annotations

from tallystick.nouns.rule import Rule, Scope
from tallystick.nouns.violation import Severity

CREDENTIALS_INVALID = Rule(
    "credentials-invalid", Severity.ERROR, Scope.MOCK, "Credentials do not have the word `invalid` in them."
)
RESOURCE_DELETED = Rule("resource-deleted", Severity.ERROR, Scope.MOCK, "The resource was not deleted.")
RESOURCE_MISSING = Rule(
    "resource-missing", Severity.ERROR, Scope.MOCK, "The resource was created or seeded (with `--state closed`)."
)
RESOURCE_EXISTS = Rule(
    "resource-exists", Severity.ERROR, Scope.MOCK, "What is created does not exist yet, where a 409 is documented."
)
PATCH_FAILED = Rule("patch-failed", Severity.ERROR, Scope.MOCK, "A JSON Patch can be applied, and its tests hold.")
NOT_KEPT = Rule(
    "not-kept",
    Severity.WARNING,
    Scope.MOCK,
    "What a request says of a resource fits the replies that show it, so that it is kept.",
)
NOT_ACCEPTABLE = Rule("not-acceptable", Severity.ERROR, Scope.MOCK, "A request accepts a documented media type.")
BODY_TOO_LARGE = Rule("body-too-large", Severity.ERROR, Scope.MOCK, "A body is not larger than 64 MiB.")
BODY_CODING = Rule(
    "body-coding",
    Severity.ERROR,
    Scope.MOCK,
    "A body is coded as its Content-Encoding says, by a coding that is known.",
)
EXAMPLE_MENDED = Rule(
    "example-mended",
    Severity.WARNING,
    Scope.MOCK,
    "An example fits its schema, so that it is served without a change (see `--examples`).",
)
SCOPES_MISSING = Rule(
    "scopes-missing",
    Severity.ERROR,
    Scope.MOCK,
    "A bearer token whose scopes are declared (in the configuration, or by a JWT) has those that are required.",
)
QUERY_UNDOCUMENTED = Rule(
    "query-undocumented",
    Severity.ERROR,
    Scope.MOCK,
    "Each name in a query is that of a parameter (with `--strict-query`).",
)
BODY_UNDOCUMENTED = Rule(
    "body-undocumented",
    Severity.ERROR,
    Scope.MOCK,
    "A request has no body where none is documented, but a 415 is.",
)
KEY_REUSED = Rule(
    "idempotency-key-reused",
    Severity.ERROR,
    Scope.MOCK,
    "A request with an idempotency key that was used before is the same request.",
)
CONDITION_FAILED = Rule(
    "condition-failed",
    Severity.ERROR,
    Scope.MOCK,
    "The resource is as `If-Match`, `If-None-Match` or `If-Unmodified-Since` says.",
)
CONDITION_MISSING = Rule(
    "condition-missing",
    Severity.ERROR,
    Scope.MOCK,
    "A change of a resource says which version of it is changed, where a 428 is documented.",
)

MOCK_RULES = (
    CREDENTIALS_INVALID,
    RESOURCE_DELETED,
    RESOURCE_MISSING,
    RESOURCE_EXISTS,
    PATCH_FAILED,
    NOT_KEPT,
    NOT_ACCEPTABLE,
    BODY_TOO_LARGE,
    BODY_CODING,
    EXAMPLE_MENDED,
    SCOPES_MISSING,
    QUERY_UNDOCUMENTED,
    BODY_UNDOCUMENTED,
    KEY_REUSED,
    CONDITION_FAILED,
    CONDITION_MISSING,
)
