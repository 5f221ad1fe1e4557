"""Reads parameters and form fields by their `style` and `explode` (OpenAPI 3.1, section 4.8.12.3).

A reader is made once per parameter, so that only the values are left to do. *Pieces* are the raw texts into which the
text of an array or object is cut; *fields* are those of a query or form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from tallystick.nouns.contract import Parameter
from tallystick.nouns.media_type import MediaKind
from tallystick.nouns.schema import Direction, Schema
from tallystick.schemas.shapes import properties_of, shape_of, types_of
from tallystick.wire.deep_objects import deep_object_reader
from tallystick.wire.fields import Fields
from tallystick.wire.values import (
    DELIMITERS,
    MISSING,
    Value,
    decode,
    decode_field,
    item_reader,
    keep_text,
    property_reader,
    read_json,
    repetition,
    scalar_reader,
)

TextReader = Callable[[str], Value]
"""A reader of a parameter from the one raw text that stands for it."""

TextDecoder = Callable[[str], tuple[str, str]]
"""A function from a raw text to the decoded text, and the fault of the raw text ("" if it has none)."""

PiecesReader = Callable[[Sequence[str]], Value]
"""A reader of a parameter from several raw texts: its pieces, or the values of its repeated field or cookie."""

FieldReader = Callable[[Fields], Value]
"""A reader of a parameter that may be spread over several fields of a query or form."""

_DELIMITERS = {
    "spaceDelimited": re.compile(r"%20|\+| "),
    "tabDelimited": re.compile(r"%09|\t"),
    "pipeDelimited": re.compile(r"%7[Cc]|\|"),
}
_IN_PATH = {**_DELIMITERS, "spaceDelimited": re.compile("%20| ")}
"""The delimiters in a path, where a plus sign is no space."""
_COMMA = re.compile(",")
_ENCODED_COMMA = re.compile("%2C", re.IGNORECASE)
_REQUEST = Direction.REQUEST
SET_COOKIE = "set-cookie"
"""The one header whose field lines cannot be joined by commas (RFC 9110, section 5.3)."""


def text_reader(parameter: Parameter) -> TextReader:
    """The reader of a parameter in the path, a header or the cookie field."""
    decode_text = _trim if parameter.location == "header" else decode
    if parameter.content is not None:
        read_content = _content_reader(parameter, decode_text)
        return lambda raw: read_content((raw,))
    schema, shape = parameter.schema, shape_of(parameter.schema)
    if shape == "scalar":
        if parameter.style in ("label", "matrix"):
            return _unwrapping_reader(parameter, shape, decode_text, _plain_reader(schema, decode_text))
        return _plain_reader(schema, decode_text)
    read_pieces = _pieces_reader(parameter, shape, decode_text, parameter.explode)

    def read(raw: str) -> Value:
        return read_pieces(_pieces(raw, parameter))

    if decode_text is _trim:
        return _unwrapping_reader(parameter, shape, decode_text, read)
    return _unwrapping_reader(parameter, shape, decode_text, lambda raw: _read_with_commas(raw, schema, read))


def cookie_reader(parameter: Parameter) -> PiecesReader:
    """The reader of a cookie from all its values; several are the items of an array, where the schema allows one."""
    read_text = text_reader(parameter)
    is_array = parameter.content is None and "array" in types_of(parameter.schema)
    read_items = _array_reader(parameter, decode)

    def read(raw_values: Sequence[str]) -> Value:
        if len(raw_values) == 1:
            return read_text(raw_values[0])
        if is_array:
            return read_items([piece for raw in raw_values for piece in _pieces(raw, parameter)])
        value, fault = read_text(raw_values[0])
        return value, fault or repetition(raw_values)

    return read


def cookies_reader(header: Parameter) -> Callable[[Sequence[str]], Sequence[Value]]:
    """The reader of a documented `Set-Cookie` from its field lines: one value, or one for each line.

    A line is an item of an array or a member of an object; any other schema is that of each line, and `content` that
    of all, with line breaks between them (OpenAPI 3.2, section 4.22; RFC 6265, section 3).
    """
    read_text, shape = text_reader(header), shape_of(header.schema)
    if header.content is not None:
        return lambda lines: [read_text("\n".join(lines))]
    if shape == "array":
        read_items = _array_reader(header, _trim)
        return lambda lines: [read_items(lines)]
    if shape == "object":
        read_members = _pieces_reader(header, shape, _trim, exploded=True)
        return lambda lines: [read_members([line.partition(";")[0] for line in lines])]
    return lambda lines: [read_text(line) for line in lines]


def _plain_reader(schema: Schema | None, decode_text: TextDecoder) -> TextReader:
    """The reader of a scalar."""
    read_scalar = scalar_reader(schema)
    if read_scalar is keep_text:
        return decode_text

    def read(raw: str) -> Value:
        text, fault = decode_text(raw)
        return read_scalar(text), fault

    return read


def _trim(raw: str) -> tuple[str, str]:
    """The text of a header: not decoded, without the white space around it."""
    return raw.strip(" \t"), ""


def _unwrapping_reader(parameter: Parameter, shape: str, decode_text: TextDecoder, read: TextReader) -> TextReader:
    """The reader of a text in the style `label` or `matrix`; for other styles `read` itself."""
    if parameter.style not in ("label", "matrix"):
        return read

    def read_unwrapped(raw: str) -> Value:
        text, fault = _unwrap(raw, parameter, shape)
        return (decode_text(text)[0], fault) if fault else read(text)

    return read_unwrapped


def _unwrap(raw: str, parameter: Parameter, shape: str) -> tuple[str, str]:
    """The text without the prefix of its style (the dot of `label`, the name of `matrix`), and its fault."""
    if parameter.style == "label":
        return (raw[1:], "") if raw.startswith(".") else (raw, "style label begins with a dot")
    if not raw.startswith(";"):
        return raw, "style matrix begins with a semicolon"
    if parameter.explode and shape == "object":
        return raw[1:], ""
    members = [member.partition("=") for member in raw[1:].split(";")]
    most = len(members) if parameter.explode and shape == "array" else 1
    if len(members) > most or any(decode(name)[0] != parameter.name for name, _, _ in members):
        return raw, f"style matrix is written as ;{parameter.name}=..."
    return ";".join(value for _, _, value in members), ""


def _pieces(text: str, parameter: Parameter) -> list[str]:
    """The pieces of an array or object in the path, a header or a cookie."""
    if text == "":
        return []
    if parameter.style in DELIMITERS:
        in_path = parameter.location == "path"
        return _IN_PATH[parameter.style].split(text) if in_path else text.split(DELIMITERS[parameter.style])
    separators = {"label": ".", "matrix": ";"} if parameter.explode else {}
    return text.split(separators.get(parameter.style, ","))


def _read_with_commas(raw: str, schema: Schema | None, read: TextReader) -> Value:
    """The value; where it fits only if encoded commas are delimiters, they are: many clients encode every comma."""
    value, fault = read(raw)
    if schema is not None and _ENCODED_COMMA.search(raw) and not schema.is_valid(value, _REQUEST):
        other_value, other_fault = read(_ENCODED_COMMA.sub(",", raw))
        if not other_fault and schema.is_valid(other_value, _REQUEST):
            return other_value, ""
    return value, fault


def _pieces_reader(parameter: Parameter, shape: str, decode_text: TextDecoder, exploded: bool) -> PiecesReader:
    """The reader of an array or object from its pieces."""
    if shape == "array":
        return _array_reader(parameter, decode_text)
    read_property = property_reader(parameter.schema)

    def read(pieces: Sequence[str]) -> Value:
        texts_by_name: dict[str, list[str]] = {}
        members, fault = _members(pieces, exploded)
        for raw_name, raw in members:
            name, name_fault = decode_text(raw_name)
            text, text_fault = decode_text(raw)
            texts_by_name.setdefault(name, []).append(text)
            fault = fault or name_fault or text_fault
        value: dict[str, object] = {}
        for name, texts in texts_by_name.items():
            value[name], member_fault = read_property(name, texts)
            fault = fault or member_fault
        return value, fault

    return read


def _array_reader(parameter: Parameter, decode_text: TextDecoder) -> PiecesReader:
    """The reader of an array: each piece is an item."""
    read_item = item_reader(parameter.schema, parameter.item_styles)

    def read(pieces: Sequence[str]) -> Value:
        texts = [decode_text(piece) for piece in pieces]
        return [read_item(text) for text, _ in texts], next((fault for _, fault in texts if fault), "")

    return read


def _members(pieces: Sequence[str], exploded: bool) -> tuple[list[tuple[str, str]], str]:
    """The raw names and texts of an object's properties, from the pieces `a=1` (exploded) or `a`, `1`."""
    if not exploded:
        fault = f"the property {pieces[-1]!r} has no value after it" if len(pieces) % 2 else ""
        return list(zip(pieces[::2], pieces[1::2], strict=False)), fault
    members = [piece.partition("=") for piece in pieces]
    fault = next((f"{name!r} is not written as name=value" for name, equals, _ in members if not equals), "")
    return [(name, text) for name, equals, text in members if equals], fault


