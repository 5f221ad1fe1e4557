"""Responses that cannot be read to their end or decoded: each is one finding, and its request counts as sent."""

from __future__ import annotations

import gzip
import socketserver
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.fuzzing import JSON, Answers, found, fuzz, written

from tallystick.fuzz import report
from tallystick.fuzz.content_codings import without_codings
from tallystick.fuzz.credentials import GivenCredentials
from tallystick.fuzz.outcome import Outcome
from tallystick.fuzz.rules import RESPONSE_UNREAD
from tallystick.nouns import budgets

BODY = b'{"a": 1}'
GZIP, DEFLATE = gzip.compress(BODY, mtime=0), zlib.compress(BODY)

LAWFUL = [("gzip", GZIP), ("X-GZIP", GZIP), ("deflate", DEFLATE), ("gzip, deflate", zlib.compress(GZIP))]
LAWFUL += [("identity", BODY), ("gzip", b"")]
BROKEN = [
    ("gzip", BODY, "the body is not gzip: incorrect header check"),
    ("gzip", GZIP[:-9], "the body is not gzip: its end is missing"),
    ("deflate", DEFLATE[:-3], "the body is not deflate: its end is missing"),
    ("br", BODY, "the body is not br"),
    ("zstd", BODY, "the body is not zstd: it is plain text"),
    ("utf-8", BODY, "'utf-8' is no content coding (RFC 9110, section 8.4.1)"),
    ("gzip, gzip", GZIP, "the body is not gzip: incorrect header check"),
]


@pytest.fixture
def api(tmp_path: Path) -> Path:
    """A contract of two operations that answer with an object."""
    content = {"application/json": {"schema": {"type": "object", "required": ["a"]}}}
    responses = {"200": {"description": "", "content": content}}
    return written(tmp_path, {path: {"get": {"responses": responses}} for path in ("/sound", "/broken")})


def run(contract: Path, application: Any = None, **options: Any) -> Outcome:
    """A short run."""
    return fuzz(application, contract=contract, given=GivenCredentials(), max_examples=1, **options)


def answering(coding: str, body: bytes, *more: tuple[str, str]) -> Answers:
    """An application that answers `/sound` well, and `/broken` with this body and its coding."""
    coded = (JSON, ("content-encoding", coding), *more) if coding else (JSON, *more)
    return Answers({"/sound": (200, (JSON,), BODY), "/broken": (200, coded, body)})


