"""A stream of events (`text/event-stream`) as its bytes arrive: how many are complete, and where the last one ends."""

from __future__ import annotations

import re

_LINE_END = rb"(?:\r\n|\n|\r(?!\n))"
_LINE = re.compile(_LINE_END)
_EVENT_END = re.compile(_LINE_END + _LINE_END)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def is_event_stream(content_type: str) -> bool:
    """Whether a response with this `Content-Type` may never end."""
    return content_type.partition(";")[0].strip().lower() == "text/event-stream"


class EventStream:
    """The bytes of a stream, up to `max_events` events."""

    def __init__(self, max_events: int) -> None:
        self.max_events = max_events
        self.content = bytearray()
        self.events = 0
        self.end = 0
        """Where the last complete event ends."""

    def feed(self, chunk: bytes) -> bool:
        """Adds a chunk, and says whether there are enough events now; a comment is not counted as one."""
        self.content += chunk
        for match in _EVENT_END.finditer(self.content, self.end):
            lines = _LINE.split(self.content[self.end : match.start()].removeprefix(_BYTE_ORDER_MARK))
            self.end = match.end()
            self.events += any(line == b"data" or line.startswith(b"data:") for line in lines)
            if self.events >= self.max_events:
                return True
        return False

    @property
    def complete_events(self) -> bytes:
        """The bytes without those of an event that has only begun."""
        return bytes(self.content[: self.end])
