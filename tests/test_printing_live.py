"""A running mock and a fuzz run print what clients, handlers and servers say as text."""

from __future__ import annotations

import http.server
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.commands import process, written
from support.hostile_texts import COMMANDS, assert_harmless
from support.running import running

TEXT = COMMANDS.replace("\x1b[31m", "")
CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": "Days", "version": "1"},
    "servers": [{"url": "/"}],
    "paths": {
        f"/{name}": {"get": {"operationId": name, "responses": {"200": {"description": "A day"}}}}
        for name in ("raises", "prints")
    },
}
HANDLERS = f"""
import logging, sys, warnings

TEXT = {TEXT!r}

def raises():
    raise ValueError(TEXT)

def prints():
    print(TEXT, flush=True)
    sys.stderr.write(TEXT + "\\n")
    logging.getLogger("shop").error(TEXT)
    warnings.warn(TEXT)
    return "", 200
"""


def asked(port: int, line: bytes) -> None:
    """A request with this first line is answered."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(line + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        while connection.recv(65536):
            pass


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_mock_prints_what_others_say_as_text(workers: str, tmp_path: Path) -> None:
    """Neither a request nor what a handler raises, prints, logs or warns of commands the terminal of the mock."""
    written(tmp_path, "api.json", json.dumps(CONTRACT))
    written(tmp_path, "hostile_handlers.py", HANDLERS)
    flags = ("-p", "0", "--workers", workers, "--handlers", "hostile_handlers", "api.json")
    with running(*flags, cwd=tmp_path) as mock:
        mock.read_until("/prints")
        port = int(mock.origin.rpartition(":")[2])
        for target in (b"/raises", b"/prints", b"/a?##[error]x", b"/\x1b[2J", b"/\xe2\x80\xae\x9b"):
            asked(port, b"GET " + target)
        asked(port, b"::error::x /a")
        code, output, errors = mock.end()
    assert code == 0
    assert "failed: ValueError" in errors
    assert "Traceback" in errors
    assert "200 GET /prints" in output
    for text in (*mock.lines, output, errors):
        assert_harmless(text)


class Hostile(http.server.BaseHTTPRequestHandler):
    """Answers with control characters and commands in its status line, its header and its body."""

    def answer(self) -> None:
        body = TEXT.encode() + b"\x9b\xff"
        head = b"HTTP/1.1 299 ::error::\x1b[2J\r\nContent-Type: a/\x1b[2J##[error]\x9b\r\nLocation: ::error::\x07\r\n"
        self.wfile.write(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = do_TRACE = answer

    def log_message(self, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def hostile() -> Iterator[str]:
    """The URL of a server that answers with hostile texts."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_fuzz_run_reports_what_a_server_says_as_text(form: str, hostile: str, tmp_path: Path) -> None:
    """Findings show a hostile response, and the run's reports are whole."""
    written(tmp_path, "api.json", json.dumps(CONTRACT))
    flags = ("--url", hostile, "--max-examples", "1", "--seed", "1", "--junit", "junit.xml", "--format", form)
    run = process("fuzz", *flags, "api.json", folder=tmp_path)
    output, errors = run.communicate(timeout=100)
    assert (run.returncode, errors) == (1, "")
    report = (tmp_path / "junit.xml").read_text()
    assert_harmless(output)
    assert_harmless(report)
    ElementTree.fromstring(report)
    if form == "json":
        assert json.loads(output)["findings"]
