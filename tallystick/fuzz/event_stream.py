"""A stream of events (`text/event-stream`) as its bytes arrive: how many are complete, and where the last one ends."""

from __future__ import annotations

import re

from tallystick.nouns import budgets

MAX_EVENTS = 20
"""How many events of a stream are read if the caller does not say."""
_LINE_END = rb"(?:\r\n|\n|\r(?!\n))"
_LINE = re.compile(_LINE_END)
_EVENT_END = re.compile(_LINE_END + _LINE_END)
_LONGEST_END = 4
"""How many bytes the end of an event may have."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def is_event_stream(content_type: str) -> bool:
    """Whether a response with this `Content-Type` may never end."""
    return content_type.partition(";")[0].strip().lower() == "text/event-stream"


class EventStream:
    """The bytes of a stream, up to `max_events` events, or as many bytes as the budget allows."""

    def __init__(self, max_events: int) -> None:
        self.max_events = max_events
        self.content = bytearray()
        self.events = 0
        self.end = 0
        """Where the last complete event ends."""
        self._unseen = 0
        """Where the end of an event may be that was not looked for yet."""

    def feed(self, chunk: bytes) -> bool:
        """Adds a chunk, and says whether there is enough now; a comment is not counted as an event."""
        self.content += chunk
        start, self._unseen = self._unseen, max(len(self.content) - _LONGEST_END, 0)
        for match in _EVENT_END.finditer(self.content, max(start, self.end)):
            lines = _LINE.split(self.content[self.end : match.start()].removeprefix(_BYTE_ORDER_MARK))
            self.end = match.end()
            self.events += any(line == b"data" or line.startswith(b"data:") for line in lines)
            if self.events >= self.max_events:
                return True
        return len(self.content) >= budgets.FUZZ_EVENT_BYTES

    @property
    def complete_events(self) -> bytes:
        """The bytes without those of an event that has only begun."""
        return bytes(self.content[: self.end])
