"""From the wire to values: the text of a parameter or field to what its schema means by it (`style`, `explode`).

A reader returns `(value, problem)`: what could be read, and what is wrong with how it is written ("" if nothing is).
Whether the value fits its schema is not asked here.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

from tallystick.model import Direction, Parameter, Schema

MISSING: Any = type("Missing", (), {"__repr__": lambda _: "MISSING", "__bool__": lambda _: False})()
"""What stands for a value that is not there, since None is a value."""

Value = tuple[Any, str]
"""A value and what is wrong with how it was written: "" where nothing is."""

_INTEGER = re.compile(r"-?(?:0|[1-9]\d*)")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_ALL_TYPES = frozenset(("null", "boolean", "integer", "number", "string", "array", "object"))
_DEPTH = 8
_DEEP_KEY = re.compile(r"\[([^\[\]]*)\]")


def decode(raw: str, plus: bool = False) -> Value:
    """The text behind percent-encoding; `plus` where a plus sign is a space (queries and forms)."""
    if plus and "+" in raw:
        raw = raw.replace("+", " ")
    if "%" not in raw and raw.isascii():
        return raw, ""
    try:
        return unquote_to_bytes(raw.encode("utf-8", "surrogateescape")).decode("utf-8"), ""
    except UnicodeError:
        text = unquote_to_bytes(raw.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")
        return text, "it is not UTF-8 in percent-encoding"


def pairs(query: str) -> list[tuple[str, str]]:
    """The fields of a query or form in order: the name decoded, the value still encoded."""
    found = []
    for field in query.split("&"):
        if field:
            name, _, value = field.partition("=")
            found.append((decode(name, plus=True)[0], value))
    return found


def types_of(schema: Schema | None, depth: int = _DEPTH) -> frozenset[str]:
    """The types that a value of the schema may have, as far as its keywords and those of its parts tell."""
    if schema is None or depth == 0:
        return _ALL_TYPES
    resolved = schema.resolved
    kinds = resolved.get("type")
    types = _ALL_TYPES
    if isinstance(kinds, str):
        types = frozenset((kinds,))
    elif isinstance(kinds, list):
        types = frozenset(kind for kind in kinds if isinstance(kind, str))
    elif isinstance(resolved.get("enum"), list):
        types = frozenset(_type_of(value) for value in resolved["enum"])
    elif "const" in resolved:
        types = frozenset((_type_of(resolved["const"]),))
    for keyword in ("anyOf", "oneOf"):
        parts = [types_of(part, depth - 1) for part in _parts(schema, keyword)]
        if parts:
            types = _both(types, frozenset[str]().union(*parts))
    for part in _parts(schema, "allOf"):
        types = _both(types, types_of(part, depth - 1))
    return types


def _both(left: frozenset[str], right: frozenset[str]) -> frozenset[str]:
    """The types in both; an integer is a number too."""
    both = left & right
    if "integer" in left | right and "number" in left | right and not both & {"integer", "number"}:
        both |= {"integer"}
    return both


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    names = {str: "string", int: "integer", float: "number", list: "array", dict: "object", type(None): "null"}
    return names[type(value)]


def scalar_reader(schema: Schema | None) -> Callable[[str], Any]:
    """A function from the text of one value to the value that the schema means by it.

    A text that could be several things is the first that the schema takes: `12` for an integer or a string that
    must be one of `"12"` and `"13"` is a string. A text that none of the types can be stays a string.
    """
    types = types_of(schema)
    if types == {"string"} or schema is None or (types == _ALL_TYPES and not schema.resolved):
        return lambda text: text

    def candidates(text: str) -> Iterable[Any]:
        if ("integer" in types or "number" in types) and _NUMBER.fullmatch(text):
            yield int(text) if _INTEGER.fullmatch(text) and len(text) < 4000 else float(text)
        if "boolean" in types and text in ("true", "false"):
            yield text == "true"
        if text[:1] in ("{", "[") and types & {"object", "array"}:
            with contextlib.suppress(ValueError):
                yield json.loads(text)
        if "string" in types:
            yield text
        if "null" in types and text in ("", "null"):
            yield None

    def read(text: str) -> Any:
        found = list(candidates(text))
        if len(found) > 1:
            return next((value for value in found if schema.is_valid(value, Direction.REQUEST)), found[0])
        return found[0] if found else text

    return read


def properties_of(schema: Schema | None, depth: int = _DEPTH) -> dict[str, Schema | None]:
    """The properties that a schema declares, itself or in the parts of an `allOf`, `anyOf` or `oneOf`."""
    found: dict[str, Schema | None] = {}
    if schema is None or depth == 0:
        return found
    resolved = schema.resolved
    properties = resolved.get("properties")
    for name in properties if isinstance(properties, dict) else ():
        found[name] = schema.child("properties", name)
    for part in _parts(schema, "allOf", "anyOf", "oneOf"):
        for name, child in properties_of(part, depth - 1).items():
            found.setdefault(name, child)
    return found


def items_of(schema: Schema | None, depth: int = _DEPTH) -> Schema | None:
    """The schema of an array's items, declared by the schema itself or by a part of it."""
    if schema is None or depth == 0:
        return None
    found = schema.child("items")
    return found or next(
        filter(None, (items_of(part, depth - 1) for part in _parts(schema, "allOf", "anyOf", "oneOf"))), None
    )


