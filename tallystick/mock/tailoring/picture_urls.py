"""The pictures that generated values name load from the mock: their URLs begin where the request was sent."""

from __future__ import annotations

import re

from tallystick.examples.pictures import PICTURES
from tallystick.examples.web import MOCK
from tallystick.mock.tailoring.edit import Base, Draft, Edit, origin_of
from tallystick.nouns.json_value import JSON
from tallystick.wire.reading import Reading

_PICTURE = re.compile(f"(https?://[^/]+){re.escape(PICTURES)}")
_WHY = "a picture that the mock draws"


def picture_urls_edit(base: Base) -> Edit[str] | None:
    """The edit that puts the address of the request into the URLs of pictures; None where there are none."""

    def facts(reading: Reading) -> str | None:
        origin = origin_of(reading)
        return None if origin in ("", MOCK) else origin

    return Edit(facts, _apply, _WHY) if _has_pictures(base) else None


def kept_picture_urls_edit(base: Base) -> Edit[str] | None:
    """The same edit of a reply with a resource in it that is kept, whose pictures are at the contract's own server."""
    return Edit(lambda reading: origin_of(reading) or None, _apply, _WHY) if _has_pictures(base) else None


def _has_pictures(base: Base) -> bool:
    return base.has_value and PICTURES.encode() in base.reply.response.body


def _apply(draft: Draft, origin: str) -> None:
    draft.value = moved(draft.value, origin)


def moved(value: JSON, origin: str) -> JSON:
    """A value whose pictures are at another origin."""
    if isinstance(value, str):
        picture = _PICTURE.match(value) if PICTURES in value else None
        return origin + value[picture.end(1) :] if picture is not None else value
    if isinstance(value, list):
        return [moved(item, origin) for item in value]
    return {key: moved(item, origin) for key, item in value.items()} if isinstance(value, dict) else value
