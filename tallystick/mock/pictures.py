"""Serves the pictures that generated values name: `/_tallystick/image/640x480.svg?text=A+cat`, or `.png`."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import parse_qs

from tallystick.examples.pictures import PICTURES, Picture, png, svg
from tallystick.mock.problem import Problem
from tallystick.mock.responders.examples import generated
from tallystick.mock.roles import Reply
from tallystick.nouns import budgets
from tallystick.nouns.exchange import Request, Response

_NAME = re.compile(r"(\d{1,5})x(\d{1,5})\.(svg|png)", re.ASCII)
_FORMATS: dict[str, tuple[str, Callable[[Picture], bytes]]] = {"svg": ("image/svg+xml", svg), "png": ("image/png", png)}
_METHODS = ("GET", "HEAD")


def picture_reply(request: Request) -> Reply:
    """The reply to a request below `PICTURES`: the picture, or why there is none."""
    if request.method not in _METHODS:
        detail = f"{request.path} has no {request.method}; it has {', '.join(_METHODS)}"
        return generated(Problem(405, detail, headers=(("allow", ", ".join(_METHODS)),)))
    match = _NAME.fullmatch(request.path.removeprefix(PICTURES))
    if match is None or not all(1 <= int(side) <= budgets.PICTURE_SIDE for side in match.group(1, 2)):
        detail = f"a picture is named like 640x480.svg or 640x480.png, up to {budgets.PICTURE_SIDE} pixels a side"
        return generated(Problem(404, f"{request.path} is no picture; {detail}"))
    text = parse_qs(request.query).get("text", [""])[0]
    width, height, ending = match.groups()
    return _drawn(int(width), int(height), text[: budgets.PICTURE_CHARACTERS], ending)


@lru_cache(maxsize=256)
def _drawn(width: int, height: int, text: str, ending: str) -> Reply:
    content_type, draw = _FORMATS[ending]
    headers = (("content-type", content_type), ("cache-control", "max-age=3600"))
    return Reply(Response(200, headers, draw(Picture(width, height, text))), "a picture")
