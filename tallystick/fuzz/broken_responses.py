"""Responses that do not come, or not to their end: the errors of a fuzz run's HTTP, and a sentence for each."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    IncompleteRead,
    InvalidChunkLength,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
)

from tallystick.nouns.words import counted

_SHOWN_BYTES = 40
NO_CHUNKS = "the response is not chunked as its Transfer-Encoding says: the length of a chunk is missing or wrong"
_LONGEST_LINE = 65_536
"""The longest line of a response, in bytes, as `http.client` and `urllib3` have it."""
_MOST_FIELDS = 100
"""How many header fields, and how many interim responses, `http.client` reads."""


class LateError(requests.ReadTimeout):
    """A response that does not come, or not to its end, in the time that a request has; `fact` says which."""

    def __init__(self, fact: str, request: requests.PreparedRequest, seconds: float) -> None:
        # Schemathesis takes the seconds out of the message of the inner error.
        message = f"Read timed out. (read timeout={seconds:g})"
        super().__init__(ReadTimeoutError(None, str(request.url), message), request=request)  # type: ignore[arg-type] # it is only printed
        self.fact = fact


class TimeUpError(LateError):
    """The time of the whole run is up: the server is not to blame."""


class BrokenResponseError(http.client.HTTPException):
    """A response that breaks HTTP in a way that `http.client` passes over; `fact` says how."""

    def __init__(self, fact: str) -> None:
        super().__init__(fact)
        self.fact = fact


def broken_response(fact: str, request: requests.PreparedRequest) -> requests.exceptions.ChunkedEncodingError:
    """The error of a response that came, and breaks HTTP."""
    return requests.exceptions.ChunkedEncodingError(ProtocolError(fact, BrokenResponseError(fact)), request=request)


def is_refused(error: requests.RequestException) -> bool:
    """Whether no connection was made, so that nothing is known of a server."""
    return any(isinstance(cause, NewConnectionError) for cause in _causes(error))


def is_certificate(error: requests.RequestException) -> bool:
    """Whether the certificate of the server was not accepted."""
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))


def how_it_failed(error: requests.RequestException) -> str:
    """What is wrong with a response, or the lack of one, in a sentence; "" if that is not known."""
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return "the response is not coded as its Content-Encoding says"
    if isinstance(error, requests.exceptions.InvalidHeader):
        return f"the response has a header field that is wrong: {error}"
    for cause in _causes(error):
        if sentence := _sentence(cause):
            return sentence
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the response breaks off before its end"
    return ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and the errors that it was made from, the outermost first."""
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [part for part in (*cause.args, getattr(cause, "reason", None)) if isinstance(part, BaseException)]
        if cause.__cause__ is not None:
            waiting.append(cause.__cause__)


def _sentence(cause: BaseException) -> str:
    match cause:
        case LateError() | BrokenResponseError():
            return cause.fact
        case InvalidChunkLength():
            return NO_CHUNKS
        case IncompleteRead() if cause.expected is not None:
            return _wrong_length(cause.partial or 0, cause.expected)
        case http.client.RemoteDisconnected():
            return "the connection was closed before a response came"
        case http.client.UnknownProtocol():
            return f"the response has the version {str(cause)[:_SHOWN_BYTES]!r}; expected HTTP/1.1"
        case http.client.BadStatusLine():
            return f"what came is no response of HTTP/1.1: it begins with {str(cause)[:_SHOWN_BYTES]!r}"
        case http.client.LineTooLong():
            return f"a line in the head of the response is longer than {_LONGEST_LINE:,} bytes, and was read no further"
        case http.client.HTTPException() if "interim responses" in str(cause):  # Python 3.15 counts them
            return f"more than {_MOST_FIELDS} interim responses (1xx) came, and no final one"
        case http.client.HTTPException() if str(cause).startswith("got more than"):
            return f"the response has more than {_MOST_FIELDS} header fields, and was read no further"
        case ProtocolError() if "exceeded maximum" in str(cause):
            return f"a line between the chunks of the response is longer than {_LONGEST_LINE:,} bytes"
        case ConnectionResetError():
            return "the connection was reset before the response was whole"
        case BrokenPipeError():
            return "the connection was closed while the request was sent"
        case ConnectTimeoutError() if not isinstance(cause, NewConnectionError):
            return "the server took no connection in time"
        case ssl.SSLError() if not isinstance(cause, ssl.SSLCertVerificationError):
            return f"the server does not speak TLS, or not as it should: {cause.reason or cause}"
    return ""


def _wrong_length(received: int, missing: int) -> str:
    if missing < 0:
        return f"the response has {counted(-missing, 'byte')} more than the {received + missing} announced"
    return f"the response breaks off: {counted(received, 'byte')} came, and {missing} more were announced"
