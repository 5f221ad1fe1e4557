"""Edits of a YAML or JSON text: members put in, replaced or taken out; comments and layout of the rest stay."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tallystick.documents.spans import Part, Spans
from tallystick.documents.yaml_writing import scalar
from tallystick.nouns.json_value import JSON

Path = tuple[str, ...]
_OF_FLOW = frozenset(",[]{}")


@dataclass(frozen=True, slots=True)
class Put:
    """Give the object at a path a member, behind another one where that is said; or an array a first item."""

    path: Path
    key: str
    value: JSON
    behind: str = ""


@dataclass(frozen=True, slots=True)
class Replace:
    """Give a part another value."""

    path: Path
    value: JSON


@dataclass(frozen=True, slots=True)
class Remove:
    """Take a member out of its object."""

    path: Path


@dataclass(frozen=True, slots=True)
class Rename:
    """Give a member another key and another value."""

    path: Path
    key: str
    value: JSON


Edit = Put | Replace | Remove | Rename


@dataclass(frozen=True, slots=True)
class _Change:
    start: int
    end: int
    text: str


def edited_value(value: JSON, edits: Sequence[Edit]) -> JSON:
    """What a document means after some edits; raises `KeyError`, `IndexError` or `TypeError` where one has no place."""
    value = copy.deepcopy(value)
    for edit in edits:
        path = edit.path if isinstance(edit, Put) else edit.path[:-1]
        holder = value
        for step in path:
            holder = _inside(holder, step)
        key = edit.key if isinstance(edit, Put) else edit.path[-1]
        if isinstance(holder, list):
            if isinstance(edit, Put):
                holder.insert(0, edit.value)
            elif isinstance(edit, Replace):
                holder[int(key)] = edit.value
            continue
        if not isinstance(holder, dict):
            raise TypeError(path)
        if isinstance(edit, Remove | Rename):
            del holder[key]
        if isinstance(edit, Rename):
            holder[edit.key] = edit.value
        elif not isinstance(edit, Remove):
            holder[key] = edit.value
    return value


def _inside(value: JSON, step: str) -> JSON:
    if isinstance(value, list):
        return value[int(step)]
    if isinstance(value, dict):
        return value[step]
    raise TypeError(step)


def edited_text(text: str, edits: Sequence[Edit]) -> str | None:
    """A text after some edits; None where it is no text that can be edited, or one of the edits has no place in it."""
    head = text[:1] if text.startswith("\ufeff") else ""
    try:
        editor = _Editor(text[len(head) :])
    except ValueError:
        return None
    changes = [editor.change(edit) for edit in edits]
    whole = [change for change in changes if change is not None]
    if len(whole) < len(changes):
        return None
    pieces, last = [head], 0
    for change in sorted(whole, key=lambda each: (each.start, each.end)):
        if change.start < last:
            return None  # two edits of one place
        pieces += [editor.text[last : change.start], change.text]
        last = change.end
    return "".join((*pieces, editor.text[last:]))


class _Editor:
    """Says which characters an edit changes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.spans = Spans(text)
        self.is_json = text.lstrip()[:1] in ("{", "[")

    def change(self, edit: Edit) -> _Change | None:
        if isinstance(edit, Put):
            return self.put(edit)
        part = self.spans.part(edit.path)
        if part is None:
            return None
        if isinstance(edit, Rename):
            text = f"{self.written(edit.key)}: {self.written(edit.value)}"
            return _Change(part.key_start, part.end, text) if self.is_on_one_line(part) else None
        if isinstance(edit, Replace):
            return _Change(part.start, part.end, self.written(edit.value)) if self.is_on_one_line(part) else None
        return self.removed(edit.path, part)

    def written(self, value: JSON) -> str:
        """A value on one line."""
        if self.is_json:
            return json.dumps(value, ensure_ascii=False)
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self.written(key)}: {self.written(item)}" for key, item in value.items()) + "}"
        if isinstance(value, list):
            return f"[{', '.join(map(self.written, value))}]"
        text = scalar(value)
        return json.dumps(value, ensure_ascii=False) if _OF_FLOW.intersection(text) and text[:1] not in "'\"" else text

    def is_on_one_line(self, part: Part) -> bool:
        text = self.text[part.start : part.end]
        return "\n" not in text and text[:1] not in ("&", "!", "*", "|", ">")

    def put(self, edit: Put) -> _Change | None:
        holder = self.spans.part(edit.path)
        members = self.spans.members(edit.path)
        if holder is None or holder.kind == "scalar":
            return None
        is_list = holder.kind == "sequence"
        entry = self.written(edit.value) if is_list else f"{self.written(edit.key)}: {self.written(edit.value)}"
        if holder.is_flow:
            return self.put_in_flow(edit, holder, members, entry)
        first = self.spans.part((*edit.path, members[0])) if members else None
        if first is None:
            return None
        if is_list:
            return self.put_before(holder.start, f"- {entry}")
        if edit.behind:
            behind = self.spans.part((*edit.path, edit.behind))
            if behind is not None and behind.kind == "scalar" and self.is_on_one_line(behind):
                column = behind.key_start - self.line_start(behind.key_start)
                return self.put_behind(behind, " " * column + entry)
        return self.put_before(first.key_start, entry)

    def put_before(self, at: int, entry: str) -> _Change:
        """A line before what stands at a place, with its indentation."""
        line = self.text[self.line_start(at) : at]
        return _Change(at, at, f"{entry}{self.line_break}{' ' * len(line)}")

    def put_behind(self, part: Part, line: str) -> _Change:
        """A line below that of a part; a comment on its line stays there."""
        end = self.text.find("\n", part.end)
        if end < 0:
            return _Change(len(self.text), len(self.text), self.line_break + line)
        return _Change(end + 1, end + 1, line + self.line_break)

    def put_in_flow(self, edit: Put, holder: Part, members: list[str], entry: str) -> _Change | None:
        if not members or holder.kind == "sequence":
            return _Change(holder.start + 1, holder.start + 1, f"{entry}, " if members else entry)
        name = edit.behind if edit.behind in members else members[-1]
        behind = self.spans.part((*edit.path, name))
        if behind is None:
            return None
        start = behind.key_start if behind.key_start >= 0 else behind.start
        gap = re.search(r"\s*\Z", self.text[holder.start : start])
        white = gap[0] if gap is not None and "\n" in gap[0] else " "
        return _Change(behind.end, behind.end, f",{white}{entry}")

    def removed(self, path: Path, part: Part) -> _Change | None:
        holder, members = self.spans.part(path[:-1]), self.spans.members(path[:-1])
        if holder is None or part.key_start < 0 or not self.is_on_one_line(part):
            return None
        index = members.index(path[-1])
        if holder.is_flow:
            change = self.removed_from_flow(path, members, index, part)
            around = self.text[change.start : part.key_start] + self.text[part.end : change.end] if change else "#"
            return None if "#" in around else change  # a comment would go with it
        start = self.line_start(part.key_start)
        end = self.text.find("\n", part.end)
        rest = self.text[part.end : end if end >= 0 else None].strip()
        if self.text[start : part.key_start].strip() or (rest and not rest.startswith("#")) or len(members) < 2:
            return None
        if rest:
            return _Change(
                part.key_start, self.text.index("#", part.end), ""
            )  # the comment stays, on a line of its own
        return _Change(start, end + 1 if end >= 0 else len(self.text), "")

    def removed_from_flow(self, path: Path, members: list[str], index: int, part: Part) -> _Change | None:
        if index + 1 < len(members):
            after = self.spans.part((*path[:-1], members[index + 1]))
            return _Change(part.key_start, after.key_start, "") if after is not None else None
        before = self.spans.part((*path[:-1], members[index - 1])) if index else None
        return _Change(before.end if before is not None else part.key_start, part.end, "")

    def line_start(self, at: int) -> int:
        return self.text.rfind("\n", 0, at) + 1

    @property
    def line_break(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"
