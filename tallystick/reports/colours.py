"""Colours of a terminal: whether a stream gets them, and how a text is painted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TextIO

from tallystick.nouns.printing import coloured

_CODES = {"bold": "1", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


class Paint(Protocol):
    """Paints a text in a style, such as `red` or `bold`, or in several."""

    def __call__(self, text: str, *styles: str) -> str: ...


def wants_colour(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether a stream gets colours: a terminal does, unless NO_COLOR or FORCE_COLOR says otherwise."""
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR") not in (None, "", "0"):
        return True
    return stream.isatty() and environment.get("TERM") != "dumb"


def painter(colour: bool) -> Paint:
    """A function that paints texts for `printable`, or without `colour` one that returns them unchanged."""
    return _painted if colour else _plain


def _painted(text: str, *styles: str) -> str:
    return coloured(text, ";".join([_CODES[style] for style in styles]))


def _plain(text: str, *_: str) -> str:
    return text
