"""A curl line, pasted into a shell, sends exactly the request that it stands for."""

from __future__ import annotations

import base64
import re
import subprocess
import threading
from collections.abc import Iterator
from html import unescape
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from support.asking import asker_of, contract

from tallystick.mock.app import create_app
from tallystick.nouns.exchange import Request
from tallystick.nouns.media_type import parse_media_type
from tallystick.reports.curl import curl, quoted
from tallystick.wire.multipart import split_parts

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
    "a dash": Request("POST", "/a", headers=(("content-type", "a/b"),), body=b"--one\n"),
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


BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
FORM_TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def form(*parts: tuple[str, bytes]) -> Request:
    """A request with a form, as a browser sends it; each part has its fields behind the name, and its content."""
    pieces = [
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; name={head}\r\n\r\n".encode() + content + b"\r\n"
        for head, content in parts
    ]
    body = b"".join(pieces) + f"--{BOUNDARY}--\r\n".encode()
    return Request("POST", "/a", headers=(("content-type", FORM_TYPE),), body=body)


PNG = '"file"; filename="a b.png"\r\nContent-Type: image/png', b"\x89PNG\r\n\x00'\n"
FORMS = {
    "texts": form(('"title"', b"Hello"), ('"it\'s"', "Gr\u00fc\u00dfe $HOME".encode()), ('"empty"', b"")),
    "what curl would read as something else": form(
        *(
            (f'"{number}"', text)
            for number, text in enumerate((b"@x", b"<x", b"(x", b'"x', b"a;type=b", b" a ", b"a\\"))
        )
    ),
    "json": form(('"meta"\r\nContent-Type: application/json', b'{"a": "x;y", "b": [1]}')),
    "a file": form(('"title"', b"Hello"), PNG),
    "a text file": form(('"file"; filename="a;b.txt"\r\nContent-Type: text/plain; charset=utf-8', b"one, two")),
}
OTHER_FORMS = {
    "two files": form(PNG, PNG),
    "lines": form(('"a"', b"one\r\ntwo")),
    "a file that does not say what it is": form(('"file"; filename="a.txt"', b"x")),
    "more fields": form(('"a"\r\nX-More: 1', b"x")),
    "a name that curl writes otherwise": form(('"a=b"', b"x")),
    "no form at all": form()._replace(body=b"nothing"),
}


@pytest.mark.parametrize("name", [*FORMS, *OTHER_FORMS])
def test_a_form_arrives_as_it_is(echo: HTTPServer, name: str) -> None:
    """A form that curl can write has no boundary in its line; of any other one each byte is sent as it is."""
    request = {**FORMS, **OTHER_FORMS}[name]
    line = curl(request, f"http://127.0.0.1:{echo.server_address[1]}")
    assert (BOUNDARY not in line) == (name in FORMS)
    got = sent(line)
    if name in OTHER_FORMS:
        assert got.body == request.body
        return
    content_type = dict(got.headers)["content-type"]
    boundary = parse_media_type(content_type).parameters["boundary"]
    assert got.body.replace(boundary.encode(), BOUNDARY.encode()) == request.body
    assert split_parts(got.body, parse_media_type(content_type))[0]


def test_the_line_of_the_page_has_what_a_person_would_copy(echo: HTTPServer) -> None:
    """What browsers, proxies and tracers send with each request is left out, what the contract documents is not."""
    parameters = [{"name": "X-Request-ID", "in": "header", "schema": {"type": "string"}}]
    operation = {"parameters": parameters, "responses": {"200": {"description": "Done"}}}
    ask = asker_of(
        create_app([contract({"paths": {"/a": {"post": operation, "put": {**operation, "parameters": []}}}})])
    )
    host = {"Host": f"127.0.0.1:{echo.server_address[1]}"}
    told = {"X-Tenant": "a", "Accept": "application/json", "Content-Type": FORM_TYPE}
    noise = {"User-Agent": "Mozilla/5.0", "Sec-Fetch-Mode": "cors", "Traceparent": "00-4bf9-01", "X-Request-ID": "7"}
    cookies = {"Cookie": "sid=s3cret; tallystick-session=w1"}
    for method in ("POST", "PUT"):
        ask(f"{method} /a", {**host, **told, **noise, **cookies}, FORMS["a file"].body)
        journal = ask("GET /_tallystick/page/journal", {**host, **cookies}).body.decode()
        id = re.findall(r'page/exchange\?id=([^"&]*)"', journal)[0]
        page = ask(f"GET /_tallystick/page/exchange?id={id}", {**host, **cookies}).body.decode()
        (line,) = re.findall(r'aria-label="curl line">([^<]*)<', page)
        fields = dict(sent(unescape(line)).headers)
        usual = {"host", "content-length", "content-type", "accept", "user-agent", "x-tenant", "tallystick-session"}
        assert fields.keys() == usual | ({"x-request-id"} if method == "POST" else set())
        assert (fields["tallystick-session"], fields["user-agent"][:4], "s3cret" in line) == ("w1", "curl", False)
