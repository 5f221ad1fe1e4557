"""Reads texts from the wire, percent-encoded or JSON, to the values that their schemas mean.

A reader returns `(value, fault)`: what could be read, and what is wrong with the syntax ("" if nothing is). It does not
say whether the value fits its schema.
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from urllib.parse import unquote_to_bytes

import orjson

from tallystick.nouns.schema import Direction, Schema
from tallystick.nouns.words import with_hint
from tallystick.schemas.shapes import ALL_TYPES, items_of, properties_of, types_of


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING = _Missing()
"""Stands for a value that is absent, since None is a value."""

Value = tuple[object, str]
"""A value and its fault: what is wrong with the syntax, "" if nothing is."""

ScalarReader = Callable[[str], object]
"""A function from the text of a scalar to its value."""

DELIMITERS = {"spaceDelimited": " ", "tabDelimited": "\t", "pipeDelimited": "|"}
"""What stands between the items of an array, by its style, where nothing is percent-encoded; in others a comma."""
_INTEGER = re.compile(r"-?(?:0|[1-9]\d*)", re.ASCII)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?", re.ASCII)


def decode(raw: str, plus: bool = False) -> tuple[str, str]:
    """The text without percent-encoding, and its fault; with `plus`, a plus sign is a space, as in a query."""
    if plus and "+" in raw:
        raw = raw.replace("+", " ")
    if "%" not in raw and raw.isascii():
        return raw, ""
    octets = unquote_to_bytes(raw.encode("utf-8", "surrogateescape"))
    try:
        return octets.decode("utf-8"), ""
    except UnicodeDecodeError:
        return octets.decode("utf-8", "replace"), "it is not UTF-8 in percent-encoding"


def decode_field(raw: str) -> tuple[str, str]:
    """The decoded text of a field of a query or form, and its fault."""
    return decode(raw, plus=True)


def pairs(query: str) -> list[tuple[str, str]]:
    """The fields of a query or form in order: the name decoded, the value still encoded."""
    fields = []
    for field in query.split("&"):
        if field:
            name, _, value = field.partition("=")
            fields.append((decode(name, plus=True)[0], value))
    return fields


def read_json(text: bytes) -> Value:
    """The value of a JSON text (RFC 8259); for any other text MISSING, and a fault with line and column.

    What cannot be exchanged reliably (sections 6, 8.1 and 8.2) is a fault too: a number beyond a double, a byte order
    mark, half of a surrogate pair, and more than a thousand levels.
    """
    try:
        return orjson.loads(text), ""
    except orjson.JSONDecodeError as error:
        return MISSING, f"not JSON: {_json_fault(text) or _syntax_fault(text, error)}"


def _json_fault(text: bytes) -> str:
    """The fault of a JSON text as a whole (empty, byte order mark, not UTF-8); else ""."""
    if not text:
        return "it is empty"
    if text.startswith(codecs.BOM_UTF8):
        return "a byte order mark stands before it"
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"it is not UTF-8 at byte {error.start + 1}"
    return ""


def _syntax_fault(text: bytes, error: orjson.JSONDecodeError) -> str:
    """The fault of a text that is not JSON: what it seems to be instead, or what stands at the place of the error."""
    place = f"line {error.lineno}, column {error.colno}"
    if error.pos <= 1:
        looks = next((words for pattern, words in _OTHER_TEXTS if pattern.match(text)), "")
        if looks:
            return f"it looks like {looks}"
    rest = text.decode()[error.pos : error.pos + 10]
    hint = next((words for starts, words in _OTHER_VALUES if rest.startswith(starts)), "")
    if not hint and error.msg.endswith("expected a string key"):
        hint = "names stand in double quotes"
    return with_hint(f"{error.msg} ({place})", hint)


_OTHER_TEXTS = (
    (re.compile(rb"<[!?a-zA-Z]"), "XML or HTML"),
    (re.compile(rb"[\w.~%+\[\]-]{1,200}="), "a form (name=value)"),
    (re.compile(rb"--[\w'()+,./:=?-]{1,70}\r?\n"), "a multipart body"),
    (re.compile(rb"[A-Za-z]\w{0,200}:\s"), "YAML"),
    (re.compile(rb"(?!(?:True|False|None|NaN|Infinity)\b)[A-Za-z]"), "plain text; a string stands in double quotes"),
)
"""What people send in place of JSON, by how it begins, each with the words for it; the first that matches counts."""

_OTHER_VALUES = (
    ("'", "strings and names stand in double quotes"),
    (("True", "False", "None"), "write true, false and null"),
    (("NaN", "Infinity", "-Infinity"), "JSON has neither NaN nor Infinity"),
    (("//", "/*", "#"), "JSON has no comments"),
)
"""What people write inside of JSON, by how it begins, each with the words for it."""


def keep_text(text: str) -> str:
    """The reader of a text that is its own value."""
    return text


def scalar_reader(schema: Schema | None) -> ScalarReader:
    """A function from the text of a scalar to the value that the schema means.

    If a text can be values of several types, the first one that fits the schema is read: `12` is a string where the
    schema takes an integer above 100, or `"12"`. A text that can be none of the types stays a string.
    """
    types = types_of(schema)
    if schema is None or types == {"string"} or (types == ALL_TYPES and not schema.resolved):
        return keep_text

    def read(text: str) -> object:
        candidates = list(_candidates(text, types))
        if len(candidates) > 1:
            fitting = (value for value in candidates if schema.is_valid(value, Direction.REQUEST))
            return next(fitting, candidates[0])
        return candidates[0] if candidates else text

    return read


def _candidates(text: str, types: frozenset[str]) -> Iterator[object]:
    """The values that a text can be, of some types."""
    if types & {"integer", "number"} and _NUMBER.fullmatch(text):
        number = float(text)
        if math.isfinite(number):  # as in JSON, a number beyond a double is not read
            yield int(text) if _INTEGER.fullmatch(text) else number
    if "boolean" in types and text in ("true", "false"):
        yield text == "true"
    if text[:1] in ("{", "[") and types & {"object", "array"}:
        value, fault = read_json(text.encode("utf-8", "surrogateescape"))
        if not fault:
            yield value
    if "string" in types:
        yield text
    if "null" in types and text in ("", "null"):
        yield None


def property_reader(schema: Schema | None) -> Callable[[str, Sequence[str]], Value]:
    """A function from the name and texts of an object's property to its value (see `member_reader`)."""
    readers = {name: member_reader(child) for name, child in properties_of(schema).items()}
    other = member_reader(additional_properties(schema))

    def read(name: str, texts: Sequence[str]) -> Value:
        value, fault = readers.get(name, other)(texts)
        return value, fault and f"{name}: {fault}"

    return read


