"""Members by which items say what they belong to, where their own path does not: `postId` of `/comments/{id}`.

It may be an address (`post_url`), the noun alone (`post: 9`), or a member of an object (`post: {id: 9}`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from tallystick.nouns.contract import Operation
from tallystick.nouns.json_value import JSON
from tallystick.nouns.path_templates import template_names
from tallystick.resources.names import PathName, path_names, spelled, words_of
from tallystick.resources.views import View
from tallystick.wire.write import text_of

_ENDS = ("id", "key", "uuid", "slug", "name", "number", "sha")
_ADDRESSES = frozenset("url uri href link".split())


@dataclass(frozen=True, slots=True)
class Reference:
    """The member of an item that says what it belongs to, and which of the values in an operation's path that is.

    Where the member is an object, `inner` is the member of that. Where it is an address, `before` is what stands before
    the value at its end: `/issues/`.
    """

    member: str
    index: int
    before: str = ""
    inner: str = ""

    def is_to(self, item: JSON, value: str) -> bool:
        """Whether an item belongs to what a value in the path names."""
        member = self.told(item)
        if not self.before:
            return member is not None and text_of(member) == value
        return isinstance(member, str) and urlsplit(member).path.rstrip("/").endswith(self.before + value)

    def told(self, item: JSON) -> JSON:
        """What an item says of what it belongs to; None where it says nothing."""
        member = item.get(self.member) if isinstance(item, dict) else None
        if not self.inner:
            return member
        return member.get(self.inner) if isinstance(member, dict) else None

    def members(self, value: str, item: JSON) -> Iterator[JSON]:
        """What the member may be in an item, so that this belongs to what a value names."""
        for each in self._values(value, self.told(item)):
            present = item.get(self.member) if self.inner and isinstance(item, dict) else None
            yield {**(present if isinstance(present, dict) else {}), self.inner: each} if self.inner else each

    def _values(self, value: str, present: JSON) -> Iterator[JSON]:
        if self.before:
            address = present if isinstance(present, str) else ""
            start, before, _ = address.rpartition(self.before)
            yield f"{start}{before or self.before}{value}"
            return
        if value.isdecimal() and not isinstance(present, str):
            yield int(value)
        yield value


def reference_of(operation: Operation, indices: Sequence[int], whole: View | None) -> Reference | None:
    """How items say what they belong to by the last name in an operation's path that theirs lacks; None for no way."""
    left = [index for index in range(len(template_names(operation.path))) if index not in indices]
    if not left or whole is None:
        return None
    index = left[-1]
    return next(_references(path_names(operation.path)[index], index, operation.path, whole), None)


def _references(name: PathName, index: int, path: str, whole: View) -> Iterator[Reference]:
    """The members that may refer to what a name stands for, the surest first."""
    names = {*name.unmistakable_names, *(name.noun + end for end in _ENDS if name.noun)}
    scalars = [key for key, member in whole.members.items() if member.is_scalar]
    yield from (Reference(key, index) for key in scalars if spelled(key) in names)
    for key in scalars:
        words = words_of(key)
        if name.noun and words[:1] == (name.noun,) and words[-1] in _ADDRESSES:
            yield Reference(key, index, f"/{_segment_before(path, index)}/")
    nouns = {name.noun, *name.owners} - {""}
    yield from (Reference(key, index) for key in scalars if spelled(key) in nouns)
    for key, member in whole.members.items():
        if spelled(key) in nouns and member.is_object:
            own = {spelled(inner): inner for inner, part in member.members.items() if part.is_scalar}
            yield from (Reference(key, index, inner=own[each]) for each in name.own_names if each in own)


def _segment_before(path: str, index: int) -> str:
    """The segment before a name of a path."""
    return path.split("{")[index].rstrip("/").rpartition("/")[2]
