"""The message for a schema keyword that belongs to another version of OpenAPI."""

from __future__ import annotations

from tallystick.nouns.dialect import Dialect
from tallystick.nouns.json_value import JSON


def of_other_version(dialect: Dialect, keyword: str, value: JSON) -> str:
    """The fact for a keyword, or a value of it, that this version does not have, and what to write; else ""."""
    version = dialect.name
    if keyword in ("exclusiveMinimum", "exclusiveMaximum"):
        bound = keyword[len("exclusive") :].lower()
        if dialect.exclusive_bounds_are_numbers and isinstance(value, bool):
            instead = f"write the bound itself, `{keyword}: 5`"
            return f"in OpenAPI {version} `{keyword}` is a number, not {str(value).lower()}; {instead}"
        if not dialect.exclusive_bounds_are_numbers and isinstance(value, (int, float)) and not isinstance(value, bool):
            instead = f"write `{bound}: {value}` and `{keyword}: true`"
            return f"in OpenAPI {version} `{keyword}` is a boolean, not a number; {instead}"
    if keyword == "type" and not dialect.has_lists_of_types and (isinstance(value, list) or value == "null"):
        instead = "write one, with `nullable: true` if null is meant"
        return f"in OpenAPI {version} `type` is one type, and not null; {instead}"
    if keyword in dialect.missing_keywords:
        instead = dialect.missing_keywords[keyword]
        return f"OpenAPI {version} has no `{keyword}` in a schema" + (f"; {instead}" if instead else "")
    return ""
