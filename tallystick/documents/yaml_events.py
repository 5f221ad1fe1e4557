"""From the events of a YAML parser to a JSON value, and to the line of each part of it, in one pass.

YAML is read as YAML 1.2's core schema (section 10.3 of that specification): `2024-01-01`, `on`, `no` and
`1_000` are strings, keys are strings, and what JSON cannot say is not a value.
"""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Callable
from typing import NoReturn, Protocol

import yaml
from yaml import events

from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_value import JSON


class _Mark(Protocol):
    line: int
    """From 0."""


class _Event(Protocol):
    """An event of PyYAML's parsers; its type tells which of these members it has."""

    start_mark: _Mark
    anchor: str | None
    tag: str | None
    implicit: tuple[bool, bool]
    value: str


_DOCUMENT_START: type[object] = events.DocumentStartEvent
_STREAM_END: type[object] = events.StreamEndEvent
_MAPPING_START: type[object] = events.MappingStartEvent
_MAPPING_END: type[object] = events.MappingEndEvent
_SEQUENCE_END: type[object] = events.SequenceEndEvent
_SCALAR: type[object] = events.ScalarEvent
_ALIAS: type[object] = events.AliasEvent


class _Parser(Protocol):
    def get_event(self) -> _Event: ...


_PARSER: Callable[[str], _Parser] = getattr(yaml, "CLoader", yaml.Loader)
_EXPANSION_LIMIT = 20_000_000
"""How many nodes the aliases of one document may stand for; a document of 13 MB has under two million."""

_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
"""The unquoted scalars that are null or a boolean."""

_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NUMBER_START = frozenset("+-.0123456789")
_TAG = "tag:yaml.org,2002:"


class Lines:
    """The line of each node of a document: three lists in the order of the text, so that they cost little to keep.

    A node's members follow it, up to where `ends` says that the next node beside it is. What an alias stands for, or
    a merge key brings, has no nodes of its own.
    """

    def __init__(self) -> None:
        self.lines = array("I")
        self.ends = array("I")
        self.keys: list[str | None] = []
        """The key that each node is the value of; None for the items of lists."""
        self.members_by_node: dict[int, dict[str, int]] = {}

    def line(self, path: tuple[str, ...]) -> int:
        """The line, from 1, of the key or item at a path, or of its nearest ancestor that is there."""
        at = 0
        for key in path:
            member = self.members(at).get(key)
            if member is None:
                break
            at = member
        return self.lines[at]

    def members(self, at: int) -> dict[str, int]:
        """The nodes inside a node, by their keys and indexes."""
        members = self.members_by_node.get(at)
        if members is None:
            members = self.members_by_node[at] = {}
            child, end = at + 1, self.ends[at]
            while child < end:
                key = self.keys[child]
                members[str(len(members)) if key is None else key] = child
                child = self.ends[child]
        return members


def compose(text: str, file: str) -> tuple[JSON, Lines]:
    """The value of the only YAML document in a text, and its lines.

    An `UnreadableError` says why there is none; a `RecursionError` that it is nested too deeply.
    """
    try:
        return _compose(text, file)
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


def _compose(text: str, file: str) -> tuple[JSON, Lines]:
    event_after: Callable[[], _Event] = _PARSER(text).get_event
    while type(event := event_after()) is not _DOCUMENT_START:
        if type(event) is _STREAM_END:
            raise UnreadableError(file, 0, "the file is empty; an OpenAPI document was expected")
    composer = _Composer(event_after, file)
    event = event_after()
    value = composer.node(event, None, event.start_mark.line)
    event_after()
    extra = event_after()
    if type(extra) is not _STREAM_END:
        line = extra.start_mark.line + 1
        raise UnreadableError(file, line, "a second YAML document starts here; one document a file is read")
    return value, composer.lines


