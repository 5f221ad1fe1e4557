"""The keywords of JSON Schema: those that hold schemas, and those that hold plain values."""

from __future__ import annotations

SUBSCHEMA = frozenset(
    "not if then else items contains additionalProperties propertyNames unevaluatedItems unevaluatedProperties "
    "additionalItems".split()
)
"""Keywords that hold a schema."""
SUBSCHEMAS = frozenset("allOf anyOf oneOf prefixItems".split())
"""Keywords that hold a list of schemas."""
SUBSCHEMA_MAP = frozenset("properties patternProperties dependentSchemas".split())
"""Keywords that hold schemas by name."""
DEFINITIONS = frozenset(("$defs", "definitions"))
"""Keywords that hold schemas by name, and apply none of them."""
PLAIN = frozenset(
    "type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern "
    "maxItems minItems uniqueItems maxContains minContains maxProperties minProperties required dependentRequired "
    "format".split()
)
"""Keywords that judge a value without other schemas."""
OF_TYPE = {
    "object": frozenset(
        "properties patternProperties additionalProperties unevaluatedProperties propertyNames maxProperties "
        "minProperties required dependentRequired dependentSchemas".split()
    ),
    "array": frozenset(
        "items prefixItems additionalItems unevaluatedItems contains maxContains minContains maxItems minItems "
        "uniqueItems".split()
    ),
    "string": frozenset("maxLength minLength pattern".split()),
    "number": frozenset("multipleOf maximum exclusiveMaximum minimum exclusiveMinimum".split()),
}
"""By type, the keywords that judge values of that type alone; integers are numbers."""
