"""The pictures that generated values name load from the mock: their URLs begin where the request was sent."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from tallystick.examples.pictures import PICTURES
from tallystick.examples.web import MOCK
from tallystick.mock.tailoring.edit import Base, Draft, Edit, origin_of
from tallystick.nouns.json_value import JSON
from tallystick.wire.reading import Reading

_START = f"{MOCK}{PICTURES}"
_ELSEWHERE = re.compile(f"(?!{re.escape(MOCK)})(https?://[^/]+){re.escape(PICTURES)}")
_WHY = "a picture that the mock draws"


def picture_urls_edit(base: Base) -> Edit[str] | None:
    """The edit that puts the address of the request into the URLs of pictures; None where there are none."""
    if not base.has_value or _START.encode() not in base.reply.response.body:
        return None

    def facts(reading: Reading) -> str | None:
        origin = origin_of(reading)
        return None if origin in ("", MOCK) else origin

    def here(text: str, origin: str) -> str:
        return origin + text.removeprefix(MOCK) if text.startswith(_START) else text

    return Edit(facts, partial(_apply, here), _WHY)


def kept_picture_urls_edit(base: Base) -> Edit[str] | None:
    """The same edit of a reply with a resource in it that is kept: its pictures are at the contract's own server.

    One that names a mock was sent so, and stays.
    """
    if not base.has_value or PICTURES.encode() not in base.reply.response.body:
        return None

    def here(text: str, origin: str) -> str:
        match = _ELSEWHERE.match(text) if PICTURES in text else None
        return origin + text[match.end(1) :] if match is not None else text

    return Edit(lambda reading: origin_of(reading) or None, partial(_apply, here), _WHY)


def _apply(here: Callable[[str, str], str], draft: Draft, origin: str) -> None:
    draft.value = _moved(draft.value, lambda text: here(text, origin))


def _moved(value: JSON, here: Callable[[str], str]) -> JSON:
    """A value with each text changed."""
    if isinstance(value, str):
        return here(value)
    if isinstance(value, list):
        return [_moved(item, here) for item in value]
    return {key: _moved(item, here) for key, item in value.items()} if isinstance(value, dict) else value
