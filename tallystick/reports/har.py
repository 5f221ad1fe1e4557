"""HTTP archives (HAR 1.2), which the network tab of a browser and HTTP clients open.

`tallystick/exchanges/har.py` reads them again.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tallystick.nouns.exchange import Exchange, Headers, Request, Response
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import parse_media_type
from tallystick.nouns.moment import moment
from tallystick.nouns.statuses import phrase_of
from tallystick.wire.values import decode_field, pairs

CUT = "the first "
"""How the comment of a body begins of which only the beginning is there."""
_HTTP = "HTTP/1.1"


class Sent(NamedTuple):
    """When a request was sent (Unix seconds), how many seconds it took, and how many bytes both bodies had."""

    time: float
    seconds: float
    request_bytes: int
    response_bytes: int


def archive(entries: Sequence[Mapping[str, JSON]], version: str) -> dict[str, JSON]:
    """The archive of some entries, in their order, by a version of tallystick."""
    creator: dict[str, JSON] = {"name": "tallystick", "version": version}
    return {"log": {"version": "1.2", "creator": creator, "pages": [], "entries": [dict(entry) for entry in entries]}}


def entry(exchange: Exchange, url: str, comment: str, sent: Sent | None = None) -> dict[str, JSON]:
    """The entry of an exchange, which has no secrets any more; where nothing came back, its status is 0.

    Without `sent` it has no time, and its bodies are whole.
    """
    request, response = exchange[0], exchange[1] or Response(0)
    time, seconds, request_bytes, response_bytes = sent or Sent(0, 0, len(request.body), len(response.body))
    milliseconds = round(seconds * 1000, 3)
    return {
        "startedDateTime": moment(time),
        "time": milliseconds,
        "request": _request(request, url, request_bytes),
        "response": _response(response, response_bytes),
        "cache": {},
        "timings": {"blocked": -1, "dns": -1, "connect": -1, "send": 0, "wait": milliseconds, "receive": 0, "ssl": -1},
        "comment": comment,
    }


def _request(request: Request, url: str, size: int) -> dict[str, JSON]:
    members: dict[str, JSON] = {
        "method": request.method,
        "url": url,
        "httpVersion": _HTTP,
        "cookies": _cookies(request.headers),
        "headers": _fields(request.headers),
        "queryString": _named(request.query),
        "headersSize": -1,
        "bodySize": size,
    }
    if request.body:
        text, encoding = _text(request.body)
        content_type = _value(request.headers, "content-type") or "application/octet-stream"
        data: dict[str, JSON] = {"mimeType": content_type, "text": text}
        if parse_media_type(content_type).name == "application/x-www-form-urlencoded" and not encoding:
            data["params"] = _named(text)
        members["postData"] = {**data, **_cut(request.body, size), **encoding}
    return members


def _response(response: Response, size: int) -> dict[str, JSON]:
    text, encoding = _text(response.body)
    content: dict[str, JSON] = {
        "size": size,
        "mimeType": _value(response.headers, "content-type") or "x-unknown",
        "text": text,
        **encoding,
        **_cut(response.body, size),
    }
    return {
        "status": response.status,
        "statusText": phrase_of(response.status),
        "httpVersion": _HTTP,
        "cookies": _set_cookies(response.headers),
        "headers": _fields(response.headers),
        "content": content,
        "redirectURL": _value(response.headers, "location") if 300 <= response.status < 400 else "",
        "headersSize": -1,
        "bodySize": size,
    }


def _cut(body: bytes, size: int) -> dict[str, JSON]:
    """The member that says that only the beginning of a body is there."""
    return {"comment": f"{CUT}{len(body)} bytes"} if len(body) < size else {}


def _text(body: bytes) -> tuple[str, dict[str, JSON]]:
    """A body as a text, and the member that says how it is encoded there."""
    try:
        return body.decode(), {}
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), {"encoding": "base64"}


def _fields(headers: Headers) -> list[JSON]:
    return [{"name": name, "value": value} for name, value in headers]


def _named(fields: str) -> list[JSON]:
    return [{"name": name, "value": decode_field(raw)[0]} for name, raw in pairs(fields)]


def _cookies(headers: Headers) -> list[JSON]:
    return _of_cookies(text for name, value in headers if name == "cookie" for text in value.split(";") if "=" in text)


def _set_cookies(headers: Headers) -> list[JSON]:
    return _of_cookies(value.partition(";")[0] for name, value in headers if name == "set-cookie")


def _of_cookies(texts: Iterable[str]) -> list[JSON]:
    cookies = [text.partition("=") for text in texts]
    return [{"name": name.strip(), "value": value.strip()} for name, _, value in cookies]


def _value(headers: Headers, name: str) -> str:
    return next((value for key, value in headers if key == name), "")
