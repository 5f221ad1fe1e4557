"""Parameters and form fields read by their `style` and `explode` (OpenAPI 3.1, section 4.8.12.3).

Everything that depends on the parameter alone is settled when its reader is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tallystick.nouns.contract import Parameter
from tallystick.nouns.media_type import MediaKind
from tallystick.nouns.schema import Direction, Schema
from tallystick.schemas.shapes import items_of, properties_of, shape_of, types_of
from tallystick.wire.values import (
    MISSING,
    Value,
    array_of,
    as_it_stands,
    decode,
    pairs,
    property_reader,
    read_json,
    scalar_reader,
)

Reader = Callable[[Sequence[str]], Value]
"""A reader of a parameter from the raw texts found for it: one, or several where its field is repeated."""

TextReader = Callable[[str], Value]
"""A reader of a parameter from the one raw text that stands for it."""

Fields = Mapping[str, Sequence[str]]
"""The fields of a query or form: raw values by decoded name, in order."""

FieldReader = Callable[[Fields], Value]
"""A reader of a parameter that may be spread over several fields of a query or form."""

_DELIMITERS = {
    "spaceDelimited": re.compile(r"%20|\+| "),
    "tabDelimited": re.compile(r"%09|\t"),
    "pipeDelimited": re.compile(r"%7[Cc]|\|"),
}
_COMMA = re.compile(",")
_ENCODED_COMMA = re.compile("%2C", re.IGNORECASE)
_DEEP_KEY = re.compile(r"\[([^\[\]]*)\]")
_DEEPEST = 64
_REQUEST = Direction.REQUEST
_INDEX = re.compile(r"\d{0,6}", re.ASCII)


def fields_of(query: str) -> dict[str, list[str]]:
    """The fields of a query or form: raw values by decoded name, in order."""
    found: dict[str, list[str]] = {}
    for name, raw in pairs(query):
        found.setdefault(name, []).append(raw)
    return found


def text_reader(parameter: Parameter) -> TextReader:
    """The reader of a parameter in the path, a header or the cookie field."""
    text_of = _trimmed if parameter.location == "header" else decode
    if parameter.content is not None:
        read_content = _content_reader(parameter, text_of)
        return lambda raw: read_content((raw,))
    schema, shape = parameter.schema, shape_of(parameter.schema)
    if shape == "scalar" and parameter.style not in ("label", "matrix"):
        return _plain_reader(schema, text_of)
    scalar, compound = scalar_reader(schema), _compound_reader(schema, shape, text_of, parameter.explode)

    def read(raw: str) -> Value:
        body, problem = _unwrapped(raw, parameter, shape)
        if problem:
            return text_of(body)[0], problem
        if shape == "scalar":
            text, problem = text_of(body)
            return scalar(text), problem
        if text_of is _trimmed:
            return compound(_parts(body, parameter))
        return _with_commas(body, schema, lambda text: compound(_parts(text, parameter)))

    return read


def _plain_reader(schema: Schema | None, text_of: TextReader) -> TextReader:
    """The reader of one value that stands for itself."""
    scalar = scalar_reader(schema)
    if scalar is as_it_stands:
        return text_of

    def read(raw: str) -> Value:
        text, problem = text_of(raw)
        return scalar(text), problem

    return read


def _trimmed(raw: str) -> Value:
    """The text of a header: as it stands, without the white space around it."""
    return raw.strip(" \t"), ""


def _unwrapped(raw: str, parameter: Parameter, shape: str) -> Value:
    """The text without what its style puts before it: the dot of `label`, the name of `matrix`."""
    if parameter.style == "label":
        return (raw[1:], "") if raw.startswith(".") else (raw, "style label begins with a dot")
    if parameter.style != "matrix":
        return raw, ""
    if not raw.startswith(";"):
        return raw, "style matrix begins with a semicolon"
    if parameter.explode and shape == "object":
        return raw[1:], ""
    members = [part.partition("=") for part in raw[1:].split(";")]
    most = len(members) if parameter.explode and shape == "array" else 1
    if len(members) > most or any(decode(name)[0] != parameter.name for name, _, _ in members):
        return raw, f"style matrix is written as ;{parameter.name}=..."
    return ";".join(value for _, _, value in members), ""


def _parts(body: str, parameter: Parameter) -> list[str]:
    """The raw parts of an array or object in the path, a header or a cookie."""
    if body == "":
        return []
    exploded = {"label": ".", "matrix": ";"} if parameter.explode else {}
    return body.split(exploded.get(parameter.style, ","))


def _with_commas(raw: str, schema: Schema | None, read: Callable[[str], Value]) -> Value:
    """What is read; with encoded commas taken for delimiters if only then it fits: many clients encode each comma."""
    value, problem = read(raw)
    if schema is not None and _ENCODED_COMMA.search(raw) and not schema.is_valid(value, _REQUEST):
        other = read(_ENCODED_COMMA.sub(",", raw))
        if not other[1] and schema.is_valid(other[0], _REQUEST):
            return other
    return value, problem


def _compound_reader(schema: Schema | None, shape: str, text_of: TextReader, exploded: bool) -> Reader:
    """The reader of an array or object from its raw parts."""
    items, members = scalar_reader(items_of(schema)), property_reader(schema)

    def read_array(parts: Sequence[str]) -> Value:
        texts = [text_of(part) for part in parts]
        return [items(text) for text, _ in texts], next((problem for _, problem in texts if problem), "")

    def read_object(parts: Sequence[str]) -> Value:
        value: dict[str, Any] = {}
        cut, problem = _members(parts, exploded)
        for raw_name, raw in cut:
            name, name_problem = text_of(raw_name)
            text, text_problem = text_of(raw)
            value[name] = members(name, text)
            problem = problem or name_problem or text_problem
        return value, problem

    return read_array if shape == "array" else read_object


def _members(parts: Sequence[str], exploded: bool) -> tuple[list[tuple[str, str]], str]:
    """The raw names and texts of an object's properties, from `a=1` (exploded) or `a`, `1` parts."""
    if not exploded:
        problem = f"the property {parts[-1]!r} has no value after it" if len(parts) % 2 else ""
        return list(zip(parts[::2], parts[1::2], strict=False)), problem
    cut = [part.partition("=") for part in parts]
    problem = next((f"{name!r} is not written as name=value" for name, equals, _ in cut if not equals), "")
    return [(name, text) for name, equals, text in cut if equals], problem