def _parts(schema: Schema, *keywords: str) -> Iterable[Schema | None]:
    for keyword in keywords:
        branches = schema.resolved.get(keyword)
        for index in range(len(branches) if isinstance(branches, list) else 0):
            yield schema.child(keyword, str(index))


def property_reader(schema: Schema | None) -> Callable[[str, str], Any]:
    """A function from the name and text of an object's property to its value."""
    known: dict[str, Callable[[str], Any]] = {}
    declared = properties_of(schema)

    def read(name: str, text: str) -> Any:
        if name not in known:
            other = schema.child("additionalProperties") if schema is not None else None
            known[name] = scalar_reader(declared.get(name, other))
        return known[name](text)

    return read


def array_of(texts: Iterable[str], schema: Schema | None) -> list[Any]:
    """The items of an array from their texts."""
    read = scalar_reader(items_of(schema))
    return [read(text) for text in texts]


def shape_of(schema: Schema | None) -> str:
    """How a schema's values are written: as an "array", an "object" or a "scalar"."""
    types = types_of(schema)
    if types == _ALL_TYPES:
        resolved = schema.resolved if schema is not None else {}
        if "items" in resolved or "prefixItems" in resolved:
            return "array"
        return "object" if "properties" in resolved else "scalar"
    if types & {"string", "integer", "number", "boolean"}:
        return "scalar"
    return "array" if "array" in types else "object" if "object" in types else "scalar"


Reader = Callable[[Sequence[str]], Value]
"""A reader of a parameter that is one text: given the raw values found for it, most often one."""


def text_reader(parameter: Parameter) -> Reader:
    """The reader of a parameter in the path, a header or the cookie field."""
    if parameter.content is not None:
        return _content_reader(parameter)
    schema, shape = parameter.schema, shape_of(parameter.schema)
    encoded = parameter.location in ("path", "cookie")
    scalar, fields = scalar_reader(schema), property_reader(schema)
    items = scalar_reader(items_of(schema))

    def text_of(raw: str) -> Value:
        return decode(raw) if encoded else (raw.strip(), "")

    def read(raw: Sequence[str]) -> Value:
        joined = raw[0] if len(raw) == 1 else ",".join(raw)
        body, problem = _unwrap(joined, parameter, shape)
        if problem:
            return text_of(joined)[0], problem
        if shape == "scalar":
            text, problem = text_of(body)
            return scalar(text), problem
        decoded = [text_of(part) for part in _split(body, parameter, shape)]
        problem = next((fault for _, fault in decoded if fault), "")
        texts = [text for text, _ in decoded]
        if shape == "array":
            return [items(text) for text in texts], problem
        value, fault = _object(texts, parameter.explode, fields)
        return value, problem or fault

    return read


