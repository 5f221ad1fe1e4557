"""Requests that are refused before the application hears of them: what is wrong with them as HTTP."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

import httptools

from tallystick.mock.problem import KIND, Problem, respond
from tallystick.nouns import budgets
from tallystick.nouns.printing import of_server, print_error

Fields = Sequence[tuple[bytes, bytes]]

_HOST = re.compile(rb"(?:\[[0-9A-Za-z:.%_~-]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?")
"""What a `Host` may be (RFC 9110, section 7.2; RFC 3986, section 3.2.2)."""
TLS_BEGINNING = b"\x16\x03"
"""How a TLS connection begins: a record of a handshake."""
_OTHER_VERSIONS = {
    "Invalid HTTP version": "this version of HTTP is not served here",
    "Pause on PRI/Upgrade": "HTTP/2 is not served here",
    "Expected HTTP/2 Connection Preface": "HTTP/2 is not served here",
}
"""What llhttp says of a request of another version, and what a client is told."""


class Head(NamedTuple):
    """The head of a request as it came; the names of its fields are in lower case."""

    version: str
    method: str
    target: bytes
    fields: Fields


@lru_cache(maxsize=256)
def is_host(value: bytes) -> bool:
    """Whether a value of `Host` is one."""
    return _HOST.fullmatch(value) is not None


def refusal_of(head: Head) -> Problem | None:
    """What is wrong with the head of a request as HTTP, the size of it included."""
    version, _, _, fields = head
    if version not in ("1.0", "1.1"):
        return Problem(505, f"HTTP/{version} is not served here; use HTTP/1.1")
    values: dict[bytes, list[bytes]] = {}
    for name, value in fields:
        values.setdefault(name, []).append(value)
    return (
        _oversize(head)
        or _wrong_host(version, values.get(b"host", []))
        or _wrong_coding(version, values.get(b"transfer-encoding", []))
        or _wrong_expectation(version, values.get(b"expect", []))
        or _wrong_target(head)
    )


def _oversize(head: Head) -> Problem | None:
    if len(head.target) > budgets.TARGET_BYTES:
        return target_too_long()
    if len(head.fields) > budgets.HEAD_FIELDS:
        count = len(head.fields)
        return Problem(431, f"the request has {count:,} header fields; at most {budgets.HEAD_FIELDS} are read")
    size = len(head.method) + len(head.target) + sum(len(name) + len(value) + 4 for name, value in head.fields)
    return head_too_large() if size > budgets.HEAD_BYTES else None


def target_too_long() -> Problem:
    """The problem with a path and query that are too long."""
    return Problem(414, f"the path and query of the request are longer than {budgets.TARGET_BYTES:,} bytes")


def head_too_large() -> Problem:
    """The problem with header fields that are too large together."""
    return Problem(431, f"the head of the request is larger than {budgets.HEAD_BYTES:,} bytes")


def _wrong_host(version: str, hosts: Sequence[bytes]) -> Problem | None:
    if not hosts:
        return None if version == "1.0" else Problem(400, "the request has no Host header; HTTP/1.1 asks for one")
    if len(hosts) > 1:
        return Problem(400, f"the request has {len(hosts)} Host headers; HTTP allows one")
    return None if is_host(hosts[0]) else Problem(400, "the Host header is no host; expected a name such as api:8080")


def _wrong_coding(version: str, codings: Sequence[bytes]) -> Problem | None:
    if not codings:
        return None
    if version == "1.0":
        return Problem(400, "the request is of HTTP/1.0, which has no Transfer-Encoding")
    if [coding.strip().lower() for coding in codings] == [b"chunked"]:
        return None
    return Problem(501, "the body is in a Transfer-Encoding that is not served here; chunked is")


def _wrong_expectation(version: str, expectations: Sequence[bytes]) -> Problem | None:
    if version == "1.0" or all(each.strip().lower() == b"100-continue" for each in expectations):
        return None
    return Problem(417, "the request expects what is not known here; 100-continue is")


def _wrong_target(head: Head) -> Problem | None:
    method, target = head.method, head.target
    if b"#" in target:
        return Problem(400, "the target of the request has a fragment (#), which a client keeps to itself")
    if target.startswith(b"/") or (target == b"*" and method == "OPTIONS"):
        return None
    if method == "CONNECT":
        return Problem(405, "CONNECT is not served: this server opens no tunnels", headers=(("allow", ""),))
    try:
        url = httptools.parse_url(target)
    except httptools.HttpParserInvalidURLError:
        return Problem(400, "the target of the request is neither a path nor a URL; a path begins with /")
    if (url.schema or b"").lower() not in (b"http", b"https") or not url.host or url.userinfo:
        return Problem(400, "the target of the request is no URL that is served here; expected http://host/path")
    return None


def parted(target: bytes) -> tuple[bytes, bytes, bytes]:
    """The path, the query and the authority of a target that is no path: a whole URL, or `*`."""
    if target == b"*":
        return target, b"", b""
    url = httptools.parse_url(target)
    authority = target.partition(b"://")[2].partition(b"/")[0].partition(b"?")[0]
    return url.path or b"/", url.query or b"", authority


def refusal_of_bytes(error: Exception, first: bytes) -> Problem:
    """What is wrong with bytes that the parser cannot read, of which some come first."""
    if first.startswith(TLS_BEGINNING):
        _tell_https()
        return Problem(400, "this is an HTTP port, and the request is an HTTPS one; ask for http://")
    reason = str(error)
    if reason in _OTHER_VERSIONS:
        return Problem(505, f"{_OTHER_VERSIONS[reason]}; use HTTP/1.1")
    return Problem(400, f"the request cannot be read as HTTP: {reason}")


@cache  # once in a process
def _tell_https() -> None:
    print_error(of_server("an HTTPS request came to this HTTP port; ask for http:// instead"))


def written(problem: Problem, default_fields: Fields, has_body: bool) -> bytes:
    """The response that refuses a request, after which the connection ends."""
    response = respond(problem)
    fields = [
        *default_fields,
        *((name.encode(), value.encode("latin-1", "replace")) for name, value in response.headers),
        (b"content-length", str(len(response.body)).encode()),
        (KIND.encode(), b"stateless"),
        (b"connection", b"close"),
    ]
    lines = [f"HTTP/1.1 {problem.status} {problem.title}".encode(), *(b": ".join(field) for field in fields)]
    return b"\r\n".join([*lines, b"", response.body if has_body else b""])