def member_reader(schema: Schema | None) -> Callable[[Sequence[str]], Value]:
    """A function from all texts that are given for one member of an object to its value.

    Several texts are the items of an array where the schema allows one, and a fault where it does not.
    """
    read_scalar = scalar_reader(schema)
    read_item = scalar_reader(items_of(schema)) if "array" in types_of(schema) else None

    def read(texts: Sequence[str]) -> Value:
        if len(texts) > 1 and read_item is not None:
            return [read_item(text) for text in texts], ""
        return read_scalar(texts[-1]), repetition(texts)

    return read


def repetition(given: Sequence[object]) -> str:
    """The fault of what is given several times where one value is expected; "" where it is given once."""
    return f"it is given {len(given)} times; one value is expected" if len(given) > 1 else ""


def additional_properties(schema: Schema | None) -> Schema | None:
    """The schema of the properties that a schema does not declare."""
    return schema.child("additionalProperties") if schema is not None else None


def item_reader(schema: Schema | None, styles: Sequence[str]) -> ScalarReader:
    """A function from the text of an item of an array to its value; `styles` are those of the arrays in the array."""
    items = items_of(schema)
    return array_reader(items, styles) if styles else scalar_reader(items)


def array_reader(schema: Schema | None, styles: Sequence[str]) -> ScalarReader:
    """A function from the decoded text of an array to its value; `styles` are its own and those of arrays in it."""
    read, delimiter = item_reader(schema, styles[1:]), DELIMITERS.get(styles[0], ",")
    return lambda text: [read(piece) for piece in text.split(delimiter)] if text else []


def read_items(texts: Iterable[str], schema: Schema | None) -> list[object]:
    """The items of an array from their texts."""
    read = scalar_reader(items_of(schema))
    return [read(text) for text in texts]