def _unwrap(raw: str, parameter: Parameter, shape: str) -> Value:
    """The text without what its style puts before it: the dot of `label`, the name of `matrix`."""
    if parameter.style == "label":
        return (raw[1:], "") if raw.startswith(".") else (raw, "style label begins with a dot")
    if parameter.style == "matrix":
        prefix = f";{parameter.name}="
        if parameter.explode and shape == "object":
            return (raw[1:], "") if raw.startswith(";") else (raw, "style matrix begins with a semicolon")
        if raw == f";{parameter.name}":
            return "", ""
        return (raw[len(prefix) :], "") if raw.startswith(prefix) else (raw, f"style matrix begins with {prefix}")
    return raw, ""


def _split(body: str, parameter: Parameter, shape: str) -> list[str]:
    if body == "":
        return []
    if parameter.style == "label" and parameter.explode:
        return body.split(".")
    if parameter.style == "matrix" and parameter.explode:
        return body.split(";") if shape == "object" else body.split(f";{parameter.name}=")
    return body.split(",")


def _object(texts: list[str], explode: bool, fields: Callable[[str, str], Any]) -> Value:
    """An object from `a=1` (exploded) or `a`, `1` texts."""
    value: dict[str, Any] = {}
    if explode:
        for text in texts:
            name, found, raw = text.partition("=")
            if not found:
                return value, f"{text!r} is not written as name=value"
            value[name] = fields(name, raw)
        return value, ""
    for name, raw in zip(texts[::2], texts[1::2], strict=False):
        value[name] = fields(name, raw)
    return value, "" if len(texts) % 2 == 0 else f"the property {texts[-1]!r} has no value after it"


def _content_reader(parameter: Parameter) -> Reader:
    name = parameter.content.name if parameter.content is not None else ""

    def read(raw: Sequence[str]) -> Value:
        text, problem = decode(raw[0], plus=parameter.location == "query")
        if problem or "json" not in name.lower():
            return text, problem
        try:
            return json.loads(text), ""
        except ValueError:
            return text, f"it is not {name}"

    return read


Fields = Mapping[str, Sequence[str]]
"""The fields of a query or form: raw values by decoded name, in order."""

FieldReader = Callable[[Fields], Value]
"""A reader of a parameter that may be spread over several fields of a query or form."""


def field_reader(parameter: Parameter, others: frozenset[str] = frozenset()) -> FieldReader:
    """The reader of a query parameter or form field; `others` are the names that other parameters have claimed."""
    if parameter.content is not None:
        return _whole_reader(parameter.name, _content_reader(parameter))
    schema, shape = parameter.schema, shape_of(parameter.schema)
    if parameter.style == "deepObject" and types_of(schema) & {"object", "array"}:
        return _deep_reader(parameter)
    if shape == "scalar":
        return _whole_reader(parameter.name, _scalar_reader(parameter))
    if shape == "object" and parameter.style == "form" and parameter.explode:
        return _spread_reader(parameter, others)
    fields, items = property_reader(schema), scalar_reader(items_of(schema))

    def read(raw: Sequence[str]) -> Value:
        decoded = [decode(part, plus=True) for part in _delimited(raw, parameter)]
        problem = next((fault for _, fault in decoded if fault), "")
        texts = [text for text, _ in decoded]
        if shape == "array":
            return [items(text) for text in texts], problem
        value, fault = _object(texts, False, fields)
        return value, problem or fault

    return _whole_reader(parameter.name, read, f"{parameter.name}[]" if shape == "array" else "")


def _whole_reader(name: str, read: Reader, other_name: str = "") -> FieldReader:
    """The reader of what stands in the fields of one name, or else of another."""

    def found(query: Fields) -> Value:
        raw = query.get(name) or query.get(other_name)
        return read(raw) if raw is not None else (MISSING, "")

    return found


def _scalar_reader(parameter: Parameter) -> Reader:
    """The reader of one value; of an array where the schema takes one too, and takes nothing else of what is there."""
    schema, name = parameter.schema, parameter.name
    scalar, also_array = scalar_reader(schema), "array" in types_of(schema) and types_of(schema) != _ALL_TYPES

    def read(raw: Sequence[str]) -> Value:
        text, problem = decode(raw[-1], plus=True)
        if also_array and schema is not None:
            value = scalar(text)
            if len(raw) == 1 and schema.is_valid(value, Direction.REQUEST):
                return value, problem
            return array_of((decode(part, plus=True)[0] for part in _delimited(raw, parameter)), schema), problem
        if len(raw) > 1:
            problem = f"{name} is given {len(raw)} times; one value is expected"
        return scalar(text), problem

    return read


