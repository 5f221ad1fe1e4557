"""Header fields and methods of a contract that HTTP does not have, or that belong to the server: they break nothing."""

from __future__ import annotations

import json
import re
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.running import Running, running

NAMES = [
    *(
        "Content-Length",
        "Transfer-Encoding",
        "Connection",
        "Keep-Alive",
        "Date",
        "Server",
        "Host",
        "Upgrade",
        "Trailer",
    ),
    *("TE", "Proxy-Authenticate", "Content-Encoding", "Content-Type", "Set-Cookie", "Vary", "Allow", "Location"),
    *("Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Expect", "WWW-Authenticate"),
    *("Tallystick-Violations", "tallystick-violations", "Tallystick-Mock", "TALLYSTICK-MOCK"),
    *("", "a b", "a:b", "x\r\nEvil: 1", "x\nEvil: 1", "é", "中", "X-\0", "(x)", ":status", "X" * 5000, "X-Ok"),
]
VALUES: list[object] = [
    *('{"a', "x\r\nEvil: 1", "x\nEvil: 1", "x\rEvil: 1", "\0", "\x1b[31m", "\x7f", "é", "中文", "", " x ", "chunked"),
    *("close", "gzip", "5", "-1", 5, None, True, ["a", "b\r\nEvil: 1"], {"k\r\nEvil: 1": "v"}, "y" * 20_000),
]
METHODS = ["CO PY", "X\r\nY", "get", "", "CONNECT", "é", "M" * 1000, "A:B", "*", "PRI", "x-y", "\0", "TRACE ", "$ref"]


def document() -> dict[str, object]:
    """Each name with each value on a response, on a refusal, and as a parameter; each method on one path."""
    paths: dict[str, object] = {}
    for number, name in enumerate(NAMES):
        for other, value in enumerate(VALUES):
            header = {name: {"schema": {}, "example": value, "required": (number + other) % 2 == 0}}
            parameter = {"name": name, "in": "header", "schema": {}, "example": value}
            limit = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
            content = {"application/json": {"example": [1]}}
            paths[f"/{number}/{other}"] = {
                "get": {
                    "parameters": [limit, parameter],
                    "responses": {
                        "200": {"description": "A", "headers": header, "content": content},
                        "422": {"description": "B", "headers": header, "content": content},
                    },
                }
            }
    operations = {method: {"responses": {"204": {"description": "C"}}} for method in METHODS}
    paths["/methods"] = {"additionalOperations": operations}
    return {"openapi": "3.2.0", "info": {"title": "Odd", "version": "1"}, "paths": paths}


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A mock of a contract with odd names everywhere."""
    folder: Path = tmp_path_factory.mktemp("names")
    (folder / "odd.json").write_text(json.dumps(document()))
    with running("odd.json", "-p", "0", "-q", cwd=folder) as process:
        yield process


def answered(mock: Running, requests: list[bytes]) -> bytes:
    """What comes back for requests on one connection, the last of which ends it."""
    address = urlsplit(mock.origin)
    with socket.create_connection((address.hostname, address.port or 0), timeout=20) as connection:
        received = b""
        for number, request in enumerate(requests, 1):
            end = b"" if number < len(requests) else b"Connection: close\r\n"
            connection.sendall(request + b"Host: x\r\nOrigin: http://page\r\n" + end + b"\r\n")
        while part := connection.recv(65536):
            received += part
        return received


@pytest.mark.parametrize("query", ["", "?limit=x"])
@pytest.mark.parametrize("number", range(len(NAMES)), ids=[repr(name)[:20] for name in NAMES])
def test_a_header_of_any_name_breaks_no_reply(number: int, query: str, mock: Running) -> None:
    """Each reply is the documented one, with no field that an example smuggles in, and none of the server's twice."""
    requests = [f"GET /{number}/{other}{query} HTTP/1.1\r\n".encode() for other in range(len(VALUES))]
    heads = re.findall(rb"(HTTP/1\.1 \d{3} .*?)\r\n\r\n", answered(mock, requests), re.DOTALL)
    assert len(heads) == len(VALUES)
    for head in heads:
        status_line, *fields = head.split(b"\r\n")
        assert status_line.split()[1] == (b"422" if query else b"200")
        counts = Counter(field.partition(b": ")[0] for field in fields)
        for name in (b"date", b"content-length", b"content-type", b"tallystick-mock", b"access-control-allow-origin"):
            assert counts[name] == 1, head
        assert counts[b"tallystick-violations"] <= 1
        assert not counts.keys() & {b"transfer-encoding", b"evil", b"Evil"}
        assert not re.search(rb"[\0-\x08\x0a-\x1f\x7f]", b"".join(fields))


@pytest.mark.parametrize("method", METHODS, ids=map(repr, METHODS))
def test_a_method_of_any_name_breaks_nothing(method: str, mock: Running) -> None:
    """A method that HTTP has is answered, another one is no request; the mock goes on."""
    statuses = {
        "get": b"204",
        "CONNECT": b"204",
        "x-y": b"204",
        "$ref": b"204",
        "*": b"204",
        "PRI": b"505",
        "TRACE ": b"405",
    }
    answer = answered(mock, [f"{method} /methods HTTP/1.1\r\n".encode()])
    assert answer.split(b" ")[1] == statuses.get(method, b"400")
    assert mock.get("/37/0") == 404
