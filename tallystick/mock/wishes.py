"""What a request asks of its reply, beside what its operation says: the header `Prefer` (RFC 7240), or its query."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from zlib import crc32

from tallystick.nouns.contract import Operation
from tallystick.wire.values import decode_field

_PREFERENCE = re.compile(r'(?:"[^"]*"|[^,;"])+')
_BLANK_BEFORE_A_NAME = re.compile(r"[ \t](?=(?:code|example|dynamic|seed)\b[ \t]*=)", re.IGNORECASE)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FALSE = frozenset(("false", "0", "no", "off"))

PREFIX = "__"
"""What the name of a query field begins with that is a preference: `?__code=404`."""
_NAMES = frozenset(("code", "example", "dynamic", "seed"))

NO_PREFERENCES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request prefers of its reply; each field is empty where the request leaves it open."""

    code: str = ""
    """A documented status, or a key of the responses (`2XX`, `default`)."""
    example: str = ""
    """The name of an example."""
    dynamic: bool | None = None
    """Generated values instead of examples."""
    seed: int | None = None
    """Another seed of the generated values."""

    def __bool__(self) -> bool:
        return self is not NO_WISH and self != NO_WISH


NO_WISH = Wish()


def wish_of(prefer: str, queried: Mapping[str, str] = NO_PREFERENCES) -> Wish:
    """Read the wish from the `Prefer` of a request (several fields joined), else from the preferences of its query.

    The first of a preference counts; other preferences are ignored.
    """
    preferences = _preferences(prefer) if prefer else queried
    if not preferences:
        return NO_WISH
    dynamic, seed = preferences.get("dynamic"), preferences.get("seed", "")
    return Wish(
        preferences.get("code", ""),
        preferences.get("example", ""),
        dynamic.lower() not in _FALSE if dynamic is not None else None,
        seed_of(seed) if seed else None,
    )


def applied(wish: Wish) -> str:
    """The value of `Preference-Applied` (RFC 7240, section 3) for a wish that was granted."""
    preferences = {
        "code": wish.code,
        "example": wish.example,
        "dynamic": "" if wish.dynamic is None else str(wish.dynamic).lower(),
        "seed": "" if wish.seed is None else str(wish.seed),
    }
    return ", ".join(f"{name}={_quoted(value)}" for name, value in preferences.items() if value)


def _quoted(value: str) -> str:
    if _TOKEN.fullmatch(value):
        return value
    printable = "".join(each if each.isascii() and each.isprintable() else "?" for each in value)
    return '"' + printable.replace("\\", "\\\\").replace('"', '\\"') + '"'


def seed_of(text: str) -> int:
    """The seed that a text names: its number, and for a word a number of its own."""
    return int(text) if len(text) < 19 and text.isdecimal() else crc32(text.encode())


def _preferences(prefer: str) -> dict[str, str]:
    preferences: dict[str, str] = {}
    for preference in _PREFERENCE.findall(prefer):
        for each in _BLANK_BEFORE_A_NAME.split(preference) if preference.count("=") > 1 else (preference,):
            name, _, value = each.partition("=")
            name = name.strip().lower()
            if name in _NAMES:
                preferences.setdefault(name, value.strip().strip("\"'"))
    return preferences


def preferences_of(query: str, operation: Operation) -> tuple[str, Mapping[str, str]]:
    """A query without the preferences in it, and those by name; a name that the operation documents stays."""
    documented = {parameter.name for parameter in operation.parameters if parameter.location == "query"}
    preferences: dict[str, str] = {}
    kept: list[str] = []
    for piece in query.split("&"):
        name = piece.partition("=")[0]
        if name.startswith(PREFIX) and name[len(PREFIX) :] in _NAMES and name not in documented:
            preferences.setdefault(name[len(PREFIX) :], decode_field(piece.partition("=")[2])[0].strip())
        else:
            kept.append(piece)
    return "&".join(kept) if preferences else query, preferences
