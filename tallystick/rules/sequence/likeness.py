"""How like two values are: the same, the same in another form, or different."""

from __future__ import annotations

import enum
import html
import ipaddress
import math
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime

from tallystick.nouns.json_value import JSON

_LARGEST_EXACT = 2**53
"""Beyond this many JSON readers have no exact integers (RFC 8259, section 6)."""
_DIGITS = 6
"""To how many digits behind the point a number may be rounded."""
_TRUNCATED_SECONDS = 1.0
"""How far a moment may be from itself where its fraction is cut."""
_LONGEST_SET = 100
"""How many items a list has at most that is compared in any order."""
_UNCOMPARED = frozenset(("time", "duration"))
"""Formats with so many spellings of one value that they are not compared."""


class Likeness(enum.IntEnum):
    """How like a value is to the one that was sent."""

    SAME = 0
    OTHER_FORM = 1
    """Trimmed, rounded, sorted, in another case: as a server may keep it where the contract does not say."""
    DIFFERENT = 2


def likeness(sent: JSON, shown: JSON, value_format: str = "") -> Likeness:
    """How like a shown value is to the one that was sent; members that only one of two objects has are passed over."""
    if sent is None or value_format in _UNCOMPARED:
        return Likeness.SAME  # null may mean that the server is to choose
    if isinstance(sent, bool) or isinstance(shown, bool):
        return Likeness.SAME if sent is shown else Likeness.DIFFERENT
    if isinstance(sent, (int, float)) and isinstance(shown, (int, float)):
        return _of_numbers(sent, shown)
    if isinstance(sent, str) and isinstance(shown, str):
        return _of_texts(sent, shown, value_format)
    if isinstance(sent, list) and isinstance(shown, list):
        return _of_lists(sent, shown)
    if isinstance(sent, dict) and isinstance(shown, dict):
        return max((likeness(sent[key], shown[key]) for key in sent.keys() & shown.keys()), default=Likeness.SAME)
    is_nothing = sent in ("", [], {}) and shown in (None, "", [], {})
    return Likeness.OTHER_FORM if is_nothing else Likeness.DIFFERENT


def _of_numbers(sent: float, shown: float) -> Likeness:
    if sent == shown or math.isclose(sent, shown, rel_tol=1e-9):
        return Likeness.SAME
    if abs(sent) > _LARGEST_EXACT:
        return Likeness.OTHER_FORM
    is_rounded = isinstance(sent, float) and any(
        math.isclose(shown, sent, abs_tol=10.0**-digits) and math.isclose(shown, round(shown, digits), abs_tol=1e-12)
        for digits in range(_DIGITS)
    )
    return Likeness.OTHER_FORM if is_rounded else Likeness.DIFFERENT


def _of_texts(sent: str, shown: str, value_format: str) -> Likeness:
    if sent == shown or _moments_are_same(sent, shown):
        return Likeness.SAME
    if value_format.startswith(("ip", "date")) and (_address(sent) == _address(shown) or _moment(sent) is None):
        return Likeness.SAME
    if value_format == "uuid" and sent.casefold() == shown.casefold():
        return Likeness.SAME
    is_form = _plain(sent) in (_plain(shown), _plain(html.unescape(shown)))
    return Likeness.OTHER_FORM if is_form else Likeness.DIFFERENT


def _plain(text: str) -> str:
    """A text without what servers normalise: case, spaces, control characters, forms of Unicode, a slash at the end."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = (" " if each.isspace() else each for each in folded if each.isspace() or each.isprintable())
    return " ".join("".join(kept).split()).rstrip("/").replace("\ufffd", "")


def _moments_are_same(sent: str, shown: str) -> bool:
    first, second = _moment(sent), _moment(shown)
    return first is not None and second is not None and abs((first - second).total_seconds()) < _TRUNCATED_SECONDS


def _moment(text: str) -> datetime | None:
    if not text[:4].isdecimal() or len(text) > 40:
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _address(text: str) -> object:
    """An address of the Internet, the text itself where it is none."""
    try:
        return ipaddress.ip_interface(text)
    except ValueError:
        return text


def _of_lists(sent: Sequence[JSON], shown: Sequence[JSON]) -> Likeness:
    if len(sent) == len(shown):
        in_order = max(map(likeness, sent, shown), default=Likeness.SAME)
        if in_order is not Likeness.DIFFERENT:
            return in_order
    if max(len(sent), len(shown)) > _LONGEST_SET:
        return Likeness.DIFFERENT if len(sent) == len(shown) else Likeness.OTHER_FORM
    is_set = all(_is_in(each, shown) for each in sent) and all(_is_in(each, sent) for each in shown)
    return Likeness.OTHER_FORM if is_set else Likeness.DIFFERENT


def _is_in(value: JSON, values: Sequence[JSON]) -> bool:
    return any(likeness(value, each) is not Likeness.DIFFERENT for each in values)
