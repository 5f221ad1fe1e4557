"""Fuzz runs against a bad server, and a bad application: they end in time, with a true report, however they end."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from support import bad_server
from support.bad_server import MODES
from support.commands import process, run
from support.folders import ROOT
from support.fuzzing import fuzz, written

from tallystick.fuzz import engine, report
from tallystick.fuzz.credentials import GivenCredentials
from tallystick.fuzz.event_reader import EventReader
from tallystick.fuzz.outcome import Outcome
from tallystick.nouns import budgets
from tallystick.nouns.errors import Exit
from tallystick.reports.formats import fuzz_report

OBJECT = {"200": {"description": "", "content": {"application/json": {"schema": {"type": "object"}}}}}
PATHS = {path: {"get": {"responses": OBJECT}} for path in ("/a", "/b")}
MOST_MEGABYTES = 300


@pytest.fixture
def api(tmp_path: Path) -> Path:
    """A contract of two operations."""
    return written(tmp_path, PATHS)


def run_over(contract: Path, mode: str, **settings: Any) -> Outcome:
    """A run over the bad server in one mode."""
    asked = {"max_examples": 1, "timeout_seconds": 0.3, **settings}
    with bad_server.started((mode,)) as ports:
        url = f"http://127.0.0.1:{ports[mode].number}"
        return fuzz(url=url, contract=contract, given=GivenCredentials(), **asked)


def run_in_process(contract: Path, application: Any, **settings: Any) -> Outcome:
    """A run over an application in this process."""
    asked = {"max_examples": 1, "timeout_seconds": 0.3, **settings}
    return fuzz(application, contract=contract, given=GivenCredentials(), **asked)


@pytest.mark.parametrize("mode", ["silence", "drip-body", "many-headers", "reset", "204-with-body"])
def test_a_server_that_answers_nothing_right_has_findings(mode: str, api: Path) -> None:
    """Each operation has a finding with its request; nobody says that the server cannot be reached."""
    outcome = run_over(api, mode)
    assert {(finding.rule, finding.subject) for finding in outcome.errors} >= {
        ("no-response", "GET /a"),
        ("no-response", "GET /b"),
    }
    assert all(finding.steps for finding in outcome.errors)
    assert outcome.error is None
    assert outcome.code(strict=False) == Exit.VIOLATIONS


def test_one_bad_reply_does_not_end_a_run(api: Path) -> None:
    """The bad reply is a finding, and both operations are tested all the same."""
    outcome = run_over(api, "one-bad", max_examples=5)
    assert [finding.message for finding in outcome.errors if finding.rule == "no-response"] == [
        "the response breaks off: 2 bytes came, and 97 more were announced"
    ]
    assert all(operation.succeeded for operation in outcome.tested.values())


def test_a_redirect_is_judged_and_not_followed(api: Path) -> None:
    """A redirect to another host is a response like any other; that host hears nothing."""
    with bad_server.started(("redirect-other",)) as ports:
        url = f"http://127.0.0.1:{ports['redirect-other'].number}"
        outcome = fuzz(url=url, contract=api, given=GivenCredentials(), max_examples=1)
        assert ports["redirect-other"].heads
        assert not ports["other"].heads
    assert {finding.rule for finding in outcome.errors} >= {"response-status-undocumented"}


def test_a_time_limit_is_told_in_every_form(api: Path) -> None:
    """A run that time cuts off says so; each operation that was not tested is named, in every form."""
    outcome = run_over(api, "silence", max_seconds=1, timeout_seconds=30)
    assert outcome.stopped == "max_time"
    assert outcome.seconds < 1 + budgets.FUZZ_WIND_DOWN_SECONDS + 2
    assert outcome.errors == []
    result = report.result_of(outcome)
    sentence = "the time was up: what comes after it was not tried"
    text, document, junit = (fuzz_report(form, result) for form in ("text", "json", "junit"))
    assert f"note: {sentence}" in text
    assert "GET /a" in text
    assert "0 of 2 operations tested" in text
    value = json.loads(document)
    assert value["stopped"] == "max_time"
    assert sentence in value["notes"]
    assert [operation["untested"] is not None for operation in value["operations"]] == [True, True]
    suite = ElementTree.fromstring(junit)
    assert [case.get("name") for case in suite.iter("testcase") if case.find("skipped") is not None] == [
        "GET /a",
        "GET /b",
        "the run as a whole",
    ]
    assert sentence in junit


def test_a_fault_of_ours_ends_a_run_with_its_report(api: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found is reported before the fault is told; the exit code is that of a fault."""

    calls: list[object] = []

    def broken(*_: object) -> None:
        calls.append(_)
        if len(calls) > 1:  # the first is before the cases of Schemathesis
            raise ValueError("nobody knows why")

    monkeypatch.setattr(engine._Run, "reproduce", broken)
    junit = api.parent / "out.xml"
    with bad_server.started(("sound",)) as ports:
        url = f"http://127.0.0.1:{ports['sound'].number}"
        result = run("fuzz", str(api), "--url", url, "--max-examples", "1", "--junit", str(junit))
    assert result.exit_code == Exit.FAULT
    assert "a fault of tallystick itself: ValueError: nobody knows why" in result.stderr
    assert "the run ended early: ValueError: nobody knows why" in result.stdout
    assert "the run ended early" in junit.read_text()


