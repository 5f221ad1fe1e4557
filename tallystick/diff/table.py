"""The table of changes: every kind of change that a diff tells, with its grade, whom it concerns, and its mirror.

Keywords of schemas are rows by rule. A request's schema may be narrowed (breaking: what was sent is refused) or
widened; a response's schema widened (breaking: nobody expects what is read) or narrowed.
"""

from __future__ import annotations

from tallystick.nouns.change import ChangeRule, Grade, Way

BREAKING, WARNING, INFO = Grade.BREAKING, Grade.WARNING, Grade.INFO
REQUEST, RESPONSE, CONTRACT = Way.REQUEST, Way.RESPONSE, Way.CONTRACT

FAMILIES = {
    "type": "type",
    "enum": "enum",
    "const": "const",
    "format": "format",
    "pattern": "pattern",
    "minimum": "minimum",
    "maximum": "maximum",
    "multipleOf": "multiple-of",
    "minLength": "min-length",
    "maxLength": "max-length",
    "minItems": "min-items",
    "maxItems": "max-items",
    "uniqueItems": "unique-items",
    "items": "items",
    "prefixItems": "prefix-items",
    "contains": "contains",
    "minProperties": "min-properties",
    "maxProperties": "max-properties",
    "required": "required",
    "properties": "properties",
    "patternProperties": "pattern-properties",
    "additionalProperties": "additional-properties",
    "propertyNames": "property-names",
    "dependentRequired": "dependent-required",
    "dependentSchemas": "dependent-schemas",
    "unevaluatedItems": "unevaluated-items",
    "unevaluatedProperties": "unevaluated-properties",
    "anyOf": "any-of",
    "oneOf": "one-of",
    "not": "not",
    "if": "condition",
    "schema": "schema",
}
"""The part of a rule's id for each keyword of a schema; `schema` is a schema as a whole."""
UNSURE = frozenset(
    "pattern anyOf oneOf not if contains dependentRequired dependentSchemas unevaluatedItems unevaluatedProperties "
    "patternProperties propertyNames multipleOf additionalProperties items prefixItems".split()
)
"""Keywords whose change may matter though no value was found that shows it."""


def _of_keyword(keyword: str, name: str) -> list[ChangeRule]:
    rows = []
    for way, bad, good, why in (
        (REQUEST, "narrowed", "widened", "A request that was allowed is refused"),
        (RESPONSE, "widened", "narrowed", "A response is allowed that was not"),
    ):
        grade = WARNING if way is RESPONSE and keyword == "enum" else BREAKING
        own = f"{way}-{name}"
        rows.append(ChangeRule(f"{own}-{bad}", grade, way, f"{why}, by `{keyword}`.", f"{own}-{good}"))
        rows.append(ChangeRule(f"{own}-{good}", INFO, way, f"The opposite of {own}-{bad}.", f"{own}-{bad}"))
        unsure = WARNING if keyword in UNSURE else INFO
        rows.append(
            ChangeRule(f"{own}-changed", unsure, way, f"`{keyword}` was changed, and no value shows what that does.")
        )
    return rows


def _pair(
    one: str, one_grade: Grade, one_sentence: str, other: str, other_grade: Grade, other_sentence: str, way: Way
) -> list[ChangeRule]:
    return [
        ChangeRule(one, one_grade, way, one_sentence, other),
        ChangeRule(other, other_grade, way, other_sentence, one),
    ]


