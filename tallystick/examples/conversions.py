"""The obvious conversions of a value that does not fit its place: what its author will have meant."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from fractions import Fraction
from typing import cast
from urllib.parse import quote, urljoin

from tallystick.examples.combined_schema import CombinedSchema
from tallystick.nouns.json_value import JSON

_URL_CHARACTERS = ":/?#[]@!$&'()*+,;=%-._~"
_OFFSET = re.compile(r"([+-]\d\d):?(\d\d)$")
_FIRST_MOMENT, _LAST_MOMENT = 100_000_000, 10_000_000_000
"""The numbers that are taken for a moment: seconds since 1970, from 1973 to 2286."""
_WORD_BREAKS = re.compile(r"[\W_]+")


def conversions(value: JSON, combined: CombinedSchema, url: str) -> Iterator[JSON]:
    """What a value may be meant to be at a place that it does not fit, the likeliest first; most do not fit either.

    `combined` is what is said of the place, `url` that of the API: what a relative URL is relative to.
    """
    types = combined.types()
    enumerated = combined.enumerated()
    if enumerated is not None:
        yield from (each for each in enumerated if _letters(each) == _letters(value))
    if isinstance(value, str):
        yield from _of_text(value, types, combined, url)
    elif isinstance(value, bool):
        yield "true" if value else "false"
        yield int(value)
    elif isinstance(value, (int, float)):
        yield from _of_number(value, combined)
    elif isinstance(value, list):
        yield from value if len(value) == 1 else () if value else ({},)
    elif isinstance(value, dict) and {"type", "example"} <= value.keys():  # its schema stands in its place
        yield value["example"]
    if "array" in types and value is not None and not isinstance(value, list):
        yield [value]


def _letters(value: JSON) -> str:
    """A text as all its spellings have it: `DumpCreation` and `dump_creation` are `dumpcreation`."""
    text = value if isinstance(value, str) else json.dumps(value)
    return _WORD_BREAKS.sub("", text).casefold()


def same_letters(name: str, other: str) -> bool:
    """Whether two names differ in their spelling alone."""
    return _letters(name) == _letters(other)


# Texts


def _of_text(text: str, types: list[str], combined: CombinedSchema, url: str) -> Iterator[JSON]:
    stripped = text.strip()
    if not stripped:
        yield None
    for convert in (_json_of, _seconds_of):
        converted = convert(stripped)
        if converted is not None:
            yield converted
    word = stripped.rstrip(",;").casefold()
    if word in ("true", "yes"):
        yield True
    if word in ("false", "no"):
        yield False
    if "string" in types:
        if stripped != text:
            yield stripped
        for name in combined.strings("format"):
            if name in _OF_FORMAT:
                yield from _OF_FORMAT[name](stripped, url)
        yield from (stripped.lower(), stripped.upper())
        longest = combined.lowest("maxLength")
        if longest is not None:
            yield text[:longest].strip()


def _json_of(text: str) -> JSON:
    """The value that a text says in JSON; None where it says none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return _number_of(text)
    is_number = isinstance(value, float) and math.isfinite(value)
    return cast("JSON", value) if is_number or not isinstance(value, float) else None


def _number_of(text: str) -> int | float | None:
    """The number that a text says in another notation than JSON's (`007`, `+1`, `1,000`)."""
    try:
        number = float(text.replace(",", ""))
    except ValueError:
        return None
    return (int(number) if number.is_integer() else number) if math.isfinite(number) else None


def _moment_of(text: str) -> datetime | None:
    """The moment that a text says in one of the usual notations, in UTC where it has no offset."""
    for parse in (_iso_moment, parsedate_to_datetime):
        try:
            moment = parse(text)
        except (ValueError, IndexError, OverflowError):
            continue
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return None


def _iso_moment(text: str) -> datetime:
    text = text.removesuffix(" UTC").replace(" ", "T", 1).replace("/", "-").replace(" ", "")
    return datetime.fromisoformat(_OFFSET.sub(r"\1:\2", text) if "T" in text else text)


def _seconds_of(text: str) -> JSON:
    """The Unix time of a text that says a moment; None where it says none."""
    moment = _moment_of(text) if text[:4].isdecimal() else None
    try:
        return int(moment.timestamp()) if moment is not None else None
    except (OverflowError, ValueError):
        return None


def _moments(text: str, _: str) -> Iterator[JSON]:
    moment = _moment_of(text)
    if moment is not None:
        yield moment.isoformat().replace("+00:00", "Z")


def _dates(text: str, _: str) -> Iterator[JSON]:
    moment = _moment_of(text)
    if moment is not None:
        yield moment.date().isoformat()


def _times(text: str, _: str) -> Iterator[JSON]:
    yield from (f"{text}Z", f"{text}:00Z")
    moment = _moment_of(text)
    if moment is not None:
        yield moment.timetz().isoformat().replace("+00:00", "Z")


def _urls(text: str, url: str) -> Iterator[JSON]:
    """A URL with what it lacks: a scheme, a host, the coding of characters that no URL has."""
    encoded = quote(text, safe=_URL_CHARACTERS)
    if ":" in text:
        yield encoded
    elif "." in text.partition("/")[0] and not text.startswith((".", "/")):
        yield f"https://{encoded}"
    if text:
        with suppress(ValueError):
            yield urljoin(url, encoded)


def _e_mails(text: str, _: str) -> Iterator[JSON]:
    yield text.removeprefix("mailto:")
    if text.endswith(">"):
        yield text.rpartition("<")[2][:-1]
    yield re.sub(r"[^\w.+@-]", "", text)


_OF_FORMAT: dict[str, Callable[[str, str], Iterator[JSON]]] = {
    "date-time": _moments,
    "date": _dates,
    "time": _times,
    "uri": _urls,
    "url": _urls,
    "uri-reference": _urls,
    "iri": _urls,
    "email": _e_mails,
}


# Numbers


def _of_number(number: int | float, combined: CombinedSchema) -> Iterator[JSON]:
    """A number as a text or a moment, without its fraction, and the nearest one within the bounds."""
    yield json.dumps(number)
    if _FIRST_MOMENT <= number < _LAST_MOMENT:
        moment = datetime.fromtimestamp(number, UTC)
        yield moment.isoformat().replace("+00:00", "Z")
        yield moment.date().isoformat()
    if number in (0, 1):
        yield bool(number)
    whole = round(number)
    if whole != number:
        yield whole
    least, most = combined.number_range()
    if least is not None and number <= least:
        yield from (_number(least), math.floor(least) + 1)
    if most is not None and number >= most:
        yield from (_number(most), math.ceil(most) - 1)


def _number(bound: Fraction) -> int | float:
    return int(bound) if bound.denominator == 1 else float(bound)
