"""The JSON value of a YAML text, and the line of each of its parts, from the events of a YAML parser in one pass.

YAML is read as YAML 1.2's core schema (section 10.3 of that specification): `2024-01-01`, `on`, `no` and
`1_000` are strings, keys are strings, and a number that JSON cannot write (`.inf`) is a string.
"""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn, Protocol

import yaml
from yaml import events

from tallystick.nouns import budgets
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
_MOST_DIGITS = 3500
"""How long the text of an integer may be: Python writes no more than 4300 decimal digits (3571 hexadecimal ones)."""


class Lines:
    """The line of each node of a document, in three flat lists in the order of the text, which take little memory.

    The members of a node follow it; `ends` holds the index of the first node after them. The parts of an alias, and the
    members that a merge key adds, are not in the lists.
    """

    def __init__(self) -> None:
        self.lines = array("I")
        self.ends = array("I")
        self.keys: list[str | None] = []
        """The key of each node in its parent; None for the item of a list."""
        self.members_by_node: dict[int, dict[str, int]] = {}

    def line(self, path: tuple[str, ...]) -> int:
        """The line, from 1, of the key or item at a path; for a path that is not there, of its nearest ancestor."""
        at = 0
        for key in path:
            member = self.members(at).get(key)
            if member is None:
                break
            at = member
        return self.lines[at]

    def members(self, at: int) -> dict[str, int]:
        """The indexes of the nodes directly inside a node, by their keys (in a list, by their positions)."""
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

    Raises `UnreadableError` with the reason if there is no such document, `RecursionError` if it is nested too deeply.
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
    next_event: Callable[[], _Event] = _PARSER(text).get_event
    while type(event := next_event()) is not _DOCUMENT_START:
        if type(event) is _STREAM_END:
            raise UnreadableError(file, 0, "the file is empty; an OpenAPI document was expected")
    composer = _Composer(next_event, file)
    event = next_event()
    value = composer.node(event, None, event.start_mark.line)
    next_event()
    extra = next_event()
    if type(extra) is not _STREAM_END:
        line = extra.start_mark.line + 1
        raise UnreadableError(file, line, "a second YAML document starts here; a file may hold only one")
    return value, composer.lines


class _Composer:
    """Builds values from events; keeps the anchors, and counts the nodes that aliases expand to."""

    def __init__(self, next_event: Callable[[], _Event], file: str) -> None:
        self.next_event = next_event
        self.file = file
        self.lines = Lines()
        self.add_line, self.add_key, self.add_end = (
            self.lines.lines.append,
            self.lines.keys.append,
            self.lines.ends.append,
        )
        self.anchors: dict[str, tuple[JSON, int]] = {}
        self.expanded = 0

    def fail(self, event: _Event, fact: str) -> NoReturn:
        raise UnreadableError(self.file, event.start_mark.line + 1, fact)

    @property
    def count(self) -> int:
        """The number of nodes so far, with aliases expanded."""
        return len(self.lines.keys) + self.expanded

    def node(self, event: _Event, key: str | None, line: int) -> JSON:
        """The value that begins with an event; `key` is its key (None in a list), `line` the line of that, from 0."""
        at, expanded_before = len(self.lines.keys), self.expanded
        self.add_line(line + 1)
        self.add_key(key)
        self.add_end(at + 1)
        kind = type(event)
        if kind is _SCALAR:
            value = self.scalar(event)
        elif kind is _ALIAS:
            return self.alias(event)
        else:
            value = self.mapping() if kind is _MAPPING_START else self.sequence()
            self.lines.ends[at] = len(self.lines.keys)
        if event.anchor:
            self.anchors[event.anchor] = (value, self.count - at - expanded_before)
        return value

    def alias(self, event: _Event) -> JSON:
        if event.anchor not in self.anchors:
            self.fail(event, f"the alias *{event.anchor} has no anchor before it (or stands inside its own)")
        value, size = self.anchors[event.anchor]
        self.expanded += size
        if self.expanded > budgets.ALIAS_NODES:
            self.fail(event, f"the aliases expand to more than {budgets.ALIAS_NODES:,} nodes; refused")
        return value

    def sequence(self) -> list[JSON]:
        items: list[JSON] = []
        while type(event := self.next_event()) is not _SEQUENCE_END:
            items.append(self.node(event, None, event.start_mark.line))
        return items

    def mapping(self) -> dict[str, JSON]:
        value: dict[str, JSON] = {}
        merged_mappings: list[dict[str, JSON]] = []
        while (kind := type(event := self.next_event())) is not _MAPPING_END:
            if kind is _SCALAR:
                key = event.value
                if event.anchor:
                    self.anchors[event.anchor] = (key, 1)
                if key == "<<" and event.implicit[0]:
                    merged_mappings += self.merge(event)
                    continue
            elif kind is _ALIAS:
                value_of_alias = self.alias(event)
                key = value_of_alias if isinstance(value_of_alias, str) else json.dumps(value_of_alias)
            else:
                self.fail(event, "a key must be a scalar, as in JSON")
            if key in value:
                self.fail(event, f"duplicate key {key!r}; a key may stand only once in an object")
            value[key] = self.node(self.next_event(), key, event.start_mark.line)
        for other in merged_mappings:
            value = {**other, **value}
        return value

    def merge(self, key: _Event) -> list[dict[str, JSON]]:
        """The mappings of a merge key (`<<: *defaults`), which YAML 1.1 had and real documents use."""
        source = self.node(self.next_event(), "<<", key.start_mark.line)
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
                with suppress(OverflowError):  # too large: it stays an int, which is refused below
                    value = float(value)
            if type(value).__name__ != {"null": "NoneType"}.get(tag, tag):
                self.fail(event, f"{text!r} is not of the type !!{tag}")
            return value
        return text


def _plain(text: str) -> JSON:
    """The value of an unquoted scalar by YAML 1.2's core schema; a number that is too large stays a string."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_START:
        return text
    if _INTEGER.fullmatch(text):
        if len(text) > _MOST_DIGITS:
            return text
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return int(text[2:] if base != 10 else text, base)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return text if number in (float("inf"), float("-inf")) else number
    return text