def test_a_server_that_is_not_there_has_a_report(api: Path) -> None:
    """Only here the server cannot be reached; the report says which operations that leaves."""
    junit = api.parent / "out.xml"
    with bad_server.started(("sound",)) as ports:
        url = f"http://127.0.0.1:{ports['sound'].number}"
    result = run("fuzz", str(api), "--url", url, "--junit", str(junit), "--format", "json")
    assert result.exit_code == Exit.UNREACHABLE
    assert "cannot be reached" in result.stderr
    assert json.loads(result.stdout)["stopped"] == "error"
    assert "cannot be reached" in junit.read_text()


def test_a_server_whose_queue_is_full_takes_no_connection(api: Path) -> None:
    """A server that takes no connection in time is told apart from a port where nothing listens."""
    with bad_server.started(("full-queue",)) as ports:
        url = f"http://127.0.0.1:{ports['full-queue'].number}"
        result = run("fuzz", str(api), "--url", url, "--timeout", "0.3")
    assert result.exit_code == Exit.UNREACHABLE
    assert "takes no connection within 0.3 s" in result.stderr
    assert "cannot be reached" not in result.stderr


@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "SIGTERM")]
)
def test_a_signal_ends_a_run_with_its_reports(number: signal.Signals, code: int, word: str, api: Path) -> None:
    """The run does not wait for the server; its reports say what ended it."""
    junit = api.parent / "out.xml"
    with bad_server.started(("silence",)) as ports:
        port = ports["silence"]
        url = f"http://127.0.0.1:{port.number}"
        command = process("fuzz", str(api), "--url", url, "--timeout", "60", "--junit", str(junit))
        until = time.monotonic() + 60
        while not port.heads and time.monotonic() < until:
            time.sleep(0.02)
        command.send_signal(number)
        sent = time.monotonic()
        output, errors = command.communicate(timeout=30)
    assert time.monotonic() - sent < 5
    assert (command.returncode, errors) == (code, "")
    assert word in output
    assert word in junit.read_text()


def test_bodies_do_not_pile_up(api: Path) -> None:
    """Of what a scenario has received, only the beginning of each body is kept for later."""
    kept: list[int] = []
    settle = EventReader.settle

    def settle_and_look(self: Any, scenario: Any) -> None:
        kept.extend(len(each.response.content) for each in scenario._recorder.interactions.values() if each.response)
        settle(self, scenario)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EventReader, "settle", settle_and_look)
        run_over(api, "long-number", timeout_seconds=10)
    assert kept
    assert set(kept) == {budgets.FUZZ_RECORDED_BYTES}


Asgi = Callable[[Any, Any, Any], Any]


async def _silent(*_: Any) -> None:
    await asyncio.sleep(600)


async def _blocking(*_: Any) -> None:
    time.sleep(600)


async def _started(send: Any) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def _endless(_: Any, __: Any, send: Any) -> None:
    await _started(send)
    while True:
        await send({"type": "http.response.body", "body": b" " * 65_536, "more_body": True})


async def _dripping(_: Any, __: Any, send: Any) -> None:
    await _started(send)
    while True:
        await send({"type": "http.response.body", "body": b" ", "more_body": True})
        await asyncio.sleep(0.05)


