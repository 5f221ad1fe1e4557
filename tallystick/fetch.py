"""Documents from hosts that the user has allowed by name."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

_SECONDS = 20
_MOST_BYTES = 64 * 2**20


def fetch(uri: str, hosts: Collection[str]) -> str:
    """The text behind a web address; redirects are followed to the allowed hosts only.

    Raises `OSError` with the reason where it cannot be had, or is not text in UTF-8.
    """
    try:
        with urllib.request.build_opener(_Redirects(hosts)).open(uri, timeout=_SECONDS) as reply:
            body: bytes = reply.read(_MOST_BYTES + 1)
    except urllib.error.URLError as error:
        raise OSError(str(error.reason)) from None
    if len(body) > _MOST_BYTES:
        raise OSError(f"it is larger than {_MOST_BYTES >> 20} MiB")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise OSError(f"it is not text in UTF-8: {error.reason} at offset {error.start}") from None


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to a host that is allowed as well."""

    def __init__(self, hosts: Collection[str]) -> None:
        self.hosts = hosts

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        host = (urlsplit(newurl).hostname or "").lower()
        if host not in self.hosts:
            raise urllib.error.URLError(f"it redirects to {host}; allow that with --allow-ref {host}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)
