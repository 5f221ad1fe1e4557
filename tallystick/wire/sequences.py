"""Bodies that are sequences of items, one after another: JSON Lines, JSON text sequences and server-sent events."""

from __future__ import annotations

from typing import Any

from tallystick.nouns.media_type import MediaKind
from tallystick.wire.values import MISSING, Value, read_json

_SEPARATOR = b"\x1e"
_EVENT_FIELDS = ("id", "event", "retry", "data")


def read_sequence(body: bytes, kind: MediaKind, whole_events: bool) -> Value:
    """The items of a sequence as a list, and what is wrong with the first that cannot be read.

    An event is its data, read as JSON, or with `whole_events` an object of its fields (OpenAPI 3.2, `itemSchema`).
    """
    if kind is MediaKind.EVENT_STREAM:
        return _events(body, whole_events)
    parts = body.split(_SEPARATOR if kind is MediaKind.JSON_SEQUENCE else b"\n")
    items: list[Any] = []
    for part in parts:
        if part.strip():
            item, problem = read_json(part)
            if problem:
                return MISSING, f"item {len(items) + 1}: {problem}"
            items.append(item)
    return items, ""


def _events(body: bytes, whole: bool) -> Value:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return MISSING, f"not a stream of events: byte {error.start} is not UTF-8"
    items: list[Any] = []
    for block in text.replace("\r\n", "\n").replace("\r", "\n").split("\n\n"):
        event: dict[str, Any] = {}
        for line in block.split("\n"):
            key, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if key == "data" and "data" in event:
                event["data"] += f"\n{value}"
            elif key in _EVENT_FIELDS:
                event[key] = int(value) if key == "retry" and value.isdecimal() else value
        if whole and event:
            items.append(event)
        elif "data" in event and event["data"] != "[DONE]":
            item, problem = read_json(event["data"].encode())
            items.append(event["data"] if problem else item)
    return items, ""


def write_sequence(items: list[Any], texts: list[bytes], kind: MediaKind, whole_events: bool) -> bytes:
    """The body of a sequence from its items and their JSON texts."""
    if kind is MediaKind.EVENT_STREAM:
        if whole_events:
            return b"".join(
                _event(item) if isinstance(item, dict) else _data(text) for item, text in _both(items, texts)
            )
        return b"".join(map(_data, texts))
    if kind is MediaKind.JSON_SEQUENCE:
        return b"".join(_SEPARATOR + text + b"\n" for text in texts)
    return b"".join(text + b"\n" for text in texts)


def _both(items: list[Any], texts: list[bytes]) -> list[tuple[Any, bytes]]:
    return list(zip(items, texts, strict=True))


def _data(text: bytes) -> bytes:
    return b"data: " + text + b"\n\n"


def _event(item: dict[str, Any]) -> bytes:
    lines = [
        f"{key}: {line}\n"
        for key in _EVENT_FIELDS
        if item.get(key) is not None
        for line in (str(item[key]).split("\n") if key == "data" else [item[key]])
    ]
    return "".join([*lines, "\n"]).encode()
