"""A method that the HTTP parser does not know is answered as any other."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.running import Running, running

CONTRACT = """
openapi: 3.2.0
info: {title: Methods, version: '1'}
paths:
  /a:
    get: {responses: {'200': {description: A, content: {text/plain: {example: done}}}}}
    additionalOperations:
      COPY: {responses: {'204': {description: Copied}}}
      MERGE-ALL: {responses: {'204': {description: Merged}}}
      "CO PY": {responses: {'204': {description: Never}}}
      "X\\r\\nY": {responses: {'204': {description: Never}}}
"""


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A mock on a port, for all tests of this file."""
    folder: Path = tmp_path_factory.mktemp("methods")
    (folder / "methods.yaml").write_text(CONTRACT)
    with running("methods.yaml", "-p", "0", cwd=folder) as process:
        yield process


def exchanged(mock: Running, *chunks: bytes) -> list[str]:
    """The status lines and `Allow` fields that come back for some bytes on one connection."""
    address = urlsplit(mock.origin)
    with socket.create_connection((address.hostname, address.port or 0), timeout=10) as connection:
        for chunk in chunks:
            connection.sendall(chunk)
            time.sleep(0.1)
        connection.shutdown(socket.SHUT_WR)
        text = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    return re.findall(r"(?:HTTP/1.1|\r\nallow:) (.*)\r\n", text)


def head(method: str) -> bytes:
    """A request without a body."""
    return f"{method} /a HTTP/1.1\r\nHost: x\r\n\r\n".encode()


NOT_ALLOWED = ["405 Method Not Allowed", "COPY, GET, HEAD, MERGE-ALL"]


@pytest.mark.parametrize("method", ["FOO", "get", "PROPFIND", "CONNECT", "~", "X'Y"])
def test_a_method_that_is_not_documented_is_a_405(mock: Running, method: str) -> None:
    """Whatever the method, Allow lists the documented ones."""
    assert exchanged(mock, head(method)) == NOT_ALLOWED


def test_a_documented_method_is_answered(mock: Running) -> None:
    """Methods of one's own are served beside those that each HTTP parser knows."""
    assert exchanged(mock, head("COPY")) == ["204 No Content"]
    assert exchanged(mock, head("MERGE-ALL")) == ["204 No Content"]


def test_a_connection_goes_on_after_an_odd_method(mock: Running) -> None:
    """What comes before and after it on the same connection is answered, and so is a head that comes in pieces."""
    assert exchanged(mock, head("COPY"), head("FOO"), head("COPY")) == [
        "204 No Content",
        *NOT_ALLOWED,
        "204 No Content",
    ]
    assert exchanged(mock, b"FO", head("O")) == NOT_ALLOWED


@pytest.mark.parametrize("method", ["CO PY", "F\u00e9", ""])
def test_what_is_no_method_is_a_400(mock: Running, method: str) -> None:
    """A request line that HTTP does not have is told to be invalid."""
    assert exchanged(mock, head(method)) == ["400 Bad Request"]
