"""One client of a mock: a connection that is kept, and made again where it was lost."""

from __future__ import annotations

import asyncio
import json
from typing import NamedTuple

ANSWER_SECONDS = 60.0
"""How long an answer may take; nothing here waits that long unless something hangs."""


class Answer(NamedTuple):
    """A response; its status is 0 where the connection was lost before it came."""

    status: int
    headers: dict[str, str]
    body: bytes
    why: str = ""

    @property
    def value(self) -> object:
        """The JSON of the body; None for another one."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Client:
    """Sends one request after the other; nothing is sent twice."""

    def __init__(self, port: int, headers: dict[str, str] | None = None) -> None:
        self.port = port
        self.fields = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        self.stream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, value: object = None, headers: dict[str, str] | None = None) -> Answer:
        """The answer to one request, with a JSON body where a value is given."""
        body = json.dumps(value).encode() if value is not None else b""
        fields = "".join(f"{name}: {text}\r\n" for name, text in (headers or {}).items())
        if value is not None:
            fields += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
        head = f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{self.fields}{fields}\r\n"
        return await self.send(head.encode() + body, method)

    async def send(self, data: bytes, method: str) -> Answer:
        """The answer to a request that is written already."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                if self.stream is None:
                    self.stream = await asyncio.open_connection("127.0.0.1", self.port)
                reader, writer = self.stream
                writer.write(data)
                return await self._read(reader, method)
        except (OSError, EOFError, TimeoutError, ValueError, IndexError) as error:
            self.close()
            return Answer(0, {}, b"", f"{type(error).__name__}: {error}")

    async def _read(self, reader: asyncio.StreamReader, method: str) -> Answer:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ")[1])
        headers = {name.lower(): text.strip() for name, _, text in (line.partition(":") for line in head[1:] if line)}
        body = b""
        if method != "HEAD" and status not in (204, 304):
            body = await reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, body)

    def close(self) -> None:
        """Give the connection back."""
        if self.stream is not None:
            self.stream[1].close()
            self.stream = None
