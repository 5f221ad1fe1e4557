"""Whether a segment of a path is a value (an id, a date, a number) or a word, by its own letters alone."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from tallystick.resources.names import words_of

_VALUE = re.compile(
    r"[+-]?\d+(?:[.,:]\d+)*"  # numbers, addresses of hosts, times
    r"|\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?"
    r"|\d{4}-\d\d(?:-\d\d(?:[T ].*)?)?"
    r"|(?=[a-z]*\d)(?:0x)?[0-9a-f]{7,}"  # digests
    r"|(?=.*\d)[a-z]{2,20}[_-](?=[a-z_-]*\d)[0-9a-z]{6,}"  # ids that begin with their kind: cus_9s6XKzkNRiz8i3
    r"|[a-z]+[_-]\d+|\d[0-9a-z]*\d[0-9a-z]*"  # order_7, 01HZX3
    r"|[^@]+@[^@]+"  # addresses of people
    r"|.*[%/\s,;=|'\"<>\[\]{}\\^`].*",
    re.IGNORECASE | re.DOTALL,
)
_VERSION = re.compile(r"v\d+(?:[.p]\d+)*(?:(?:alpha|beta|rc)\d*)?(?:\.\d+)*", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]+\d{0,3}|[A-Za-z]+(?:[-_.~][A-Za-z]+)*\d{0,3}")
_FILE = re.compile(r"(.+?)((?::[A-Za-z]\w*)|(?:\.[a-z]{2,5}))")
_CALL = re.compile(r"([A-Za-z_]\w*\()(.+)(\))")
_LEAST_DIGITS, _LEAST_MIXED = 4, 10
_LEAST_PIECES, _LETTERS_EACH = 4, 3


class Parts(NamedTuple):
    """A segment: the value in it, and the text around the value."""

    before: str
    value: str
    after: str


def is_version(text: str) -> bool:
    """Whether a segment is the version of an API: `v1`, `v1beta1`."""
    return _VERSION.fullmatch(text) is not None


def is_value(text: str) -> bool:
    """Whether a decoded segment is a value, and surely no word of the path."""
    if is_version(text):
        return False
    if _VALUE.fullmatch(text):
        return True
    if (_WORD.fullmatch(text) and not _is_random(text)) or text.startswith(("@", "$", ".", "_")):
        return False
    digits = sum(map(str.isdigit, text))
    if _is_random(text):
        return True
    is_mixed = any(map(str.isupper, text)) and any(map(str.islower, text)) and digits
    return digits >= _LEAST_DIGITS or not text.isascii() or (bool(is_mixed) and len(text) >= _LEAST_MIXED)


def _is_random(text: str) -> bool:
    """Whether capitals and small letters follow each other as in no name: `ykJiNQhdTqOzKu`, also behind a kind."""
    tail = re.split(r"[_-]", text)[-1]
    words = words_of(tail)
    return (
        tail.isalnum()
        and len(tail) >= _LEAST_MIXED
        and len(words) >= _LEAST_PIECES
        and len(tail) < _LETTERS_EACH * len(words)
    )


@lru_cache(maxsize=65_536)
def parts_of(text: str) -> Parts | None:
    """The parts of a segment that has a value in it; None for a word."""
    if is_value(text) and not _CALL.fullmatch(text) and not _is_file(text):
        return Parts("", text, "")
    call = _CALL.fullmatch(text)
    if call is not None:
        return Parts(*call.groups())
    file = _FILE.fullmatch(text)
    if file is not None and is_value(file[1]):
        return Parts("", file[1], file[2])
    return None


def _is_file(text: str) -> bool:
    file = _FILE.fullmatch(text)
    return file is not None and is_value(file[1]) and not file[2][1:].isdigit() and "@" not in text