def _delimited(raw: Sequence[str], parameter: Parameter) -> list[str]:
    """The raw parts of an array or object: one a field where it is exploded, else cut at the style's delimiter."""
    if parameter.explode or len(raw) > 1:
        return list(raw)
    if raw[0] == "":
        return []
    if parameter.style == "spaceDelimited":
        return re.split(r"%20|\+| ", raw[0])
    if parameter.style == "tabDelimited":
        return re.split(r"%09|\t", raw[0])
    if parameter.style == "pipeDelimited":
        return re.split(r"%7[Cc]|\|", raw[0])
    return raw[0].split(",")


def _spread_reader(parameter: Parameter, others: frozenset[str]) -> FieldReader:
    """The reader of an exploded form object: its properties are fields of their own."""
    schema = parameter.schema
    declared = properties_of(schema)
    closed = bool(declared) or (schema is not None and schema.resolved.get("additionalProperties") is False)
    readers = {
        name: field_reader(Parameter(name, "query", parameter.place, schema=child, style="form", explode=True))
        for name, child in declared.items()
        if shape_of(child) != "object"
    }
    other = property_reader(schema)

    def read(query: Fields) -> Value:
        value: dict[str, Any] = {}
        problem = ""
        for name, raw in query.items():
            if name in others or (closed and name not in declared):
                continue
            if name in readers:
                value[name], fault = readers[name](query)
            else:
                text, fault = decode(raw[-1], plus=True)
                value[name] = other(name, text)
            problem = problem or fault
        return (value, problem) if value else (MISSING, "")

    return read


Tree = dict[str, Any]
"""Texts by the keys in the brackets of a deep object's names: `a[b][c]=1` is `{"b": {"c": ["1"]}}`."""


def _deep_reader(parameter: Parameter) -> FieldReader:
    """The reader of a `deepObject` (`filter[name]=x`), nested as deep as its names are."""
    name, schema = parameter.name, parameter.schema
    scalar = scalar_reader(schema)

    def read(query: Fields) -> Value:
        if name in query:
            text, problem = decode(query[name][-1], plus=True)
            return scalar(text), problem
        tree: Tree = {}
        problem = ""
        for field, raw in query.items():
            if not field.startswith(f"{name}["):
                continue
            rest = field[len(name) :]
            keys = _DEEP_KEY.findall(rest)
            if "".join(f"[{key}]" for key in keys) != rest or not _put(tree, keys, raw):
                problem = problem or f"{field!r} is not written as {name}[property]"
        if not tree:
            return MISSING, problem
        return _grown(tree, schema), problem

    return read


def _put(tree: Tree, keys: list[str], raw: Sequence[str]) -> bool:
    """Sets the texts of one field in a tree; false where the field is at odds with another."""
    for key in keys[:-1]:
        tree = tree.setdefault(key, {})
        if not isinstance(tree, dict):
            return False
    if isinstance(tree.get(keys[-1]), dict):
        return False
    tree[keys[-1]] = [decode(part, plus=True)[0] for part in raw]
    return True


def _grown(tree: Any, schema: Schema | None) -> Any:
    """The value that a tree of texts is under a schema."""
    if isinstance(tree, list):
        return array_of(tree, schema) if shape_of(schema) == "array" else scalar_reader(schema)(tree[-1])
    if "array" in types_of(schema) and all(key == "" or key.isdecimal() for key in tree):
        items = items_of(schema)
        if "" in tree and isinstance(tree[""], list):
            return array_of(tree[""], schema)
        return [_grown(tree[key], items) for key in sorted(tree, key=lambda key: int(key or 0))]
    declared = properties_of(schema)
    other = schema.child("additionalProperties") if schema is not None else None
    return {key: _grown(item, declared.get(key, other)) for key, item in tree.items()}