def _content_reader(parameter: Parameter, text_of: TextReader) -> Reader:
    """The reader of a parameter that is described by `content`: JSON, or a text."""
    is_json = parameter.content is not None and parameter.content.media_type.kind is MediaKind.JSON

    def read(raw: Sequence[str]) -> Value:
        text, problem = text_of(raw[0])
        if not problem and len(raw) > 1:
            problem = _repeated(raw)
        if problem or not is_json:
            return text, problem
        value, problem = read_json(text.encode("utf-8", "surrogateescape"))
        return (text, problem) if problem else (value, "")

    return read


def _repeated(raw: Sequence[str]) -> str:
    return f"it is given {len(raw)} times; one value is expected"


def field_reader(parameter: Parameter, others: Callable[[str], bool] = lambda _: False) -> FieldReader:
    """The reader of a query parameter or form field; `others` tells the names of fields that are another's."""
    if parameter.content is not None:
        return _named(_content_reader(parameter, _of_field), parameter.name)
    shape = shape_of(parameter.schema)
    if parameter.style == "deepObject" and types_of(parameter.schema) & {"object", "array"}:
        return _deep_reader(parameter)
    if shape == "scalar":
        return _named(_scalar_reader(parameter), parameter.name)
    if shape == "object" and parameter.style == "form" and parameter.explode:
        return _spread_reader(parameter, others)
    read = _delimited_reader(parameter, shape)
    return _named(read, parameter.name, f"{parameter.name}[]") if shape == "array" else _named(read, parameter.name)


def _of_field(raw: str) -> Value:
    return decode(raw, plus=True)


def _named(read: Reader, *names: str) -> FieldReader:
    """The reader of what stands in the fields of a name, or else of another: PHP has `ids[]` for `ids`."""

    def read_fields(fields: Fields) -> Value:
        raw = next((fields[name] for name in names if name in fields), None)
        return read(raw) if raw is not None else (MISSING, "")

    return read_fields


def _scalar_reader(parameter: Parameter) -> Reader:
    """The reader of one value; of an array where the schema takes one too, and nothing else that is there."""
    schema, scalar = parameter.schema, scalar_reader(parameter.schema)
    array = _delimited_reader(parameter, "array") if "array" in types_of(schema) else None

    def read(raw: Sequence[str]) -> Value:
        text, problem = _of_field(raw[-1])
        value = scalar(text)
        if array is not None and (len(raw) > 1 or (schema is not None and not schema.is_valid(value, _REQUEST))):
            listed = array(raw)
            if len(raw) > 1 or (schema is not None and schema.is_valid(listed[0], _REQUEST)):
                return listed
        return value, problem if len(raw) == 1 else problem or _repeated(raw)

    return read


