"""Requests and responses as they are on the wire (RFC 9110).

They are named tuples, which are made in a third of the time of frozen dataclasses.
"""

from __future__ import annotations

from typing import NamedTuple

Headers = tuple[tuple[str, str], ...]
"""Header fields in order; names in lower case, values decoded as latin-1."""


class Request(NamedTuple):
    """An HTTP request as it is on the wire: `path` still percent-encoded, `query` without its question mark."""

    method: str
    path: str
    query: str = ""
    headers: Headers = ()
    body: bytes = b""


class Response(NamedTuple):
    """An HTTP response as it is on the wire."""

    status: int
    headers: Headers = ()
    body: bytes = b""


class Exchange(NamedTuple):
    """A request and, once there is one, its response."""

    request: Request
    response: Response | None = None
