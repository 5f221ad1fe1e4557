"""Exchanges from the journal of our mock, as `GET /_tallystick/journal` lists them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

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
from tallystick.nouns.media_type import MediaKind, parse_media_type

_SENT = frozenset(("content-length", "transfer-encoding"))


def is_journal(value: JSON) -> bool:
    """Whether a JSON value is a journal."""
    return isinstance(value, dict) and isinstance(value.get("exchanges"), list)


def read_journal(file: str, value: Mapping[str, JSON]) -> Recording:
    """The exchanges of a journal."""
    recording = Recording(file)
    for index, entry in enumerate(list_at(value, "exchanges")):
        place = f"exchanges[{index}]"
        try:
            if not isinstance(entry, dict):
                raise OddEntryError("an object was expected")
            recording.exchanges.append(_recorded(entry, f"{file}: {place}"))
        except OddEntryError as error:
            recording.odd.append(f"{place}: {error}")
    return recording


def _recorded(entry: Mapping[str, JSON], place: str) -> Recorded:
    asked, answered = object_at(entry, "request"), object_at(entry, "response")
    origin, _, query = split(text_at(asked, "url"))
    sent, is_whole_request = _body(asked, fields_at(asked, "headers"))
    came, is_whole_response = _body(answered, fields_at(answered, "headers"))
    request = Request(text_at(asked, "method"), text_at(asked, "path"), query, _without_length(asked), sent)
    response = Response(status_at(answered, "status"), _without_length(answered), came)
    try:
        started = datetime.fromisoformat(text_at(entry, "time", "")).timestamp()
    except (ValueError, OverflowError):
        started = 0.0
    ended = started + number_at(entry, "seconds")
    return Recorded(Exchange(request, response), origin, place, started, ended, is_whole_request, is_whole_response)


def _without_length(holder: Mapping[str, JSON]) -> Headers:
    return tuple(field for field in fields_at(holder, "headers") if field[0] not in _SENT)


def _body(holder: Mapping[str, JSON], headers: Headers) -> tuple[bytes, bool]:
    """A body, and whether it is whole: a journal has the value of one that is JSON, else its text or its bytes."""
    size = number_at(holder, "size")
    if "body_base64" in holder:
        body = octets_of(text_at(holder, "body_base64"), "base64", "")
        return body, len(body) == size
    if "body" not in holder:
        return b"", not size
    value = holder["body"]
    is_json = parse_media_type(field_of(headers, "content-type")).kind is MediaKind.JSON
    if isinstance(value, str):
        text = value.encode("utf-8", "replace")
        if not is_json or len(text) == size:
            return text, len(text) == size
        written = json.dumps(value).encode()
        return (written, True) if len(text) + 2 == size else (text, False)
    return json.dumps(value).encode(), True
