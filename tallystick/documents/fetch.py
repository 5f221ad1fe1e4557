"""Fetching of documents: those at addresses that the user names, and those that references may reach."""

from __future__ import annotations

import http.client
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import IO, NamedTuple
from urllib.parse import urlsplit
from urllib.request import Request

from tallystick.nouns import budgets


class Page(NamedTuple):
    """What was fetched: the address that it was found at, after any redirect, and its bytes."""

    uri: str
    octets: bytes

    def text(self) -> str:
        """The text of the page; raises `OSError` if it is not UTF-8."""
        try:
            return self.octets.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise OSError(f"it is not text in UTF-8: {error.reason} at offset {error.start}") from None


class HTTPStatusError(OSError):
    """The answer has a status that is no success."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}".strip())
        self.status = status
        self.reason = reason


def fetch(uri: str, may_ask: Callable[[str], bool], seconds: float = budgets.FETCH_SECONDS) -> Page:
    """The page at a web address; a redirect is followed only where `may_ask` allows its address.

    Raises `OSError` with the reason if it does not arrive within `seconds`.
    """
    outcome: list[Page | OSError] = []

    def ask() -> None:
        try:
            outcome.append(_fetched(uri, may_ask, seconds))
        except HTTPStatusError as error:
            outcome.append(HTTPStatusError(error.status, error.reason))
        except OSError as error:
            outcome.append(OSError(str(error)))  # a new one: the traceback of the first would keep its sockets open

    thread = threading.Thread(target=ask, daemon=True)  # because a socket's own timeout starts again with each byte
    thread.start()
    thread.join(seconds)
    if not outcome:
        raise OSError(_too_long(seconds))
    if isinstance(outcome[0], OSError):
        raise outcome[0]
    return outcome[0]


def _fetched(uri: str, may_ask: Callable[[str], bool], seconds: float) -> Page:
    try:
        with urllib.request.build_opener(_Redirects(may_ask)).open(uri, timeout=seconds) as reply:
            body: bytes = reply.read(budgets.DOCUMENT_BYTES + 1)
            missing = reply.length or 0
            coding = reply.headers.get("Content-Encoding", "identity")
            found_at: str = reply.url
    except urllib.error.HTTPError as error:
        error.close()
        if str(error.reason).startswith(_Redirects.inf_msg):
            raise OSError("it redirects in a circle, or more than ten times") from None
        raise HTTPStatusError(error.code, str(error.reason)) from None
    except urllib.error.URLError as error:
        raise OSError(_reason(error.reason)) from None
    except TimeoutError:
        raise OSError(_too_long(seconds)) from None
    except (http.client.InvalidURL, ValueError) as error:  # a redirect may lead anywhere
        raise OSError(f"it leads to what is no web address: {error}") from None
    except http.client.HTTPException as error:
        raise OSError(f"the answer is not HTTP: {error!r}") from None
    if len(body) > budgets.DOCUMENT_BYTES:
        raise OSError(f"it is larger than {budgets.DOCUMENT_BYTES >> 20} MiB")
    if missing:
        raise OSError(f"it ended after {len(body)} bytes, {missing} short of its Content-Length")
    if coding.lower() != "identity":
        raise OSError(f"it is sent in the coding {coding}, which was not asked for; `curl --compressed` undoes it")
    return Page(found_at, body)


def _too_long(seconds: float) -> str:
    return f"it took longer than {seconds:g} seconds"


def _reason(error: str | BaseException) -> str:
    """Why no answer came, in one line, without the numbers of the operating system and of OpenSSL."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}; curl -k asks without looking at it"
    if isinstance(error, ssl.SSLError):
        return f"TLS fails: {(error.reason or str(error)).replace('_', ' ').lower()}; is it http:// there?"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)


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
