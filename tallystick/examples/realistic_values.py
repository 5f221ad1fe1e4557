"""Plausible strings and numbers by format and by name: an `email` looks like one, and a `price` like a price.

Every function is given a `turn`, a number that tells one value from the next: the same turn always gives the same.
"""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

Maker = Callable[[int], Any]

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_GIVEN = ("Ada", "Grace", "Alan", "Katherine", "Edsger", "Barbara", "Linus", "Margaret")
_FAMILY = ("Lovelace", "Hopper", "Turing", "Johnson", "Dijkstra", "Liskov", "Pauling", "Hamilton")
_COMPANIES = ("Harbour & Sons", "Northwind Ltd", "Blue Heron GmbH", "Larch Systems", "Quayside Foods")
_CITIES = ("Berlin", "Lisbon", "Toronto", "Nairobi", "Osaka", "Bergen")
_COUNTRIES = ("Germany", "Portugal", "Canada", "Kenya", "Japan", "Norway")
_COUNTRY_CODES = ("DE", "PT", "CA", "KE", "JP", "NO")
_REGIONS = ("Brandenburg", "Alentejo", "Ontario", "Nakuru", "Kansai", "Vestland")
_STREETS = ("12 Harbour Street", "48 Mill Lane", "7 Orchard Road", "301 Station Avenue")
_POSTCODES = ("10115", "20095", "50667", "80331")
_ZONES = ("Europe/Berlin", "Europe/Lisbon", "America/Toronto", "Africa/Nairobi")
_CURRENCIES = ("EUR", "USD", "GBP", "JPY")
_LANGUAGES = ("en", "de", "pt", "ja")
_LOCALES = ("en-GB", "de-DE", "pt-PT", "ja-JP")
_COLOURS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728")
_WORDS = ("harbour", "lantern", "meadow", "orchard", "pebble", "quarry", "ribbon", "saddle", "thistle", "willow")
_TITLES = ("A quiet harbour", "Notes from the orchard", "The lantern keeper", "Three willows")
_SENTENCES = (
    "A short text that says what this is.",
    "Everything works as it should.",
    "Made for those who read it twice.",
    "The second half follows tomorrow.",
)
_ROLES = ("member", "editor", "viewer")
_STATES = ("active", "pending", "complete")
_TYPES = ("image/png", "application/json", "text/plain")
_AGENTS = ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",)


def _of(values: tuple[Any, ...]) -> Maker:
    return lambda turn: values[turn % len(values)]


def _text(pattern: str) -> Maker:
    """A pattern with `{n}` for the turn from 1, and `{w}` for a word."""
    return lambda turn: pattern.replace("{n}", str(turn + 1)).replace("{w}", _WORDS[turn % len(_WORDS)])


