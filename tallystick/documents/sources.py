"""Where a contract comes from: a file, a web address that the user names, or standard input; and its text."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urldefrag, urlsplit

from tallystick.documents.addresses import hosts_of
from tallystick.documents.encoding import encoding_of
from tallystick.files.kinds import reason
from tallystick.files.reading import read_whole
from tallystick.nouns import budgets
from tallystick.nouns.errors import UnreadableError, UsageError
from tallystick.nouns.words import with_hint

if TYPE_CHECKING:
    from tallystick.documents.fetch import Page

STANDARD_INPUT = "-"
"""The PATH that means standard input."""
STDIN = "<stdin>"
"""Standard input as messages name it."""
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_USUAL = "many servers have theirs at /openapi.json, /v3/api-docs or /swagger/v1/swagger.json"
_HINTS = {
    401: "ask with a client that sends credentials: curl -s -u USER:PASSWORD {name} | tallystick check -",
    403: "ask with a client that sends credentials: curl -s -u USER:PASSWORD {name} | tallystick check -",
    404: _USUAL,
}
"""What would have worked, by the status of the answer."""
_NOT_URI = re.compile(r"[^!-~]+")


def is_address(name: str) -> bool:
    """Whether the name of a contract is a web address."""
    return _ADDRESS.match(name) is not None


def read_file(path: Path, file: str, is_named: bool = False) -> str:
    """The text of a file, or of a pipe that the user names; raises `UnreadableError`, which names `file`."""
    return decoded(read_octets(path, file, is_named), file)


def read_octets(path: Path, file: str, is_named: bool = False) -> bytes:
    """The bytes of a file, or of a pipe that the user names; raises `UnreadableError`, which names `file`."""
    try:
        return read_whole(path, is_named)
    except FileNotFoundError:
        raise UnreadableError(file, 0, "there is no such file") from None
    except IsADirectoryError:
        raise UnreadableError(
            file, 0, "this is a directory; an OpenAPI document (.yaml or .json) was expected"
        ) from None
    except (OSError, ValueError) as error:
        raise UnreadableError(file, 0, f"cannot be read: {reason(error)}") from None


def read_standard_input() -> str:
    """The text of standard input; raises `UsageError` for a terminal, `UnreadableError` for what is no text."""
    hint = "pipe a contract into it, as in `curl -s URL | tallystick check -`"
    if sys.stdin is None or sys.stdin.closed:
        raise UsageError(f"- stands for standard input, which is closed; {hint}")
    if sys.stdin.isatty():
        raise UsageError(f"- stands for standard input, which is a terminal here; {hint}")
    try:
        raw = sys.stdin.buffer.read(budgets.DOCUMENT_BYTES + 1)
    except OSError as error:
        raise UnreadableError(STDIN, 0, f"cannot be read: {error.strerror or error}") from None
    if not raw.strip():
        raise UnreadableError(STDIN, 0, "nothing came through standard input; an OpenAPI document was expected")
    if len(raw) > budgets.DOCUMENT_BYTES:
        raise UnreadableError(STDIN, 0, f"larger than {budgets.DOCUMENT_BYTES >> 20} MiB; put it into a file")
    return decoded(raw, STDIN)


def fetch_named(name: str, may_ask: Callable[[str], bool]) -> Page:
    """The page at a web address that the user names.

    A redirect is followed on the same host, and where `may_ask` allows it. Raises `UnreadableError` with the reason
    if it cannot be fetched, `UsageError` for an address that cannot be asked.
    """
    from tallystick.documents.fetch import HTTPStatusError, fetch  # imports an HTTP client, which few contracts need

    uri = _NOT_URI.sub(lambda match: quote(match[0]), urldefrag(name)[0])
    try:
        address = urlsplit(uri)
        host = (address.hostname or "").lower(), None
        if host not in hosts_of(uri) or not host[0]:
            raise ValueError("it names no host")
    except ValueError as error:
        raise UsageError(f"{name}: no web address: {error}") from None
    if "@" in address.netloc:
        shown = f"{address.scheme}://{address.netloc.rpartition('@')[2]}{address.path}"
        raise UsageError(f"{shown}: credentials in an address are not sent; {_HINTS[401].format(name=shown)}")
    try:
        page = fetch(uri, lambda other: host in hosts_of(other) or may_ask(other))
        text = page.text()
    except HTTPStatusError as error:
        hint = _HINTS.get(error.status, "")
        raise UnreadableError(name, 0, with_hint(f"cannot be fetched: {error}", hint.format(name=name))) from None
    except OSError as error:
        raise UnreadableError(name, 0, f"cannot be fetched: {error}") from None
    if not text.strip():
        raise UnreadableError(name, 0, f"the answer is empty; {_USUAL}")
    if text.lstrip().startswith("<"):
        raise UnreadableError(name, 0, f"the answer is a web page, not an OpenAPI document; {_USUAL}")
    return page


def decoded(raw: bytes, file: str) -> str:
    """The text of some bytes; raises `UnreadableError`, which names `file`."""
    encoding = encoding_of(raw)
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        name = "UTF-16" if encoding == "utf-16" else "UTF-8"
        fact = f"not text in {name}: byte 0x{raw[error.start]:02x} at offset {error.start}"
        raise UnreadableError(file, line, fact) from None
