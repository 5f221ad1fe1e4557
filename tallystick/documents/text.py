"""The JSON value of a YAML or JSON text, and the line of each of its parts."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NoReturn

from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_value import JSON

_DEEPEST = 100
"""The most levels of objects and lists that a document may have; real documents have up to thirty."""

Locate = Callable[[tuple[str, ...]], int]
"""A function from the path of a part to the line, from 1, of its key or list item.

A path that is not there gets the line of its nearest ancestor.
"""

_BLOCK = 1 << 14
_MARKUP = re.compile(r"\s*<(?:(?P<xml>\?xml)|!doctype|html|head|body|!--)", re.IGNORECASE)
"""How a page begins that is sent in place of a document."""
_BLANK = re.compile(r"[ \t\n\r]*")
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


def read(text: str, file: str) -> tuple[JSON, Locate]:
    """The JSON value of a document, and the function that finds lines; raises `UnreadableError`, which names `file`."""
    if text.startswith("\ufeff"):
        text = text[1:]
    if not text.strip():
        raise UnreadableError(file, 0, "the file is empty; an OpenAPI document was expected")
    first = text.lstrip()[0]
    if first == "<" and (markup := _MARKUP.match(text)):
        name = "XML" if markup["xml"] else "HTML"
        raise UnreadableError(file, 0, f"this is {name}; an OpenAPI document in YAML or JSON was expected")
    if first in "{[":
        try:
            written = _ESCAPE.sub(_without_half_pair, text) if _HALF.search(text) else text
            value = json.loads(written, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
            return _checked_depth(value, file), _JsonLines(text).line
        except (ValueError, RecursionError) as error:
            if file.endswith(".json"):
                raise _json_error(text, file, error) from None
    # Imported late because it imports the YAML library, which JSON does not need.
    from tallystick.documents.yaml_events import compose

    try:
        value, lines = compose(text, file)
    except RecursionError:
        raise _too_deep(file) from None
    return _checked_depth(value, file), lines.line


def parse(text: str, file: str) -> JSON:
    """The JSON value of a document (see `read`)."""
    return read(text, file)[0]


def _without_half_pair(escape: re.Match[str]) -> str:
    """An escape of a JSON string, unchanged; but U+FFFD for half of a surrogate pair, which is no character."""
    return "\\ufffd" if escape[1] else escape[0]


def _checked_depth(value: JSON, file: str) -> JSON:
    """The value itself; raises `UnreadableError` if it has too many levels."""
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(_DEEPEST):
        children = (child for parent in level for child in (parent.values() if type(parent) is dict else parent))
        level = list({id(child): child for child in children if type(child) is dict or type(child) is list}.values())
        if not level:
            return value
    raise _too_deep(file)


def _too_deep(file: str) -> UnreadableError:
    return UnreadableError(file, 0, f"nested more than {_DEEPEST} levels deep; refused")


class _JsonLines:
    """Finds the lines of parts of a JSON text on demand: it scans only the containers around a part, and only up to it.

    A container is known by the offset where it begins. A member has two offsets: that of its key (in a list, of the
    item), which is shown, and that of its value.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.parse_value = json.JSONDecoder().raw_decode
        self.scanned: dict[int, tuple[dict[str, tuple[int, int]], Iterator[tuple[str, tuple[int, int]]]]] = {}
        """For each container, the members scanned so far, and the scan of the rest."""
        self.root = self.after_blanks(0)

    def after_blanks(self, at: int) -> int:
        """The offset of the first character from `at` on that is no white space."""
        match = _BLANK.match(self.text, at)
        return match.end() if match else at

    def line_of_second(self, key: str) -> int:
        """The line where a key stands for the second time in one object; 0 if there is no such object."""
        waiting = [self.root]
        while waiting:
            members = list(self.scan(waiting.pop()))
            key_offsets = [key_offset for name, (key_offset, _) in members if name == key]
            if len(key_offsets) > 1:
                return self.line_at(key_offsets[1])
            waiting += reversed([value_offset for _, (_, value_offset) in members])
        return 0

    def line_at(self, offset: int) -> int:
        """The line of the character at an offset."""
        block = offset // _BLOCK
        return self.breaks[block] + self.text.count("\n", block * _BLOCK, offset) + 1

    @cached_property
    def breaks(self) -> list[int]:
        """How many lines end before each block of the text, so that only those in one block are left to count."""
        counts = (self.text.count("\n", at, at + _BLOCK) for at in range(0, len(self.text), _BLOCK))
        return list(itertools.accumulate(counts, initial=0))

    def line(self, path: tuple[str, ...]) -> int:
        """The line of the part at a path (see `Locate`)."""
        key_offset = value_offset = self.root
        for key in path:
            member = self.member(value_offset, key)
            if member is None:
                break
            key_offset, value_offset = member
        return self.line_at(key_offset)

    def member(self, start: int, key: str) -> tuple[int, int] | None:
        """The two offsets of a member of the container at `start`; None if it has no such member."""
        scan = self.scanned.get(start)
        if scan is None:
            scan = self.scanned[start] = ({}, self.scan(start))
        members, rest = scan
        if key not in members:
            for name, offsets in rest:
                members[name] = offsets
                if name == key:
                    break
        return members.get(key)

    def scan(self, start: int) -> Iterator[tuple[str, tuple[int, int]]]:
        """The key (or index) and the two offsets of each member of the container at `start`, in order."""
        kind = self.text[start]
        if kind not in "{[":
            return
        at, index = self.after_blanks(start + 1), 0
        while self.text[at] not in "}]":
            key_offset, key = at, str(index)
            if kind == "{":
                key, at = self.parse_value(self.text, at)
                at = self.after_blanks(self.after_blanks(at) + 1)  # over the colon
            yield key, (key_offset, at)
            at = self.after_blanks(self.parse_value(self.text, at)[1])
            if self.text[at] == ",":
                at = self.after_blanks(at + 1)
            index += 1


class _Duplicate(ValueError):
    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"duplicate key {key!r}")


def _unique(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Duplicate(key)
            seen.add(key)
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _finite(number: str) -> float:
    value = float(number)
    if math.isinf(value):
        raise ValueError(f"{number} is too large for a number")
    return value


def _json_error(text: str, file: str, error: Exception) -> UnreadableError:
    if isinstance(error, json.JSONDecodeError):
        return UnreadableError(file, error.lineno, f"not JSON: {error.msg} (column {error.colno})")
    if isinstance(error, _Duplicate):
        try:
            json.loads(text)
        except (
            ValueError,
            RecursionError,
        ) as worse:  # another fault after the key, for which the text cannot be scanned
            return _json_error(text, file, worse)
        line = _JsonLines(text).line_of_second(error.key)
        return UnreadableError(file, line, f"{error}; a key may stand only once in an object")
    if isinstance(error, RecursionError):
        return _too_deep(file)
    if "digits" in str(error):
        return UnreadableError(file, 0, "not JSON that can be read: a number has too many digits")
    name = str(error).split()[0]
    line = text.count("\n", 0, max(text.find(name), 0)) + 1 if name in text else 0
    return UnreadableError(file, line, f"not JSON: {error}")
