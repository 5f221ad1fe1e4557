"""Reads multipart bodies (RFC 2046, section 5.1; RFC 7578): splits them into parts, which become an object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tallystick.nouns.contract import NO_ENCODING, BodyFormat, Encoding
from tallystick.nouns.media_type import MediaKind, MediaType, parse_media_type, parse_parameters
from tallystick.nouns.schema import Schema
from tallystick.schemas.shapes import items_of, properties_of, shape_of, types_of
from tallystick.wire.values import MISSING, Value, additional_properties, array_reader, read_json, scalar_reader


class Part(NamedTuple):
    """One part: its name, the media type in its `Content-Type` (with the text "" if it has none), and its bytes."""

    name: str
    media_type: MediaType
    content: bytes


class _PartCollector:
    """Makes parts from the events of a multipart parser."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.is_complete = False
        """Whether the parser has reached the closing boundary."""
        self._header_name = self._header_value = b""
        self._headers: dict[bytes, bytes] = {}
        self._content: list[bytes] = []

    def on_header_field(self, octets: bytes, start: int, end: int) -> None:
        self._header_name += octets[start:end]

    def on_header_value(self, octets: bytes, start: int, end: int) -> None:
        self._header_value += octets[start:end]

    def on_header_end(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def on_part_data(self, octets: bytes, start: int, end: int) -> None:
        self._content.append(octets[start:end])

    def on_part_end(self) -> None:
        disposition = self._headers.get(b"content-disposition", b"").decode("utf-8", "replace")
        media_type = parse_media_type(self._headers.get(b"content-type", b"").decode("latin-1"))
        content = b"".join(self._content)  # most parts are one piece, and join() does not copy that
        self.parts.append(Part(parse_parameters(disposition).get("name", ""), media_type, content))
        self._headers.clear()
        self._content.clear()

    def on_end(self) -> None:
        self.is_complete = True


def split_parts(body: bytes, media_type: MediaType) -> tuple[list[Part], str]:
    """The parts of a body in order, and its fault ("" if it has none); a body with a fault has no parts."""
    from python_multipart.exceptions import FormParserError  # slow to import, and few bodies have parts
    from python_multipart.multipart import MultipartParser

    boundary = media_type.parameters.get("boundary", "").encode("utf-8")
    if not boundary:
        return [], "not multipart: the Content-Type has no boundary"
    start = body.find(b"--" + boundary)
    if start < 0:
        return [], "not multipart: the boundary that the Content-Type names is not in it"
    collector = _PartCollector()
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_header_field": collector.on_header_field,
                "on_header_value": collector.on_header_value,
                "on_header_end": collector.on_header_end,
                "on_part_data": collector.on_part_data,
                "on_part_end": collector.on_part_end,
                "on_end": collector.on_end,
            },
        )
        parser.write(body[start:] if start else body)  # RFC 2046: ignore what stands before the first part
    except FormParserError as error:
        return [], f"not multipart: {error}"
    if not collector.is_complete:
        return [], "not multipart: the closing boundary is missing"
    return collector.parts, ""


class _PropertyReader:
    """Reads the parts of one name to the value of a property."""

    def __init__(self, schema: Schema | None, encoding: Encoding = NO_ENCODING) -> None:
        style = encoding.part_style
        self.read_array = array_reader(schema, (style, *encoding.item_styles)) if style is not None else None
        """The reader of an array from the text of one part; None where each item is a part."""
        self.is_array = shape_of(schema) == "array"
        self.may_be_array = "array" in types_of(schema)
        part_schema = items_of(schema) if self.is_array else schema
        self.read_scalar = scalar_reader(part_schema)
        self.is_json = shape_of(part_schema) != "scalar"
        """Whether a part without a `Content-Type` is JSON: objects are."""

    def read(self, parts: list[Part]) -> Value:
        """The value of the parts of one name; several are an array, and a fault where the schema allows none."""
        if self.read_array is not None:
            fault = f"it is given {len(parts)} times; one part is expected, with all items in it"
            return self.read_array(_text(parts[-1])), fault if len(parts) > 1 else ""
        if len(parts) == 1:
            value, fault = self.read_part(parts[0])
            return ([value] if self.is_array and not isinstance(value, list) else value), fault
        if not self.may_be_array:
            return self.read_part(parts[-1])[0], f"it is given {len(parts)} times; one part is expected"
        readings = [self.read_part(part) for part in parts]
        return [value for value, _ in readings], next((fault for _, fault in readings if fault), "")

    def read_part(self, part: Part) -> Value:
        """The value of one part: JSON, or a text."""
        text = _text(part)
        if not (part.media_type.kind is MediaKind.JSON if part.media_type.text else self.is_json):
            return self.read_scalar(text), ""
        value, fault = read_json(part.content)
        return (text, fault) if fault else (value, "")


def _text(part: Part) -> str:
    """The text of a part in UTF-8; other bytes are decoded as latin-1."""
    try:
        return part.content.decode("utf-8")
    except UnicodeDecodeError:
        return part.content.decode("latin-1")


def read_multipart(body: bytes, body_format: BodyFormat, media_type: MediaType) -> Value:
    """The value of a body: an object with a property for each name of its parts.

    A second part of the same name is a fault where the property cannot be an array.
    """
    parts, fault = split_parts(body, media_type)
    if fault:
        return MISSING, fault
    by_name: dict[str, list[Part]] = {}
    for part in parts:
        by_name.setdefault(part.name, []).append(part)
    schema = body_format.schema
    declared = properties_of(schema)
    undeclared = _PropertyReader(additional_properties(schema))
    value: dict[str, object] = {}
    for name, parts_of_name in by_name.items():
        encoding = body_format.encoding.get(name, NO_ENCODING)
        reader = _PropertyReader(declared[name], encoding) if name in declared else undeclared
        value[name], part_fault = reader.read(parts_of_name)
        fault = fault or (part_fault and f"{name}: {part_fault}")
    return value, fault


def misnamed_parts(body: bytes, body_format: BodyFormat, media_type: MediaType) -> Iterator[tuple[str, MediaType, str]]:
    """The parts whose media type differs from that of their `encoding`: name, media type, expected media types.

    Parts without a `Content-Type` are not among them: few clients send one for a part that is no file.
    """
    expected_by_name = {
        name: encoding.content_type
        for name, encoding in body_format.encoding.items()
        if encoding.content_type is not None
    }
    if not expected_by_name or media_type.kind is not MediaKind.MULTIPART:
        return
    sent: dict[str, dict[MediaType, None]] = {}
    for part in split_parts(body, media_type)[0]:
        if part.media_type.text:
            sent.setdefault(part.name, {})[part.media_type] = None
    for name, expected in expected_by_name.items():
        ranges = [parse_media_type(each.strip()) for each in expected.split(",")]
        for part_type in sent.get(name, ()):
            if not any(each.covers(part_type) for each in ranges):
                yield name, part_type, expected
