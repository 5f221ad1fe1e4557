"""From the wire to values: the text of a parameter or field to what its schema means by it (`style`, `explode`).

A reader returns `(value, problem)`: what could be read, and what is wrong with how it is written ("" if nothing is).
Whether the value fits its schema is not asked here.
"""

from __future__ import annotations

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
        branches = resolved.get(keyword)
        if isinstance(branches, list) and branches:
            parts = (schema.child(keyword, str(index)) for index in range(len(branches)))
            types = _both(types, frozenset().union(*(types_of(part, depth - 1) for part in parts)))
    for index in range(len(resolved["allOf"]) if isinstance(resolved.get("allOf"), list) else 0):
        types = _both(types, types_of(schema.child("allOf", str(index)), depth - 1))
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


def property_reader(schema: Schema | None) -> Callable[[str, str], Any]:
    """A function from the name and text of an object's property to its value."""
    known: dict[str, Callable[[str], Any]] = {}

    def read(name: str, text: str) -> Any:
        if name not in known:
            child = schema.child("properties", name) or schema.child("additionalProperties") if schema else None
            known[name] = scalar_reader(child)
        return known[name](text)

    return read


def array_of(texts: Iterable[str], schema: Schema | None) -> list[Any]:
    """The items of an array from their texts."""
    read = scalar_reader(schema.child("items") if schema is not None else None)
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
    items = scalar_reader(schema.child("items") if schema is not None else None)

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
    shape = shape_of(parameter.schema) if parameter.content is None else "scalar"
    if shape == "object" and parameter.style == "deepObject":
        return _deep_reader(parameter)
    if shape == "object" and parameter.style == "form" and parameter.explode:
        return _spread_reader(parameter, others)
    one = _content_reader(parameter) if parameter.content is not None else None
    scalar, fields = scalar_reader(parameter.schema), property_reader(parameter.schema)
    items = scalar_reader(parameter.schema.child("items") if parameter.schema is not None else None)
    name, bracketed = parameter.name, f"{parameter.name}[]"

    def read(query: Fields) -> Value:
        raw = query.get(name)
        if raw is None and shape == "array":
            raw = query.get(bracketed)
        if raw is None:
            return MISSING, ""
        if one is not None:
            return one(raw)
        if shape == "scalar":
            text, problem = decode(raw[-1], plus=True)
            if len(raw) > 1:
                problem = f"it is given {len(raw)} times; one value is expected"
            return scalar(text), problem
        decoded = [decode(part, plus=True) for part in _delimited(raw, parameter)]
        problem = next((fault for _, fault in decoded if fault), "")
        texts = [text for text, _ in decoded]
        if shape == "array":
            return [items(text) for text in texts], problem
        value, fault = _object(texts, False, fields)
        return value, problem or fault

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
    declared = schema.resolved.get("properties") if schema is not None else None
    names = frozenset(declared) if isinstance(declared, dict) else frozenset()
    closed = schema is not None and schema.resolved.get("additionalProperties") is False
    fields = property_reader(schema)

    def read(query: Fields) -> Value:
        value: dict[str, Any] = {}
        problem = ""
        for name, raw in query.items():
            if name in others or (name not in names and (closed or names)):
                continue
            text, fault = decode(raw[-1], plus=True)
            problem = problem or fault
            child = schema.child("properties", name) if schema is not None else None
            if shape_of(child) == "array":
                value[name] = array_of((decode(part, plus=True)[0] for part in raw), child)
            else:
                value[name] = fields(name, text)
        return (value, problem) if value else (MISSING, "")

    return read


def _deep_reader(parameter: Parameter) -> FieldReader:
    """The reader of a `deepObject` (`filter[name]=x`), nested as deep as its names are."""
    prefix = parameter.name + "["

    def read(query: Fields) -> Value:
        value: dict[str, Any] = {}
        problem = ""
        for name, raw in query.items():
            if not name.startswith(prefix):
                continue
            rest = name[len(parameter.name) :]
            keys = _DEEP_KEY.findall(rest)
            if "".join(f"[{key}]" for key in keys) != rest:
                problem = problem or f"{name!r} is not written as {parameter.name}[property]"
                continue
            _put(value, keys, [decode(part, plus=True)[0] for part in raw], parameter.schema)
        return (value, problem) if value or problem else (MISSING, "")

    return read


def _put(value: dict[str, Any], keys: list[str], texts: list[str], schema: Schema | None) -> None:
    """Sets one property of a deep object, with the objects on the way to it."""
    for key in keys[:-1]:
        schema = schema.child("properties", key) if schema is not None else None
        if key != keys[-1] and keys[-1] == "" and keys.index(key) == len(keys) - 2:
            value[key] = array_of(texts, schema)
            return
        inner = value.setdefault(key, {})
        if not isinstance(inner, dict):
            return
        value = inner
    last = schema.child("properties", keys[-1]) if schema is not None else None
    if shape_of(last) == "array":
        value[keys[-1]] = array_of(texts, last)
    else:
        value[keys[-1]] = scalar_reader(last)(texts[-1])
