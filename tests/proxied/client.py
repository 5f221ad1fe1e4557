"""A client that tells what came over the wire: informational responses, fields in order, body, trailers, a break."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from typing import BinaryIO

Fields = list[tuple[bytes, bytes]]

_OF_CONNECTION = frozenset((b"connection", b"keep-alive", b"transfer-encoding", b"proxy-connection"))
_ADDED = frozenset((b"tallystick-mock", b"tallystick-violations"))


@dataclass
class Seen:
    """A response as a client sees it."""

    status: int = 0
    phrase: bytes = b""
    fields: Fields = field(default_factory=list)
    body: bytes = b""
    trailers: Fields = field(default_factory=list)
    informed: list[tuple[int, Fields]] = field(default_factory=list)
    is_broken: bool = False

    def named(self, name: bytes) -> list[bytes]:
        """The values of the fields of a name."""
        return [value for key, value in self.fields if key.lower() == name]

    @property
    def end_to_end(self) -> Fields:
        """The fields that are not of the connection, nor added by a proxy."""
        private = {
            token.strip().lower() for value in self.named(b"connection") for token in value.split(b",")
        } | _OF_CONNECTION
        return [(name, value) for name, value in self.fields if name.lower() not in private | _ADDED]


class Client:
    """A connection to a server."""

    def __init__(self, port: int, seconds: float = 30) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        self.file: BinaryIO = self.sock.makefile("rb")  # type: ignore[assignment]  # it is one

    def ask(self, line: str, fields: Fields | None = None, body: bytes = b"", version: str = "1.1") -> Seen:
        """Send a request (`GET /a`), and return what comes."""
        method, _, target = line.partition(" ")
        own = [(b"Host", b"api.example"), *(fields or [])]
        if body and not any(name.lower() in (b"content-length", b"transfer-encoding") for name, _ in own):
            own.append((b"Content-Length", str(len(body)).encode()))
        head = b"".join(b"%b: %b\r\n" % each for each in own)
        self.sock.sendall(
            b"%b %b HTTP/%b\r\n%b\r\n" % (method.encode(), target.encode(), version.encode(), head) + body
        )
        return self.seen(method)

    def seen(self, method: str = "GET") -> Seen:
        """Read a response."""
        seen = Seen()
        try:
            while True:
                parts = self._line().split(b" ", 2)
                seen.status, seen.phrase = int(parts[1]), parts[2] if len(parts) > 2 else b""
                fields = self._fields()
                if not 100 <= seen.status < 200 or seen.status == 101:
                    break
                seen.informed.append((seen.status, fields))
            seen.fields = fields
            if method != "HEAD" and seen.status not in (204, 304):
                self._body(seen)
        except (OSError, ValueError, IndexError):
            seen.is_broken = True
        return seen

    def close(self) -> None:
        """End the connection."""
        self.file.close()
        self.sock.close()

    def _line(self) -> bytes:
        line = self.file.readline()
        if not line.endswith(b"\n"):
            raise ValueError("the connection has ended")
        return line.rstrip(b"\r\n")

    def _fields(self) -> Fields:
        fields: Fields = []
        while line := self._line():
            name, _, value = line.partition(b":")
            fields.append((name, value.strip(b" \t")))
        return fields

    def _body(self, seen: Seen) -> None:
        if any(b"chunked" in value for value in seen.named(b"transfer-encoding")):
            while size := int(self._line().split(b";")[0], 16):
                self._read(seen, size)
                self._line()
            seen.trailers = self._fields()
        elif lengths := seen.named(b"content-length"):
            self._read(seen, int(lengths[0]))
        else:
            while piece := self.file.read(65_536):
                seen.body += piece

    def _read(self, seen: Seen, size: int) -> None:
        seen.body += self.file.read(size) or b""
        if not self.file.closed and len(seen.body) < size and size:
            raise ValueError("the body is too short")


def differences(direct: Seen, proxied: Seen) -> list[str]:
    """In what a response by way of a proxy differs from the same one directly."""
    told: list[str] = []
    bodies = ("body",) if not direct.is_broken else ()
    for name in ("status", "phrase", "trailers", "informed", "is_broken", *bodies):
        one, other = getattr(direct, name), getattr(proxied, name)
        if one != other:
            told.append(f"{name}: {one!r:.200} directly, {other!r:.200} by proxy")
    fields = proxied.end_to_end
    if not direct.named(b"date"):
        fields = [each for each in fields if each[0].lower() != b"date"]
    if fields != direct.end_to_end:
        told.append(f"fields: {direct.end_to_end!r:.600} directly, {fields!r:.600} by proxy")
    return told