@contextmanager
def speaking(head: str, body: bytes) -> Iterator[str]:
    """A server that answers `GET /sound` well, and `GET /broken` with just these bytes; yields its URL."""
    answers = {
        b"GET /sound": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n" + BODY,
        b"GET /broken": f"{head}\r\n\r\n".encode() + body if head else body,
    }

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            request = self.request.recv(65_536)
            known = [path for path in (b"/sound", b"/broken") if path in request.partition(b"\r\n")[0]]
            refusal = b"HTTP/1.1 405 No\r\nAllow: GET" if known else b"HTTP/1.1 404 No"
            refusal += b"\r\nContent-Length: 0\r\n\r\n"
            answer = answers.get(b" ".join(request.split(b" ")[:2]).partition(b"?")[0], refusal)
            self.request.sendall(answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json"


def only_finding(outcome: Outcome) -> tuple[str, str]:
    """The rule and the message of the one finding, which is about `GET /broken` and has its request as a curl line."""
    (finding,) = outcome.errors
    assert finding.subject == "GET /broken"
    assert report.curl_line(finding.steps[-1].request, outcome).startswith("curl -i http")
    return finding.rule, finding.message


@pytest.mark.parametrize(("coding", "body"), LAWFUL)
def test_a_body_in_a_lawful_coding_is_read(api: Path, coding: str, body: bytes) -> None:
    """A body is judged without its codings, in process."""
    application = answering(coding, body)
    findings = found(run(api, application))
    assert findings == (set() if body else {("response-body-missing", "GET /broken")})


def test_a_coded_body_of_a_server_is_judged_without_its_coding(api: Path) -> None:
    """A body that came over HTTP is decoded before it is judged, and its header is kept."""
    head = f"{HEAD}\r\nContent-Encoding: gzip\r\nContent-Length: "
    with speaking(f"{head}{len(GZIP)}", GZIP) as url:
        assert not found(run(api, url=url))
    wrong = gzip.compress(b"{}")
    with speaking(f"{head}{len(wrong)}", wrong) as url:
        outcome = run(api, url=url)
    assert found(outcome) == {("response-body-schema", "GET /broken")}
    assert ("content-encoding", "gzip") in outcome.errors[0].steps[0].response.headers  # type: ignore[union-attr]


@pytest.mark.parametrize(("coding", "body", "fact"), BROKEN)
def test_a_coding_that_a_body_has_not_is_one_finding(api: Path, coding: str, body: bytes, fact: str) -> None:
    """The finding names the coding, with the request; nothing else is said of a body that cannot be read."""
    rule, message = only_finding(run(api, answering(coding, body)))
    assert rule == "response-coding"
    assert message.startswith(f"header.Content-Encoding: {fact}")


@pytest.mark.parametrize(("coding", "body", "fact"), BROKEN)
def test_so_it_is_over_http(api: Path, coding: str, body: bytes, fact: str) -> None:
    """A server gets the same finding as an application in this process."""
    head = f"{HEAD}\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}"
    with speaking(head, body) as url:
        rule, message = only_finding(run(api, url=url))
    assert rule == "response-coding"
    assert message.startswith(f"header.Content-Encoding: {fact}")


def test_a_coding_that_cannot_be_undone_here_blames_nobody(api: Path) -> None:
    """A body in a registered coding without a library is not judged: a note says so, and the run is green."""
    outcome = run(api, answering("zstd", b"\x28\xb5\x2f\xfd\x00"))
    assert not outcome.errors
    sentence = (
        "response-coding: header.Content-Encoding: bodies coded as zstd cannot be read here, so they are not judged"
    )
    assert [note for note in report.notes(outcome) if note.startswith(sentence)]


def test_a_body_that_is_too_large_once_decoded_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body is decoded within a bound; beyond it the server is not blamed."""
    monkeypatch.setattr(budgets, "FUZZ_BODY_BYTES", 7)
    body, fault = without_codings(GZIP, "gzip")
    assert body == GZIP
    assert fault == ("the decoded body is larger than 7 bytes, and is not judged", False, RESPONSE_UNREAD)


@pytest.mark.parametrize(
    ("head", "body", "fact"),
    [
        (f"{HEAD}\r\nContent-Length: 20", BODY, "the response breaks off: 8 bytes came, and 12 more were announced"),
        (
            f"{HEAD}\r\nTransfer-Encoding: chunked",
            b"zz\r\n{}",
            "the response is not chunked as its Transfer-Encoding says",
        ),
        (f"{HEAD}\r\nTransfer-Encoding: chunked", b'9\r\n{"a"', "the response breaks off"),
        (f"{HEAD}\r\nTransfer-Encoding: chunked", b"2\r\n{}\r\n", "the response breaks off before its end"),
        ("", b"", "the connection was closed before a response came"),
        ("", b"no HTTP at all\r\n\r\n", "what came is no response of HTTP/1.1: it begins with 'no HTTP at all"),
    ],
)
def test_a_response_that_does_not_come_to_its_end_is_one_finding(api: Path, head: str, body: bytes, fact: str) -> None:
    """The finding says how the response breaks off, with the request, which counts as sent."""
    with speaking(head, body) as url:
        outcome = run(api, url=url)
    rule, message = only_finding(outcome)
    assert rule == "no-response"
    assert message.startswith(fact)
    notes = report.notes(outcome)
    assert "not tested, since no request was answered: GET /broken" in notes
    assert not [note for note in notes if "no request was sent" in note]


def test_a_length_that_no_server_could_send_is_one_finding_in_process(api: Path) -> None:
    """An application whose `Content-Length` is not that of its body is found out without a server."""
    for length, fact in (
        ("20", "the response breaks off: 8 bytes came, and 12 more were announced"),
        ("5", "the response has 3 bytes more than the 5 announced"),
    ):
        outcome = run(api, answering("", BODY, ("content-length", length)))
        assert only_finding(outcome) == ("no-response", fact)


def test_a_run_whose_responses_all_break_off_says_that_it_sent_requests(api: Path) -> None:
    """Where no response came to its end, the run has the finding, and the reason is not that nothing was sent."""
    with speaking(f"{HEAD}\r\nContent-Length: 20", BODY) as url:
        outcome = run(api, url=url, include=["/broken"])
    assert only_finding(outcome)[0] == "no-response"
    assert outcome.nothing == "no request was answered: nothing was tested"
    operation = report.result_of(outcome).operations[0]
    assert operation.untested == "no request was answered"


def test_a_coded_stream_of_events_that_cannot_be_decoded_is_a_finding(tmp_path: Path) -> None:
    """The finding says what is wrong with the stream."""
    responses = {"200": {"description": "", "content": {"text/event-stream": {"schema": {"type": "string"}}}}}
    paths = {path: {"get": {"responses": responses}} for path in ("/broken",)}
    head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\nContent-Length: 9"
    with speaking(head, b"data: x\n\n") as url:
        (finding,) = run(written(tmp_path, paths), url=url).errors
    assert (finding.rule, finding.message) == ("no-response", "the response is not coded as its Content-Encoding says")
