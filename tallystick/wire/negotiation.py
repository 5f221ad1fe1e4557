"""Selects a documented body format: the one that a `Content-Type` names, or the one that an `Accept` field prefers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from tallystick.nouns.contract import BodyFormat
from tallystick.nouns.media_type import MediaKind, MediaType, parse_media_type

_QUALITY = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?")


class AcceptedRange(NamedTuple):
    """One member of an `Accept` field: a media range, its parameters without `q`, and its weight from 0 to 1."""

    media_type: MediaType
    parameters: dict[str, str]
    weight: float


def documented_format(content: Iterable[BodyFormat], media_type: MediaType) -> BodyFormat | None:
    """The documented format of a body that is sent as `media_type`; None where no documented type or range covers it.

    An exact type goes before a range. After that, a format whose parameters are all sent goes before one with other
    parameters; then a longer range before a shorter one, and more parameters before fewer.
    """
    covering = [body_format for body_format in content if body_format.media_type.covers(media_type)]
    if len(covering) < 2:
        return covering[0] if covering else None
    sent = _comparable(media_type.parameters)

    def distance(body_format: BodyFormat) -> tuple[int, bool, int, int]:
        documented = body_format.media_type
        parameters = _comparable(documented.parameters)
        is_unmet = not parameters.items() <= sent.items()
        return documented.name.count("*"), is_unmet, -len(documented.name), -len(parameters)

    return min(covering, key=distance)


def _comparable(parameters: Mapping[str, str]) -> dict[str, str]:
    """Parameters as they are compared: only the value of `charset` ignores case (RFC 9110, section 8.3.2)."""
    return {name: value.lower() if name == "charset" else value for name, value in parameters.items()}


_USUAL_BY_TYPE = {
    "application": "application/json",
    "audio": "audio/mpeg",
    "image": "image/png",
    "multipart": "multipart/form-data",
    "text": "text/plain",
    "video": "video/mp4",
    "*": "application/json",
}


def concrete_type(media_type: MediaType, accept: str = "") -> MediaType:
    """The `Content-Type` to send for a documented media type; for a range, a type in it that `accept` takes."""
    if not media_type.is_range:
        return media_type
    usual = _usual_type(media_type)
    if not accept.strip() or weight(accept, usual) > 0:
        return usual
    for accepted in accepted_ranges(accept):
        if accepted.weight > 0 and not accepted.media_type.is_range and media_type.covers(accepted.media_type):
            return parse_media_type(accepted.media_type.name)
    return usual


def _usual_type(media_range: MediaType) -> MediaType:
    """The most usual type in a range, or an invented one where none is usual."""
    type_, subtype = media_range.type, media_range.subtype
    if subtype == "*":
        return parse_media_type(_USUAL_BY_TYPE.get(type_, f"{type_}/x-any"))
    return parse_media_type(f"{type_}/{subtype.replace('*', 'vnd.example')}")


@lru_cache(maxsize=1024)
def accepted_ranges(accept: str) -> tuple[AcceptedRange, ...]:
    """The members of an `Accept` field (RFC 9110, section 12.5.1), the best first; of equals, the more specific first.

    An invalid weight counts as 1.
    """
    ranges: list[AcceptedRange] = []
    for member in map(str.strip, _list_members(accept)):
        media_type = parse_media_type(f"*/{member}" if parse_media_type(member).name == "*" else member)
        if media_type.name:
            parameters = dict(media_type.parameters)
            quality = parameters.pop("q", "1")
            range_weight = float(quality) if _QUALITY.fullmatch(quality) else 1.0
            ranges.append(AcceptedRange(media_type, _comparable(parameters), range_weight))
    return tuple(sorted(ranges, key=lambda accepted: (-accepted.weight, accepted.media_type.name.count("*"))))


def _list_members(field_value: str) -> list[str]:
    """The members of a header field that is a list (RFC 9110, section 5.6.1)."""
    if '"' not in field_value:
        return field_value.split(",")
    from urllib.request import parse_http_list  # slow to import, and few such fields have quotes

    return parse_http_list(field_value)


def weight(accept: str, media_type: MediaType, takes_kin: bool = False) -> float:
    """The weight that an `Accept` field gives a media type, from 0 (refused) to 1; the most specific range decides.

    A range with parameters that the type lacks (`application/json;version=2` for `application/json`) decides where
    no other range does: a reply in that type is better than none. With `takes_kin`, a type with a suffix and the type
    of that suffix (`application/vnd.github.v3+json` and `application/json`, RFC 6839) stand for each other after that.
    """
    type_parameters = _comparable(media_type.parameters)
    deciding: AcceptedRange | None = None
    least: tuple[bool, bool, int, int] | None = None
    for accepted in accepted_ranges(accept):
        range_parameters = accepted.parameters
        is_kin = not (accepted.media_type.covers(media_type) or media_type.covers(accepted.media_type))
        if is_kin and not (takes_kin and _are_kin(accepted.media_type, media_type)):
            continue
        if any(type_parameters.get(name, value) != value for name, value in range_parameters.items()):
            continue  # another version, for example
        is_unmet = not range_parameters.keys() <= type_parameters.keys()
        distance = (is_kin, is_unmet, accepted.media_type.name.count("*"), -len(range_parameters))
        if least is None or distance < least:
            deciding, least = accepted, distance
    return deciding.weight if deciding is not None else 0.0


def _are_kin(one: MediaType, other: MediaType) -> bool:
    """Whether one of two media types has a suffix, and the other is the type of that suffix."""
    return _has_suffix_of(one, other) or _has_suffix_of(other, one)


def _has_suffix_of(one: MediaType, other: MediaType) -> bool:
    return one.suffix != "" and other.name in (f"application/{one.suffix}", f"text/{one.suffix}")


def negotiate(content: Sequence[BodyFormat], accept: str) -> BodyFormat | None:
    """The documented format with the highest weight in an `Accept` field, JSON or else the first of equals.

    Where the field accepts none, one whose type stands for one in the field (see `weight`); None if there is none.
    """
    if not content:
        return None
    if not accept.strip():
        return preferred_format(content)
    for takes_kin in (False, True):
        weights = [weight(accept, body_format.media_type, takes_kin) for body_format in content]
        best = max(weights)
        if best > 0:
            return preferred_format([content[index] for index, each in enumerate(weights) if each == best])
    return None


def preferred_format(content: Sequence[BodyFormat]) -> BodyFormat:
    """The format of a reply where the request has no preference: the first JSON one, else the first."""
    return next((each for each in content if each.media_type.kind is MediaKind.JSON), content[0])
