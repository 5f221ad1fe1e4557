"""Members by which items say what they belong to, where their own path does not: `postId` of `/comments/{id}`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from tallystick.nouns.contract import Operation
from tallystick.nouns.json_value import JSON
from tallystick.nouns.path_templates import template_names
from tallystick.resources.names import path_names, spelled, words_of
from tallystick.resources.views import View
from tallystick.wire.write import text_of

_ENDS = ("id", "key", "uuid", "slug", "name", "number", "sha")
_ADDRESSES = frozenset("url uri href link".split())


@dataclass(frozen=True, slots=True)
class Reference:
    """The member of an item that says what it belongs to, and which of the values in an operation's path that is.

    Where the member is an address, `before` is what stands before the value at its end: `/issues/`.
    """

    member: str
    index: int
    before: str = ""

    def is_to(self, item: JSON, value: str) -> bool:
        """Whether an item belongs to what a value in the path names."""
        member = item.get(self.member) if isinstance(item, dict) else None
        if not self.before:
            return member is not None and text_of(member) == value
        return isinstance(member, str) and urlsplit(member).path.rstrip("/").endswith(self.before + value)

    def values(self, value: str, present: JSON) -> Iterator[JSON]:
        """What the member may be in an item that belongs to what a value names; `present` is what it was."""
        if self.before:
            address = present if isinstance(present, str) else ""
            start, before, _ = address.rpartition(self.before)
            yield f"{start}{before or self.before}{value}"
            return
        if value.isdecimal() and not isinstance(present, str):
            yield int(value)
        yield value


def reference_of(operation: Operation, indices: Sequence[int], whole: View | None) -> Reference | None:
    """How items say what they belong to by the one name in an operation's path that theirs lacks; None for no way."""
    left = [index for index in range(len(template_names(operation.path))) if index not in indices]
    if len(left) != 1 or whole is None:
        return None
    name = path_names(operation.path)[left[0]]
    names = {*name.unmistakable_names, *(name.noun + end for end in _ENDS if name.noun)}
    for key, member in whole.members.items():
        if spelled(key) in names and member.is_scalar:
            return Reference(key, left[0])
    for key, member in whole.members.items():
        words = words_of(key)
        if name.noun and words[:1] == (name.noun,) and words[-1] in _ADDRESSES and member.is_scalar:
            return Reference(key, left[0], f"/{_segment_before(operation.path, left[0])}/")
    return None


def _segment_before(path: str, index: int) -> str:
    """The segment before a name of a path."""
    return path.split("{")[index].rstrip("/").rpartition("/")[2]