async def _raising(_: Any, __: Any, send: Any) -> None:
    await _started(send)
    await send({"type": "http.response.body", "body": b"{", "more_body": True})
    raise ValueError("in the middle")


async def _large(_: Any, __: Any, send: Any) -> None:
    await _started(send)
    for _number in range(200):
        await send({"type": "http.response.body", "body": b" " * 2**20, "more_body": True})
    await send({"type": "http.response.body", "body": b"{}"})


def _endless_wsgi(_: dict[str, Any], start_response: Any) -> Iterator[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    while True:
        yield b" " * 65_536


def _silent_wsgi(*_: Any) -> list[bytes]:
    time.sleep(600)
    return []


IN_PROCESS: dict[str, tuple[Any, str]] = {
    "silent": (_silent, "no response came within 0.3 s"),
    "endless": (_endless, "the response was not whole within 0.3 s: "),
    "dripping": (_dripping, "the response was not whole within 0.3 s: "),
    "raising": (_raising, "the application ended in the middle of its response"),
    "large": (_large, "body: the body is larger than 1,048,576 bytes, and is not judged"),
    "endless WSGI": (_endless_wsgi, "no response came within 0.3 s"),
    "silent WSGI": (_silent_wsgi, "no response came within 0.3 s"),
}


def http_only(handle: Asgi) -> Asgi:
    """An application without a lifespan."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise RuntimeError("only HTTP")
        await handle(scope, receive, send)

    return application


@pytest.mark.parametrize("name", IN_PROCESS)
def test_a_bad_application_in_process_is_bounded_too(name: str, api: Path) -> None:
    """What an application does not do in its time, or does for ever, has a name; the run ends."""
    application, fact = IN_PROCESS[name]
    seconds = 30 if name == "large" else 0.3
    application = application if "WSGI" in name else http_only(application)
    outcome = run_in_process(api, application, timeout_seconds=seconds, max_seconds=20)
    assert any(finding.message.startswith(fact) for finding in outcome.findings)
    assert outcome.error is None


@pytest.mark.parametrize(
    ("handle", "fact"),
    [
        ("_blocking", "its startup has not ended after 2 s"),
        ("_silent_wsgi", "; 0 of 2 operations tested with 0 requests in "),
    ],
)
def test_a_run_ends_although_an_application_never_returns(handle: str, fact: str, tmp_path: Path) -> None:
    """The process ends in time with its report, also where a thread of the application cannot be ended."""
    api = written(tmp_path, PATHS)
    started = time.monotonic()
    path = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
    limits = ("--max-time", "2", "--timeout", "0.3")
    result = subprocess.run(
        [sys.executable, "-m", "tallystick", "fuzz", str(api), "--app", f"test_fuzz_bad_server:{handle}", *limits],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in result.stderr
    assert fact in result.stdout + result.stderr
    assert time.monotonic() - started < 30


def test_an_application_that_never_starts_ends_the_run(api: Path) -> None:
    """The start of an application has a time, which is that of the run where it is shorter."""
    started = time.monotonic()
    outcome = run_in_process(api, _silent, max_seconds=1)
    assert time.monotonic() - started < 10
    assert str(outcome.error).startswith("the application does not start: ") or outcome.stopped == "max_time"


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_every_mode_ends_in_time(mode: str, api: Path) -> None:
    """A run of eight seconds ends within twelve, in 300 MB, with one of the exit codes of a run and a whole report."""
    junit = api.parent / "out.xml"
    with bad_server.started((mode,)) as ports:
        url = f"http://127.0.0.1:{ports[mode].number}"
        options = ("--max-time", "8", "--timeout", "2", "--format", "json", "--junit", str(junit))
        started = time.monotonic()
        command = process("fuzz", str(api), "--url", url, *options)
        output, errors = command.communicate(timeout=60)
        seconds = time.monotonic() - started
    value = json.loads(output)
    assert value["seconds"] < 11  # on a busy machine
    assert seconds < 12 + 10  # the start of a process on a busy machine
    assert "Traceback" not in errors
    assert ElementTree.parse(junit).getroot().tag == "testsuites"
    assert command.returncode in (
        (Exit.UNREACHABLE,) if mode == "full-queue" else (Exit.CLEAN, Exit.VIOLATIONS, Exit.PARTIAL)
    )
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < MOST_MEGABYTES * 1024