def hexadecimal(turn: int, length: int = 40) -> str:
    """Digits as a hash has them, any number of them."""
    return "".join(hashlib.sha256(f"{turn}/{part}".encode()).hexdigest() for part in range(length // 64 + 1))[:length]


def _uuid(turn: int) -> str:
    return str(uuid.UUID(bytes=hashlib.sha256(f"uuid {turn}".encode()).digest()[:16], version=4))


def _base64(turn: int) -> str:
    return base64.b64encode(_WORDS[turn % len(_WORDS)].encode()).decode()


def _moment(turn: int) -> str:
    return f"2025-{turn // 28 % 12 + 1:02}-{turn % 28 + 1:02}T{(9 + turn) % 24:02}:30:00Z"


def _day(turn: int) -> str:
    return _moment(turn)[:10]


def _email(turn: int) -> str:
    return f"{_GIVEN[turn % len(_GIVEN)].lower()}.{_FAMILY[turn % len(_FAMILY)].lower()}@example.com"


def _full_name(turn: int) -> str:
    return f"{_GIVEN[turn % len(_GIVEN)]} {_FAMILY[turn % len(_FAMILY)]}"


def _user_name(turn: int) -> str:
    return _GIVEN[turn % len(_GIVEN)].lower() + str(turn + 1)


def _phone(turn: int) -> str:
    return f"+1202555{100 + turn % 100:04}"  # numbers set aside for fiction


def _ipv4(turn: int) -> str:
    return f"192.0.2.{turn % 254 + 1}"  # RFC 5737


def _ipv6(turn: int) -> str:
    return f"2001:db8::{turn % 65535 + 1:x}"  # RFC 3849


_URI = _text("https://example.com/{w}/{n}")

FORMATS: dict[str, Maker] = {
    "date-time": _moment,
    "date": _day,
    "time": lambda turn: _moment(turn)[11:],
    "duration": _text("PT{n}M"),
    "email": _email,
    "idn-email": _email,
    "hostname": _text("{w}.example.com"),
    "idn-hostname": _text("{w}.example.com"),
    "ipv4": _ipv4,
    "ip": _ipv4,
    "ipv6": _ipv6,
    "uri": _URI,
    "url": _URI,
    "iri": _URI,
    "uri-reference": _URI,
    "iri-reference": _URI,
    "uri-template": _text("https://example.com/{w}/{id}"),
    "uuid": _uuid,
    "guid": _uuid,
    "json-pointer": _text("/{w}/{n}"),
    "relative-json-pointer": _text("{n}/{w}"),
    "regex": _text("^{w}$"),
    "byte": _base64,
    "base64": _base64,
    "base64url": _base64,
    "binary": _text("{w}"),
    "password": _text("correct-horse-{n}-{w}"),
    "phone": _phone,
    "char": lambda turn: "abcdefghijklmnopqrstuvwxyz"[turn % 26],
    "decimal": _text("{n}.50"),
    "http-date": _of(("Wed, 01 Jan 2025 09:30:00 GMT",)),
    "unix-time": lambda turn: 1735723800 + 3600 * turn,
    "timestamp": _moment,
    "media-range": _of(_TYPES),
    "color": _of(_COLOURS),
    "semver": _text("1.{n}.0"),
    "cidr": _of(("192.0.2.0/24", "198.51.100.0/24")),
    "mac": lambda turn: f"00:00:5e:00:53:{turn % 256:02x}",
}
"""A string (for `unix-time` a number) by the value of `format`."""

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
"""Strings of a format, and not all of them: where there is a length or a pattern too, one is made that fits both."""

_Rows = tuple[tuple[str, Maker], ...]

_STRINGS: _Rows = (
    (r"(.* )?(e ?mail|email address)", _email),
    (r"(.* )?(uuid|guid|uid)", _uuid),
    (r"(.* )?(first|given) name", _of(_GIVEN)),
    (r"(.* )?(last|family|sur) ?name", _of(_FAMILY)),
    (r"(.* )?(user ?name|login|nick( ?name)?|handle|screen name)", _user_name),
    (r"(.* )?(full|customer|user|owner|author|contact|holder|billing|shipping|person|payer) name", _full_name),
    (r"author|owner|creator|assignee|reviewer|recipient|sender|created by|updated by", _full_name),
    (r"(.* )?(company|organi[sz]ation|business|vendor|employer|merchant)( name)?", _of(_COMPANIES)),
    (r"(.* )?(host|host ?name|domain|domain name|fqdn)", _text("{w}.example.com")),
    (r"(.* )?(file ?name|file)", _text("{w}.txt")),
    (r"(.* )?(path|directory|folder)", _text("/{w}/{n}")),
    (r"(.* )?(ip|ip ?v?4?|ip address|remote addr)", _ipv4),
    (r"(.* )?(ip ?v ?6)", _ipv6),
    (r"(.* )?city|town|locality", _of(_CITIES)),
    (r"(.* )?country code|country iso", _of(_COUNTRY_CODES)),
    (r"(.* )?country", _of(_COUNTRIES)),
    (r"(.* )?(state|province|region) code", _of(("BB", "ON", "NK"))),
    (r"province|county|region( name)?", _of(_REGIONS)),
    (r"(.* )?(street|address|address line|line|line ?1|address ?1)", _of(_STREETS)),
    (r"(.* )?(zip|zip ?code|post ?code|postal code)", _of(_POSTCODES)),
    (r"(.* )?(phone|telephone|mobile|fax|msisdn|phone number)", _phone),
    (r"(.* )?(time ?zone|tz)", _of(_ZONES)),
    (r"(.* )?currency( code)?", _of(_CURRENCIES)),
    (r"(.* )?(language|lang)( code)?", _of(_LANGUAGES)),
    (r"(.* )?locale", _of(_LOCALES)),
    (r"(.* )?(colou?r)", _of(_COLOURS)),
    (r"(.* )?(mime|mime type|media type|content type)", _of(_TYPES)),
    (r"(.* )?user agent", _of(_AGENTS)),
    (r"(.* )?(href|ur[li]|website|home ?page|link|avatar|image|logo|photo|picture|thumbnail|icon)", _URI),
    (r"(.* )?(created|updated|modified|deleted|started|ended|expire[sd]|published|completed) (at|on|time)", _moment),
    (r"(.* )?(date ?time|timestamp|time ?stamp|last (seen|modified|updated))", _moment),
    (r"(.* )?(birth ?day|date|dob)", _day),
    (r"(.* )?(sha|hash|checksum|digest|fingerprint|e ?tag|md5|commit)( ?\d+)?", hexadecimal),
    (r"(.* )?(token|secret|api key|cursor|nonce|signature)", lambda turn: hexadecimal(turn, 24)),
    (r"(.* )?(version|ver)", _text("1.{n}.0")),
    (r"(.* )?(amount|price|total|cost|balance)", _text("{n}9.95")),
    (r"(.* )?(status|state)", _of(_STATES)),
    (r"(.* )?role", _of(_ROLES)),
    (r"(.* )?(title|subject|headline|label|heading)", _of(_TITLES)),
    (r"(.* )?(description|summary|text|body|content|message|comment|notes?|bio|reason|details?)", _of(_SENTENCES)),
    (r"(.* )?(slug|tag|keyword|key|name|category|kind|group|type)", _of(_WORDS)),
    (r"(.* )?(ids?|identifier|ref|reference|number|code)", lambda turn: hexadecimal(turn, 12)),
    (r"(.* )?(lat|latitude)", _text("52.5{n}")),
    (r"(.* )?(lon|lng|longitude)", _text("13.4{n}")),
)
"""A string by the words of its name, the first row that fits."""

_NUMBERS: _Rows = (
    (r"(.* )?(lat|latitude)", lambda turn: round(52.52 + turn % 100 / 100, 2)),
    (r"(.* )?(lon|lng|long|longitude)", lambda turn: round(13.405 + turn % 100 / 100, 3)),
    (r"(.* )?(ids?|number|index|position|rank|order)", lambda turn: turn + 1),
    (r"(.* )?(page|offset|skip)", lambda turn: turn + 1),
    (r"(.* )?(limit|page size|per page|size|max results)", lambda turn: 20 + turn),
    (r"(.* )?(amount|price|total|cost|balance|fee|tax|subtotal)", lambda turn: 19.95 + 10 * turn),
    (r"(.* )?(percent|percentage|rate|ratio|score|confidence|probability)", lambda turn: 0.75 - turn % 4 / 8),
    (r"(.* )?(year)", lambda turn: 2025 - turn % 50),
    (r"(.* )?(month)", lambda turn: turn % 12 + 1),
    (r"(.* )?(day)", lambda turn: turn % 28 + 1),
    (r"(.* )?(age)", lambda turn: 36 + turn % 40),
    (r"(.* )?(status|code|status code|http status)", _of((200, 201, 404))),
    (r"(.* )?(width)", lambda turn: 640 + turn),
    (r"(.* )?(height)", lambda turn: 480 + turn),
    (r"(.* )?(port)", lambda turn: 8080 + turn),
    (r"(.* )?(bytes|file size|content length)", lambda turn: 2048 + turn),
    (r"(.* )?(duration|timeout|interval|ttl|expires in)", lambda turn: 3600 + 60 * turn),
    (r"(.* )?(count|quantity|qty|num .*|number of .*)", lambda turn: 3 + turn),
    (
        r"(.* )?(created|updated|modified|expires|timestamp|time|date|(created|updated|expires) at)",
        lambda turn: 1735723800 + 3600 * turn,
    ),
)
"""A number by the words of its name, the first row that fits."""

_OFF = re.compile(
    r"(.* )?(deleted|disabled|archived|blocked|suspended|banned|deprecated|hidden|closed|locked|failed|revoked|expired"
    r"|error|cancell?ed|has more|truncated|draft|nsfw|spam|force|dry run)"
)


def words(name: str) -> str:
    """A name in words, in lower case: `createdAt`, `created_at` and `X-Created-At` all end in `created at`."""
    return " ".join(word.lower() for word in _WORD.findall(name))


def _finder(rows: _Rows) -> Callable[[str], Maker | None]:
    """What finds the maker for a name: the first row that fits all of its words."""
    compiled = [(re.compile(source), maker) for source, maker in rows]

    @lru_cache(maxsize=4096)
    def find(name: str) -> Maker | None:
        spoken = words(name)
        return next((maker for pattern, maker in compiled if pattern.fullmatch(spoken)), None)

    return find


_string_maker, _number_maker = _finder(_STRINGS), _finder(_NUMBERS)


def strings(format_name: str | None, name: str, turn: int) -> Iterator[str]:
    """Strings that are likely to do, the likeliest first; those by format go before those by name."""
    makers = (FORMATS.get(format_name) if format_name else None, _string_maker(name), _of(_WORDS))
    for maker in makers:
        if maker is not None:
            value = maker(turn)
            if isinstance(value, str):
                yield value


def numbers(name: str, turn: int) -> Iterator[int | float]:
    """Numbers that are likely to do, the likeliest first, and each as a whole number too."""
    maker = _number_maker(name)
    if maker is not None:
        value = maker(turn)
        yield value
        if isinstance(value, float):
            yield int(value)


def boolean(name: str, turn: int) -> bool:
    """True, or false for what one would rather not see set (`deleted`)."""
    return (_OFF.fullmatch(words(name)) is None) ^ bool(turn % 2)


_IDENTITY = re.compile(r"(.* )?(ids?|uuid|guid|key|slug|identifier|sid|e ?mail|user ?name|login)")


def is_identity(name: str) -> bool:
    """Whether something of this name tells one thing from another, so that no two should share it."""
    return _IDENTITY.fullmatch(words(name)) is not None


def singular(name: str) -> str:
    """The name of one of many: `categories` has `category`."""
    if name.endswith("ies"):
        return name[:-3] + "y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name
