"""Reads and writes bodies that are sequences of items: JSON Lines, JSON text sequences and server-sent events."""

from __future__ import annotations

from collections.abc import Sequence

from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind
from tallystick.wire.values import MISSING, Value, read_json

_SEPARATOR = b"\x1e"
_EVENT_FIELDS = ("id", "event", "retry", "data")
_END_OF_EVENTS = "[DONE]"
"""The data of the event with which some APIs end a stream; that event is not an item."""


def read_sequence(body: bytes, kind: MediaKind, whole_events: bool) -> Value:
    """The items of a sequence as a list, and the fault of the first one that cannot be read.

    The item of an event is its data, read as JSON; with `whole_events`, an object of all its fields (OpenAPI 3.2,
    `itemSchema`).
    """
    if kind is MediaKind.EVENT_STREAM:
        return _read_events(body, whole_events)
    items: list[object] = []
    for text in body.split(_SEPARATOR if kind is MediaKind.JSON_SEQUENCE else b"\n"):
        if text.strip():
            item, fault = read_json(text)
            if fault:
                return MISSING, f"item {len(items) + 1}: {fault}"
            items.append(item)
    return items, ""


def _read_events(body: bytes, whole_events: bool) -> Value:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return MISSING, f"not a stream of events: byte {error.start} is not UTF-8"
    items: list[object] = []
    for block in text.replace("\r\n", "\n").replace("\r", "\n").split("\n\n"):
        fields = _event_fields(block)
        data = fields.get("data")
        if whole_events and fields:
            retry = fields.get("retry", "")
            items.append({**fields, "retry": int(retry)} if retry.isdecimal() else fields)
        elif data is not None and data != _END_OF_EVENTS:
            item, fault = read_json(data.encode())
            items.append(data if fault else item)
    return items, ""


def _event_fields(block: str) -> dict[str, str]:
    """The fields of one event in order; lines of `data` are joined, comments and other fields are ignored."""
    fields: dict[str, str] = {}
    for line in block.split("\n"):
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data" and "data" in fields:
            fields["data"] += f"\n{value}"
        elif name in _EVENT_FIELDS:
            fields[name] = value
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
        for line in (str(event[name]).split("\n") if name == "data" else [event[name]])
    ]
    return "".join([*lines, "\n"]).encode()
