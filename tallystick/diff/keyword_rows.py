"""The rows of the table of changes that are made by rule: one for each keyword of a schema, and for each way."""

from __future__ import annotations

from tallystick.nouns.change import ChangeRule, Grade, Way

BREAKING, WARNING, INFO = Grade.BREAKING, Grade.WARNING, Grade.INFO
REQUEST, RESPONSE, WEBHOOK = Way.REQUEST, Way.RESPONSE, Way.WEBHOOK

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
    "int64": "int64",
    "schema": "schema",
}
"""The part of a rule's id for each keyword of a schema; `schema` is a schema as a whole, `int64` that format alone."""
NARROWING = {
    REQUEST: ("narrowed", "widened", "A request that was allowed is refused"),
    RESPONSE: ("widened", "narrowed", "A response is allowed that was not"),
    WEBHOOK: ("widened", "narrowed", "A webhook or callback may be sent that was not"),
}
"""By way, what harms, what does not, and whom it harms."""
UNSURE = frozenset(
    "pattern anyOf oneOf not if contains dependentRequired dependentSchemas unevaluatedItems unevaluatedProperties "
    "patternProperties propertyNames multipleOf additionalProperties items prefixItems".split()
)
"""Keywords whose change may matter though no value was found that shows it."""


def _of_keyword(keyword: str, name: str) -> list[ChangeRule]:
    rows = []
    for way, (bad, good, why) in NARROWING.items():
        is_mild = keyword == "int64" or (keyword == "enum" and way is not REQUEST)
        own = f"{way}-{name}"
        grade = WARNING if is_mild else BREAKING
        rows.append(ChangeRule(f"{own}-{bad}", grade, way, f"{why}, by `{keyword}`.", f"{own}-{good}"))
        rows.append(ChangeRule(f"{own}-{good}", INFO, way, f"The opposite of {own}-{bad}.", f"{own}-{bad}"))
        unsure = WARNING if keyword in UNSURE else INFO
        rows.append(
            ChangeRule(f"{own}-changed", unsure, way, f"`{keyword}` was changed, and no value shows what that does.")
        )
    return rows


def _pair(way: Way, removed: tuple[str, Grade, str], added: tuple[str, Grade, str]) -> list[ChangeRule]:
    (one, one_grade, one_sentence), (other, other_grade, other_sentence) = removed, added
    return [
        ChangeRule(f"{way}-{one}", one_grade, way, one_sentence, f"{way}-{other}"),
        ChangeRule(f"{way}-{other}", other_grade, way, other_sentence, f"{way}-{one}"),
    ]


def _of_way(way: Way) -> list[ChangeRule]:
    """The rows of a way on what a keyword's own rows do not say."""
    is_sent = way is REQUEST
    gone = "what is sent is ignored" if is_sent else "who reads it misses it"
    rows = _pair(
        way,
        ("property-removed", WARNING, f"An optional property is gone: {gone}."),
        ("property-added", INFO, "A property is new."),
    )
    rows += _pair(
        way,
        ("alternative-removed", BREAKING if is_sent else INFO, "A named schema is gone from what a value may be."),
        ("alternative-added", INFO if is_sent else BREAKING, "A value may be of another named schema."),
    )
    rows += _pair(
        way,
        ("content-coding-removed", INFO if is_sent else BREAKING, "A text may hold anything that held coded content."),
        ("content-coding-added", BREAKING if is_sent else INFO, "A text holds coded content that could hold anything."),
    )
    rows += _pair(
        way,
        ("known-value-removed", WARNING if is_sent else INFO, "A value is gone from `x-extensible-enum`."),
        ("known-value-added", INFO if is_sent else WARNING, "A value is new in `x-extensible-enum`."),
    )
    rows += _pair(
        way,
        ("discriminator-removed", INFO if is_sent else WARNING, "No property tells the branches apart any more."),
        ("discriminator-added", WARNING if is_sent else INFO, "A property tells the branches apart."),
    )
    rows += _pair(
        way,
        ("discriminator-value-removed", WARNING if is_sent else INFO, "A value of a discriminator names no schema."),
        ("discriminator-value-added", INFO if is_sent else WARNING, "A value of a discriminator is new."),
    )
    return [
        *rows,
        ChangeRule(f"{way}-discriminator-changed", WARNING, way, "Another property tells the branches apart."),
        ChangeRule(
            f"{way}-discriminator-value-changed", WARNING, way, "A value of a discriminator names another schema."
        ),
        ChangeRule(f"{way}-content-coding-changed", BREAKING, way, "A text holds what is coded in another way."),
        ChangeRule(f"{way}-content-schema-changed", WARNING, way, "What a text holds has another schema."),
        ChangeRule(f"{way}-deprecated-changed", INFO, way, "A property is deprecated, or no longer is."),
        ChangeRule(f"{way}-read-only-changed", WARNING, way, "A property became readOnly, or no longer is."),
        ChangeRule(f"{way}-write-only-changed", WARNING, way, "A property became writeOnly, or no longer is."),
        ChangeRule(
            f"{way}-property-default-changed",
            WARNING if is_sent else INFO,
            way,
            "The default of a property was changed.",
        ),
    ]


KEYWORD_ROWS: tuple[ChangeRule, ...] = (
    *(row for keyword, name in FAMILIES.items() for row in _of_keyword(keyword, name)),
    *(row for way in NARROWING for row in _of_way(way)),
)
