"""A curl line, pasted into a shell, sends exactly the request that it stands for."""

from __future__ import annotations

import base64
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tallystick.nouns.exchange import Request
from tallystick.reports.curl import curl, quoted

HEADER = (("x-one", "1"),)
REQUESTS = {
    "get": Request("GET", "/a/b"),
    "get with a query": Request("GET", "/a", "q=1&empty=&x=%20%26"),
    "brackets and braces": Request("GET", "/a%5B0%5D", "filter[name]={x}"),
    "dots": Request("GET", "/a/./b/../c"),
    "head": Request("HEAD", "/a"),
    "a method of its own": Request("PURGE", "/a"),
    "get with a body": Request("GET", "/a", headers=(("content-type", "text/plain"),), body=b"x"),
    "post without a body": Request("POST", "/a"),
    "put": Request("PUT", "/a", headers=(("content-type", "application/json"),), body=b'{"a": 1}'),
    "a quote": Request(
        "POST", "/it's", headers=(("content-type", "a/b"), ("x-q", "it's $HOME `id`")), body=b"it's $HOME"
    ),
    "a body that begins as a file name would": Request("POST", "/a", headers=(("content-type", "a/b"),), body=b"@/etc"),
    "no content type": Request("POST", "/a", body=b"x"),
    "letters of the world": Request("POST", "/a", headers=(("content-type", "a/b"),), body="Grüße, 世界 🌍".encode()),
    "bytes": Request("POST", "/a", headers=(("content-type", "a/b"),), body=bytes(range(256)) + b"%s\n\n"),
    "lines": Request("POST", "/a", headers=(("content-type", "a/b"),), body=b"one\ntwo\n"),
    "an empty header": Request("GET", "/a", headers=(("x-empty", ""),)),
    "a header in latin-1": Request("GET", "/a", headers=(("x-latin", "caf\xe9 \xff"),)),
    "a tab in a header": Request("GET", "/a", headers=(("x-tab", "a\tb"),)),
}


class Echo(BaseHTTPRequestHandler):
    """Keeps what it receives."""

    received: list[Request]

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path, _, query = self.path.partition("?")
        headers = tuple((name.lower(), value) for name, value in self.headers.items())
        self.received.append(Request(self.command, path, query, headers, body))
        self.send_response(204)
        self.end_headers()

    do_GET = do_HEAD = do_PURGE = do_POST = do_PUT = answer

    def log_message(self, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def echo() -> Iterator[HTTPServer]:
    """A server on a free port that keeps what it receives."""
    Echo.received = []
    server = HTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def sent(line: str) -> Request:
    """The request that a line of shell sends to the echo."""
    subprocess.run(["sh", "-c", line], check=True, capture_output=True, timeout=10)
    return Echo.received[-1]


@pytest.mark.parametrize("name", REQUESTS)
def test_the_line_sends_the_request(echo: HTTPServer, name: str) -> None:
    """Method, path, query, headers and body arrive as they are in the request, byte by byte."""
    request = REQUESTS[name]
    got = sent(curl(request, f"http://127.0.0.1:{echo.server_address[1]}"))
    assert (got.method, got.path, got.query, got.body) == (request.method, request.path, request.query, request.body)
    assert set(request.headers) <= set(got.headers)
    added = {name for name, _ in got.headers} - {name for name, _ in request.headers}
    assert added <= {"host", "user-agent", "accept", "content-length", "connection"}


def test_secrets_are_left_to_the_environment(echo: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line names the variables of its secrets, in headers and query, and sends what they hold."""
    basic = "Basic " + base64.b64encode(b"ada:s3cret!").decode()
    request = Request(
        "GET", "/a", "key=k3y%20value", (("authorization", basic), ("x-token", "to'ken"), ("x-both", "a to'ken b"))
    )
    secrets = {"ada:s3cret!": "A_USER", "k3y%20value": "A_KEY", "to'ken": "A_TOKEN"}
    line = curl(request, f"http://127.0.0.1:{echo.server_address[1]}", secrets)
    for value, name in secrets.items():
        monkeypatch.setenv(name, value)
        assert value not in line
    assert basic not in line
    got = sent(line)
    assert got.query == request.query
    assert set(request.headers) <= set(got.headers)


def test_a_word_stays_readable_where_it_can() -> None:
    """Plain words stand as they are; what only printf can write is written in octal."""
    assert quoted("http://x/y?a=1") == "'http://x/y?a=1'"
    assert quoted("plain") == "plain"
    assert quoted(b"\x00%") == "\"$(printf '\\000%%')\""