_ROWS: tuple[ChangeRule, ...] = (
    *(row for keyword, name in FAMILIES.items() for row in _of_keyword(keyword, name)),
    *_pair(
        "operation-removed",
        BREAKING,
        "An operation is gone.",
        "operation-added",
        INFO,
        "An operation is new.",
        CONTRACT,
    ),
    *_pair("contract-removed", BREAKING, "A contract is gone.", "contract-added", INFO, "A contract is new.", CONTRACT),
    ChangeRule("operation-removed-after-sunset", INFO, CONTRACT, "An operation is gone whose sunset has passed."),
    *_pair(
        "operation-deprecated",
        INFO,
        "An operation is deprecated, and says when it ends.",
        "operation-reinstated",
        INFO,
        "An operation is not deprecated any more.",
        CONTRACT,
    ),
    ChangeRule("operation-deprecated-without-sunset", WARNING, CONTRACT, "An operation is deprecated without an end."),
    ChangeRule("operation-id-changed", WARNING, CONTRACT, "An operationId was changed: generated clients break."),
    ChangeRule("operation-tags-changed", INFO, CONTRACT, "The tags of an operation were changed."),
    *_pair(
        "webhook-removed", BREAKING, "A webhook is sent no more.", "webhook-added", INFO, "A webhook is new.", CONTRACT
    ),
    *_pair(
        "base-path-removed",
        BREAKING,
        "The operations are not under a base path any more.",
        "base-path-added",
        INFO,
        "The operations are under another base path too.",
        REQUEST,
    ),
    *_pair(
        "request-alternative-removed",
        BREAKING,
        "A named schema is gone from what a request may be.",
        "request-alternative-added",
        INFO,
        "A request may be of another named schema.",
        REQUEST,
    ),
    *_pair(
        "response-alternative-added",
        BREAKING,
        "A response may be of another named schema.",
        "response-alternative-removed",
        INFO,
        "A named schema is gone from what a response may be.",
        RESPONSE,
    ),
    *_pair("server-removed", WARNING, "A server is gone.", "server-added", INFO, "A server is new.", CONTRACT),
    *_pair(
        "request-security-narrowed",
        BREAKING,
        "Credentials that were enough are refused, or some are needed that were not.",
        "request-security-widened",
        INFO,
        "Other credentials are enough too, or none are needed.",
        REQUEST,
    ),
    *_pair(
        "request-scope-added",
        WARNING,
        "A security requirement demands a scope more.",
        "request-scope-removed",
        INFO,
        "A security requirement demands a scope less.",
        REQUEST,
    ),
    *_pair(
        "request-required-parameter-added",
        BREAKING,
        "A parameter is new, and required.",
        "request-required-parameter-removed",
        WARNING,
        "A parameter is gone that was required: what is sent is ignored.",
        REQUEST,
    ),
    *_pair(
        "request-optional-parameter-added",
        INFO,
        "A parameter is new, and optional.",
        "request-optional-parameter-removed",
        WARNING,
        "A parameter is gone that was optional: what is sent is ignored.",
        REQUEST,
    ),
    *_pair(
        "request-parameter-became-required",
        BREAKING,
        "A parameter is required that was optional.",
        "request-parameter-became-optional",
        INFO,
        "A parameter is optional that was required.",
        REQUEST,
    ),
    ChangeRule("request-parameter-style-changed", BREAKING, REQUEST, "A parameter is written in another way."),
    *_pair(
        "request-body-became-required",
        BREAKING,
        "The body of a request is required, and was optional or unknown.",
        "request-body-became-optional",
        INFO,
        "The body of a request is optional, or was removed.",
        REQUEST,
    ),
    *_pair(
        "request-body-added",
        INFO,
        "A request may have a body.",
        "request-body-removed",
        WARNING,
        "The body of a request is not documented any more.",
        REQUEST,
    ),
    *_pair(
        "request-media-type-removed",
        BREAKING,
        "The body of a request may not be of a media type any more.",
        "request-media-type-added",
        INFO,
        "The body of a request may be of another media type.",
        REQUEST,
    ),
    *_pair(
        "response-media-type-removed",
        BREAKING,
        "A response is not given in a media type any more.",
        "response-media-type-added",
        INFO,
        "A response is given in another media type too.",
        RESPONSE,
    ),
    *_pair(
        "response-success-status-removed",
        BREAKING,
        "A response of success is not documented any more.",
        "response-success-status-added",
        WARNING,
        "A response of success is new.",
        RESPONSE,
    ),
    *_pair(
        "response-error-status-removed",
        INFO,
        "An error response is not documented any more.",
        "response-error-status-added",
        INFO,
        "An error response is new: clients treat it by its class.",
        RESPONSE,
    ),
    *_pair(
        "response-body-removed",
        BREAKING,
        "A response has no body any more.",
        "response-body-added",
        INFO,
        "A response has a body.",
        RESPONSE,
    ),
    *_pair(
        "response-required-header-removed",
        BREAKING,
        "A header that each response had is gone, or optional.",
        "response-required-header-added",
        INFO,
        "A header is in each response that was not there, or optional.",
        RESPONSE,
    ),
    *_pair(
        "response-optional-header-removed",
        WARNING,
        "A header is gone that a response could have.",
        "response-optional-header-added",
        INFO,
        "A response may have another header.",
        RESPONSE,
    ),
    *_pair(
        "response-link-removed", WARNING, "A link is gone.", "response-link-added", INFO, "A link is new.", RESPONSE
    ),
    *_pair(
        "request-property-removed",
        WARNING,
        "A property is gone: what is sent is ignored.",
        "request-property-added",
        INFO,
        "An optional property is new.",
        REQUEST,
    ),
    *_pair(
        "response-property-removed",
        WARNING,
        "An optional property is gone.",
        "response-property-added",
        INFO,
        "A property is new.",
        RESPONSE,
    ),
    ChangeRule(
        "request-default-changed",
        BREAKING,
        REQUEST,
        "What a parameter is that is not sent was changed, or is not told.",
    ),
    ChangeRule("request-default-added", WARNING, REQUEST, "What a parameter is that is not sent is told."),
    ChangeRule("request-property-default-changed", WARNING, REQUEST, "The default of a property was changed."),
    ChangeRule("response-property-default-changed", INFO, RESPONSE, "The default of a property was changed."),
    *(
        row
        for way in (REQUEST, RESPONSE)
        for row in (
            ChangeRule(f"{way}-content-coding-changed", BREAKING, way, "A text holds what is coded in another way."),
            ChangeRule(f"{way}-deprecated-changed", INFO, way, "A property is deprecated, or no longer is."),
            ChangeRule(f"{way}-read-only-changed", WARNING, way, "A property became readOnly, or no longer is."),
            ChangeRule(f"{way}-write-only-changed", WARNING, way, "A property became writeOnly, or no longer is."),
            ChangeRule(f"{way}-encoding-changed", WARNING, way, "A part of a form is written in another way."),
        )
    ),
)
TABLE = {row.id: row for row in _ROWS}
"""Every row by its id."""
