"""How like two values are: the same, the same in another form, or different."""

from __future__ import annotations

import enum
import html
import ipaddress
import math
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

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
_DECIMAL = re.compile(r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d{1,3})?")
_SEPARATORS = re.compile(r"(?<!^)[ _/:-]+|[()]")
"""What stands between the parts of a number or a code (`+49 30 1234`, `978-3-16`), and is left out or written anew."""
_LEAST_CODE = 6
"""How many characters a text has at least that is compared without what separates its parts."""
_MASK = re.compile(r"[*\u2022]{2}")
_PORTS = {"http": 80, "https": 443}


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
    if value_format.startswith(("ip", "date")) and (_address(sent) == _address(shown) or moment(sent) is None):
        return Likeness.SAME
    if value_format == "uuid" and sent.casefold() == shown.casefold():
        return Likeness.SAME
    is_form = _plain(sent) in (_plain(shown), _plain(html.unescape(shown))) or _are_forms(sent, shown, value_format)
    return Likeness.OTHER_FORM if is_form else Likeness.DIFFERENT


def _are_forms(sent: str, shown: str, value_format: str) -> bool:
    """Whether two texts are one decimal number, code or address in two spellings, or one of them hides the other."""
    if "." in sent + shown and _DECIMAL.fullmatch(sent) and _DECIMAL.fullmatch(shown):
        return _of_numbers(float(sent), float(shown)) is not Likeness.DIFFERENT
    codes = [_SEPARATORS.sub("", _plain(text)) for text in (sent, shown)]
    is_code = codes[0] == codes[1] and len(codes[0]) >= _LEAST_CODE
    is_hidden = bool(_MASK.search(shown)) and not _MASK.search(sent)
    return is_code or is_hidden or (value_format.startswith(("ur", "iri")) and _uri(sent) == _uri(shown))


def _uri(text: str) -> object:
    """What a URI leads to, however it is spelled; the text itself where it is none."""
    try:
        parts = urlsplit(text.strip())
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port if parts.port != _PORTS.get(parts.scheme) else None
    except ValueError:
        return text
    return parts.scheme, parts.username, host, port, unquote(parts.path).rstrip("/"), unquote(parts.query)


def _plain(text: str) -> str:
    """A text without what servers normalise: case, spaces, control characters, forms of Unicode, a slash at the end."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = (" " if each.isspace() else each for each in folded if each.isspace() or each.isprintable())
    return " ".join("".join(kept).split()).rstrip("/").replace("\ufffd", "")


def _moments_are_same(sent: str, shown: str) -> bool:
    first, second = moment(sent), moment(shown)
    return first is not None and second is not None and abs((first - second).total_seconds()) < _TRUNCATED_SECONDS


def moment(text: str) -> datetime | None:
    """The moment that a text names; None where it names none."""
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
