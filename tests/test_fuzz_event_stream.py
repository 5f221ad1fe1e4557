"""A stream of events as its bytes arrive: complete events are counted, however they are cut into chunks."""

from __future__ import annotations

import pytest

from tallystick.fuzz.event_stream import EventStream, is_event_stream


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_events_are_counted_when_they_are_complete(line_end: bytes, size: int) -> None:
    """Comments are no events, an event of two lines is one, and what comes after the last wanted one is left out."""
    events = line_end.join([b"\xef\xbb\xbfdata: 1", b"", b": a comment", b"", b"event: x", b"data: 2", b"", b"data: 3"])
    stream = EventStream(2)
    chunks = [events[index : index + size] for index in range(0, len(events), size)]
    enough = next(index for index, chunk in enumerate(chunks) if stream.feed(chunk))
    assert enough <= len(chunks)
    assert stream.complete_events.rstrip(b"\r\n") == events.removesuffix(b"data: 3").rstrip(b"\r\n")


def test_a_line_end_is_no_event_end() -> None:
    """One line end, of two characters as well, does not end an event."""
    stream = EventStream(1)
    assert not stream.feed(b"data: 1\r\ndata: still 1\r\n")
    assert stream.complete_events == b""
    assert stream.feed(b"\r\n")


def test_a_content_type_says_whether_there_are_events() -> None:
    """Parameters and case do not matter."""
    assert is_event_stream("Text/Event-Stream; charset=utf-8")
    assert not is_event_stream("text/event-stream-ish")
    assert not is_event_stream("")
