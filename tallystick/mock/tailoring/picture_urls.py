"""The pictures that generated values name load from the mock: their URLs begin where the request was sent."""

from __future__ import annotations

from tallystick.examples.pictures import PICTURES
from tallystick.examples.web import MOCK
from tallystick.mock.tailoring.edit import Base, Draft, Edit, origin_of
from tallystick.nouns.json_value import JSON
from tallystick.wire.reading import Reading

_START = f"{MOCK}{PICTURES}"


def picture_urls_edit(base: Base) -> Edit[str] | None:
    """The edit that puts the address of the request into the URLs of pictures; None where there are none."""
    if not base.has_value or _START.encode() not in base.reply.response.body:
        return None

    def facts(reading: Reading) -> str | None:
        origin = origin_of(reading)
        return None if origin in ("", MOCK) else origin

    def apply(draft: Draft, origin: str) -> None:
        draft.value = moved(draft.value, origin)

    return Edit(facts, apply, "a picture that the mock draws")


def moved(value: JSON, origin: str) -> JSON:
    """A value whose pictures are at another origin."""
    if isinstance(value, str):
        return origin + value.removeprefix(MOCK) if value.startswith(_START) else value
    if isinstance(value, list):
        return [moved(item, origin) for item in value]
    return {key: moved(item, origin) for key, item in value.items()} if isinstance(value, dict) else value
