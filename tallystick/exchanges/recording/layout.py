"""How one exchange stands in a file of a recording.

    request:
      method: POST
      url: http://127.0.0.1:4010/pets
      headers:
        content-type: application/json
      json:
        name: Rex
    response:
      status: 201
      headers:
        content-type: application/json
      json:
        id: 1
        name: Rex
    count: 1
    started: "2026-01-01T10:00:00.000Z"
    seconds: 0.002

A body is a member of the request or the response: `json` (a value), `text`, or `file` (the name of a file beside this
one). `whole: false` says that only its beginning was recorded.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from tallystick.exchanges.members import (
    as_on_the_wire,
    as_read,
    field_of,
    number_at,
    object_at,
    octets_of,
    split,
    status_at,
    text_at,
)
from tallystick.exchanges.recorded import OddEntryError, Recorded
from tallystick.nouns import budgets
from tallystick.nouns.exchange import Exchange, Headers, Request, Response
from tallystick.nouns.json_value import JSON, is_shallow
from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.nouns.moment import moment
from tallystick.wire.values import read_json
from tallystick.wire.write import write_json

BODIES = ("json", "text", "file")
"""The members that a body may stand in."""
_DEEPEST = 80
"""How many levels a value may have to stand in a file, which may have a hundred."""
_EXTENSIONS = {"application/json": ".json", "text/plain": ".txt", "application/octet-stream": ".bin"}
_EXTENSION_OF_KIND = {MediaKind.JSON: ".json", MediaKind.XML: ".xml", MediaKind.TEXT: ".txt"}


class Written(NamedTuple):
    """What is written of an exchange: the value of its file, and the bodies beside it by the ends of their names."""

    value: dict[str, JSON]
    beside: dict[str, bytes]


def written(recorded: Recorded) -> Written:
    """What is written of an exchange; a name of a body beside it is its end, which the file's own name goes before."""
    request, response = recorded.exchange
    beside: dict[str, bytes] = {}
    query = f"?{request.query}" if request.query else ""
    asked: dict[str, JSON] = {"method": request.method, "url": f"{recorded.origin}{request.path}{query}"}
    _add(asked, request.headers, request.body, recorded.has_whole_request, ".request", beside)
    answered: dict[str, JSON] = {"status": response.status if response is not None else 0}
    if response is not None:
        _add(answered, response.headers, response.body, recorded.has_whole_response, ".response", beside)
    value: dict[str, JSON] = {"request": asked, "response": answered, "count": recorded.count}
    if recorded.started:
        value["started"] = moment(recorded.started)
        value["seconds"] = round(max(recorded.ended - recorded.started, 0), 6)
    return Written(value, beside)


def _add(
    holder: dict[str, JSON], headers: Headers, body: bytes, is_whole: bool, end: str, beside: dict[str, bytes]
) -> None:
    """Add the header fields and the body to what is written of a request or a response."""
    if headers:
        holder["headers"] = _fields(headers)
    if body:
        content_type = field_of(headers, "content-type")
        name, value = body_of(body, content_type)
        if name == "file":
            value = end + _extension(content_type)
            beside[value] = body
        holder[name] = value
    if not is_whole:
        holder["whole"] = False


def _fields(headers: Headers) -> dict[str, JSON]:
    """Header fields by name; one that is there more than once has a list of values."""
    values: dict[str, list[JSON]] = {}
    for name, value in headers:
        values.setdefault(name, []).append(as_read(value))
    return {name: several if len(several) > 1 else several[0] for name, several in values.items()}


def body_of(body: bytes, content_type: str) -> tuple[str, JSON]:
    """The member that a body stands in, and its value there; None for one that has a file of its own."""
    if len(body) > budgets.RECORDED_INLINE_BYTES:
        return "file", None
    media_type = parse_media_type(content_type)
    if media_type.kind is MediaKind.JSON:
        value, fault = read_json(body)
        if not fault and is_shallow(value, _DEEPEST):  # type: ignore[arg-type] # what orjson reads is JSON
            return "json", value  # type: ignore[return-value] # as above
    try:
        text = body.decode(media_type.parameters.get("charset", "utf-8"))
        is_same = octets_of(text, "", content_type) == body
    except (LookupError, ValueError):
        return "file", None
    return ("text", text) if is_same and "\x00" not in text else ("file", None)


def _extension(content_type: str) -> str:
    media_type = parse_media_type(content_type)
    known = _EXTENSIONS.get(media_type.name) or mimetypes.guess_extension(media_type.name)
    return known or _EXTENSION_OF_KIND.get(media_type.kind, ".bin")


def recorded_in(value: JSON, place: str, beside: Callable[[str], bytes]) -> Recorded:
    """The exchange in the value of a file; `beside` gives the file of a name. Raises `OddEntryError`."""
    if not isinstance(value, dict):
        raise OddEntryError("an object with `request` and `response` was expected")
    asked, answered = object_at(value, "request"), object_at(value, "response")
    with _inside("request"):
        method, (origin, path, query) = text_at(asked, "method").upper(), split(text_at(asked, "url"))
        sent, sent_body = _read(asked, beside)
    with _inside("response"):
        came, came_body = _read(answered, beside)
        status = status_at(answered, "status")
        if not 100 <= status <= 999:
            raise OddEntryError(f"status: a status was expected, and there is {status}")
    started = _seconds(text_at(value, "started", ""))
    return Recorded(
        Exchange(Request(method, path, query, sent, sent_body), Response(status, came, came_body)),
        origin,
        place,
        started,
        started + max(number_at(value, "seconds"), 0),
        asked.get("whole") is not False,
        answered.get("whole") is not False,
        count=max(int(number_at(value, "count")), 1),
    )


@contextmanager
def _inside(side: str) -> Iterator[None]:
    """Say of each oddity on which side it is."""
    try:
        yield
    except OddEntryError as error:
        raise OddEntryError(f"{side}.{error}") from None


def _read(holder: Mapping[str, JSON], beside: Callable[[str], bytes]) -> tuple[Headers, bytes]:
    """The header fields and the body of a request or a response."""
    headers = _headers(holder)
    given = [name for name in BODIES if name in holder]
    if len(given) > 1:
        raise OddEntryError(f"{given[1]}: one body was expected, and there is `{given[0]}` too")
    if not given:
        return headers, b""
    if given[0] == "json":
        return headers, write_json(holder["json"])
    text = text_at(holder, given[0])
    if given[0] == "file":
        return headers, beside(text)
    return headers, octets_of(text, "", field_of(headers, "content-type"))


def _headers(holder: Mapping[str, JSON]) -> Headers:
    fields: list[tuple[str, str]] = []
    for name, value in (object_at(holder, "headers") if holder.get("headers") is not None else {}).items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict | list) or each is None:
                raise OddEntryError(f"headers.{name}: a text, or a list of texts, was expected")
            text = str(each).lower() if isinstance(each, bool) else str(each)
            fields.append((name.strip().lower(), as_on_the_wire(" ".join(text.splitlines()).strip())))
    return tuple(fields)


def _seconds(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        return 0.0
