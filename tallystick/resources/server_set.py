"""Members that a server sets itself, by their names: ids, times, versions, and addresses of the resource."""

from __future__ import annotations

from tallystick.resources.names import spelled, words_of

CREATION = frozenset("created creation create inserted insert added registered".split())
CHANGE = frozenset("updated update modified modification changed change edited".split())
_MOMENTS = frozenset("at on time date timestamp datetime utc ts last".split())
"""Words that may stand beside those in the name of a time."""
_IDS = frozenset("id uuid guid uid sid pk object kind type href self url uri etag version revision".split())
"""Other members that a server sets."""


def is_set_by_server(name: str) -> bool:
    """Whether a server sets a member of a name: an id, a time, or an address of its own."""
    return spelled(name) in _IDS or is_time(name, CREATION | CHANGE)


def is_time(name: str, wanted: frozenset[str]) -> bool:
    """Whether a name says when something happened, by one of the wanted words."""
    words = words_of(name)
    return not wanted.isdisjoint(words) and all(word in _MOMENTS | CREATION | CHANGE for word in words)
