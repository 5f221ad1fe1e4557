"""Sequences of items: lines, text sequences and events are read as they are written, and their faults are told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.wire.sequences import read_sequence, write_sequence
from tallystick.wire.values import MISSING
from tallystick.wire.write import write_json

PLAIN = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text()
ITEMS = st.lists(st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5))
LINE = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), min_size=1).filter(
    lambda text: text[0] != " "
)


def written(items: list[Any], kind: MediaKind, whole_events: bool = False) -> bytes:
    """A sequence of items in the form of a kind of media types."""
    return write_sequence(items, [write_json(item) for item in items], kind, whole_events)


@pytest.mark.parametrize("name", ["application/jsonl", "application/x-ndjson", "application/json-seq", "a/b+json-seq"])
def test_items_come_back(name: str) -> None:
    """Whatever JSON an item is, it is read from between the others."""

    kind = parse_media_type(name).kind

    @given(ITEMS)
    def there_and_back(items: list[Any]) -> None:
        assert read_sequence(written(items, kind), kind, whole_events=False) == (items, "")

    there_and_back()


@given(ITEMS.map(lambda items: [item for item in items if item != "[DONE]"]))
def test_the_data_of_events_come_back(items: list[Any]) -> None:
    """An event's data is JSON, one event an item."""
    assert read_sequence(written(items, MediaKind.EVENT_STREAM), MediaKind.EVENT_STREAM, whole_events=False) == (
        items,
        "",
    )


EVENTS = st.fixed_dictionaries({"data": LINE}, optional={"event": LINE, "id": LINE, "retry": st.integers(0, 10**6)})


@given(st.lists(EVENTS))
def test_whole_events_come_back(events: list[dict[str, Any]]) -> None:
    """With an item schema an event is an object of its fields."""
    assert read_sequence(written(events, MediaKind.EVENT_STREAM, True), MediaKind.EVENT_STREAM, whole_events=True) == (
        events,
        "",
    )


def test_any_line_break_in_data_is_one() -> None:
    """What a stream of events takes for a line break begins another line of data, so that no text is lost."""
    stream = written([{"data": "a\rb\r\nc\nd", "id": "1\r2"}], MediaKind.EVENT_STREAM, True)
    assert stream == b"id: 1 2\ndata: a\ndata: b\ndata: c\ndata: d\n\n"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("application/jsonl; charset=utf-8", True),
        ("Application/NDJSON", True),
        ("text/event-stream", True),
        ("application/geo+json-seq", True),
        ("application/json", False),
        ("text/plain", False),
    ],
)
def test_which_media_types_are_sequences(name: str, expected: bool) -> None:
    """Lines of JSON, JSON text sequences (RFC 7464) and events are sequences of items."""
    assert parse_media_type(name).is_sequence is expected
    assert parse_media_type("application/jsonl").kind is not MediaKind.EVENT_STREAM


def test_how_events_are_read() -> None:
    """Comments are passed over, lines of data joined; what ends some streams is no event, a long `retry` a text."""
    stream = b": hello\n\nevent: a\r\ndata: [1,\r\ndata: 2]\r\n\r\ndata:plain\nother: x\n\nid: 7\n\ndata: [DONE]\n\n"
    assert read_sequence(stream, MediaKind.EVENT_STREAM, whole_events=False) == ([[1, 2], "plain"], "")
    assert read_sequence(b"retry: " + b"9" * 5000 + b"\n\n", MediaKind.EVENT_STREAM, whole_events=True) == (
        [{"retry": "9" * 5000}],
        "",
    )
    assert read_sequence(b"retry: soon\ndata: x\n\n", MediaKind.EVENT_STREAM, whole_events=True) == (
        [{"retry": "soon", "data": "x"}],
        "",
    )


@pytest.mark.parametrize(
    ("body", "name", "problem"),
    [
        (b"1\n{\n", "application/jsonl", "item 2: not JSON: unexpected end of data (line 1, column 2)"),
        (b"\x1e1\n\x1e{\n", "application/json-seq", "item 2: not JSON: unexpected end of data (line 2, column 1)"),
        (b"data: \xff\n\n", "text/event-stream", "not a stream of events: byte 6 is not UTF-8"),
    ],
)
def test_what_cannot_be_read_is_told(body: bytes, name: str, problem: str) -> None:
    """The first item that is no JSON is named by its number."""
    value, found = read_sequence(body, parse_media_type(name).kind, whole_events=False)
    assert value is MISSING
    assert found == problem


@given(st.binary())
def test_no_bytes_stop_the_reader(body: bytes) -> None:
    """Any bytes are items or a fault."""
    for name in ("application/jsonl", "application/json-seq", "text/event-stream"):
        for whole in (True, False):
            value, problem = read_sequence(body, parse_media_type(name).kind, whole)
            assert isinstance(value, list) or problem
