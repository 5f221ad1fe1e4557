"""Fetching of documents from hosts that the user has allowed by name."""

from __future__ import annotations

import http.client
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import IO
from urllib.parse import urlsplit
from urllib.request import Request

_SECONDS = 20
_MOST_BYTES = 64 * 2**20


def fetch(uri: str, may_ask: Callable[[str], bool], seconds: float = _SECONDS) -> str:
    """The text at a web address; a redirect is followed only where `may_ask` allows its address.

    Raises `OSError` with the reason if the text does not arrive within `seconds`, or is not UTF-8.
    """
    outcome: list[str | OSError] = []

    def ask() -> None:
        try:
            outcome.append(_fetched(uri, may_ask, seconds))
        except OSError as error:
            outcome.append(OSError(str(error)))  # a new one: the traceback of the first would keep its sockets open

    thread = threading.Thread(target=ask, daemon=True)  # because a socket's own timeout starts again with each byte
    thread.start()
    thread.join(seconds)
    if not outcome:
        raise OSError(f"it took longer than {seconds:g} seconds")
    if isinstance(outcome[0], OSError):
        raise outcome[0]
    return outcome[0]


def _fetched(uri: str, may_ask: Callable[[str], bool], seconds: float) -> str:
    try:
        with urllib.request.build_opener(_Redirects(may_ask)).open(uri, timeout=seconds) as reply:
            body: bytes = reply.read(_MOST_BYTES + 1)
            missing = reply.length or 0
    except urllib.error.HTTPError as error:
        error.close()
        raise OSError(str(error.reason)) from None
    except urllib.error.URLError as error:
        raise OSError(str(error.reason)) from None
    except (http.client.InvalidURL, ValueError) as error:  # a redirect may lead anywhere
        raise OSError(f"it leads to what is no web address: {error}") from None
    except http.client.HTTPException as error:
        raise OSError(f"the answer is not HTTP: {error!r}") from None
    if len(body) > _MOST_BYTES:
        raise OSError(f"it is larger than {_MOST_BYTES >> 20} MiB")
    if missing:
        raise OSError(f"it ended after {len(body)} bytes, {missing} short of its Content-Length")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise OSError(f"it is not text in UTF-8: {error.reason} at offset {error.start}") from None


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to a host that is allowed as well."""

    def __init__(self, may_ask: Callable[[str], bool]) -> None:
        self.may_ask = may_ask

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> Request | None:
        if not self.may_ask(newurl):
            host = urlsplit(newurl).hostname
            raise urllib.error.URLError(f"it redirects to {host}; allow that with --allow-ref {host}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)