class _Composer:
    """Builds values from events; keeps the anchors, and counts what aliases expand to."""

    def __init__(self, event_after: Callable[[], _Event], file: str) -> None:
        self.next = event_after
        self.file = file
        self.lines = Lines()
        self.line, self.key, self.end = self.lines.lines.append, self.lines.keys.append, self.lines.ends.append
        self.anchors: dict[str, tuple[JSON, int]] = {}
        self.expanded = 0

    def fail(self, event: _Event, fact: str) -> NoReturn:
        raise UnreadableError(self.file, event.start_mark.line + 1, fact)

    @property
    def count(self) -> int:
        """How many nodes there are so far, with those that aliases stand for."""
        return len(self.lines.keys) + self.expanded

    def node(self, event: _Event, key: str | None, line: int) -> JSON:
        """The value that begins with an event, under a key (None in a list) that stands on a line, from 0."""
        at, before = len(self.lines.keys), self.expanded
        self.line(line + 1)
        self.key(key)
        self.end(at + 1)
        kind = type(event)
        if kind is _SCALAR:
            value = self.scalar(event)
        elif kind is _ALIAS:
            return self.alias(event)
        else:
            value = self.mapping() if kind is _MAPPING_START else self.sequence()
            self.lines.ends[at] = len(self.lines.keys)
        if event.anchor:
            self.anchors[event.anchor] = (value, self.count - at - before)
        return value

    def alias(self, event: _Event) -> JSON:
        if event.anchor not in self.anchors:
            self.fail(event, f"the alias *{event.anchor} has no anchor before it (or stands inside its own)")
        value, size = self.anchors[event.anchor]
        self.expanded += size
        if self.count > _EXPANSION_LIMIT:
            self.fail(event, f"the aliases expand to more than {_EXPANSION_LIMIT:,} nodes; refused")
        return value

    def sequence(self) -> list[JSON]:
        items: list[JSON] = []
        while type(event := self.next()) is not _SEQUENCE_END:
            items.append(self.node(event, None, event.start_mark.line))
        return items

    def mapping(self) -> dict[str, JSON]:
        value: dict[str, JSON] = {}
        merged: list[dict[str, JSON]] = []
        while (kind := type(event := self.next())) is not _MAPPING_END:
            if kind is _SCALAR:
                key = event.value
                if event.anchor:
                    self.anchors[event.anchor] = (key, 1)
                if key == "<<" and event.implicit[0]:
                    merged += self.merge(event)
                    continue
            elif kind is _ALIAS:
                name = self.alias(event)
                key = name if isinstance(name, str) else json.dumps(name)
            else:
                self.fail(event, "a key must be a scalar, as in JSON")
            if key in value:
                self.fail(event, f"duplicate key {key!r}; a key may stand only once in an object")
            value[key] = self.node(self.next(), key, event.start_mark.line)
        for other in merged:
            value = {**other, **value}
        return value

    def merge(self, key: _Event) -> list[dict[str, JSON]]:
        """The mappings of a merge key (`<<: *defaults`), which YAML 1.1 had and real documents use."""
        source = self.node(self.next(), "<<", key.start_mark.line)
        sources = source if isinstance(source, list) else [source]
        mappings = [item for item in sources if isinstance(item, dict)]
        if len(mappings) < len(sources):
            self.fail(key, "a merge key (<<) takes a mapping or a list of mappings")
        return mappings

    def scalar(self, event: _Event) -> JSON:
        tag: str | None = event.tag
        if tag is None and event.implicit[0]:
            return _plain(event.value)
        if tag and tag != "!":
            return self.tagged(event, event.value, tag.removeprefix(_TAG))
        return event.value  # quoted, or with the tag `!`

    def tagged(self, event: _Event, text: str, tag: str) -> JSON:
        if tag in ("int", "float", "bool", "null"):
            value = _plain(text)
            if tag == "float" and type(value) is int:
                value = float(value)
            if type(value).__name__ != {"null": "NoneType"}.get(tag, tag):
                self.fail(event, f"{text!r} is not of the type !!{tag}")
            return value
        return text


def _plain(text: str) -> JSON:
    """The value of an unquoted scalar by YAML 1.2's core schema; a number that JSON lacks stays a string."""
    if text in _WORDS:
        return _WORDS[text]
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
