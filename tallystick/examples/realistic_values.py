"""Realistic values by name: an `email` looks like one, and a `price` like a price."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TypeVar

from tallystick.examples.formats import (
    COLOURS,
    FAMILY_NAMES,
    FORMATS,
    GIVEN_NAMES,
    MEDIA_TYPES,
    WORDS,
    StringMaker,
    date,
    date_time,
    email,
    full_name,
    hexadecimal,
    ipv4,
    ipv6,
    one_of,
    phone,
    template,
    uri,
    user_name,
    uuid_text,
)

NumberMaker = Callable[[int], int | float]
T = TypeVar("T")

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
_TITLES = ("A quiet harbour", "Notes from the orchard", "The lantern keeper", "Three willows")
_SENTENCES = (
    "A short text that says what this is.",
    "Everything works as it should.",
    "Made for those who read it twice.",
    "The second half follows tomorrow.",
)
_ROLES = ("member", "editor", "viewer")
_STATES = ("active", "pending", "complete")
_AGENTS = ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",)


_STRINGS: tuple[tuple[str, StringMaker], ...] = (
    (r"(.* )?(e ?mail|email address)", email),
    (r"(.* )?(uuid|guid|uid)", uuid_text),
    (r"(.* )?(first|given) name", one_of(GIVEN_NAMES)),
    (r"(.* )?(last|family|sur) ?name", one_of(FAMILY_NAMES)),
    (r"(.* )?(user ?name|login|nick( ?name)?|handle|screen name)", user_name),
    (r"(.* )?(full|customer|user|owner|author|contact|holder|billing|shipping|person|payer) name", full_name),
    (r"author|owner|creator|assignee|reviewer|recipient|sender|created by|updated by", full_name),
    (r"(.* )?(company|organi[sz]ation|business|vendor|employer|merchant)( name)?", one_of(_COMPANIES)),
    (r"(.* )?(host|host ?name|domain|domain name|fqdn)", template("{w}.example.com")),
    (r"(.* )?(file ?name|file)", template("{w}.txt")),
    (r"(.* )?(path|directory|folder)", template("/{w}/{n}")),
    (r"(.* )?(ip|ip ?v?4?|ip address|remote addr)", ipv4),
    (r"(.* )?(ip ?v ?6)", ipv6),
    (r"(.* )?city|town|locality", one_of(_CITIES)),
    (r"(.* )?country code|country iso", one_of(_COUNTRY_CODES)),
    (r"(.* )?country", one_of(_COUNTRIES)),
    (r"(.* )?(state|province|region) code", one_of(("BB", "ON", "NK"))),
    (r"province|county|region( name)?", one_of(_REGIONS)),
    (r"(.* )?(street|address|address line|line|line ?1|address ?1)", one_of(_STREETS)),
    (r"(.* )?(zip|zip ?code|post ?code|postal code)", one_of(_POSTCODES)),
    (r"(.* )?(phone|telephone|mobile|fax|msisdn|phone number)", phone),
    (r"(.* )?(time ?zone|tz)", one_of(_ZONES)),
    (r"(.* )?currency( code)?", one_of(_CURRENCIES)),
    (r"(.* )?(language|lang)( code)?", one_of(_LANGUAGES)),
    (r"(.* )?locale", one_of(_LOCALES)),
    (r"(.* )?(colou?r)", one_of(COLOURS)),
    (r"(.* )?(mime|mime type|media type|content type)", one_of(MEDIA_TYPES)),
    (r"(.* )?user agent", one_of(_AGENTS)),
    (r"(.* )?(href|ur[li]|website|home ?page|link|avatar|image|logo|photo|picture|thumbnail|icon)", uri),
    (r"(.* )?(created|updated|modified|deleted|started|ended|expire[sd]|published|completed) (at|on|time)", date_time),
    (r"(.* )?(date ?time|timestamp|time ?stamp|last (seen|modified|updated))", date_time),
    (r"(.* )?(birth ?day|date|dob)", date),
    (r"(.* )?(sha|hash|checksum|digest|fingerprint|e ?tag|md5|commit)( ?\d+)?", hexadecimal),
    (r"(.* )?(token|secret|api key|cursor|nonce|signature)", lambda turn: hexadecimal(turn, 24)),
    (r"(.* )?(version|ver)", template("1.{n}.0")),
    (r"(.* )?(amount|price|total|cost|balance)", template("{n}9.95")),
    (r"(.* )?(status|state)", one_of(_STATES)),
    (r"(.* )?role", one_of(_ROLES)),
    (r"(.* )?(title|subject|headline|label|heading)", one_of(_TITLES)),
    (r"(.* )?(description|summary|text|body|content|message|comment|notes?|bio|reason|details?)", one_of(_SENTENCES)),
    (r"(.* )?(slug|tag|keyword|key|name|category|kind|group|type)", one_of(WORDS)),
    (r"(.* )?(ids?|identifier|ref|reference|number|code)", lambda turn: hexadecimal(turn, 12)),
    (r"(.* )?(lat|latitude)", template("52.5{n}")),
    (r"(.* )?(lon|lng|longitude)", template("13.4{n}")),
)
"""Patterns for the words of a name, and the maker of a string for it. The first pattern that matches decides."""

_NUMBERS: tuple[tuple[str, NumberMaker], ...] = (
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
    (r"(.* )?(status|code|status code|http status)", one_of((200, 201, 404))),
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
"""Patterns for the words of a name, and the maker of a number for it. The first pattern that matches decides."""

_USUALLY_FALSE = re.compile(
    r"(.* )?(deleted|disabled|archived|blocked|suspended|banned|deprecated|hidden|closed|locked|failed|revoked|expired"
    r"|error|cancell?ed|has more|truncated|draft|nsfw|spam|force|dry run)"
)
_IDENTITY = re.compile(r"(.* )?(ids?|uuid|guid|key|slug|identifier|sid|e ?mail|user ?name|login)")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def words(name: str) -> str:
    """The words of a name in lower case: for `createdAt` and `Created-At`, `created at`."""
    return " ".join(word.lower() for word in _WORD.findall(name))


def _by_name(rows: tuple[tuple[str, Callable[[int], T]], ...]) -> Callable[[str], Callable[[int], T] | None]:
    """A function from a name to its maker: that of the first row whose pattern matches all words of the name."""
    compiled = [(re.compile(pattern), maker) for pattern, maker in rows]

    @lru_cache(maxsize=4096)
    def maker_of(name: str) -> Callable[[int], T] | None:
        name_words = words(name)
        return next((maker for pattern, maker in compiled if pattern.fullmatch(name_words)), None)

    return maker_of


_string_maker, _number_maker = _by_name(_STRINGS), _by_name(_NUMBERS)


def strings(format_name: str | None, name: str, turn: int) -> Iterator[str]:
    """Strings for a format and a name, the likeliest first: by format, by name, any word."""
    makers = (FORMATS.get(format_name) if format_name else None, _string_maker(name), one_of(WORDS))
    for maker in makers:
        if maker is not None:
            yield maker(turn)


def numbers(name: str, turn: int) -> Iterator[int | float]:
    """Numbers for a name, the likeliest first; one with a fraction is followed by its whole part."""
    maker = _number_maker(name)
    if maker is not None:
        value = maker(turn)
        yield value
        if isinstance(value, float):
            yield int(value)


def boolean(name: str, turn: int) -> bool:
    """The usual value of a flag (false for `deleted`, else true) for even turns, the other one for odd turns."""
    return (_USUALLY_FALSE.fullmatch(words(name)) is None) ^ bool(turn % 2)


def is_identity(name: str) -> bool:
    """Whether a value of this name identifies a thing, so that no two things should share it."""
    return _IDENTITY.fullmatch(words(name)) is not None


def singular(name: str) -> str:
    """The singular of a name: `category` for `categories`."""
    if name.endswith("ies"):
        return name[:-3] + "y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name
