"""What is wrong with a value by its schema, in words: the fact, and what was expected."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema_rs

from tallystick.nouns.words import in_a_row

Teller = Callable[[jsonschema_rs.ValidationError], str]
"""A function from an error of one keyword of one schema to its message."""

_SHOWN = 80


def message(error: jsonschema_rs.ValidationError) -> str:
    """The message of one error."""
    return teller(error.kind)(error)


def teller(kind: Any) -> Teller:
    """What tells the errors of a keyword, whose own part of the message is put into words once."""
    name = type(kind).__name__
    if name in _ENDINGS:
        ending = _ENDINGS[name](kind)
        return lambda error: shown(error.instance) + ending
    if name in _COUNTS:
        unit, bound = _COUNTS[name]
        ending = f" {unit}; the {bound} is {kind.limit}"
        return lambda error: f"{_length(error.instance)}{ending}"
    match name:
        case "Type":
            expected = f"expected {_names(map(_with_article, kind.types))}"
            return lambda error: f"{_typed(error.instance)}; {expected}"
        case "MinLength" | "MaxLength":
            ending = f" characters; the {'least' if name == 'MinLength' else 'most'} is {kind.limit}"
            return lambda error: f"{shown(error.instance)} has {_length(error.instance)}{ending}"
        case "UniqueItems":
            return lambda _: "the same item stands twice; each may stand once"
    return _WHOLE.get(name, lambda error: _cut(error.message, 4 * _SHOWN))


_ENDINGS: dict[str, Callable[[Any], str]] = {
    "Enum": lambda kind: f" is not one of the allowed values; expected {_names(map(shown, kind.options))}",
    "Constant": lambda kind: f" is not the allowed value; expected {shown(kind.expected_value)}",
    "Format": lambda kind: f" is not of the format {_cut(kind.format)}",
    "Pattern": lambda kind: f" does not match the pattern {_cut(kind.pattern)}",
    "Minimum": lambda kind: f" is too small; the least is {kind.limit}",
    "Maximum": lambda kind: f" is too large; the most is {kind.limit}",
    "ExclusiveMinimum": lambda kind: f" is too small; expected more than {kind.limit}",
    "ExclusiveMaximum": lambda kind: f" is too large; expected less than {kind.limit}",
    "MultipleOf": lambda kind: f" is not a multiple of {kind.multiple_of}",
    "FalseSchema": lambda _: " is not allowed here; no value is",
    "Not": lambda _: " fits a schema that it must not fit",
}
"""What stands behind the value, by the name of an error's kind."""

_COUNTS = {
    "MinItems": ("items", "least"),
    "MaxItems": ("items", "most"),
    "MinProperties": ("properties", "least"),
    "MaxProperties": ("properties", "most"),
}


def _required(error: jsonschema_rs.ValidationError) -> str:
    kind: Any = error.kind
    return f"the property {_cut(repr(kind.property))} is missing; it is required"


def _unexpected(error: jsonschema_rs.ValidationError) -> str:
    kind: Any = error.kind
    names = _names((_cut(repr(name)) for name in kind.unexpected), "and")
    return f"unexpected {names}; no other property is allowed here"


def _no_branch(error: jsonschema_rs.ValidationError) -> str:
    kind: Any = error.kind
    return f"{shown(error.instance)} fits none of {len(kind.context)} schemas; {_nearest(error, kind.context)}"


def _several_branches(error: jsonschema_rs.ValidationError) -> str:
    kind: Any = error.kind
    fits = [str(index + 1) for index, branch in enumerate(kind.context) if not branch]
    numbers = _names(fits, "and")
    return f"{shown(error.instance)} fits more than one schema (numbers {numbers}); exactly one is expected"


def _name(error: jsonschema_rs.ValidationError) -> str:
    kind: Any = error.kind
    return f"a property has a name that is not allowed: {message(kind.error)}"


_WHOLE: dict[str, Teller] = {
    "Required": _required,
    "AdditionalProperties": _unexpected,
    "UnevaluatedProperties": _unexpected,
    "AnyOf": _no_branch,
    "OneOfNotValid": _no_branch,
    "OneOfMultipleValid": _several_branches,
    "PropertyNames": _name,
}
"""Who tells the errors that differ in more than the value."""


def _nearest(error: jsonschema_rs.ValidationError, branches: list[list[Any]]) -> str:
    """Which branch a value came nearest to (its errors lie deepest, then are fewest), and why it failed that one."""
    if not any(branches):
        return "there is none that it could fit"

    def distance(row: tuple[int, list[Any]]) -> tuple[bool, int, int, int]:
        index, errors = row
        own_type = any(e.kind.name in ("type", "const", "enum") and len(e.instance_path) <= depth + 1 for e in errors)
        return (own_type, len(errors), -max((len(e.instance_path) for e in errors), default=0), index)

    depth = len(error.instance_path)
    index, errors = min(((i, branch) for i, branch in enumerate(branches) if branch), key=distance)
    first = errors[0]
    at = "".join(f"/{key}" for key in first.instance_path[depth:])
    return f"nearest is number {index + 1}: {at + ': ' if at else ''}{message(first)}"


def shown(value: Any) -> str:
    """A value as a message has it: JSON, cut where it is long."""
    text = _quoted(value) if type(value) is str else _written(value)
    return text if len(text) <= _SHOWN and text.isprintable() else _cut(text)


_quoted = json.encoder.encode_basestring
_written = json.JSONEncoder(ensure_ascii=False, default=str).encode


def _cut(text: str, most: int = _SHOWN) -> str:
    return printable(text if len(text) <= most else text[: most - 1] + "…")


def printable(text: str) -> str:
    """A text with what a terminal would not show, or would obey, written as an escape."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def _length(value: Any) -> int:
    return len(value)


_TYPE_NAMES: dict[type, str] = {
    bool: "a boolean",
    int: "an integer",
    str: "a string",
    list: "an array",
    dict: "an object",
}


def _typed(value: Any) -> str:
    return "null stands here" if value is None else f"{shown(value)} is {_TYPE_NAMES.get(type(value), 'a number')}"


def _with_article(kind: str) -> str:
    return kind if kind == "null" else f"an {kind}" if kind[0] in "aio" else f"a {kind}"


def _names(names: Any, word: str = "or") -> str:
    names = list(names)
    if len(names) > 12:
        names = [*names[:11], f"{len(names) - 11} more"]
    return in_a_row(names, word) or "nothing"
