"""Lines that are inserted into a document that people wrote: each other line of it stays as it is.

A member is inserted below the last one of a block of YAML, or before the first one of JSON that has a line for each
member. What stands on one line (`{a: 1}`) has no place for a new line, and is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import NamedTuple

from tallystick.documents.text import Locate, read
from tallystick.documents.yaml_writing import yaml_lines
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_pointer import part_at
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Path

_INDENT = re.compile(r" *")
_LINE_OF_JSON = re.compile(r"[^\n]*\n|[^\n]+")


class Insertion(NamedTuple):
    """A member (or an item, where `name` is "") that is inserted into the object or list at a path."""

    path: Path
    name: str
    value: JSON


@dataclass(slots=True)
class Patched:
    """The text of a document with insertions, and the insertions for which there is no place."""

    text: str
    left: list[Insertion] = field(default_factory=list)


def patched(text: str, file: str, insertions: Sequence[Insertion]) -> Patched:
    """A document with insertions; each that has no place, or would not be read as it is meant, is left out."""
    result = Patched(text)
    waiting = [[*insertions]]
    value, line_of = read(text, file)
    while waiting:
        some = waiting.pop()
        lines = _lines(result.text)
        ends: dict[tuple[int, bool], int] = {}
        places = [(each, _place_of(each, value, line_of, lines, ends)) for each in some]
        result.left += [each for each, place in places if place is None]
        placed = [(each, place) for each, place in places if place is not None]
        if not placed:
            continue
        with_them = _with_lines(lines, [place for _, place in placed])
        try:
            after, lines_after = read(with_them, file)
            is_meant = _same(after, reduce(_with, placed, value))
        except UnreadableError:
            is_meant = False
        if is_meant:
            result.text, value, line_of = with_them, after, lines_after
        elif len(placed) == 1:
            result.left.append(placed[0][0])
        else:  # one of them is at fault: each half by itself
            half = len(placed) // 2
            waiting += [[each for each, _ in placed[half:]], [each for each, _ in placed[:half]]]
    return result


class _Place(NamedTuple):
    """Where an insertion stands: the index of the line behind it, how deep it is, whether it comes first, its lines."""

    position: int
    depth: int
    is_first: bool
    lines: Sequence[str]


def _place_of(
    insertion: Insertion, value: JSON, line_of: Locate, lines: Sequence[str], ends: dict[tuple[int, bool], int]
) -> _Place | None:
    """The place of an insertion; None where there is none. `ends` remembers where blocks end, by their first lines."""
    try:
        holder = part_at(value, insertion.path)
    except KeyError:
        return None
    if not isinstance(holder, dict | list) or not holder:
        return None
    first = str(next(iter(holder))) if isinstance(holder, dict) else "0"
    at = line_of((*insertion.path, first)) - 1
    if not 0 <= at < len(lines) or (insertion.path and at == line_of(insertion.path) - 1):
        return None  # it stands on the line of its holder
    end, depth = _line_end(lines), len(insertion.path) + 1
    if _is_json(next(line for line in lines if line.strip())):
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        new = [f"{indent}{each}{end}" for each in _json_lines(insertion, indent[: len(indent) // depth] or "  ")]
        return _Place(at, depth, True, new)
    indent = _indent(lines[at])
    member: JSON = {insertion.name: insertion.value} if insertion.name else [insertion.value]
    new = [f"{each}{end}" for each in yaml_lines(member, indent)]
    block = at, isinstance(holder, list)
    if block not in ends:
        ends[block] = _end_of_block(lines, at, indent, block[1])
    return _Place(ends[block], depth, False, new)


def _with_lines(lines: Sequence[str], places: Sequence[_Place]) -> str:
    """The text with the lines of all insertions; where several end at one line, the inner ones come first."""
    by_position: dict[int, list[_Place]] = {}
    for place in sorted(places, key=lambda each: -each.depth):
        several = by_position.setdefault(place.position, [])
        several.insert(0 if place.is_first else len(several), place)
    result: list[str] = []
    done = 0
    for position, several in sorted(by_position.items()):
        result += lines[done:position]
        new = "".join(line for place in several for line in place.lines)
        if position == len(lines) and lines and not lines[-1].endswith(("\n", "\r")):
            end = _line_end(lines)
            new = end + new.removesuffix(end)  # the last line has no end: it gets one, and is the same else
        result.append(new)
        done = position
    return "".join((*result, *lines[done:]))


def _end_of_block(lines: Sequence[str], at: int, indent: str, is_list: bool) -> int:
    """The line behind the block that begins at a line: the first that is indented less, but for comments and blanks."""
    last = at
    for number in range(at + 1, len(lines)):
        line = lines[number]
        if not line.strip():
            continue
        own = _indent(line)
        if len(own) < len(indent) or line.startswith(("---", "...")):
            if line.lstrip().startswith("#"):
                continue
            break
        if is_list and own == indent and not line.lstrip().startswith(("-", "#")):
            break
        if line.lstrip().startswith("#") and len(own) <= len(indent):
            continue  # a comment on what follows it
        last = number
    return last + 1


def _indent(line: str) -> str:
    match = _INDENT.match(line)
    return match[0] if match else ""


def _lines(text: str) -> list[str]:
    """The lines of a document, as its reader counts them: in JSON, U+2028 is a character like others."""
    return _LINE_OF_JSON.findall(text) if _is_json(text) else text.splitlines(keepends=True)


def _is_json(text: str) -> bool:
    """Whether a text, or its first line, is that of JSON."""
    return text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[")


def _json_lines(insertion: Insertion, step: str) -> list[str]:
    """The lines of a member before others, each level indented by a step more."""
    written = json.dumps(insertion.value, indent=step, ensure_ascii=False).splitlines()
    if insertion.name:
        written[0] = f"{json.dumps(insertion.name, ensure_ascii=False)}: {written[0]}"
    return [*written[:-1], f"{written[-1]},"]


def _line_end(lines: Sequence[str]) -> str:
    return "\r\n" if lines and lines[0].endswith("\r\n") else "\n"


def _with(value: JSON, placed: tuple[Insertion, _Place]) -> JSON:
    """A value with an insertion at its place; only what is around it is copied."""
    insertion, place = placed
    if insertion.path:
        step, *rest = insertion.path
        inner = insertion._replace(path=tuple(rest)), place
        if isinstance(value, dict):
            return {**value, step: _with(value[step], inner)}
        assert isinstance(value, list)
        index = int(step)
        return [*value[:index], _with(value[index], inner), *value[index + 1 :]]
    if isinstance(value, dict):
        return {**value, insertion.name: insertion.value}
    assert isinstance(value, list)
    return [insertion.value, *value] if place.is_first else [*value, insertion.value]


def _same(one: JSON, other: JSON) -> bool:
    """Whether two values are the same, but for the order of members; a number is no boolean."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(member, other[name]) for name, member in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other and isinstance(one, bool) == isinstance(other, bool)