def _content_reader(parameter: Parameter, decode_text: TextDecoder) -> PiecesReader:
    """The reader of a parameter that is documented by `content`: JSON, or a text."""
    is_json = parameter.content is not None and parameter.content.media_type.kind is MediaKind.JSON

    def read(raw_values: Sequence[str]) -> Value:
        text, fault = decode_text(raw_values[0])
        fault = fault or repetition(raw_values)
        if fault or not is_json:
            return text, fault
        value, fault = read_json(text.encode("utf-8", "surrogateescape"))
        return (text, fault) if fault else (value, "")

    return read


def field_reader(parameter: Parameter, is_other: Callable[[str], bool] = lambda _: False) -> FieldReader:
    """The reader of a query parameter or form field; `is_other` says whether a field belongs to another one."""
    name = parameter.name
    if parameter.content is not None:
        return _named_reader(_content_reader(parameter, decode_field), name)
    shape = shape_of(parameter.schema)
    if parameter.style == "deepObject" and types_of(parameter.schema) & {"object", "array"}:
        return deep_object_reader(parameter)
    if shape == "scalar":
        return _named_reader(_scalar_field_reader(parameter), name)
    if shape == "object" and parameter.style == "form" and parameter.explode:
        return _spread_reader(parameter, is_other)
    read = _delimited_reader(parameter, shape)
    other_name = f"{name}[]" if shape == "array" and not is_other(f"{name}[]") else ""
    return _named_reader(read, name, other_name)


