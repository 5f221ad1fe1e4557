"""From the text of a YAML or JSON document to its JSON value, and to the line of each part of it."""

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
"""How many levels of objects and lists a document may have; real ones have up to thirty."""

Locate = Callable[[tuple[str, ...]], int]
"""From the path of a part (its keys and indexes) to its line, from 1: that of the key, or of the item in a list; for a
path that is not there the line of its nearest ancestor."""

_BLOCK = 1 << 14
_BLANK = re.compile(r"[ \t\n\r]*")
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


def read(text: str, file: str) -> tuple[JSON, Locate]:
    """The JSON value of a document, and where its parts are; an `UnreadableError` names `file` and a line at fault."""
    if text.startswith("\ufeff"):
        text = text[1:]
    if not text.strip():
        raise UnreadableError(file, 0, "the file is empty; an OpenAPI document was expected")
    if text.lstrip()[0] in "{[":
        try:
            written = _ESCAPE.sub(_whole, text) if _HALF.search(text) else text
            value = json.loads(written, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
            return _shallow(value, file), _JsonLines(text).line
        except (ValueError, RecursionError) as error:
            if file.endswith(".json"):
                raise _json_error(text, file, error) from None
    from tallystick.documents.yaml_events import (
        compose,
    )  # brings the YAML library with it, which JSON need not wait for

    try:
        value, lines = compose(text, file)
    except RecursionError:
        raise _too_deep(file) from None
    return _shallow(value, file), lines.line


def parse(text: str, file: str) -> JSON:
    """The JSON value of a document (see `read`)."""
    return read(text, file)[0]


def _whole(escape: re.Match[str]) -> str:
    """An escape in a JSON string as it stands; half of a surrogate pair, which no text can have, as U+FFFD."""
    return "\\ufffd" if escape[1] else escape[0]


def _shallow(value: JSON, file: str) -> JSON:
    """The value itself, unless it is nested more deeply than those who work on it can follow."""
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(_DEEPEST):
        inside = (child for each in level for child in (each.values() if type(each) is dict else each))
        level = list({id(child): child for child in inside if type(child) is dict or type(child) is list}.values())
        if not level:
            return value
    raise _too_deep(file)


def _too_deep(file: str) -> UnreadableError:
    return UnreadableError(file, 0, f"nested more than {_DEEPEST} levels deep; refused")


class _JsonLines:
    """Finds parts of a JSON text by passing over what is beside them, one container at a time, on demand."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.skip = json.JSONDecoder().raw_decode
        self.scanned: dict[int, tuple[dict[str, tuple[int, int]], Iterator[tuple[str, tuple[int, int]]]]] = {}
        """For each container, by its place, the members met so far, and those that are still to be passed over."""
        self.root = self.blank(0)

    def blank(self, at: int) -> int:
        match = _BLANK.match(self.text, at)
        return match.end() if match else at

    def second(self, key: str) -> int:
        """The line where a key stands for the second time in one object; 0 where it does not."""
        waiting = [self.root]
        while waiting:
            members = list(self.scan(waiting.pop()))
            places = [shown for name, (shown, _) in members if name == key]
            if len(places) > 1:
                return self.at(places[1])
            waiting += reversed([at for _, (_, at) in members])
        return 0

    def at(self, offset: int) -> int:
        """The line of a character."""
        block = offset // _BLOCK
        return self.breaks[block] + self.text.count("\n", block * _BLOCK, offset) + 1

    @cached_property
    def breaks(self) -> list[int]:
        """How many lines end before each block of the text: to count them in one block is cheap."""
        counts = (self.text.count("\n", at, at + _BLOCK) for at in range(0, len(self.text), _BLOCK))
        return list(itertools.accumulate(counts, initial=0))

    def line(self, path: tuple[str, ...]) -> int:
        at = shown = self.root
        for key in path:
            member = self.member(at, key)
            if member is None:
                break
            shown, at = member
        return self.at(shown)

    def member(self, start: int, key: str) -> tuple[int, int] | None:
        """Where a member of the container at `start` begins: its key (or item), and its value."""
        scan = self.scanned.get(start)
        if scan is None:
            scan = self.scanned[start] = ({}, self.scan(start))
        passed, rest = scan
        if key not in passed:
            for name, places in rest:
                passed[name] = places
                if name == key:
                    break
        return passed.get(key)

    def scan(self, start: int) -> Iterator[tuple[str, tuple[int, int]]]:
        kind = self.text[start]
        if kind not in "{[":
            return
        at, index = self.blank(start + 1), 0
        while self.text[at] not in "}]":
            shown, key = at, str(index)
            if kind == "{":
                key, at = self.skip(self.text, at)
                at = self.blank(self.blank(at) + 1)
            yield key, (shown, at)
            at = self.blank(self.skip(self.text, at)[1])
            if self.text[at] == ",":
                at = self.blank(at + 1)
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
        raise ValueError(f"{number} is larger than any number can be")
    return value


def _json_error(text: str, file: str, error: Exception) -> UnreadableError:
    if isinstance(error, json.JSONDecodeError):
        return UnreadableError(file, error.lineno, f"not JSON: {error.msg} (column {error.colno})")
    if isinstance(error, _Duplicate):
        try:
            json.loads(text)
        except (ValueError, RecursionError) as worse:  # behind the key; in what is no JSON it cannot be looked for
            return _json_error(text, file, worse)
        line = _JsonLines(text).second(error.key)
        return UnreadableError(file, line, f"{error}; a key may stand only once in an object")
    if isinstance(error, RecursionError):
        return _too_deep(file)
    if "digits" in str(error):
        return UnreadableError(file, 0, "not JSON that can be read: a number has more digits than any use")
    name = str(error).split()[0]
    line = text.count("\n", 0, max(text.find(name), 0)) + 1 if name in text else 0
    return UnreadableError(file, line, f"not JSON: {error}")
