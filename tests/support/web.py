"""Servers on 127.0.0.1 that documents are fetched from."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def serving(replies: Mapping[str, tuple[int, str | bytes]]) -> Iterator[tuple[str, list[str]]]:
    """A server on 127.0.0.1 with a reply for each path; yields its URL and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, body = replies.get(self.path, (404, "nothing here"))
            self.send_response(status)
            octets = body if isinstance(body, bytes) else body.encode()
            if 300 <= status < 400:
                self.send_header("Location", octets.decode())
            self.end_headers()
            self.wfile.write(octets)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def answering(*chunks: bytes, pause: float = 0) -> Iterator[tuple[str, list[bytes]]]:
    """A server on 127.0.0.1 that answers each connection with some bytes, a pause after each; its URL, and what it was
    sent."""
    sent: list[bytes] = []
    stopped = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            connection, _ = listener.accept()
            with connection:
                if stopped.is_set():
                    return
                sent.append(connection.recv(4096))
                with suppress(OSError):
                    for chunk in chunks:
                        connection.sendall(chunk)
                        stopped.wait(pause)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/a", sent
    finally:
        stopped.set()
        socket.create_connection(listener.getsockname()).close()
        thread.join()
        listener.close()
