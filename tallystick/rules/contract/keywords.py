"""The message for a schema keyword that belongs to another version of OpenAPI."""

from __future__ import annotations

from tallystick.nouns.dialect import Dialect
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Node
from tallystick.nouns.node import Path as Keys
from tallystick.rules.contract.hints import TYPES, of_several_types
from tallystick.schemas.messages import shown

Members = dict[str, JSON]


def of_other_version(dialect: Dialect, root: Node, path: Keys) -> str:
    """The fact for a keyword, or a value of it, that this version does not have, and what to write; else "".

    `path` leads from the node `root` to the keyword.
    """
    try:
        schema, keyword = root.raw(*path[:-1]).members, path[-1]
    except KeyError:
        return ""
    if keyword not in schema:
        return ""
    value, version = schema[keyword], dialect.name
    if keyword in ("exclusiveMinimum", "exclusiveMaximum"):
        return _exclusive_bound(dialect, keyword, schema)
    if keyword == "type" and not dialect.has_lists_of_types and (isinstance(value, list) or value == "null"):
        return _several_types(dialect, schema, path)
    if keyword not in dialect.missing_keywords:
        return ""
    instead = dialect.missing_keywords[keyword]
    if keyword == "nullable" and not dialect.nullable_keyword:
        instead = _nullable(schema)
    elif keyword == "const" and not isinstance(value, (dict, list)):
        instead = f"write `enum: [{shown(value)}]`"
    elif keyword == "contentEncoding" and value != "base64":
        instead = "say it in the description"
    return f"OpenAPI {version} has no `{keyword}` in a schema; {instead}"


def _exclusive_bound(dialect: Dialect, keyword: str, schema: Members) -> str:
    bound, value = keyword[len("exclusive") :].lower(), schema[keyword]
    if dialect.exclusive_bounds_are_numbers and isinstance(value, bool):
        fact = f"in OpenAPI {dialect.name} `{keyword}` is a number, not {str(value).lower()}"
        if not value:
            return f"{fact}; leave it out"
        if bound in schema:
            return f"{fact}; write `{keyword}: {shown(schema[bound])}` in place of `{bound}: {shown(schema[bound])}`"
        return f"{fact}; write the bound itself, `{keyword}: 5`"
    if not dialect.exclusive_bounds_are_numbers and isinstance(value, (int, float)) and not isinstance(value, bool):
        instead = f"write `{bound}: {value}` and `{keyword}: true`"
        return f"in OpenAPI {dialect.name} `{keyword}` is a boolean, not a number; {instead}"
    return ""


def _several_types(dialect: Dialect, schema: Members, path: Keys) -> str:
    fact = f"in OpenAPI {dialect.name} `type` is one type, and not null"
    value = schema["type"]
    if isinstance(value, list):
        names = [name for name in value if isinstance(name, str)]
        instead = of_several_types(names, dialect) if all(name in (*TYPES, "null") for name in names) else ""
    elif path[-3:-2] in (("anyOf",), ("oneOf",)):
        instead = f"leave this schema out, and write `{dialect.nullable_keyword}: true` in each of the others"
    else:
        instead = f"write `{dialect.nullable_keyword}: true` beside the type of the other values"
    return f"{fact}; {instead or 'write one type'}"


def _nullable(schema: Members) -> str:
    """What to write for `nullable: true` where null is a type."""
    names = schema.get("type")
    types = [name for name in (names if isinstance(names, list) else [names]) if isinstance(name, str)]
    enum = " and add null to `enum`" if "enum" in schema and types else ""
    if types:
        listed = ", ".join(dict.fromkeys((*(name for name in types if name != "null"), "'null'")))
        return f"write `type: [{listed}]`{enum}"
    for keyword in ("oneOf", "anyOf"):
        if keyword in schema:
            return f"add `{{type: 'null'}}` to `{keyword}`"
    if "$ref" in schema:
        return "write `anyOf: [{$ref: ...}, {type: 'null'}]`"
    if "allOf" in schema:
        return "write `anyOf: [{allOf: ...}, {type: 'null'}]`"
    if "enum" in schema:
        return "add null to `enum`"
    return "leave it out: without `type` null is allowed"
