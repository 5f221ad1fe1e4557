"""Reads and writes bodies that are sequences of items: JSON Lines, JSON text sequences and server-sent events."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence

from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind
from tallystick.nouns.schema import Direction, Schema
from tallystick.schemas.shapes import items_of, properties_of, shape_of
from tallystick.wire.values import MISSING, Value, read_json, scalar_reader

_SEPARATOR = b"\x1e"
_EVENT_FIELDS = ("id", "event", "retry", "data")
_RETRY = re.compile(r"\d{1,18}", re.ASCII)
"""A time to wait, in milliseconds; more digits would be no time, and Python refuses to read thousands of them."""
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_END_OF_EVENTS = "[DONE]"
"""The data of the event with which some APIs end a stream; that event is not an item."""


def event_schema(schema: Schema | None, item_schema: Schema | None) -> Schema | None:
    """The schema of the whole events of an event stream; None where its items are the JSON in `data`.

    An `itemSchema` (OpenAPI 3.2) is that of an event. Before 3.2 documents mean one or the other: a `schema`, or the
    items of an array, is that of an event if all properties that it declares are fields of one.
    """
    if item_schema is not None:
        return item_schema
    item = items_of(schema) if shape_of(schema) == "array" else schema
    names = properties_of(item).keys()
    return item if names and names <= set(_EVENT_FIELDS) else None


def read_sequence(body: bytes, kind: MediaKind, whole_events: bool, schema: Schema | None = None) -> Value:
    """The items of a sequence as a list, and the fault of the first one that cannot be read.

    The item of an event is its data, read as JSON; with `whole_events`, an object of all its fields. `schema` is
    that of an item: it says what a text is meant to be.
    """
    if kind is MediaKind.EVENT_STREAM:
        return _read_events(body, whole_events, schema)
    items: list[object] = []
    for text in body.split(_SEPARATOR if kind is MediaKind.JSON_SEQUENCE else b"\n"):
        if text.strip():
            item, fault = read_json(text)
            if fault:
                return MISSING, f"item {len(items) + 1}: {fault}"
            items.append(item)
    return items, ""


def _read_events(body: bytes, whole_events: bool, schema: Schema | None) -> Value:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return MISSING, f"not a stream of events: byte {error.start} is not UTF-8"
    meanings_of = _event_meanings(schema) if whole_events else _data_meanings
    items: list[object] = []
    for block in text.replace("\r\n", "\n").replace("\r", "\n").split("\n\n"):
        fields = _event_fields(block)
        meanings = meanings_of(fields)
        fitting = [each for each in meanings if schema is not None and schema.is_valid(each, Direction.RESPONSE)]
        if fitting:
            items.append(fitting[0])
        elif meanings and not (whole_events and schema is not None and fields.get("data") == _END_OF_EVENTS):
            items.append(meanings[0])
    return items, ""


def _data_meanings(fields: Mapping[str, str]) -> list[object]:
    """What the data of an event can mean: JSON, or the text itself; nothing where there is none, or the stream ends."""
    data = fields.get("data")
    if data is None or data == _END_OF_EVENTS:
        return []
    value, fault = read_json(data.encode())
    return [data] if fault else [value, data]


def _event_meanings(schema: Schema | None) -> Callable[[Mapping[str, str]], list[object]]:
    """A function from the fields of an event to what it can mean by a schema: its data may be JSON or a text."""
    readers = {name: scalar_reader(property_schema) for name, property_schema in properties_of(schema).items()}

    def meanings(fields: Mapping[str, str]) -> list[object]:
        if not fields:
            return []
        retry = fields.get("retry", "")
        texts = {**fields, "retry": int(retry)} if _RETRY.fullmatch(retry) else dict(fields)
        event = {**texts, **{name: readers[name](text) for name, text in fields.items() if name in readers}}
        data, fault = read_json(fields.get("data", "").encode())
        return [event, texts] if fault else [event, {**event, "data": data}, texts]

    return meanings


def _event_fields(block: str) -> dict[str, str]:
    """The fields of one event in order; lines of `data` are joined, comments and other fields are ignored."""
    fields: dict[str, str] = {}
    data: list[str] = []
    for line in block.split("\n"):
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            data.append(value)
        if name in _EVENT_FIELDS:
            fields[name] = value
    if len(data) > 1:
        fields["data"] = "\n".join(data)
    return fields


def write_sequence(items: Sequence[JSON], texts: Sequence[bytes], kind: MediaKind, whole_events: bool) -> bytes:
    """The body of a sequence from its items and their JSON texts."""
    if kind is MediaKind.JSON_SEQUENCE:
        return b"".join(_SEPARATOR + text + b"\n" for text in texts)
    if kind is not MediaKind.EVENT_STREAM:
        return b"".join(text + b"\n" for text in texts)
    return b"".join(
        _write_event(item) if whole_events and isinstance(item, dict) else b"data: " + text + b"\n\n"
        for item, text in zip(items, texts, strict=True)
    )


def _write_event(event: dict[str, JSON]) -> bytes:
    lines = [
        f"{name}: {line}\n"
        for name in _EVENT_FIELDS
        if event.get(name) is not None
        for line in _field_lines(name, event[name])
    ]
    return "".join([*lines, "\n"]).encode()


def _field_lines(name: str, value: JSON) -> list[str]:
    """The lines of one field; only data may have several."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    lines = _LINE_BREAK.split(text)
    return lines if name == "data" else [" ".join(lines)]


def is_event_stream(text: str) -> bool:
    """Whether a text is an event stream itself, as examples have it: a line of it is data of an event."""
    return any(line.startswith("data:") for line in text.splitlines())
