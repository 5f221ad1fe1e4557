"""Path templates found by their segments: the cost of a match does not grow with the number of templates.

A literal segment goes before a templated one (OpenAPI 3.1, section 4.8.8.1), and a templated segment with
literal text around its names (`{id}.json`) goes before a bare one.
"""

from __future__ import annotations

import re
from typing import Generic, TypeVar
from urllib.parse import unquote

T = TypeVar("T")
_NAME = re.compile(r"\{([^{}]*)\}")


def template_names(template: str) -> tuple[str, ...]:
    """The names in a path template, in order: `/a/{b}/{c}.json` has `b` and `c`."""
    return tuple(_NAME.findall(template))


def template_shape(template: str) -> str:
    """A template without its names: two templates of one shape match the same paths."""
    return _NAME.sub("{}", template)


def _either(letter: str) -> str:
    """A regular expression for a letter, as it stands or percent-encoded."""
    return f"(?:{re.escape(letter)}|(?i:{''.join(f'%{octet:02x}' for octet in letter.encode())}))"


def _pattern(shape: str) -> re.Pattern[str]:
    """A regular expression for a segment with names in it; each name ends where the text behind it comes first.

    That is final for every name but the last (an atomic group), so a match takes one pass however many names there are.
    """
    before, *behind = ("".join(map(_either, unquote(part))) for part in shape.split("{}"))
    *inner, last = behind
    return re.compile(before + "".join(f"(?>(.+?){text})" for text in inner) + f"(.+?){last}", re.DOTALL)


class _Node(Generic[T]):
    __slots__ = ("literals", "patterns", "value", "wild")

    def __init__(self) -> None:
        self.literals: dict[str, _Node[T]] = {}
        self.patterns: list[tuple[str, re.Pattern[str], _Node[T]]] = []
        self.wild: _Node[T] | None = None
        self.value: T | None = None


class PathIndex(Generic[T]):
    """A set of path templates, each with a value; `matches` finds those that a concrete path meets."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, template: str, value: T) -> None:
        """Adds a template (`/pets/{id}`); one of the same shape that is there already keeps its place."""
        node = self._root
        for segment in template.split("/"):
            node = self._step(node, segment)
        if node.value is None:
            node.value = value

    @staticmethod
    def _step(node: _Node[T], segment: str) -> _Node[T]:
        if "{" not in segment or not _NAME.search(segment):
            return node.literals.setdefault(unquote(segment), _Node())
        if _NAME.fullmatch(segment):
            node.wild = node.wild or _Node()
            return node.wild
        shape = template_shape(segment)
        for known, _, child in node.patterns:
            if known == shape:
                return child
        child = _Node[T]()
        node.patterns.append((shape, _pattern(shape), child))
        node.patterns.sort(key=lambda row: -len(row[0].replace("{}", "")))
        return child

    def matches(self, path: str) -> list[tuple[T, tuple[str, ...]]]:
        """For every template that a raw path (still percent-encoded) meets, the most concrete first: its value, and
        the raw parts of the path that stand for its names, in order."""
        return self.met_by(path.split("/"))

    def met_by(self, segments: list[str]) -> list[tuple[T, tuple[str, ...]]]:
        """As `matches`, for a path that is split into its segments already."""
        found: list[tuple[T, tuple[str, ...]]] = []
        self._walk(self._root, segments, 0, (), found)
        return found

    def _walk(
        self,
        node: _Node[T],
        segments: list[str],
        depth: int,
        parts: tuple[str, ...],
        found: list[tuple[T, tuple[str, ...]]],
    ) -> None:
        end = len(segments)
        while depth < end:
            raw = segments[depth]
            child = node.literals.get(unquote(raw) if "%" in raw else raw)
            wild = node.wild if raw else None
            depth += 1
            if node.patterns or (child is not None and wild is not None):
                if child is not None:
                    self._walk(child, segments, depth, parts, found)
                for _, pattern, other in node.patterns:
                    met = pattern.fullmatch(raw)
                    if met:
                        self._walk(other, segments, depth, (*parts, *met.groups()), found)
                child = None
            if child is not None:
                node = child
            elif wild is not None:
                node, parts = wild, (*parts, raw)
            else:
                return
        if node.value is not None:
            found.append((node.value, parts))
