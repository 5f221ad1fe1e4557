"""The journal as an HTTP archive (HAR 1.2), which the network tab of a browser opens.

`tallystick/exchanges/har.py` reads it again.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from importlib.metadata import version

from tallystick.exchanges.har import CUT
from tallystick.exchanges.secrets import MASK, Secrets
from tallystick.mock.journal.record import Record
from tallystick.nouns.exchange import Headers
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import parse_media_type
from tallystick.nouns.moment import moment
from tallystick.nouns.statuses import phrase_of
from tallystick.wire.values import decode_field, pairs

_HTTP = "HTTP/1.1"


def har_of(records: Sequence[Record], secrets: Secrets) -> dict[str, JSON]:
    """The archive of some exchanges, in their order."""
    creator: dict[str, JSON] = {"name": "tallystick", "version": version("tallystick")}
    return {
        "log": {
            "version": "1.2",
            "creator": creator,
            "pages": [],
            "entries": [_entry(record, secrets) for record in records],
        }
    }


def _entry(record: Record, secrets: Secrets) -> dict[str, JSON]:
    milliseconds = round(record.seconds * 1000, 3)
    return {
        "startedDateTime": moment(record.time),
        "time": milliseconds,
        "request": _request(record, secrets),
        "response": _response(record, secrets),
        "cache": {},
        "timings": {"blocked": -1, "dns": -1, "connect": -1, "send": 0, "wait": milliseconds, "receive": 0, "ssl": -1},
        "comment": secrets.in_urls(str(record.why.get("sentence", ""))),
        "_id": record.id,
        "_operation": record.label,
        "_violations": [dict(violation) for violation in record.violations],
    }


def _request(record: Record, secrets: Secrets) -> dict[str, JSON]:
    request = record.request
    query = secrets.in_query(request.query)
    members: dict[str, JSON] = {
        "method": request.method,
        "url": secrets.in_url(record.url),
        "httpVersion": _HTTP,
        "cookies": _cookies(request.headers),
        "headers": _fields(secrets.fields(request.headers)),
        "queryString": [{"name": name, "value": decode_field(raw)[0]} for name, raw in pairs(query)],
        "headersSize": -1,
        "bodySize": record.request_bytes,
    }
    if request.body:
        text, encoding = _text(request.body)
        content_type = _value(request.headers, "content-type") or "application/octet-stream"
        data: dict[str, JSON] = {"mimeType": content_type, "text": text}
        if parse_media_type(content_type).name == "application/x-www-form-urlencoded" and not encoding:
            data["params"] = [{"name": name, "value": decode_field(raw)[0]} for name, raw in pairs(text)]
        if len(request.body) < record.request_bytes:
            data["comment"] = f"{CUT}{len(request.body)} bytes"
        members["postData"] = {**data, **encoding}
    return members


def _response(record: Record, secrets: Secrets) -> dict[str, JSON]:
    response = record.response
    location = _value(response.headers, "location")
    text, encoding = _text(response.body)
    content: dict[str, JSON] = {
        "size": record.response_bytes,
        "mimeType": _value(response.headers, "content-type") or "x-unknown",
        "text": text,
        **encoding,
    }
    if len(response.body) < record.response_bytes:
        content["comment"] = f"{CUT}{len(response.body)} bytes"
    return {
        "status": response.status,
        "statusText": phrase_of(response.status),
        "httpVersion": _HTTP,
        "cookies": _set_cookies(response.headers),
        "headers": _fields(secrets.fields(record.sent_headers)),
        "content": content,
        "redirectURL": secrets.header("location", location) if 300 <= response.status < 400 else "",
        "headersSize": -1,
        "bodySize": record.response_bytes,
    }


def _text(body: bytes) -> tuple[str, dict[str, JSON]]:
    """A body as a text, and the member that says how it is encoded there."""
    try:
        return body.decode(), {}
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), {"encoding": "base64"}


def _fields(headers: Headers) -> list[JSON]:
    return [{"name": name, "value": value} for name, value in headers]


def _cookies(headers: Headers) -> list[JSON]:
    texts = [text for name, value in headers if name == "cookie" for text in value.split(";") if "=" in text]
    return [{"name": text.partition("=")[0].strip(), "value": MASK} for text in texts]


def _set_cookies(headers: Headers) -> list[JSON]:
    lines = [value for name, value in headers if name == "set-cookie"]
    return [{"name": line.partition("=")[0].strip(), "value": MASK} for line in lines]


def _value(headers: Headers, name: str) -> str:
    return next((value for key, value in headers if key == name), "")
