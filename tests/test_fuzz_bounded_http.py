"""HTTP of a fuzz run with a bad server: each response is read within its time, or what is wrong with it has a name."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import requests
from support import bad_server
from support.bad_server import MODES, Port

from tallystick.fuzz.body_faults import BodyFaults
from tallystick.fuzz.bounded_http import BoundedAdapter
from tallystick.fuzz.broken_responses import TimeUpError, how_it_failed, is_refused
from tallystick.fuzz.clock import Clock
from tallystick.nouns import budgets

SECONDS = 0.3
LATE = "the response was not whole within 0.3 s: "
LATE_HEAD = "the head of the response was not whole within 0.3 s"
NO_RESPONSE = "what came is no response of HTTP/1.1: it begins with "
NO_EVENT = "no event of the stream is whole in "
NOT_CHUNKED = "the response is not chunked as its Transfer-Encoding says"
LONG_LINE = "a line in the head of the response is longer than 65,536 bytes"
CLOSED_IN_HEAD = "the connection was closed within the head of the response"
TOO_LARGE = "the body is larger than 1,048,576 bytes, and is not judged"

NO_ANSWER = {
    "endless": LATE,
    "endless-without-length": LATE,
    "endless-head": "the response has more than 100 header fields",
    "endless-header-line": LONG_LINE,
    "endless-status-line": LONG_LINE,
    "endless-chunk-line": "a line between the chunks of the response is longer than 65,536 bytes",
    "endless-trailers": LATE,
    "endless-informational": (LATE_HEAD, "more than 100 interim responses (1xx) came, and no final one"),
    "endless-informational-slow": LATE_HEAD,
    "drip-body": LATE,
    "drip-length": LATE,
    "drip-head": LATE_HEAD,
    "drip-status-line": LATE_HEAD,
    "silence": "no response came within 0.3 s",
    "many-headers": "the response has more than 100 header fields",
    "hundreds-of-headers": "the response has more than 100 header fields",
    "long-header": LONG_LINE,
    "close": "the connection was closed before a response came",
    "close-in-status-line": CLOSED_IN_HEAD,
    "close-in-head": CLOSED_IN_HEAD,
    "close-in-body": "the response breaks off: 1 byte came, and 999 more were announced",
    "close-in-chunk": "the response breaks off before its end",
    "close-before-last-chunk": "the response breaks off before its end",
    "reset": "the connection was reset before the response was whole",
    "reset-in-body": "the connection was reset before the response was whole",
    "http-0.9": f"{NO_RESPONSE}'hello world'",
    "garbage": "",
    "tls-bytes": NO_RESPONSE,
    "http-2": NO_RESPONSE,
    "other-protocol": f"{NO_RESPONSE}'SSH-2.0-",
    "http-3.0": "the response has the version 'HTTP/3.0'; expected HTTP/1.1",
    "no-colon": "the head of the response has a line that is no header field",
    "status-000": f"{NO_RESPONSE}'HTTP/1.1 000",
    "status-99": f"{NO_RESPONSE}'HTTP/1.1 99",
    "status-words": f"{NO_RESPONSE}'HTTP/1.1 fine",
    "length-too-long": "the response breaks off: 2 bytes came, and 97 more were announced",
    "length-too-short": "the response has 1001 bytes more than the 1 announced",
    "length-negative": "the Content-Length '-5' is no number of bytes",
    "length-no-number": "the Content-Length 'two' is no number of bytes",
    "length-enormous": "the response breaks off: 2 bytes came, and 9999999",
    "length-twice": "the response has several lengths: 1, 2",
    "chunk-length-no-number": NOT_CHUNKED,
    "chunk-length-negative": NOT_CHUNKED,
    "chunk-length-enormous": "the response breaks off before its end",
    "chunk-too-long": NOT_CHUNKED,
    "unknown-transfer-coding": "the Transfer-Encoding 'rot13' was not asked for",
    "204-with-body": "2 bytes came after the head of a response with 204, which has no body",
    "304-with-body": "2 bytes came after the head of a response with 304, which has no body",
    "accepts-and-never-reads": "no response came within 0.3 s",
    "full-queue": "the server took no connection in time",
}
"""What is said where there is no response, or not all of it."""
FAULTS = {
    "wide-json": TOO_LARGE,
    "deep-json": "the body is nested more than 200 levels deep, and is not judged",
    "gzip-bomb": "the decoded body is larger than 1,048,576 bytes, and is not judged",
    "nested-gzip": "the body has 20 codings; at most 4 are undone",
    "broken-gzip": "the body is not gzip: ",
    "truncated-gzip": "the body is not gzip: its end is missing",
    "unknown-codings": "the body is not br: it is plain text",
    "endless-event": NO_EVENT,
    "endless-event-line": NO_EVENT,
    "drip-events": NO_EVENT,
    "many-event-lines": NO_EVENT,
}
"""What is said of the body of a response that is not judged."""
READ = {
    **dict.fromkeys(("sound", "one-bad", "other", "dies-and-returns", "randomly-closed"), 200),
    **dict.fromkeys(("endless-events", "largest-judged-json", "long-number", "many-cookies"), 200),
    **dict.fromkeys(("malformed-json", "broken-utf-8", "utf-16", "unknown-charset", "odd-media-type"), 200),
    **dict.fromkeys(("bare-line-feeds", "folded-header", "nul-in-header", "status-without-reason"), 200),
    **dict.fromkeys(("informational-first", "length-and-chunks", "chunk-extensions", "trailers"), 200),
    "redirect-circle": 302,
    "redirect-nowhere": 307,
    "redirect-other": 307,
    "control-characters": 500,
    "status-999": 999,
    "upgrade": 101,
}
"""The statuses of responses that are read whole, for the judge to judge."""
EITHER = ("huge",)
"""A gigabyte: the machine decides whether it is late, or only too large."""


@pytest.fixture(scope="module")
def ports() -> Iterator[dict[str, Port]]:
    """The bad server, in all modes."""
    with bad_server.started() as started:
        yield started


def asked(port: Port, clock: Clock, seconds: float = SECONDS) -> tuple[requests.Response, str]:
    """The response of a port, and what is wrong with its body; redirects are allowed."""
    faults = BodyFaults()
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", BoundedAdapter(clock, faults))
        response = session.get(f"http://127.0.0.1:{port.number}/a", timeout=seconds)
        fault = faults.get(response.request)
        return response, fault.message if fault is not None else ""


def test_the_tables_name_every_mode() -> None:
    """Each mode of the bad server is expected to end in one way."""
    named = [*NO_ANSWER, *FAULTS, *READ, *EITHER]
    assert sorted(named) == sorted(MODES)


@pytest.mark.parametrize("mode", NO_ANSWER)
def test_a_response_that_does_not_come_has_a_reason(mode: str, ports: dict[str, Port]) -> None:
    """The error comes in time, has its request, and says what was wrong; a server was there."""
    started = time.monotonic()
    with pytest.raises(requests.RequestException) as raised:
        asked(ports[mode], Clock())
    assert time.monotonic() - started < SECONDS + 2  # on a busy machine
    assert how_it_failed(raised.value).startswith(NO_ANSWER[mode])
    assert how_it_failed(raised.value)
    assert raised.value.request is not None
    assert not is_refused(raised.value)


@pytest.mark.parametrize("mode", FAULTS)
def test_a_body_that_is_not_judged_has_a_reason(mode: str, ports: dict[str, Port]) -> None:
    """The response is there, with little of its body, and the fault says why it is not judged."""
    response, fault = asked(ports[mode], Clock(), SECONDS if FAULTS[mode] == NO_EVENT else 10)
    assert response.status_code == 200
    assert fault.startswith(FAULTS[mode])
    assert len(response.content) <= budgets.FUZZ_BODY_BYTES


@pytest.mark.parametrize("mode", READ)
def test_other_responses_are_read(mode: str, ports: dict[str, Port]) -> None:
    """What a client can read is read as it came; no redirect is followed, least of all to another host."""
    response, fault = asked(ports[mode], Clock(), 10)
    assert (response.status_code, fault) == (READ[mode], "")
    assert not response.history
    assert not any(b"/other" in head for head in ports["other"].heads)


def test_a_gigabyte_is_not_kept(ports: dict[str, Port]) -> None:
    """A huge body is late, or too large; no more than its beginning is kept."""
    size = 0
    try:
        response, said = asked(ports["huge"], Clock())
        size = len(response.content)
    except requests.RequestException as error:
        said = how_it_failed(error)
    assert said.startswith((LATE, TOO_LARGE))
    assert size <= budgets.FUZZ_RECORDED_BYTES


@pytest.mark.parametrize("mode", ["silence", "drip-head", "drip-body", "endless"])
def test_the_time_of_the_run_cuts_a_response(mode: str, ports: dict[str, Port]) -> None:
    """A response has no more time than the run; the server is not blamed then."""
    started = time.monotonic()
    with pytest.raises(TimeUpError):
        asked(ports[mode], Clock(0.2), 30)
    assert time.monotonic() - started < 2


def test_a_run_that_is_stopped_waits_for_nothing(ports: dict[str, Port]) -> None:
    """What waits for a server gives up soon after the run was stopped, and nothing is sent afterwards."""
    clock = Clock()
    timer = threading.Timer(0.2, clock.stop)
    timer.start()
    started = time.monotonic()
    with pytest.raises(TimeUpError):
        asked(ports["silence"], clock, 30)
    assert time.monotonic() - started < 2
    timer.join()
    asked_before = len(ports["sound"].heads)
    with pytest.raises(TimeUpError):
        asked(ports["sound"], clock)
    assert len(ports["sound"].heads) == asked_before


def test_a_port_where_nothing_listens_is_refused() -> None:
    """Only this says that there is no server."""
    with bad_server.started(("sound",)) as started:
        port = started["sound"]
    with pytest.raises(requests.ConnectionError) as raised:
        asked(port, Clock())
    assert is_refused(raised.value)


def test_a_probe_has_less_time(ports: dict[str, Port]) -> None:
    """A request with which Schemathesis only asks what the server can do does not use up the time of a run."""
    with requests.Session() as session:
        session.mount("http://", BoundedAdapter(Clock(), BodyFaults()))
        started = time.monotonic()
        with pytest.raises(requests.ReadTimeout):
            session.get(
                f"http://127.0.0.1:{ports['silence'].number}/", headers={"X-Schemathesis-Probe": "a"}, timeout=30
            )
    assert time.monotonic() - started < budgets.FUZZ_PROBE_SECONDS + 2
