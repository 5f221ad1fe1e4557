"""An index of path templates by their literal segments; a look-up costs the same for many templates as for few.

A literal segment goes before a templated one (OpenAPI 3.1, section 4.8.8.1), and a templated segment with
literal text around its names (`{id}.json`) goes before a bare one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
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


_MARKED = re.compile(r"(?P<path>/(?:\{[^{}]*\}|[^{}?#])*)(?P<mark>[?#].+)", re.DOTALL)


def path_and_mark(template: str) -> tuple[str, str]:
    """A path template, and what it asks for beside the path as some documents have it: `?beta=true`, `#Action=Add`."""
    match = _MARKED.fullmatch(template)
    return (match["path"], match["mark"]) if match is not None else (template, "")


def _either(letter: str) -> str:
    """A regular expression for a letter, as it stands or percent-encoded."""
    return f"(?:{re.escape(letter)}|(?i:{''.join(f'%{octet:02x}' for octet in letter.encode())}))"


def _pattern(shape: str) -> re.Pattern[str]:
    """A regular expression for a segment with names in it; each value ends where the text after its name first occurs.

    Atomic groups make that end final for all names but the last, so that a match takes one pass however many there are.
    """
    before, *after_names = ("".join(map(_either, unquote(text))) for text in shape.split("{}"))
    *inner, last = after_names
    return re.compile(before + "".join(f"(?>(.+?){text})" for text in inner) + f"(.+?){last}", re.DOTALL)


PathValues = tuple[str, ...]
"""The raw values in a path for the names of a template, in order."""

_LITERAL, _TEXT_AROUND, _BARE = 0, 1, 2
_Kind = tuple[int, int, str]
"""The kind of a segment: literal, text around names, or a bare name; minus the length of that text; its shape.

The order of the tuples is the order in which templates are tried: more text around the names goes first.
"""


def _kind(segment: str) -> _Kind:
    if "{" not in segment or not _NAME.search(segment):
        return _LITERAL, 0, ""
    shape = template_shape(segment)
    return (_BARE, 0, "") if shape == "{}" else (_TEXT_AROUND, -len(shape.replace("{}", "")), shape)


@dataclass
class _Group(Generic[T]):
    """Templates with segments of the same kinds; the text of the literal segments is the key of each."""

    kinds: tuple[_Kind, ...]
    values: dict[Hashable, T] = field(default_factory=dict)

    def __post_init__(self) -> None:
        positions = [index for index, kind in enumerate(self.kinds) if kind[0] == _LITERAL]
        self.key: Callable[[Sequence[str]], Hashable] = itemgetter(*positions) if positions else lambda _: ()
        self.read_values = _values_reader(self.kinds)


def _values_reader(kinds: Sequence[_Kind]) -> Callable[[Sequence[str]], PathValues | None]:
    """A function from the segments of a path to its path values; it gives None if a name would have no value."""
    templated = [
        (index, _pattern(shape) if shape else None) for index, (kind, _, shape) in enumerate(kinds) if kind != _LITERAL
    ]
    if not templated:
        return lambda _: ()
    if len(templated) == 1 and templated[0][1] is None:
        only = templated[0][0]
        return lambda segments: (segments[only],) if segments[only] else None

    def read(segments: Sequence[str]) -> PathValues | None:
        values: list[str] = []
        for index, pattern in templated:
            raw = segments[index]
            if pattern is None:
                values.append(raw)
            elif match := pattern.fullmatch(raw):
                values += match.groups()
            else:
                return None
        return None if "" in values else tuple(values)

    return read


class PathIndex(Generic[T]):
    """A set of path templates, each with a value; `matches` finds the values of those that match a path.

    Templates are grouped by the kinds of their segments, and an API has few such groups. In each group with as many
    segments as the path, one look-up by the literal segments finds the template.
    """

    def __init__(self) -> None:
        self._groups: dict[int, list[_Group[T]]] = {}

    def add(self, template: str, value: T) -> None:
        """Add a template (`/pets/{id}`), unless one of the same shape is there already."""
        segments = template.split("/")
        kinds = tuple(map(_kind, segments))
        groups = self._groups.setdefault(len(segments), [])
        group = next((each for each in groups if each.kinds == kinds), None)
        if group is None:
            group = _Group(kinds)
            groups.append(group)
            groups.sort(key=lambda each: [kind[:2] for kind in each.kinds])
        group.values.setdefault(group.key([unquote(segment) for segment in segments]), value)

    def matches(self, path: str) -> list[tuple[T, PathValues]]:
        """The value of each template that matches a raw path (still percent-encoded), the most concrete template first.

        With each come the path values, still percent-encoded, in the order of the names in the template.
        """
        matches: list[tuple[T, PathValues]] = []
        raw = path.split("/")
        segments = [unquote(segment) for segment in raw] if "%" in path else raw
        for group in self._groups.get(len(raw), ()):
            value = group.values.get(group.key(segments))
            if value is not None:
                path_values = group.read_values(raw)
                if path_values is not None:
                    matches.append((value, path_values))
        return matches
