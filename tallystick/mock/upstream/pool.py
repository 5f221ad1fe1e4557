"""Connections to one upstream: made where none is free, and used again."""

from __future__ import annotations

import asyncio
import os
import re
import ssl
from dataclasses import dataclass, field
from time import monotonic

from tallystick.mock.upstream.address import Address
from tallystick.mock.upstream.agreement import Agreement
from tallystick.mock.upstream.connection import Connection, is_stale
from tallystick.mock.upstream.errors import DownError
from tallystick.nouns import budgets


@dataclass(slots=True)
class Pool:
    """The connections to one upstream, in one process; those of an event loop that has ended are forgotten."""

    address: Address
    tls: ssl.SSLContext | None = None
    tls_of_http1: ssl.SSLContext | None = None
    """How HTTPS is spoken where only HTTP/1.1 will do."""
    loop: asyncio.AbstractEventLoop | None = None
    idle: list[Connection] = field(default_factory=list)

    async def connection(self, is_fresh: bool = False, is_of_http1: bool = False) -> Connection:
        """A connection that waits for a request. Raises `DownError` where there is none.

        `is_fresh` asks for a new one; `is_of_http1` for one that can switch to another protocol, and so for a new one,
        too.
        """
        loop = asyncio.get_running_loop()
        if self.loop is not loop:
            self.loop, self.idle = loop, []
        while self.idle and not is_of_http1:
            connection = self.idle.pop()
            if not connection.is_open:
                continue
            if is_fresh or is_stale(connection):
                connection.abort()
                continue
            return connection
        return await self._connect(loop, self.tls_of_http1 if is_of_http1 else self.tls)

    async def _connect(self, loop: asyncio.AbstractEventLoop, tls: ssl.SSLContext | None) -> Connection:
        address = self.address
        connecting = loop.create_task(
            loop.create_connection(
                lambda: Agreement(loop),
                address.host,
                address.port,
                ssl=tls,
                server_hostname=address.host if tls is not None else None,
            )
        )
        is_late = False

        def give_up() -> None:
            nonlocal is_late
            is_late = True
            connecting.cancel()

        timer = loop.call_later(budgets.UPSTREAM_CONNECT_SECONDS, give_up)
        try:
            _, agreement = await connecting
        except asyncio.CancelledError:
            if not is_late:
                raise
            raise DownError(
                f"{address.url} could not be connected to within {budgets.UPSTREAM_CONNECT_SECONDS:g} seconds"
            ) from None
        except ssl.SSLCertVerificationError as error:
            fact = f"{address.url} has a certificate that is not trusted: {error.verify_message or error}"
            raise DownError(f"{fact}; --upstream-ca FILE trusts another authority") from None
        except ssl.SSLError as error:
            raise DownError(f"{address.url} does not speak HTTPS: {error.reason or error}") from None
        except (OSError, ValueError) as error:
            raise DownError(f"{address.url} cannot be reached: {reason_of(error)}") from None
        finally:
            timer.cancel()
        return agreement.connection

    def give_back(self, connection: Connection) -> None:
        """Keep a connection for the next request, if one may follow and there are not too many."""
        if not connection.is_open:
            return
        if connection.can_be_reused and connection.loop is self.loop and len(self.idle) < budgets.UPSTREAM_IDLE:
            connection.idle_since = monotonic()
            self.idle.append(connection)
        else:
            connection.abort()

    def close(self) -> None:
        """End the connections that wait."""
        idle, self.idle = self.idle, []
        for connection in idle:
            if not connection.loop.is_closed():
                connection.abort()


def reason_of(error: Exception) -> str:
    """The reason for an error of the system, without numbers."""
    text = str(getattr(error, "strerror", None) or error) or "the connection was closed at once"
    if "Connect call failed" in text:  # so asyncio says it, of one address or of several
        number = re.search(r"\[Errno (\d+)\]", str(error))
        text = os.strerror(int(number[1])) if number is not None else "connection refused"
    return text[:1].lower() + text[1:]
