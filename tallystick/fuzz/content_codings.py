"""The bodies of responses without their content codings, and what is wrong where one cannot be undone."""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

import requests
import urllib3

from tallystick.fuzz.event_stream import is_event_stream
from tallystick.nouns import budgets
from tallystick.wire.codings import CodingError, DecodedTooLargeError, decode_body, decoders

_FIELD = "content-encoding"
_REGISTERED = frozenset(("aes128gcm", "br", "compress", "dcb", "dcz", "exi", "pack200-gzip", "x-compress", "zstd"))
"""The content codings of IANA's registry that are not always known here."""
_WHITESPACE = b"\t\n\r"


class CodingFault(NamedTuple):
    """Why the body of a response could not be decoded; the response has it as it came."""

    message: str
    is_of_server: bool
    """Whether the server is to blame, and not the libraries that are installed here."""


CodingFaults = WeakKeyDictionary[requests.PreparedRequest, CodingFault]
"""The faults of a run, by the request whose response has one."""


def without_codings(body: bytes, content_encoding: str) -> tuple[bytes, CodingFault | None]:
    """The body without the codings that `Content-Encoding` lists; as it came, with the fault, if it has not those."""
    if not body or not content_encoding:
        return body, None
    for name in (name.strip().lower() for name in content_encoding.split(",")):
        if name not in ("", "identity") and name not in decoders():
            return body, _fault_of_unknown(name, body)
    try:
        return decode_body(body, content_encoding, budgets.BODY_BYTES), None
    except CodingError as error:
        return body, CodingFault(str(error), is_of_server=not isinstance(error, DecodedTooLargeError))


def _fault_of_unknown(name: str, body: bytes) -> CodingFault:
    if name not in _REGISTERED:
        return CodingFault(f"{name[:40]!r} is no content coding (RFC 9110, section 8.4.1)", is_of_server=True)
    if all(byte >= 32 or byte in _WHITESPACE for byte in body) and _is_utf_8(body):
        return CodingFault(f"the body is not {name}: it is plain text", is_of_server=True)
    return CodingFault(f"bodies coded as {name} cannot be read here, so they are not judged", is_of_server=False)


def _is_utf_8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def read_response(response: requests.Response, faults: CodingFaults) -> None:
    """Reads a response to its end and decodes it, unless it is a stream of events, which may have no end.

    Raises what `requests` does where it breaks off, with its request, which `requests` leaves out.
    """
    if is_event_stream(response.headers.get("content-type", "")):
        return
    fields = response.raw.headers
    codings = fields.getlist(_FIELD)
    fields.discard(_FIELD)  # else urllib3 decodes the body, and keeps no other one where it cannot
    try:
        body, fault = without_codings(response.content, ", ".join(codings))
    except requests.RequestException as error:
        error.request = error.request or response.request
        raise
    for coding in codings:
        fields.add(_FIELD, coding)
    response._content = body
    if fault is not None:
        faults[response.request] = fault


def how_it_broke_off(error: requests.RequestException) -> str:
    """What is wrong with a response that began, and could not be read to its end."""
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return "the response is not coded as its Content-Encoding says"
    outer = error.args[0] if error.args else None
    for cause in outer.args if isinstance(outer, Exception) else ():
        if isinstance(cause, urllib3.exceptions.InvalidChunkLength):
            return (
                "the response is not chunked as its Transfer-Encoding says: the length of a chunk is missing or wrong"
            )
        if isinstance(cause, urllib3.exceptions.IncompleteRead) and cause.expected is not None:
            if cause.expected < 0:
                announced = cause.partial + cause.expected
                return f"the response has {-cause.expected} bytes more than the {announced} announced"
            return f"the response breaks off: {cause.partial} bytes came, and {cause.expected} more were announced"
    return "the response breaks off before its end"
