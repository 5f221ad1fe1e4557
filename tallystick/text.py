"""From the text of a YAML or JSON document to its JSON value, and to the line of each part of it.

YAML is read as YAML 1.2's core schema (section 10.3 of that specification): `2024-01-01`, `on`, `no` and
`1_000` are strings, keys are strings, and what JSON cannot say is not a value.
"""

from __future__ import annotations

import bisect
import json
import math
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, NoReturn

import yaml

from tallystick.errors import UnreadableError

_LOADER: Any = getattr(yaml, "CLoader", yaml.Loader)
_EXPANSION_LIMIT = 20_000_000
"""How many nodes the aliases of one document may stand for; a document of 13 MB has under two million."""

_DEEPEST = 100
"""How many levels of objects and lists a document may have; real ones have up to thirty."""

_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NUMBER_START = frozenset("+-.0123456789")
_BLANK = re.compile(r"[ \t\n\r]*")
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
_TAG = "tag:yaml.org,2002:"


def parse(text: str, file: str) -> Any:
    """The JSON value of a document; `file` is named in an `UnreadableError` with the line at fault."""
    if text.startswith("\ufeff"):
        text = text[1:]
    if not text.strip():
        raise UnreadableError(file, 0, "the file is empty; an OpenAPI document was expected")
    if text.lstrip()[0] in "{[":
        try:
            written = _ESCAPE.sub(_whole, text) if _HALF.search(text) else text
            value = json.loads(written, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
            return _shallow(value, file)
        except (ValueError, RecursionError) as error:
            if file.endswith(".json"):
                raise _json_error(text, file, error) from None
    return _shallow(_compose(_events(text, file), file), file)


def _whole(escape: re.Match[str]) -> str:
    """An escape in a JSON string as it stands; half of a surrogate pair, which no text can have, as U+FFFD."""
    return "\\ufffd" if escape[1] else escape[0]


def _shallow(value: Any, file: str) -> Any:
    """The value itself, unless it is nested more deeply than those who work on it can follow."""
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(_DEEPEST):
        inside = (child for one in level for child in (one.values() if isinstance(one, dict) else one))
        level = list({id(child): child for child in inside if isinstance(child, (dict, list))}.values())
        if not level:
            return value
    raise UnreadableError(file, 0, f"nested more than {_DEEPEST} levels deep; refused")


def locator(text: str) -> Callable[[tuple[str, ...]], int]:
    """A function from the path of a part (its keys and indexes) to its line, from 1, in a text that `parse` took.

    The line is that of the key, or of the item in a list; a path that is not there has its nearest ancestor's.
    """
    if text.startswith("\ufeff"):
        text = text[1:]
    if text.lstrip()[:1] in ("{", "["):
        try:
            return _JsonLines(text).line
        except ValueError:  # a YAML document in flow style
            pass
    lines: dict[tuple[str, ...], int] = {}
    _compose(_events(text, ""), "", lines)

    def line(path: tuple[str, ...]) -> int:
        while path not in lines:
            path = path[:-1]
        return lines[path]

    return line


class _JsonLines:
    """Finds parts of a JSON text by passing over what is beside them, one container at a time, on demand."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.skip = json.JSONDecoder().raw_decode
        self.children: dict[int, dict[str, tuple[int, int]]] = {}
        self.root = self.blank(0)
        if self.blank(self.skip(text, self.root)[1]) != len(text):
            raise ValueError("more than one JSON value")

    def blank(self, at: int) -> int:
        match = _BLANK.match(self.text, at)
        return match.end() if match else at

    def second(self, key: str) -> int:
        """The line where a key stands for the second time in one object; 0 where it does not."""
        waiting = [self.root]
        while waiting:
            found = list(self.scan(waiting.pop()))
            places = [shown for name, (shown, _) in found if name == key]
            if len(places) > 1:
                return self.at(places[1])
            waiting += reversed([at for _, (_, at) in found])
        return 0

    def at(self, offset: int) -> int:
        """The line of a character."""
        return bisect.bisect_right(self.breaks, offset) + 1

    def line(self, path: tuple[str, ...]) -> int:
        at = shown = self.root
        for key in path:
            found = self.members(at).get(key)
            if found is None:
                break
            shown, at = found
        return self.at(shown)

    @cached_property
    def breaks(self) -> list[int]:
        """Where each line ends."""
        return [found.start() for found in re.finditer("\n", self.text)]

    def members(self, start: int) -> dict[str, tuple[int, int]]:
        """For each member of the container at `start`: where its key (or item) and where its value begins."""
        known = self.children.get(start)
        if known is None:
            known = self.children[start] = dict(self.scan(start))
        return known

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


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
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
        line = _JsonLines(text).second(error.key)
        return UnreadableError(file, line, f"{error}; a key may stand only once in an object")
    if isinstance(error, RecursionError):
        return UnreadableError(file, 0, f"nested more than {_DEEPEST} levels deep; refused")
    if "digits" in str(error):
        return UnreadableError(file, 0, "not JSON that can be read: a number has more digits than any use")
    name = str(error).split()[0]
    line = text.count("\n", 0, max(text.find(name), 0)) + 1 if name in text else 0
    return UnreadableError(file, line, f"not JSON: {error}")


def _events(text: str, file: str) -> Iterator[Any]:
    try:
        yield from yaml.parse(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        fact = ", ".join(filter(None, (error.context, error.problem)))
        at_tab = mark is not None and text[mark.index : mark.index + 1] == "\t"
        hint = "; YAML is indented with spaces, not tabs" if at_tab else ""
        raise UnreadableError(file, mark.line + 1 if mark else 0, f"not YAML: {fact}{hint}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        code = error.character if isinstance(error.character, int) else ord(error.character)
        fact = f"not YAML: the character U+{code:04X} is not allowed"
        raise UnreadableError(file, line, fact) from None
    except yaml.YAMLError as error:
        raise UnreadableError(file, 0, f"not YAML: {error}") from None


def _compose(events: Iterator[Any], file: str, lines: dict[tuple[str, ...], int] | None = None) -> Any:
    """The value of the only document of a stream of YAML events; fills `lines` where it is given."""
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            break
    else:
        raise UnreadableError(file, 0, "the file is empty; an OpenAPI document was expected")
    try:
        value = _Composer(events, file, lines).node(next(events), ())
    except RecursionError:
        raise UnreadableError(file, 0, f"nested more than {_DEEPEST} levels deep; refused") from None
    next(events)
    extra = next(events)
    if not isinstance(extra, yaml.StreamEndEvent):
        line = extra.start_mark.line + 1
        raise UnreadableError(file, line, "a second YAML document starts here; one document a file is read")
    return value


class _Composer:
    """Builds values from events; keeps the anchors, and counts what aliases expand to."""

    def __init__(self, events: Iterator[Any], file: str, lines: dict[tuple[str, ...], int] | None) -> None:
        self.next: Callable[[], Any] = events.__next__
        self.file = file
        self.lines = lines
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.count = 0

    def fail(self, event: Any, fact: str) -> NoReturn:
        raise UnreadableError(self.file, event.start_mark.line + 1, fact)

    def node(self, event: Any, path: tuple[str, ...]) -> Any:
        self.count += 1
        kind = type(event)
        if self.lines is not None and path not in self.lines:
            self.lines[path] = event.start_mark.line + 1
        if kind is yaml.ScalarEvent:
            value: Any = self.scalar(event)
            if event.anchor:
                self.anchors[event.anchor] = (value, 1)
            return value
        if kind is yaml.AliasEvent:
            return self.alias(event)
        before = self.count
        value = self.mapping(path) if kind is yaml.MappingStartEvent else self.sequence(path)
        if event.anchor:
            self.anchors[event.anchor] = (value, self.count - before + 1)
        return value

    def alias(self, event: Any) -> Any:
        if event.anchor not in self.anchors:
            self.fail(event, f"the alias *{event.anchor} has no anchor before it (or stands inside its own)")
        value, size = self.anchors[event.anchor]
        self.count += size
        if self.count > _EXPANSION_LIMIT:
            self.fail(event, f"the aliases expand to more than {_EXPANSION_LIMIT:,} nodes; refused")
        return value

    def sequence(self, path: tuple[str, ...]) -> list[Any]:
        items: list[Any] = []
        while type(event := self.next()) is not yaml.SequenceEndEvent:
            items.append(self.node(event, (*path, str(len(items)))))
        return items

    def mapping(self, path: tuple[str, ...]) -> dict[str, Any]:
        value: dict[str, Any] = {}
        merged: list[dict[str, Any]] = []
        while type(event := self.next()) is not yaml.MappingEndEvent:
            if type(event) is yaml.AliasEvent:
                key = self.alias(event)
            elif type(event) is yaml.ScalarEvent:
                key = event.value
                if event.anchor:
                    self.anchors[event.anchor] = (key, 1)
            else:
                self.fail(event, "a key must be a scalar, as in JSON")
            if not isinstance(key, str):
                key = json.dumps(key)
            if key == "<<" and event.implicit[0]:
                merged += self.merge(event, path)
                continue
            if key in value:
                self.fail(event, f"duplicate key {key!r}; a key may stand only once in an object")
            child = (*path, key)
            if self.lines is not None:
                self.lines[child] = event.start_mark.line + 1
            value[key] = self.node(self.next(), child)
        for other in merged:
            value = {**other, **value}
        return value

    def merge(self, key: Any, path: tuple[str, ...]) -> list[dict[str, Any]]:
        """The mappings of a merge key (`<<: *defaults`), which YAML 1.1 had and real documents use."""
        source = self.node(self.next(), (*path, "<<"))
        sources = source if isinstance(source, list) else [source]
        if not all(isinstance(item, dict) for item in sources):
            self.fail(key, "a merge key (<<) takes a mapping or a list of mappings")
        return sources

    def scalar(self, event: Any) -> Any:
        text: str = event.value
        tag: str | None = event.tag
        if tag and tag != "!":
            return self.tagged(event, text, tag.removeprefix(_TAG))
        if tag or not event.implicit[0]:  # quoted, or with the tag `!`
            return text
        return _plain(text)

    def tagged(self, event: Any, text: str, tag: str) -> Any:
        if tag in ("int", "float", "bool", "null"):
            value = _plain(text)
            if tag == "float" and type(value) is int:
                value = float(value)
            if type(value).__name__ != {"null": "NoneType"}.get(tag, tag):
                self.fail(event, f"{text!r} is not of the type !!{tag}")
            return value
        return text


def _plain(text: str) -> Any:
    """The value of an unquoted scalar by YAML 1.2's core schema; a number that JSON lacks stays a string."""
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if text[0] not in _NUMBER_START:
        return text
    if _INTEGER.fullmatch(text):
        if len(text) > 4000:
            return text
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return int(text[2:] if base != 10 else text, base)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return text if number in (float("inf"), float("-inf")) else number
    return text
