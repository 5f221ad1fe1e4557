"""The addresses of documents: absolute URIs, hosts that a user allows, and paths as messages have them."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from tallystick.nouns.errors import UsageError

PORTS = {"http": 80, "https": 443}
"""The schemes of web addresses, each with the port that it means."""

Host = tuple[str, int | None]
"""The name of a host in lower case, and the one port that is meant, or None for all."""

_HOST = re.compile(r"(?P<name>[\w.-]+|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?", re.IGNORECASE)
_BELOW = re.compile(r"(?:[\w.-]+/)*[\w.-]*\w")
"""A reference that is the path of a file from the folder of another, and nothing more."""


def absolute(base: str, reference: str) -> str | None:
    """The absolute URI of a reference (RFC 3986, section 5); None where it is no URI."""
    try:
        joined = urljoin(base, reference)
        _ = urlsplit(joined).port  # a port that is no number raises only where it is asked for
    except ValueError:
        return None
    return joined


def absolute_from_file(base: str, reference: str) -> str | None:
    """The same from the URI of a document: a path beside its file takes a tenth of the time."""
    if base.startswith("file:///") and _BELOW.fullmatch(reference):
        return "file://" + posixpath.normpath(base[len("file://") : base.rindex("/") + 1] + reference)
    return absolute(base, reference)


def host_named(name: str) -> Host:
    """The host that a user names: `example.com`, `127.0.0.1:8080`, `https://example.com/`.

    Raises `UsageError` where it is none.
    """
    match = _HOST.fullmatch(name.partition("://")[2].removesuffix("/") if "://" in name else name)
    if match is None or int(match["port"] or 0) > 65535:
        expected = "expected a folder that is there, or a host such as example.com or 127.0.0.1:8080"
        raise UsageError(f"--allow-ref {name}: neither a folder nor a host; {expected}")
    return match["name"].strip("[]").lower(), int(match["port"]) if match["port"] else None


def hosts_of(uri: str) -> set[Host]:
    """What a user may have allowed so that a web address is asked; a ValueError where it is no URI."""
    address = urlsplit(uri)
    host = (address.hostname or "").lower()
    return {(host, None), (host, address.port or PORTS.get(address.scheme))}


def shown_path(path: Path) -> str:
    """A path as messages have it: relative to the working folder where it is below it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
