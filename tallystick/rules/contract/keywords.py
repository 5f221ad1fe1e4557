"""Keywords of schemas that one version of OpenAPI has and another has not, and what to write instead."""

from __future__ import annotations

from typing import Any

_LATER = frozenset(
    "$anchor $comment $defs $dynamicAnchor $dynamicRef $id $schema const contains contentEncoding contentMediaType "
    "contentSchema dependentRequired dependentSchemas else examples if maxContains minContains patternProperties "
    "prefixItems propertyNames then unevaluatedItems unevaluatedProperties".split()
)
"""Keywords that came with OpenAPI 3.1."""
_SINCE_3_0 = frozenset("oneOf anyOf not nullable writeOnly deprecated".split())
_INSTEAD = {
    "$defs": "put the schemas under components/schemas",
    "const": "write `enum` with one value",
    "examples": "write `example`",
    "nullable": "write the type as a list with null in it: [string, 'null']",
}


def of_other_version(version: str, keyword: str, value: Any) -> str:
    """The message for a keyword that a Schema Object of this version has not; "" where it is none of those."""
    modern = version >= "3.1"
    if keyword in ("exclusiveMinimum", "exclusiveMaximum"):
        bound = keyword[len("exclusive") :].lower()
        if modern and isinstance(value, bool):
            instead = f"write the bound itself, `{keyword}: 5`"
            return f"in OpenAPI {version} `{keyword}` is a number, not {str(value).lower()}; {instead}"
        if not modern and isinstance(value, (int, float)) and not isinstance(value, bool):
            instead = f"write `{bound}: {value}` and `{keyword}: true`"
            return f"in OpenAPI {version} `{keyword}` is a boolean, not a number; {instead}"
    if keyword == "type" and version == "3.0" and (isinstance(value, list) or value == "null"):
        return "in OpenAPI 3.0 `type` is one type, and not null; write one, with `nullable: true` if null is meant"
    if (
        (modern and keyword == "nullable" and value is True)
        or (not modern and keyword in _LATER)
        or (version == "2.0" and keyword in _SINCE_3_0)
    ):
        instead = f"; {_INSTEAD[keyword]}" if keyword in _INSTEAD and version != "2.0" else ""
        return f"OpenAPI {version} has no `{keyword}` in a schema{instead}"
    return ""
