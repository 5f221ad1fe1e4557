"""The addresses of documents: absolute URIs, hosts that a user allows, and paths as messages show them."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote, urljoin, urlsplit

from tallystick.nouns.errors import UsageError

PORTS = {"http": 80, "https": 443}
"""The schemes of web addresses, each with its default port."""

Host = tuple[str, int | None]
"""The name of a host in lower case, and one port of it, or None for every port."""

_HOST = re.compile(r"(?P<name>[\w.-]+|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?", re.IGNORECASE)
_BELOW = re.compile(r"(?:[\w.-]+/)*[\w.-]*\w")
"""A reference that is a plain path to a file in the same folder or below it."""


def absolute(base: str, reference: str) -> str | None:
    """The absolute URI of a reference (RFC 3986, section 5); None where it is no URI."""
    try:
        joined = urljoin(base, reference)
        _ = urlsplit(joined).port  # raises ValueError for a port that is no number
    except ValueError:
        return None
    return joined


def absolute_from_file(base: str, reference: str) -> str | None:
    """The same as `absolute()`, in a tenth of the time where a file refers to another in its folder or below it."""
    if base.startswith("file:///") and _BELOW.fullmatch(reference):
        return "file://" + posixpath.normpath(base[len("file://") : base.rindex("/") + 1] + reference)
    return absolute(base, reference)


def host_named(name: str) -> Host:
    """The host that a user names: `example.com`, `127.0.0.1:8080`, `https://example.com/`.

    Raises `UsageError` where the name is no host.
    """
    match = _HOST.fullmatch(name.partition("://")[2].removesuffix("/") if "://" in name else name)
    if match is None or int(match["port"] or 0) > 65535:
        expected = "expected a folder that is there, or a host such as example.com or 127.0.0.1:8080"
        raise UsageError(f"--allow-ref {name}: neither a folder nor a host; {expected}")
    return match["name"].strip("[]").lower(), int(match["port"]) if match["port"] else None


def hosts_of(uri: str) -> set[Host]:
    """The hosts, with and without the port, of which a user has to allow one before a web address is fetched.

    Raises ValueError for an invalid URI.
    """
    address = urlsplit(uri)
    host = (address.hostname or "").lower()
    return {(host, None), (host, address.port or PORTS.get(address.scheme))}


def is_beside(uri: str, page: str) -> bool:
    """Whether a web address is in the folder of a page, or below it; raises ValueError for an invalid URI."""
    address, own = urlsplit(uri), urlsplit(page)
    folder = own.path.rpartition("/")[0] + "/"
    segments = re.split(r"[/\\]", unquote(address.path))
    is_same_origin = address.scheme == own.scheme and hosts_of(uri) == hosts_of(page)
    return is_same_origin and address.path.startswith(folder) and "." not in segments and ".." not in segments
