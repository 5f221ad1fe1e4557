"""A server that speaks HTTP/2 over TLS, and does by the path of a request what a server may do."""

from __future__ import annotations

import hashlib
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from h2 import events
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes

from tests.proxied.client import Fields

LARGE = bytes(range(256)) * 2**14
"""4 MiB of every byte."""
_GOAWAY_OF_STREAM_1 = b"\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00"
_GOAWAY_OF_NONE = b"\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"


class Asked:
    """A request as it comes."""

    def __init__(self, fields: Fields) -> None:
        self.fields = [(bytes(name).decode(), bytes(value).decode("latin-1")) for name, value in fields]
        self.path = dict(self.fields)[":path"]
        self.body = b""
        self.trailers: list[tuple[str, str]] = []

    def told(self, number: int) -> bytes:
        """What the server has seen of it, as JSON."""
        digest = hashlib.sha256(self.body).hexdigest()
        value = {"fields": self.fields, "sha256": digest, "trailers": self.trailers, "connection": number}
        return json.dumps(value).encode()


class _Connection:
    """One connection of a client, in a thread of its own."""

    def __init__(self, sock: socket.socket, number: int) -> None:
        self.sock, self.number = sock, number
        self.http2 = H2Connection(H2Configuration(client_side=False))
        self.asked: dict[int, Asked] = {}
        self.unsent: dict[int, bytes] = {}

    def serve(self) -> None:
        """Answer what comes until the client goes."""
        self.http2.initiate_connection()
        self.http2.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: 1})
        self.flush()
        while data := self.sock.recv(65_536):
            for event in self.http2.receive_data(data):
                self.hear(event)
            self.flush()

    def flush(self, more: bytes = b"") -> None:
        """Send what is to be sent."""
        self.sock.sendall(self.http2.data_to_send() + more)

    def hear(self, event: events.Event) -> None:
        """Do what the path of a request says, when it has come as a whole or before."""
        match event:
            case events.RequestReceived():
                asked = self.asked[event.stream_id] = Asked(event.headers)
                if asked.path == "/early":
                    self.head(event.stream_id, 413)
                    self.http2.end_stream(event.stream_id)
                    self.http2.reset_stream(event.stream_id, ErrorCodes.NO_ERROR)
            case events.DataReceived():
                self.asked[event.stream_id].body += event.data
                self.http2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            case events.TrailersReceived():
                trailers = [(bytes(name).decode(), bytes(value).decode()) for name, value in event.headers]
                self.asked[event.stream_id].trailers = trailers
            case events.StreamEnded():
                self.answer(event.stream_id, self.asked[event.stream_id])
            case events.WindowUpdated():
                for stream in list(self.unsent):
                    self.send(stream)

    def head(self, stream: int, status: int = 200, fields: Fields | None = None, ends: bool = False) -> None:
        """Send a head."""
        own = [(b":status", str(status).encode()), (b"content-type", b"application/json"), *(fields or [])]
        self.http2.send_headers(stream, own, end_stream=ends)

    def send(self, stream: int) -> None:
        """Send as much of a body as the client takes."""
        while body := self.unsent.get(stream):
            size = min(self.http2.local_flow_control_window(stream), 16_384, len(body))
            if not size:
                return
            self.unsent[stream] = body[size:]
            self.http2.send_data(stream, body[:size])
        del self.unsent[stream]
        self.http2.end_stream(stream)

    def answer(self, stream: int, asked: Asked) -> None:
        """The reply to a request that is there as a whole."""
        http2 = self.http2
        match asked.path.partition("?")[0]:
            case "/none":
                self.head(stream, 204, ends=True)
            case "/trailers":
                http2.send_headers(stream, [(b":status", b"103"), (b"link", b"</a>")])
                self.head(stream, fields=[(b"set-cookie", b"a=1"), (b"set-cookie", b"b=\xfc"), (b"trailer", b"x-end")])
                http2.send_data(stream, b"[]")
                http2.send_headers(stream, [(b"x-end", b"ok")], end_stream=True)
            case "/large":
                self.head(stream)
                self.unsent[stream] = LARGE
                self.send(stream)
            case "/reset":
                self.head(stream)
                http2.send_data(stream, b"[")
                http2.reset_stream(stream, ErrorCodes.INTERNAL_ERROR)
            case "/reset-at-once":
                http2.reset_stream(stream, ErrorCodes.ENHANCE_YOUR_CALM)
            case "/away":
                self.flush(_GOAWAY_OF_NONE)
            case "/going":  # the last of this connection, as nginx does after a thousand
                self.flush(_GOAWAY_OF_STREAM_1)
                self.head(stream)
                http2.send_data(stream, b"[1]", end_stream=True)
            case "/no-http":
                self.flush(b"HTTP/1.1 200 OK\r\n\r\n")
            case _ if dict(asked.fields)[":method"] == "HEAD":
                self.head(stream, fields=[(b"content-length", b"17")], ends=True)
            case _:
                self.head(stream)
                http2.send_data(stream, asked.told(self.number), end_stream=True)


@contextmanager
def http2_server(tls: ssl.SSLContext) -> Iterator[int]:
    """A server that speaks nothing but HTTP/2; its port."""
    tls.set_alpn_protocols(["h2"])
    listener = socket.create_server(("127.0.0.1", 0))
    open_sockets: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def serve(plain: socket.socket, number: int) -> None:
        with suppress(OSError, ProtocolError), tls.wrap_socket(plain, server_side=True) as sock:
            open_sockets.append(sock)
            _Connection(sock, number).serve()

    def accept() -> None:
        with suppress(OSError):
            while True:
                plain, _ = listener.accept()
                threads.append(threading.Thread(target=serve, args=(plain, len(threads))))
                threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for sock in open_sockets:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()