def _delimited_reader(parameter: Parameter, shape: str) -> Reader:
    """The reader of an array or object: one item a field where it is exploded, else cut at the style's delimiter."""
    compound = _compound_reader(parameter.schema, shape, _of_field, exploded=False)
    delimiter = _DELIMITERS.get(parameter.style, _COMMA)

    def read(raw: Sequence[str]) -> Value:
        if parameter.explode:
            return compound(raw)
        if len(raw) > 1:
            return compound(raw)[0], f"{_repeated(raw)}, with all items in it"
        return _with_commas(raw[0], parameter.schema, lambda text: compound(delimiter.split(text) if text else ()))

    return read


def _spread_reader(parameter: Parameter, others: Callable[[str], bool]) -> FieldReader:
    """The reader of an exploded form object: its properties are fields of their own."""
    schema = parameter.schema
    declared = properties_of(schema)
    readers = {
        name: field_reader(Parameter(name, "query", parameter.place, schema=child, style="form", explode=True))
        for name, child in declared.items()
        if shape_of(child) != "object"
    }
    resolved = schema.resolved if schema is not None else {}
    is_open = resolved.get("additionalProperties", not declared) is not False
    read_other = property_reader(schema)

    def read(fields: Fields) -> Value:
        value: dict[str, Any] = {}
        problem = ""
        for name, raw in fields.items():
            if others(name) or not (is_open or name in declared):
                continue
            if name in readers:
                value[name], fault = readers[name](fields)
            else:
                text, fault = _of_field(raw[-1])
                value[name] = read_other(name, text)
            problem = problem or fault
        return (value, problem) if value else (MISSING, "")

    return read


Tree = dict[str, Any]
"""Texts by the keys in the brackets of a deep object's names: `a[b][c]=1` is `{"b": {"c": ["1"]}}`."""


def _deep_reader(parameter: Parameter) -> FieldReader:
    """The reader of a `deepObject` (`filter[name]=x`), nested as deep as its names are."""
    name, schema = parameter.name, parameter.schema
    scalar = scalar_reader(schema)

    def read(fields: Fields) -> Value:
        if name in fields:
            text, problem = _of_field(fields[name][-1])
            return scalar(text), problem
        tree: Tree = {}
        problem = ""
        for field, raw in fields.items():
            if field.startswith(f"{name}["):
                problem = problem or _planted(tree, field, field[len(name) :], raw)
        return (_grown(tree, schema), problem) if tree else (MISSING, problem)

    return read


def _planted(tree: Tree, field: str, brackets: str, raw: Sequence[str]) -> str:
    """Sets the texts of one field in a tree; says what is wrong where they have no place in it."""
    keys = _DEEP_KEY.findall(brackets)
    if "".join(f"[{key}]" for key in keys) != brackets:
        return f"{field!r} is not written as {field.removesuffix(brackets)}[property]"
    if len(keys) > _DEEPEST:
        return f"its names have {len(keys)} brackets; the most that is read is {_DEEPEST}"
    for key in keys[:-1]:
        tree = tree.setdefault(key, {})
        if not isinstance(tree, dict):
            return f"{field!r} is at odds with another field"
    if isinstance(tree.get(keys[-1]), dict):
        return f"{field!r} is at odds with another field"
    texts = [_of_field(part) for part in raw]
    tree[keys[-1]] = [text for text, _ in texts]
    return next((problem for _, problem in texts if problem), "")


def _grown(tree: Any, schema: Schema | None) -> Any:
    """The value that a tree of texts is under a schema."""
    if isinstance(tree, list):
        return array_of(tree, schema) if shape_of(schema) == "array" else scalar_reader(schema)(tree[-1])
    if "array" in types_of(schema) and all(map(_INDEX.fullmatch, tree)):
        items = items_of(schema)
        if isinstance(tree.get(""), list):
            return array_of(tree[""], schema)
        return [_grown(tree[key], items) for key in sorted(tree, key=lambda key: int(key or 0))]
    declared = properties_of(schema)
    other = schema.child("additionalProperties") if schema is not None else None
    return {key: _grown(item, declared.get(key, other)) for key, item in tree.items()}
