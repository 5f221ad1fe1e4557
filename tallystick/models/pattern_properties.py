"""Brings `patternProperties` to a dictionary or a class, with a check of each member by the patterns of its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tallystick.models.enumerations import NOTHING
from tallystick.models.keywords import NULL, Schema, branches, map_subschemas, members, text, without
from tallystick.models.named_schemas import POINTER
from tallystick.models.patterns import engine_pattern
from tallystick.models.source_text import literal
from tallystick.nouns.json_value import JSON

PATTERNS, OTHERS = "x-patterns", "x-others"
"""Mark what `patternProperties` and `additionalProperties` were; the generator does not see them."""

_NO_TYPE = "Annotated[Any, _one_of()]"
_PLAIN = {"string": "str", "integer": "StrictInteger", "number": "StrictFloat", "boolean": "StrictBool", "null": "None"}


def needs_check(schema: Schema) -> bool:
    """Whether a schema has patterns of names that the key type of a dictionary does not say."""
    patterns = members(schema, "patternProperties")
    is_dictionary = not schema.get("properties") and len(patterns) == 1
    return bool(patterns) and not (is_dictionary and _is_closed(schema.get("additionalProperties", {})))


def is_plain(schema: Schema) -> bool:
    """Whether a schema has a Python type of its own that needs no name."""
    return "$ref" in schema or _plain_type(schema) is not None


def with_pattern_types(schema: Schema) -> Schema:
    """A schema in which a dictionary or class takes the members of any pattern, marked with what the patterns are."""
    result = map_subschemas(schema, with_pattern_types)
    patterns = members(result, "patternProperties")
    if not patterns:
        return result
    others = result.get("additionalProperties", {})
    if not needs_check(schema):
        keys = {pattern: engine_pattern(pattern) for pattern in patterns}
        result["patternProperties"] = {key.text: patterns[pattern] for pattern, key in keys.items() if key}
        return result
    marked: Schema = {**without(result, "patternProperties"), PATTERNS: {**patterns}, OTHERS: others}
    alternatives = [*patterns.values()] if _is_closed(others) else [*patterns.values(), others]
    if not all(isinstance(branch, dict) and branch for branch in alternatives):
        marked["additionalProperties"] = {}
    else:
        unique: list[JSON] = []
        unique += (branch for branch in alternatives if branch not in unique and branch != NOTHING)
        marked["additionalProperties"] = unique[0] if len(unique) == 1 else {"anyOf": unique} if unique else False
    return {"type": "object", **marked}


def without_marks(schema: Schema) -> Schema:
    """A schema as the generator is given it."""
    return without(map_subschemas(schema, without_marks), PATTERNS, OTHERS)


class PatternTypes:
    """Writes the checks of named schemas that are marked."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self.schemas = schemas

    def alias_check(self, name: str) -> str:
        """The check of a dictionary; "" where it needs none."""
        schema = self.schemas.get(name, {})
        return f"BeforeValidator(lambda members: {_call(schema, ())})" if PATTERNS in schema else ""

    def class_check(self, name: str) -> str:
        """The check of a class, as a method; "" where it needs none."""
        schema = self.schemas.get(name, {})
        parts = [part for part in (schema, *branches(schema, "allOf")) if PATTERNS in part]
        if not parts:
            return ""
        declared = tuple(dict.fromkeys(name for part in (schema, *branches(schema, "allOf")) for name in _names(part)))
        lines = [
            "",
            '    @model_validator(mode="before")',
            "    @classmethod",
            "    def _match_patterns(cls, members: Any) -> Any:",
            *(f"        members = {_call(part, declared)}" for part in parts[:-1]),
            f"        return {_call(parts[-1], declared)}",
        ]
        return "\n".join(lines)


def _names(schema: Schema) -> Iterator[str]:
    yield from members(schema, "properties")


def _call(schema: Schema, declared: tuple[str, ...]) -> str:
    """The call that checks the members of a marked schema."""
    types = ", ".join(f"{_key(pattern)}: {_type(child)}" for pattern, child in members(schema, PATTERNS).items())
    others = schema.get(OTHERS)
    other_type = _NO_TYPE if _is_closed(others) else _type(others) if isinstance(others, dict) else "Any"
    arguments = ["members", f"{{{types}}}", other_type, *([literal(declared)] if declared else [])]
    return f"_by_pattern({', '.join(arguments)})"


def _key(pattern: str) -> str:
    """A pattern as the code has it: a text for Rust's engine, compiled for Python's."""
    translated = engine_pattern(pattern)
    assert translated is not None  # one that neither takes is left out of the schema
    return f"_compile({literal(translated.text)})" if translated.is_python else literal(translated.text)


def _type(schema: Schema) -> str:
    """The Python type of a schema that is plain or a reference, else `Any`."""
    if "$ref" in schema:
        return text(schema, "$ref").removeprefix(POINTER)
    union = branches(schema, "anyOf")
    if len(union) == 2 and NULL in union:
        return " | ".join(_type(branch) for branch in union)
    return _plain_type(schema) or "Any"


def _plain_type(schema: Schema) -> str | None:
    if schema == NOTHING:
        return _NO_TYPE
    if not set(schema) - {"description", "title", "deprecated"}:
        return "Any"
    if set(schema) - {"type", "description", "title", "deprecated"}:
        return None
    return _PLAIN.get(text(schema, "type"))


def _is_closed(schema: JSON) -> bool:
    return schema is False or schema == NOTHING
