"""Hints for examples and defaults: what to write in place of a value that does not fit its schema."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tallystick.nouns.dialect import Dialect
from tallystick.nouns.json_pointer import part_at
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Node
from tallystick.nouns.schema import SchemaError
from tallystick.rules.contract.hints import TYPES, of_several_types
from tallystick.schemas.messages import shown


def for_value(node: Node, error: SchemaError, dialect: Dialect) -> str:
    """What to write for the value of a node that has a schema error; "" where the message says it all."""
    try:
        value = part_at(node.value, list(map(str, error.path)))
        document = next(document for document in node.document.family if document.file == error.place.file)
        expected = part_at(document.value, error.place.path)
    except (KeyError, StopIteration):
        return ""
    if error.keyword == "type":
        names = expected if isinstance(expected, list) else [expected]
        return _for_type(value, [name for name in names if isinstance(name, str)], dialect)
    if error.keyword == "enum" and isinstance(value, str) and isinstance(expected, list):
        same = [option for option in expected if isinstance(option, str) and option.lower() == value.lower()]
        return f"did you mean {shown(same[0])}?" if same else ""
    return ""


def _for_type(value: JSON, types: Sequence[str], dialect: Dialect) -> str:
    if not types or not all(name in TYPES for name in types):
        return ""
    if value is None:
        return f"if null is meant, {of_several_types([*types, 'null'], dialect)} in the schema"
    if "string" in types:
        if isinstance(value, (bool, int, float)):
            return "write it in quotes"
        is_list = isinstance(value, list) and value and all(isinstance(item, str) for item in value)
        return f"write one value, such as {shown(value[0])}" if isinstance(value, list) and is_list else ""
    if "array" in types and not isinstance(value, (str, dict)):
        return f"write a list: [{shown(value)}]"
    if isinstance(value, str):
        return _for_text(value, types)
    return ""


def _for_text(text: str, types: Sequence[str]) -> str:
    """What to write for a string where values of other types are expected."""
    if "boolean" in types and text.lower() in ("true", "false"):
        return f"write {text.lower()}, without quotes"
    try:
        meant = json.loads(text)
    except ValueError:
        return f"write a list: [{shown(text)}]" if "array" in types and "\n" not in text else ""
    if type(meant) in (int, float):
        fits = "number" in types or ("integer" in types and type(meant) is int)
        return "write it without quotes" if fits else ""
    is_text_of_json = (isinstance(meant, list) and "array" in types) or (isinstance(meant, dict) and "object" in types)
    return "write the value itself, not its JSON as a text" if is_text_of_json else ""
