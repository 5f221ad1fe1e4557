"""Realistic values for a draw: by `format`, by what the name means, by what the contract says in passing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tallystick.examples import identifiers, moments, places, texts, web
from tallystick.examples.draws import Draw
from tallystick.examples.formats import FORMATS
from tallystick.examples.name_tables import Maker
from tallystick.examples.names import words
from tallystick.examples.number_names import NUMBERS, cents, is_in_cents, is_money
from tallystick.examples.people import email
from tallystick.examples.string_names import STRINGS
from tallystick.nouns.json_value import JSON

MOMENTS = frozenset(("unix-time", "unixtime", "unix-timestamp", "timestamp", "epoch"))
"""The formats of numbers that are moments."""

_USUALLY_FALSE = re.compile(
    r"(.* )?(deleted|disabled|archived|blocked|suspended|banned|deprecated|hidden|closed|locked|failed|revoked|expired"
    r"|error|cancell?ed|has more|truncated|draft|nsfw|spam|force|dry run|refunded|disputed|is local|readonly|read only"
    r"|prerelease|fork|template|site admin|explicit|private|muted|spoiler|incomplete results|declined|overdue|bot|admin"
    r"|live ?mode|delinquent|past due)"
)
_IDENTITY = re.compile(r"(.* )?(ids?|uuid|guid|uid|key|slug|identifier|sid|e ?mail|user ?name|login)")

_DESCRIBED: tuple[tuple[re.Pattern[str], Maker[str]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), maker)
    for pattern, maker in (
        (r"iso[ -]?8601|rfc[ -]?3339|date[ -]?time|timestamp\b", moments.date_time),
        (r"iso[ -]?4217|currency code", places.currency),
        (r"iso[ -]?3166|country code", places.country_code),
        (r"iso[ -]?639|bcp[ -]?47|ietf language", places.language),
        (r"e-?mail address", email),
        (r"^(an? |the )?(absolute |full |public )?(ur[li]|link) ", web.url),
        (r"yyyy-mm-dd", moments.day),
    )
)
"""What a description says of a string whose name says nothing."""
_MOMENT_DESCRIBED = re.compile(r"\bunix|\bepoch|(milli)?seconds since", re.IGNORECASE)
_ADDRESSES = (" url", " uri", " link", " href")
"""Ends of what an object of addresses is called: its members are addresses, whatever their names are."""
_STATES = ("status", "state")
_WELL = frozenset(
    "active available succeeded success successful completed complete open paid ok published enabled running approved "
    "confirmed delivered ready live online healthy verified up".split()
)
"""States that things have where nothing went wrong."""
_OBJECTS = frozenset(
    """arguments attributes claims config configuration context extra extras filter filters headers meta metadata
    options parameters params preferences properties schema settings""".split()
)
"""What names of objects end in where the schema itself does not say that it is one."""
_LOOKED_AT = 300
"""How many characters of a description are looked at."""
_EVEN = re.compile(r"(.* )?(done|completed?|checked|read|seen|liked|favou?rite|starred|selected|subscribed|paid)")
"""Flags that about half of all things have."""
_ODD = 4
"""One flag in so many of a list, apart from its first, is not as usual."""


def strings(format_name: str | None, draw: Draw) -> Iterator[str]:
    """Strings for a draw, the likeliest first: by format, by name, by description, then what the name says."""
    named = STRINGS.find(draw)
    maker = FORMATS.get(format_name) if format_name else None
    if maker is not None:
        yield maker(named[1] if named is not None else draw)
    if named is not None:
        yield named[0](named[1])
        if named[0] is identifiers.text_id:
            yield from identifiers.other_ids(named[1])
    elif draw.owner.endswith(_ADDRESSES):
        yield web.url(draw)
    described = draw.description[:_LOOKED_AT]
    for pattern, maker in _DESCRIBED if described and named is None else ():
        if pattern.search(described):
            yield maker(draw)
    yield texts.numbered(draw)


def numbers(format_name: str | None, draw: Draw, is_integer: bool) -> Iterator[int | float]:
    """Numbers for a draw, the likeliest first; one with a fraction is followed by its whole part."""
    if format_name in MOMENTS or _MOMENT_DESCRIBED.search(draw.description[:_LOOKED_AT]):
        yield moments.unix_time(draw)
    named = NUMBERS.find(draw)
    if named is None:
        return
    maker, draw = named
    if is_integer and is_money(maker) and is_in_cents(draw):
        yield cents(draw)
    value = maker(draw)
    yield value
    if isinstance(value, float):
        yield round(value * 100) if 0 < value < 1 else int(value)


def boolean(draw: Draw, must_differ: bool) -> bool:
    """The usual value of a flag: false for `deleted`, else true; the other one for some in a list, or if it must."""
    if _EVEN.fullmatch(draw.name):
        return (draw.number("half") % 2 == 0) ^ must_differ
    is_usually_true = _USUALLY_FALSE.fullmatch(draw.name) is None
    is_odd = draw.turn > 0 and draw.number(draw.name) % _ODD == 0
    return is_usually_true ^ (is_odd or must_differ)


def likeliest_first(values: Sequence[JSON], name: str) -> list[JSON]:
    """Enumerated values in their order, but states of success are first, and null and "" last."""
    is_state = words(name).endswith(_STATES)

    def rank(value: JSON) -> int:
        if value in (None, ""):
            return 2
        return 0 if is_state and isinstance(value, str) and value.lower() in _WELL else 1

    return sorted(values, key=rank)


def is_object(name: str) -> bool:
    """Whether a value of this name, whose schema allows every type, is expected to be an object."""
    return words(name).rpartition(" ")[2] in _OBJECTS


def is_identity(name: str) -> bool:
    """Whether a value of this name identifies a thing, so that no two things should share it."""
    return _IDENTITY.fullmatch(words(name)) is not None