def _named_reader(read: PiecesReader, name: str, other_name: str = "") -> FieldReader:
    """The reader of the field under a name, or under two: PHP writes `ids[]` for `ids`."""

    def read_fields(fields: Fields) -> Value:
        raw_values: Sequence[str] | None = fields.get(name)
        if other_name and other_name in fields:
            raw_values = [*(raw_values or ()), *fields[other_name]]
        return read(raw_values) if raw_values is not None else (MISSING, "")

    return read_fields


def _scalar_field_reader(parameter: Parameter) -> PiecesReader:
    """The reader of a scalar; or of an array, if the schema takes both and the field is repeated or fits only so."""
    schema, read_scalar = parameter.schema, scalar_reader(parameter.schema)
    read_array = _delimited_reader(parameter, "array") if "array" in types_of(schema) else None

    def read(raw_values: Sequence[str]) -> Value:
        text, fault = decode_field(raw_values[-1])
        value = read_scalar(text)
        is_repeated = len(raw_values) > 1
        if read_array is not None and (is_repeated or (schema is not None and not schema.is_valid(value, _REQUEST))):
            items, items_fault = read_array(raw_values)
            if is_repeated or (schema is not None and schema.is_valid(items, _REQUEST)):
                return items, items_fault
        return value, fault or repetition(raw_values)

    return read


def _delimited_reader(parameter: Parameter, shape: str) -> PiecesReader:
    """The reader of an array or object: exploded, each field is an item; else one field is cut at the delimiter."""
    read_pieces = _pieces_reader(parameter, shape, decode_field, exploded=False)
    delimiter = _DELIMITERS.get(parameter.style, _COMMA)

    def read_cut(raw: str) -> Value:
        return read_pieces(delimiter.split(raw) if raw else ())

    def read(raw_values: Sequence[str]) -> Value:
        if parameter.explode:
            return read_pieces(raw_values)
        if len(raw_values) > 1:
            return read_pieces(raw_values)[0], f"{repetition(raw_values)}, with all items in it"
        return _read_with_commas(raw_values[0], parameter.schema, read_cut)

    return read


def _spread_reader(parameter: Parameter, is_other: Callable[[str], bool]) -> FieldReader:
    """The reader of an exploded object in the style `form`: each property is a field of its own."""
    schema = parameter.schema
    declared = properties_of(schema)
    readers = {
        name: field_reader(Parameter(name, "query", parameter.place, schema=child, style="form", explode=True))
        for name, child in declared.items()
        if shape_of(child) != "object"
    }
    resolved = schema.resolved if schema is not None else {}
    is_open = resolved.get("additionalProperties", not declared) is not False
    read_undeclared = property_reader(schema)

    def read(fields: Fields) -> Value:
        value: dict[str, object] = {}
        fault = ""
        names = fields if is_open else [name for name in declared if name in fields]
        for name in names:
            if is_other(name):
                continue
            raw_values = fields[name]
            if name in readers:
                value[name], field_fault = readers[name](fields)
                field_fault = field_fault and f"{name}: {field_fault}"
            else:
                decoded = [decode_field(raw) for raw in raw_values]
                value[name], field_fault = read_undeclared(name, [text for text, _ in decoded])
                fault = next((text_fault for _, text_fault in decoded if text_fault), fault)
            fault = fault or field_fault
        return (value, fault) if value else (MISSING, "")

    return read
