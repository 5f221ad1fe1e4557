"""The lines of a contract that a finding is about, as they stand in its file."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from tallystick.files.reading import read_whole
from tallystick.nouns.printing import visible
from tallystick.nouns.violation import Place

_LINES = 4
_LINE_CHARACTERS = 160
_FILES = 20


def clause(place: Place) -> tuple[str, ...]:
    """The line of a place and those that belong to it, with their numbers; nothing where the file is not at hand."""
    first = place.line
    if not first or place.is_minified or "://" in place.file:
        return ()
    lines = _lines_of(place.file)[first - 1 : first - 1 + _LINES]
    if not lines:
        return ()
    indent = _indent(lines[0])
    inside = 1
    while inside < len(lines) and (not lines[inside].strip() or _indent(lines[inside]) > indent):
        inside += 1
    return tuple(f"{first + index} | {_shown(line[indent:])}" for index, line in enumerate(lines[:inside]))


@lru_cache(_FILES)
def _lines_of(file: str) -> list[str]:
    try:
        return read_whole(Path(file)).decode("utf-8-sig", "replace").splitlines()
    except (OSError, ValueError):
        return []


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _shown(line: str) -> str:
    text = visible(line.rstrip())
    return text if len(text) <= _LINE_CHARACTERS else f"{text[:_LINE_CHARACTERS]}…"
