"""Makers of realistic values, by `format`; those by name (`realistic_values`) use them too.

Every maker takes a `turn`: another turn gives another value, the same turn always the same one.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
StringMaker = Callable[[int], str]

GIVEN_NAMES = ("Ada", "Grace", "Alan", "Katherine", "Edsger", "Barbara", "Linus", "Margaret")
FAMILY_NAMES = ("Lovelace", "Hopper", "Turing", "Johnson", "Dijkstra", "Liskov", "Pauling", "Hamilton")
COLOURS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728")
WORDS = ("harbour", "lantern", "meadow", "orchard", "pebble", "quarry", "ribbon", "saddle", "thistle", "willow")
MEDIA_TYPES = ("image/png", "application/json", "text/plain")


def one_of(values: tuple[T, ...]) -> Callable[[int], T]:
    """A maker that takes the values in turn."""
    return lambda turn: values[turn % len(values)]


def template(text: str) -> StringMaker:
    """A maker that replaces `{n}` in a text by the turn, counted from 1, and `{w}` by a word."""
    return lambda turn: text.replace("{n}", str(turn + 1)).replace("{w}", WORDS[turn % len(WORDS)])


def hexadecimal(turn: int, length: int = 40) -> str:
    """Hexadecimal digits that look like those of a hash."""
    hashes = (hashlib.sha256(f"{turn}/{index}".encode()).hexdigest() for index in range(length // 64 + 1))
    return "".join(hashes)[:length]


def uuid_text(turn: int) -> str:
    """A UUID of version 4."""
    return str(uuid.UUID(bytes=hashlib.sha256(f"uuid {turn}".encode()).digest()[:16], version=4))


def base64_text(turn: int) -> str:
    """A word in Base64."""
    return base64.b64encode(WORDS[turn % len(WORDS)].encode()).decode()


def date_time(turn: int) -> str:
    """A moment in UTC, in the format of RFC 3339."""
    return f"2025-{turn // 28 % 12 + 1:02}-{turn % 28 + 1:02}T{(9 + turn) % 24:02}:30:00Z"


def date(turn: int) -> str:
    """A day, in the format of RFC 3339."""
    return date_time(turn)[:10]


def email(turn: int) -> str:
    """An e-mail address in the domain that RFC 2606 reserves."""
    given_name, family_name = GIVEN_NAMES[turn % len(GIVEN_NAMES)], FAMILY_NAMES[turn % len(FAMILY_NAMES)]
    return f"{given_name}.{family_name}@example.com".lower()


def full_name(turn: int) -> str:
    """A given name and a family name."""
    return f"{GIVEN_NAMES[turn % len(GIVEN_NAMES)]} {FAMILY_NAMES[turn % len(FAMILY_NAMES)]}"


def user_name(turn: int) -> str:
    """A name to log in with."""
    return GIVEN_NAMES[turn % len(GIVEN_NAMES)].lower() + str(turn + 1)


def phone(turn: int) -> str:
    """A number from the range that is reserved for fiction."""
    return f"+1202555{100 + turn % 100:04}"


def ipv4(turn: int) -> str:
    """An address from the range that RFC 5737 reserves for documentation."""
    return f"192.0.2.{turn % 254 + 1}"


def ipv6(turn: int) -> str:
    """An address from the range that RFC 3849 reserves for documentation."""
    return f"2001:db8::{turn % 65535 + 1:x}"


uri = template("https://example.com/{w}/{n}")

FORMATS: dict[str, StringMaker] = {
    "date-time": date_time,
    "date": date,
    "time": lambda turn: date_time(turn)[11:],
    "duration": template("PT{n}M"),
    "email": email,
    "idn-email": email,
    "hostname": template("{w}.example.com"),
    "idn-hostname": template("{w}.example.com"),
    "ipv4": ipv4,
    "ip": ipv4,
    "ipv6": ipv6,
    "uri": uri,
    "url": uri,
    "iri": uri,
    "uri-reference": uri,
    "iri-reference": uri,
    "uri-template": template("https://example.com/{w}/{id}"),
    "uuid": uuid_text,
    "guid": uuid_text,
    "json-pointer": template("/{w}/{n}"),
    "relative-json-pointer": template("{n}/{w}"),
    "regex": template("^{w}$"),
    "byte": base64_text,
    "base64": base64_text,
    "base64url": base64_text,
    "binary": template("{w}"),
    "password": template("correct-horse-{n}-{w}"),
    "phone": phone,
    "char": lambda turn: "abcdefghijklmnopqrstuvwxyz"[turn % 26],
    "decimal": template("{n}.50"),
    "http-date": one_of(("Wed, 01 Jan 2025 09:30:00 GMT",)),
    "timestamp": date_time,
    "media-range": one_of(MEDIA_TYPES),
    "color": one_of(COLOURS),
    "semver": template("1.{n}.0"),
    "cidr": one_of(("192.0.2.0/24", "198.51.100.0/24")),
    "mac": lambda turn: f"00:00:5e:00:53:{turn % 256:02x}",
}
"""The maker for each value of `format` in a schema of strings."""

_LABEL = "[a-z][a-z0-9]{0,61}"
_HOST = rf"({_LABEL}\.)*{_LABEL}"
_DATE = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])"
_TIME = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-](0\d|1[0-3]):[0-5]\d)"
_URI_PATTERN = rf"^[a-z]+:(//{_HOST})?[a-z0-9/]*$"

PATTERNS: dict[str, str] = {
    "date": f"^{_DATE}$",
    "time": f"^{_TIME}$",
    "date-time": f"^{_DATE}T{_TIME}$",
    "duration": r"^P(\d+D(T\d+H)?|T\d+[HMS])$",
    "email": rf"^[a-z][a-z0-9]{{0,62}}@{_HOST}\.[a-z]{{2,20}}$",
    "idn-email": rf"^[a-z][a-z0-9]{{0,62}}@{_HOST}\.[a-z]{{2,20}}$",
    "hostname": f"^{_HOST}$",
    "idn-hostname": f"^{_HOST}$",
    "ipv4": r"^((\d|[1-9]\d|1\d\d)\.){3}(\d|[1-9]\d|1\d\d)$",
    "ipv6": r"^([1-9a-f][0-9a-f]{0,3}:){7}[1-9a-f][0-9a-f]{0,3}$",
    "uri": _URI_PATTERN,
    "url": _URI_PATTERN,
    "iri": _URI_PATTERN,
    "uri-reference": r"^[a-z0-9/]*$",
    "iri-reference": r"^[a-z0-9/]*$",
    "uri-template": r"^[a-z0-9/]*(\{[a-z]+\})?$",
    "uuid": r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
    "json-pointer": r"^(/[a-z0-9]*)*$",
    "relative-json-pointer": r"^[1-9]\d*(/[a-z0-9]*)*$",
    "regex": r"^[a-z0-9]*$",
    "byte": r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==)?$",
}
"""A pattern for some strings of each format: a string that must also fit a pattern or length is made from both."""
