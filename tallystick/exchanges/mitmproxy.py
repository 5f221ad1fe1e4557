"""Exchanges from the flows of mitmproxy (`mitmdump -w FILE`), which are written as tagged netstrings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tallystick.exchanges.members import field_of, number_of
from tallystick.exchanges.recorded import OddEntryError, Recorded, Recording
from tallystick.nouns import budgets
from tallystick.nouns.exchange import Exchange, Headers, Request, Response
from tallystick.wire.codings import CodingError, decode_body

_BEGINNING = re.compile(rb"\d{1,12}:")
_LEVELS = 50
"""How deep a flow is; its values are read by recursion."""
_SWITCHED = 101
_CODED = frozenset(("content-encoding", "content-length", "transfer-encoding"))


def is_flows(octets: bytes) -> bool:
    """Whether a file seems to have flows."""
    head = _BEGINNING.match(octets)
    return head is not None and octets[head.end() : head.end() + 1].isdigit()


def read_flows(file: str, octets: bytes) -> Recording:
    """The exchanges of a file of flows; raises `OddEntryError` where it is none."""
    recording = Recording(file)
    at, index = 0, 0
    while at < len(octets):
        value, at = _value(octets, at, len(octets), _LEVELS)
        place = f"flow {index + 1}"
        try:
            flow = _Flow(value)
            if flow.other:
                recording.others[flow.other] += 1
            else:
                recording.exchanges.append(flow.recorded(f"{file}: {place}"))
        except OddEntryError as error:
            recording.odd.append(f"{place}: {error}")
        index += 1
    return recording


class _Flow:
    """One flow."""

    def __init__(self, value: object) -> None:
        if not isinstance(value, dict):
            raise OddEntryError("it is no flow")
        self.value: Mapping[str, object] = value
        self.request, self.response = value.get("request"), value.get("response")

    @property
    def other(self) -> str:
        """What it is, if it is no exchange that came to its end; "" if it is one."""
        if _text(self.value.get("type")) != "http":
            return "flow that is not HTTP"
        if self.value.get("websocket") or (isinstance(self.response, dict) and self._status() == _SWITCHED):
            return "WebSocket"
        return "" if isinstance(self.response, dict) else "request without a response"

    def recorded(self, place: str) -> Recorded:
        asked, answered = self.request, self.response
        if not isinstance(asked, dict) or not isinstance(answered, dict):
            raise OddEntryError("it has no request")
        path, _, query = _text(asked.get("path")).partition("?")
        scheme, host, port = _text(asked.get("scheme")), _text(asked.get("host")).lower(), asked.get("port")
        origin = f"{scheme}://{host}" + ("" if (scheme, port) in (("http", 80), ("https", 443)) else f":{port}")
        sent, has_request = _body(asked)
        came, has_response = _body(answered)
        request = Request(_text(asked.get("method")), path or "/", query, _headers(asked), sent)
        response = Response(self._status(), _headers(answered), came)
        started, ended = number_of(asked.get("timestamp_start")), number_of(answered.get("timestamp_end"))
        return Recorded(Exchange(request, response), origin, place, started, ended, has_request, has_response)

    def _status(self) -> int:
        status = self.response.get("status_code") if isinstance(self.response, dict) else None
        if not isinstance(status, int):
            raise OddEntryError("its response has no status")
        return status


def _headers(message: Mapping[str, object]) -> Headers:
    """The header fields of a message, without those of a coding that is undone."""
    return tuple(field for field in _all_headers(message) if field[0] not in _CODED)


def _all_headers(message: Mapping[str, object]) -> Headers:
    fields = message.get("headers")
    pairs = [pair for pair in fields if isinstance(pair, list) and len(pair) == 2] if isinstance(fields, list) else []
    named = [(_text(name).lower(), _text(value)) for name, value in pairs]
    return tuple((name, value) for name, value in named if not name.startswith(":"))


def _body(message: Mapping[str, object]) -> tuple[bytes, bool]:
    """The body of a message, its coding undone, and whether it was recorded."""
    content = message.get("content")
    if not isinstance(content, bytes):
        return b"", False
    try:
        return decode_body(content, field_of(_all_headers(message), "content-encoding"), budgets.BODY_BYTES), True
    except CodingError:
        return b"", False


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value if isinstance(value, str) else ""


def _value(octets: bytes, at: int, end: int, levels: int) -> tuple[object, int]:
    """The value at a place, and where the next one begins (`SIZE:PAYLOAD` and a letter for the type)."""
    head = _BEGINNING.match(octets, at, end)
    if head is None or levels == 0:
        raise OddEntryError(f"it is no flow of mitmproxy at byte {at + 1:,}")
    start = head.end()
    stop = start + int(head[0][:-1])
    if stop >= end:
        raise OddEntryError(f"it ends in the middle of a flow, at byte {len(octets):,}")
    payload, kind = octets[start:stop], octets[stop : stop + 1]
    value: object
    try:
        match kind:
            case b",":
                value = payload
            case b";":
                value = payload.decode("utf-8", "replace")
            case b"#":
                value = int(payload)
            case b"^":
                value = float(payload)
            case b"!":
                value = payload == b"true"
            case b"~":
                value = None
            case b"]":
                value = list(_values(octets, start, stop, levels))
            case b"}":
                items = list(_values(octets, start, stop, levels))
                value = {_text(name): member for name, member in zip(items[::2], items[1::2], strict=False)}
            case _:
                raise OddEntryError(f"it is no flow of mitmproxy at byte {stop + 1:,}")
    except ValueError:
        raise OddEntryError(f"it is no flow of mitmproxy at byte {start + 1:,}") from None
    return value, stop + 1


def _values(octets: bytes, at: int, end: int, levels: int) -> Iterator[object]:
    while at < end:
        value, at = _value(octets, at, end, levels - 1)
        yield value
