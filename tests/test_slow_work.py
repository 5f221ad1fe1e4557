"""Slow work holds nobody up: other requests are answered meanwhile, and a mock that is told to end does so in time."""

from __future__ import annotations

import asyncio
import atexit
import gc
import os
import signal
import threading
import time
import weakref
from pathlib import Path
from typing import Any

import pytest
from support.asking import answer_of, contract, request
from support.running import running

from tallystick.mock import gate
from tallystick.mock.app import create_app
from tallystick.mock.gate import GatedOperation
from tallystick.mock.off_loop import off_loop
from tallystick.mock.responders.writing import write_reply
from tallystick.mock.settings import MockSettings
from tallystick.nouns import budgets, threads
from tallystick.nouns.contract import Operation
from tallystick.nouns.exchange import Response

TWO = """
    paths:
      /slow: {get: {responses: {'200': {description: S, content: {application/json: {schema: {type: integer}}}}}}}
      /fast:
        get: {responses: {'200': {description: F, content: {application/json: {example: 1}}}}}
        post:
          requestBody: {content: {application/json: {schema: {type: array, items: {type: integer}}}}}
          responses: {'204': {description: Done}}
"""
JSON = {"Content-Type": "application/json"}


def test_a_slow_first_reply_holds_no_other_request_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the reply of one operation is made, another operation answers, and so does the same one later."""
    may_go_on = threading.Event()

    def slow(operation: Operation, *arguments: Any) -> Any:
        if operation.path == "/slow":
            assert may_go_on.wait(20)
        return write_reply(operation, *arguments)

    monkeypatch.setattr("tallystick.mock.responders.writing.write_reply", slow)
    app = create_app([contract(TWO)])

    async def ask_both() -> list[Response]:
        waiting = asyncio.create_task(answer_of(app, request("GET /slow")))
        fast = [await answer_of(app, request("GET /fast")) for _ in range(3)]
        assert not waiting.done()
        may_go_on.set()
        return [*fast, await waiting, await answer_of(app, request("GET /slow"))]

    assert {reply.status for reply in asyncio.run(ask_both())} == {200}


def test_the_schemas_of_an_operation_are_compiled_by_one_of_its_first_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests that come at once wait for one compilation, which is not done in the event loop."""
    prepared_in: list[int] = []
    monkeypatch.setattr(gate, "_prepare", lambda _: prepared_in.append(threading.get_ident()))
    app = create_app([contract(TWO)])

    async def ask_at_once() -> list[Response]:
        return await asyncio.gather(*(answer_of(app, request("GET /fast")) for _ in range(5)))

    assert {reply.status for reply in asyncio.run(ask_at_once())} == {200}
    assert len(prepared_in) == 1
    assert prepared_in[0] != threading.get_ident()


@pytest.mark.parametrize(("size", "is_beside"), [(10, False), (budgets.BYTES_AT_ONCE, True)])
def test_a_large_body_is_judged_beside_the_event_loop(
    size: int, is_beside: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small one is judged where it came in, without a detour."""
    judged_in: list[int] = []
    judge = GatedOperation.answer_at_once

    def noting(operation: GatedOperation, reading: Any) -> Any:
        reply = judge(operation, reading)
        judged_in.append(threading.get_ident())
        return reply

    monkeypatch.setattr(GatedOperation, "answer_at_once", noting)
    app = create_app([contract(TWO)], MockSettings(stateless=True))
    body = b"[1" + b" " * size + b"]"

    async def ask_twice() -> list[Response]:
        return [await answer_of(app, request("POST /fast", JSON, body)) for _ in range(2)]

    assert {reply.status for reply in asyncio.run(ask_twice())} == {204}
    assert (judged_in[-1] != threading.get_ident()) is is_beside


def test_what_slow_work_raises_is_raised_where_it_is_awaited() -> None:
    """An error in a thread is the error of the request."""

    def failing() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        asyncio.run(off_loop(failing))


def test_what_slow_work_held_is_gone_with_its_error() -> None:
    """An error of slow work keeps nothing alive: a large body would stay until the garbage collector looks for it."""

    class Body:
        """What work holds while it fails."""

    held: list[weakref.ref[Body]] = []

    def work() -> None:
        body = Body()
        held.append(weakref.ref(body))
        raise ValueError("too large")

    async def fail() -> None:
        with pytest.raises(ValueError, match="too large"):
            await off_loop(work)

    async def is_gone() -> bool:
        await fail()
        until = time.monotonic() + 10
        while held[0]() is not None and time.monotonic() < until:
            await asyncio.sleep(0.01)  # the thread may still be in its last step
        return held[0]() is None

    gc.disable()
    try:
        assert asyncio.run(is_gone())
    finally:
        gc.enable()


def test_a_request_that_is_gone_leaves_its_slow_work_behind() -> None:
    """Work whose request was cancelled, or whose event loop has ended, ends in silence."""
    may_go_on, has_ended = threading.Event(), threading.Event()

    def work() -> None:
        may_go_on.wait(20)
        has_ended.set()

    async def cancelled() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(off_loop(work), 0.05)

    asyncio.run(cancelled())
    may_go_on.set()
    assert has_ended.wait(20)


def test_a_process_does_not_wait_for_its_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was registered for the end is done, and the process ends with its code whatever its threads do."""
    done: list[object] = []
    monkeypatch.setattr(os, "_exit", done.append)
    monkeypatch.setattr(atexit, "_run_exitfuncs", lambda: done.append("registered"))
    threads.end_process(3)
    assert done == ["registered", 3]


SLEEPY = """
openapi: 3.1.0
info: {title: Sleepy, version: '1'}
paths:
  /nap:
    get: {operationId: nap, responses: {'200': {description: Z, content: {application/json: {schema: {}}}}}}
"""
NAP = """
import time, sys

def nap():
    print("asleep", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_time_whatever_a_request_does(number: signal.Signals, workers: str, tmp_path: Path) -> None:
    """A handler that sleeps for a minute keeps the mock for less than three seconds, and the exit code is 0."""
    (tmp_path / "sleepy.yaml").write_text(SLEEPY)
    (tmp_path / "naps.py").write_text(NAP)
    with running("sleepy.yaml", "-p", "0", "--workers", workers, "--handlers", "naps", cwd=tmp_path) as mock:
        asking = threading.Thread(target=_ask_in_vain, args=(mock.get,), daemon=True)
        asking.start()
        mock.read_until("asleep")
        before = time.monotonic()
        code, _, errors = mock.end(number)
        assert code == 0
        assert errors.endswith("tallystick mock: ended\n")
        assert time.monotonic() - before < 3


def test_a_handler_that_blocks_the_event_loop_does_not_keep_the_last_lines(tmp_path: Path) -> None:
    """A mock whose event loop stands still ends in time, too, and prints what waits."""
    (tmp_path / "sleepy.yaml").write_text(SLEEPY)
    (tmp_path / "naps.py").write_text(NAP.replace("def nap", "async def nap"))
    with running("sleepy.yaml", "-p", "0", "--handlers", "naps", cwd=tmp_path) as mock:
        threading.Thread(target=_ask_in_vain, args=(mock.get,), daemon=True).start()
        mock.read_until("asleep")
        code, _, errors = mock.end(signal.SIGTERM)
    assert code == 0
    assert errors.endswith("tallystick mock: ended\n")


def _ask_in_vain(get: Any) -> None:
    try:
        get("/nap")
    except OSError:
        return
