"""Where each part of a YAML or JSON text stands, character by character: for edits that keep all the rest of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import yaml

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


class _Mark(Protocol):
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a text: where it stands, and the key that leads to it (-1 for both ends where none does)."""

    start: int
    end: int
    key_start: int
    key_end: int
    kind: str
    """`mapping`, `sequence` or `scalar`."""
    is_flow: bool
    """Whether it stands in braces or brackets, or between quotes."""


class Spans:
    """The parts of one text; raises `ValueError` where it is no YAML, which has all of JSON but tabs before values."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(match.end() for match in _BREAK.finditer(text))]
        compose: Callable[..., yaml.Node | None] = yaml.compose
        try:
            self.root = compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        except (yaml.YAMLError, RecursionError) as error:
            raise ValueError(str(error)) from None

    def part(self, path: Sequence[str]) -> Part | None:
        """The part at a path; None where there is none, or where it is written elsewhere: behind an alias."""
        node, key = self.root, None
        for step in path:
            found = _member(node, step) if node is not None else None
            if found is None:
                return None
            before, (key, node) = self._at(node.start_mark if node is not None else None), found
            if self._at(node.start_mark) < max(before, self._at(key.end_mark) if key is not None else 0):
                return None  # an alias: its anchor stands before
        return self._part(node, key) if node is not None else None

    def members(self, path: Sequence[str]) -> list[str]:
        """The keys of a mapping in order, as they are written; the positions of a list."""
        node = self.root
        for step in path:
            found = _member(node, step) if node is not None else None
            node = found[1] if found is not None else None
        if isinstance(node, yaml.MappingNode):
            return [key.value for key, _ in node.value]
        return [str(index) for index in range(len(node.value))] if isinstance(node, yaml.SequenceNode) else []

    def _at(self, mark: _Mark | None) -> int:
        if mark is None:
            return 0
        if mark.line >= len(self.starts):
            return len(self.text)  # behind a comment that no line break ends
        return min(self.starts[mark.line] + mark.column, len(self.text))

    def _part(self, node: yaml.Node, key: yaml.Node | None) -> Part:
        start, end = self._at(node.start_mark), self._at(node.end_mark)
        if isinstance(node, yaml.ScalarNode):
            kind, is_flow = "scalar", node.style in ("'", '"')
        else:
            kind = "mapping" if isinstance(node, yaml.MappingNode) else "sequence"
            is_flow = bool(getattr(node, "flow_style", False))
        ends = (self._at(key.start_mark), self._at(key.end_mark)) if key is not None else (-1, -1)
        return Part(start, end, *ends, kind, is_flow)


def _member(node: yaml.Node | None, step: str) -> tuple[yaml.Node | None, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and step.isdecimal() and int(step) < len(node.value):
        return None, node.value[int(step)]
    return None
