"""A WSGI application in the place of a server: it is answered for as servers of WSGI do."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tallystick.fuzz.application import with_error_responses
from tallystick.fuzz.in_process import HOST, Answer, ServedApplication
from tallystick.nouns import budgets

StartResponse = Callable[..., Callable[[bytes], None]]
TEXT = [("Content-Type", "text/plain")]


def answered(application: Any, method: str = "GET", path: str = "/", **parts: Any) -> Answer:
    """The answer of a WSGI application to one request."""
    with ServedApplication(with_error_responses(application)) as server:
        return server.answer(requests.Request(method, f"http://{HOST}{path}", **parts).prepare(), 5)


def test_a_request_arrives_as_wsgi_has_it() -> None:
    """Path, query, header fields and body are where PEP 3333 has them."""
    seen: dict[str, Any] = {}

    def application(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        seen.update(environ, body=environ["wsgi.input"].read())
        start_response("200 OK", TEXT)
        return [b"ok"]

    answered(application, "POST", "/a%20b/ü?q=%C3%BC", data=b"body", headers={"X-One": "1", "Content-Type": "text/x"})
    assert (seen["REQUEST_METHOD"], seen["PATH_INFO"].encode("latin-1").decode()) == ("POST", "/a b/ü")
    assert (seen["QUERY_STRING"], seen["HTTP_X_ONE"], seen["CONTENT_TYPE"]) == ("q=%C3%BC", "1", "text/x")
    assert (seen["CONTENT_LENGTH"], seen["body"]) == ("4", b"body")
    assert (seen["SERVER_NAME"], seen["wsgi.errors"]) == (HOST, sys.stderr)


def test_a_body_in_chunks_is_one() -> None:
    """What `write` is given goes before what is returned in chunks, and the result is closed; HEAD has no body."""
    closed: list[bool] = []

    class Chunks:
        def __iter__(self) -> Iterator[bytes]:
            yield from (b"two ", b"three")

        def close(self) -> None:
            closed.append(True)

    def application(_: dict[str, Any], start_response: StartResponse) -> Chunks:
        start_response("201 Created", [*TEXT, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])(b"one ")
        return Chunks()

    answer = answered(application)
    assert (answer.status, answer.content, answer.headers["set-cookie"]) == (201, b"one two three", ["a=1", "b=2"])
    assert answered(application, "HEAD").content == b""
    assert closed == [True, True]


def raising_at_once(_: dict[str, Any], __: StartResponse) -> list[bytes]:
    """Raises before anything."""
    raise ValueError("at once")


def raising_after_the_start(_: dict[str, Any], start_response: StartResponse) -> list[bytes]:
    """Raises when it has started its response, and given none of its body."""
    start_response("200 OK", TEXT)
    raise ValueError("after the start")


def raising_in_the_body(_: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
    """Raises where its first chunk would be."""
    start_response("200 OK", TEXT)
    raise ValueError("in the body")
    yield b""


@pytest.mark.parametrize("application", [raising_at_once, raising_after_the_start, raising_in_the_body])
def test_what_is_raised_is_a_server_error(application: Any) -> None:
    """An error is a 500 wherever it is raised, also when a status was named before: no server has sent that yet."""
    answer = answered(application)
    assert answer.status == 500
    assert answer.content.startswith(b"ValueError: " + application.__name__[8:].replace("_", " ").encode())


def test_the_last_status_that_is_named_counts() -> None:
    """A framework that catches an error names another status, and that one is answered (PEP 3333)."""

    def application(_: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", TEXT)
        try:
            raise ValueError
        except ValueError:
            start_response("503 Service Unavailable", TEXT, sys.exc_info())
        return [b"later"]

    answer = answered(application)
    assert (answer.status, answer.content) == (503, b"later")


def test_an_application_without_a_status_is_a_server_error() -> None:
    """An application that never calls `start_response` has not answered."""
    answer = answered(lambda _environ, _start_response: [b"body"])
    assert (answer.status, answer.content[:36]) == (500, b"RuntimeError: the application return")


def test_a_request_that_hangs_does_not_keep_the_process() -> None:
    """A process ends though an application still works at a request that was given up."""
    script = (
        "import sys, time, requests\n"
        "from tallystick.fuzz.application import with_error_responses\n"
        "from tallystick.fuzz.in_process import ServedApplication\n"
        "with ServedApplication(with_error_responses(lambda environ, start_response: time.sleep(60))) as server:\n"
        "    try: server.answer(requests.Request('GET', 'http://testserver/').prepare(), 0.1)\n"
        "    except requests.ReadTimeout: print('given up')\n"
    )
    started = time.monotonic()
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=50)
    assert (run.stdout, run.stderr) == ("given up\n", "")
    assert time.monotonic() - started < 30


def test_the_length_of_a_body_that_is_too_large_is_not_held_against_it() -> None:
    """A response that is larger than what is judged is noted as such, and not taken for one that breaks off."""
    body = b" " * (3 * budgets.FUZZ_BODY_BYTES)

    def application(_: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [*TEXT, ("Content-Length", str(len(body)))])
        return [body]

    fault = answered(application).body_fault
    assert fault is not None
    assert not fault.is_of_server
