"""Reads what follows a head that was read already, since the parser has taken it for another protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tallystick.mock.serving.protocol import Connection


class BehindHead:
    """The callbacks of a connection for a parser that is told again of a head which was read already."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.is_behind = False
        self.on_url = connection.on_url
        self.on_header = connection.on_header
        self.on_body = connection.on_body
        self.on_message_complete = connection.on_message_complete

    def on_message_begin(self) -> None:
        """A request begins, but for the first."""
        if self.is_behind:
            self.connection.on_message_begin()

    def on_headers_complete(self) -> None:
        """A head is there; the first was there before."""
        if self.is_behind:
            self.connection.on_headers_complete()
        self.is_behind = True
