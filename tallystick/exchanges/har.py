"""Exchanges from HTTP archives (HAR 1.2), as the network tab of a browser, proxies and our mock write them.

What we write is made in `tallystick/reports/har.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from tallystick.exchanges.members import (
    field_of,
    fields_at,
    list_at,
    number_at,
    object_at,
    octets_of,
    split,
    status_at,
    text_at,
)
from tallystick.exchanges.recorded import OddEntryError, Recorded, Recording
from tallystick.nouns.exchange import Exchange, Headers, Request, Response
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import parse_media_type
from tallystick.reports.har import CUT

_DECODED = frozenset(("content-encoding", "content-length", "transfer-encoding"))
"""Header fields of what was sent; in an archive, the coding is undone."""
_SWITCHED = 101
_NO_TYPE = "x-unknown"


def is_archive(value: JSON) -> bool:
    """Whether a JSON value is an archive."""
    return isinstance(value, dict) and isinstance(value.get("log"), dict)


def read_archive(file: str, value: Mapping[str, JSON]) -> Recording:
    """The exchanges of an archive; raises `OddEntryError` if it has no list of entries."""
    recording = Recording(file)
    log = object_at(value, "log")
    if "entries" not in log:
        raise OddEntryError("log.entries is missing")
    for index, entry in enumerate(list_at(log, "entries")):
        place = f"log.entries[{index}]"
        try:
            if not isinstance(entry, dict):
                raise OddEntryError("an object was expected")
            other = _other(entry)
            if other:
                recording.others[other] += 1
            else:
                recording.exchanges.append(_recorded(entry, f"{file}: {place}"))
        except OddEntryError as error:
            recording.odd.append(f"{place}: {error}")
    return recording


def _other(entry: Mapping[str, JSON]) -> str:
    """What an entry is, if it is no exchange of HTTP that came to its end; "" if it is one."""
    request, response = object_at(entry, "request"), object_at(entry, "response")
    scheme = text_at(request, "url").partition(":")[0].strip().lower()
    status = status_at(response, "status")
    if scheme in ("ws", "wss") or entry.get("_resourceType") == "websocket" or status == _SWITCHED:
        return "WebSocket"
    if scheme not in ("http", "https"):
        return "address that is not HTTP"
    if status < 100:
        return "request without a response"
    names = {name for name, _ in fields_at(request, "headers")}
    if text_at(request, "method").upper() == "OPTIONS" and "access-control-request-method" in names:
        return "CORS preflight"
    return ""


def _recorded(entry: Mapping[str, JSON], place: str) -> Recorded:
    request, has_whole_request, origin = _request(object_at(entry, "request"))
    response, has_whole_response = _response(object_at(entry, "response"))
    started = _seconds(text_at(entry, "startedDateTime", ""))
    return Recorded(
        Exchange(request, response),
        origin,
        place,
        started,
        started + max(number_at(entry, "time"), 0) / 1000 if started else 0.0,
        has_whole_request,
        has_whole_response,
        is_cached=bool(entry.get("_fromCache")),
    )


def _seconds(moment: str) -> float:
    """A date-time as Unix seconds, 0 where it is none."""
    try:
        return datetime.fromisoformat(moment).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def _request(entry: Mapping[str, JSON]) -> tuple[Request, bool, str]:
    """The request, whether its body is whole, and its origin."""
    origin, path, query = split(text_at(entry, "url"))
    headers = fields_at(entry, "headers")
    body, is_whole = b"", number_at(entry, "bodySize") <= 0 and field_of(headers, "content-length") in ("", "0")
    if entry.get("postData") is not None:
        data = object_at(entry, "postData")
        headers = _with_type(headers, data)
        text = data.get("text")
        if isinstance(text, str) and text:
            body = octets_of(text, text_at(data, "encoding", ""), field_of(headers, "content-type"))
            is_whole = not text_at(data, "comment", "").startswith(CUT)
        elif text is not None and not isinstance(text, str):
            raise OddEntryError("request.postData.text: a text was expected")
        elif list_at(data, "params"):
            body, is_whole = _form(data, field_of(headers, "content-type"))
    sent = tuple(field for field in headers if field[0] not in _DECODED)
    return Request(text_at(entry, "method").upper(), path, query, sent, body), is_whole, origin


def _form(data: Mapping[str, JSON], content_type: str) -> tuple[bytes, bool]:
    """The body of a form whose fields alone were recorded; of a multipart body the boundary and more is lost."""
    if parse_media_type(content_type).name != "application/x-www-form-urlencoded":
        return b"", False
    fields = [field for field in list_at(data, "params") if isinstance(field, dict)]
    return urlencode([(text_at(field, "name"), text_at(field, "value", "")) for field in fields]).encode(), True


def _response(entry: Mapping[str, JSON]) -> tuple[Response, bool]:
    """The response, and whether its body is whole."""
    content = object_at(entry, "content") if entry.get("content") is not None else {}
    headers = _with_type(fields_at(entry, "headers"), content)
    text = text_at(content, "text", "")
    body = octets_of(text, text_at(content, "encoding", ""), field_of(headers, "content-type"))
    is_whole = bool(text) or number_at(content, "size") <= 0
    is_whole = is_whole and not text_at(content, "comment", "").startswith(CUT)
    sent = tuple(field for field in headers if field[0] not in _DECODED)
    return Response(status_at(entry, "status"), sent, body), is_whole


def _with_type(headers: Headers, content: Mapping[str, JSON]) -> Headers:
    """Header fields with the `Content-Type` that stands beside a body alone."""
    media_type = text_at(content, "mimeType", "")
    if field_of(headers, "content-type") or not media_type or media_type == _NO_TYPE or not content.get("text"):
        return headers
    return (*headers, ("content-type", media_type))
