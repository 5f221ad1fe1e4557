"""Lines that are inserted into a document that people wrote: each other line of it stays as it is.

A member is inserted below the last one of a block of YAML, or before the first one of JSON that has a line for each
member. What stands on one line (`{a: 1}`) has no place for a new line, and is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tallystick.documents.text import read
from tallystick.documents.yaml_writing import yaml_lines
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_pointer import part_at
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Path

_INDENT = re.compile(r" *")
_MEMBER_OF_JSON = re.compile(r'\s*"')


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
    """A document with insertions, one after the other; each that would not be read as it is meant is left out."""
    result = Patched(text)
    for insertion in insertions:
        with_it = _inserted(result.text, file, insertion)
        if with_it is None:
            result.left.append(insertion)
        else:
            result.text = with_it
    return result


def _inserted(text: str, file: str, insertion: Insertion) -> str | None:
    """The text with an insertion; None where there is no place for it."""
    value, line_of = read(text, file)
    try:
        holder = part_at(value, insertion.path)
    except KeyError:
        return None
    if not isinstance(holder, dict | list) or not holder:
        return None
    expected = _with(value, insertion.path, insertion)
    lines = text.splitlines(keepends=True)
    first = str(next(iter(holder))) if isinstance(holder, dict) else "0"
    at = line_of((*insertion.path, first)) - 1
    if not 0 <= at < len(lines) or (insertion.path and at == line_of(insertion.path) - 1):
        return None  # it stands on the line of its holder
    end = _line_end(lines)
    if _is_flow(lines[at], text):
        new = [f"{_indent(lines[at])}{each}{end}" for each in _json_lines(insertion)]
        position = at
    else:
        indent = _indent(lines[at])
        member: JSON = {insertion.name: insertion.value} if insertion.name else [insertion.value]
        new = [f"{each}{end}" for each in yaml_lines(member, indent)]
        position = _end_of_block(lines, at, indent, isinstance(holder, list))
        if position == len(lines) and lines and not lines[-1].endswith(("\n", "\r")):
            new = [end + "".join(new).rstrip("\r\n")]  # the last line has no end: it gets one, and is the same else
    with_it = "".join((*lines[:position], *new, *lines[position:]))
    try:
        return with_it if _same(read(with_it, file)[0], expected) else None
    except UnreadableError:
        return None


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


def _is_flow(line: str, text: str) -> bool:
    """Whether the first member of a holder stands in JSON, or as it does there."""
    return text.lstrip()[:1] in ("{", "[") and (_MEMBER_OF_JSON.match(line) is not None or line.lstrip()[:1] in "{[")


def _json_lines(insertion: Insertion) -> list[str]:
    """The lines of a member before others."""
    written = json.dumps(insertion.value, indent=2, ensure_ascii=False).splitlines()
    if insertion.name:
        written[0] = f"{json.dumps(insertion.name, ensure_ascii=False)}: {written[0]}"
    return [*written[:-1], f"{written[-1]},"]


def _line_end(lines: Sequence[str]) -> str:
    return "\r\n" if lines and lines[0].endswith("\r\n") else "\n"


def _with(value: JSON, path: Path, insertion: Insertion) -> JSON:
    """A value with an insertion; only what is around it is copied."""
    if path:
        if isinstance(value, dict):
            return {**value, path[0]: _with(value[path[0]], path[1:], insertion)}
        assert isinstance(value, list)
        index = int(path[0])
        return [*value[:index], _with(value[index], path[1:], insertion), *value[index + 1 :]]
    if isinstance(value, dict):
        return {**value, insertion.name: insertion.value}
    assert isinstance(value, list)
    return [*value, insertion.value]


def _same(one: JSON, other: JSON) -> bool:
    """Whether two values are the same, but for the order of members and of the items of a list."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(member, other[name]) for name, member in one.items())
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return False
        return all(map(_same, one, other)) or _same_items(one, other)
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _same_items(one: list[JSON], other: list[JSON]) -> bool:
    """Whether a list has the last item of another one first, and the rest behind it."""
    return _same(one[0], other[-1]) and all(map(_same, one[1:], other[:-1]))
