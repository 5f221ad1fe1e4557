"""Where an upstream is: its URL, read once."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from tallystick.nouns.errors import UsageError

PORTS = {"http": 80, "https": 443}
"""The usual port of each scheme."""
_HOST = re.compile(r"[A-Za-z0-9._~-]+|[0-9A-Fa-f:.]+(?:%25[A-Za-z0-9._~-]+)?")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)*")
_EXPECTED = "expected the base URL of a server, as in http://127.0.0.1:8000 or https://api.example.com/v1"


class Address(NamedTuple):
    """Where an upstream is; `base_path` is what its URL has before each path, "" for nothing."""

    scheme: str
    host: str
    port: int
    base_path: str

    @property
    def authority(self) -> str:
        """The value of `Host`: with the port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port, as a browser has them."""
        return f"{self.scheme}://{self.authority}"

    @property
    def url(self) -> str:
        """The URL, without a slash at its end."""
        return self.origin + self.base_path


def read_address(text: str, flag: str = "--upstream") -> Address:
    """The address that a URL names. Raises `UsageError` for what is no URL of a server, saying what is expected."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise UsageError(f"{flag} {text}: {error}; {_EXPECTED}") from None
    if parts.scheme not in PORTS or not _HOST.fullmatch(host) or port == 0:
        raise UsageError(f"{flag} {text}: {_EXPECTED}")
    if parts.username is not None or parts.password is not None:
        raise UsageError(f"{flag} {parts.scheme}://…@{host}: no name or password is sent; clients send their own")
    if parts.query or parts.fragment or not _PATH.fullmatch(parts.path):
        raise UsageError(f"{flag} {text}: a base URL has no query, no fragment and no spaces; {_EXPECTED}")
    return Address(parts.scheme, host, port or PORTS[parts.scheme], parts.path.rstrip("/"))
