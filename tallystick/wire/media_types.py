"""Media types: what a `Content-Type` names, which documented type it meets, and which one an `Accept` prefers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from tallystick.nouns.contract import MediaType

_QUALITY = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?")


@lru_cache(maxsize=1024)
def bare(name: str) -> str:
    """A media type without its parameters, in lower case: `application/json; charset=utf-8` is `application/json`."""
    return name.partition(";")[0].strip().lower()


@lru_cache(maxsize=1024)
def parameters(name: str) -> dict[str, str]:
    """The parameters of a media type, names in lower case, quotes taken off: `charset`, `boundary`."""
    found: dict[str, str] = {}
    for part in name.split(";")[1:]:
        key, _, value = part.partition("=")
        found[key.strip().lower()] = value.strip().strip('"')
    return found


def is_json(name: str) -> bool:
    """Whether a media type is JSON: `application/json`, `text/json` or any with the suffix `+json` (RFC 6839)."""
    kind = bare(name)
    return kind.endswith(("/json", "+json"))


def is_xml(name: str) -> bool:
    """Whether a media type is XML: `application/xml`, `text/xml` or any with the suffix `+xml` (RFC 7303)."""
    return bare(name).endswith(("/xml", "+xml"))


def is_form(name: str) -> bool:
    """Whether a media type is that of an HTML form in the URL's encoding."""
    return bare(name) == "application/x-www-form-urlencoded"


def is_multipart(name: str) -> bool:
    """Whether a media type has parts (RFC 2046, section 5.1)."""
    return bare(name).startswith("multipart/")


def is_structured(name: str) -> bool:
    """Whether the value of a body of a media type is read from it whatever its schema says."""
    return is_json(name) or is_form(name) or is_multipart(name)


def is_text(name: str) -> bool:
    """Whether a body of a media type is read as text."""
    return bare(name).startswith("text/")


def covers(pattern: str, name: str) -> bool:
    """Whether a media type or range (`image/*`, `application/*+json`, `*/*`) stands for a media type."""
    pattern, name = bare(pattern), bare(name)
    if pattern in (name, "*/*"):
        return True
    before, star, after = pattern.partition("*")
    return bool(star) and name.startswith(before) and name.endswith(after) and len(name) >= len(pattern)


def documented(content: Iterable[MediaType], name: str) -> MediaType | None:
    """The documented media type that a body of the type `name` is: the exact one, else the narrowest range."""

    def distance(media_type: MediaType) -> tuple[int, bool, int]:
        pattern = media_type.name
        return pattern.count("*"), parameters(pattern) != parameters(name), -len(bare(pattern))

    return min((one for one in content if covers(one.name, name)), key=distance, default=None)


_OF_RANGE = {
    "application": "application/json",
    "audio": "audio/mpeg",
    "image": "image/png",
    "multipart": "multipart/form-data",
    "text": "text/plain",
    "video": "video/mp4",
    "*": "application/json",
}


def concrete(name: str, accept: str = "") -> str:
    """What is sent as `Content-Type` for a documented media type: one of a range that an `Accept` field likes best."""
    if "*" not in name:
        return name
    kind, _, subtype = bare(name).partition("/")
    usual = f"{kind}/{subtype.replace('*', 'vnd.example')}" if subtype != "*" else _OF_RANGE.get(kind, f"{kind}/x-any")
    if not accept.strip() or weight(accept, usual) > 0:
        return usual
    liked = (pattern for pattern, quality in accepted(accept) if quality > 0 and "*" not in pattern)
    return next((pattern for pattern in liked if covers(name, pattern)), usual)


@lru_cache(maxsize=1024)
def accepted(accept: str) -> tuple[tuple[str, float], ...]:
    """The ranges of an `Accept` field with their weights (RFC 9110, section 12.5.1), the best first."""
    ranges: list[tuple[str, float]] = []
    for part in accept.split(","):
        name = "*/*" if bare(part) == "*" else bare(part)
        if not name:
            continue
        quality = parameters(part).get("q", "1")
        ranges.append((name, float(quality) if _QUALITY.fullmatch(quality) else 1.0))
    return tuple(sorted(ranges, key=lambda row: (-row[1], row[0].count("*"))))


def weight(accept: str, name: str) -> float:
    """How much an `Accept` field wants a media type, from 0 (not at all) to 1; the most specific range decides."""
    fitting = [row for row in accepted(accept) if covers(row[0], name) or covers(name, row[0])]
    return min(fitting, key=lambda row: row[0].count("*"), default=("", 0.0))[1]


def negotiate(content: Sequence[MediaType], accept: str) -> MediaType | None:
    """The documented media type that an `Accept` field likes best, the first of equals; None where it takes none."""
    if not content:
        return None
    if not accept.strip():
        return preferred(content)
    rated = [(weight(accept, media_type.name), media_type) for media_type in content]
    best = max(quality for quality, _ in rated)
    if best <= 0:
        return None
    return preferred([media_type for quality, media_type in rated if quality == best])


def preferred(content: Sequence[MediaType]) -> MediaType:
    """The media type that is answered with where the request does not say: JSON before others, else the first."""
    return next((media_type for media_type in content if is_json(media_type.name)), content[0])
