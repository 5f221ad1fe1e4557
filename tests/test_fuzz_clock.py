"""The clock of a fuzz run, and the values that Schemathesis may walk through."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest
from schemathesis.core import deserialization

from tallystick.fuzz.clock import Clock
from tallystick.fuzz.content_codings import judged_body
from tallystick.fuzz.event_stream import EventStream
from tallystick.fuzz.schemathesis_values import bounded_values, is_walkable
from tallystick.nouns import budgets


def test_a_clock_says_what_is_left() -> None:
    """No more is left than was asked for, than the run has, and nothing once it was stopped."""
    assert Clock().left(5) == 5
    assert Clock(2).left(5) <= 2
    assert Clock(0).is_over
    clock = Clock(60)
    clock.stop()
    assert (clock.left(), clock.is_over) == (0, True)


def test_waiting_for_a_lock_ends_with_the_run() -> None:
    """Who waits gives up when the run is stopped, when the time is up, or when it has waited long enough."""
    lock = threading.Lock()
    assert Clock().acquire(lock, 1)
    started = time.monotonic()
    clock = Clock()
    timer = threading.Timer(0.1, clock.stop)
    timer.start()
    assert not clock.acquire(lock, 60)
    timer.join()
    assert not Clock(0.1).acquire(lock, 60)
    assert not Clock().acquire(lock, 0.1)
    assert time.monotonic() - started < 5


def test_what_goes_on_too_long_is_interrupted() -> None:
    """Where nothing asks the clock, an alarm interrupts the main thread, again and again; the handler is put back."""
    before = signal.getsignal(signal.SIGALRM)
    until = time.monotonic() + 30
    interrupts = 0

    def work() -> None:
        nonlocal interrupts
        while interrupts < 2 and time.monotonic() < until:
            try:
                time.sleep(30)
            except KeyboardInterrupt:
                interrupts += 1

    Clock(0.1).interrupting(work)
    assert interrupts == 2
    assert time.monotonic() < until - 20
    assert signal.getsignal(signal.SIGALRM) is before


@pytest.mark.parametrize("number", [signal.SIGALRM, signal.SIGINT])
def test_an_interrupt_that_nobody_can_catch_comes_again(number: int, capfd: pytest.CaptureFixture[str]) -> None:
    """Where the garbage collector calls something, Python drops an interrupt: nothing is printed, another one comes."""
    hook, until = sys.unraisablehook, time.monotonic() + 30
    waits = 0

    def wait(phase: str, _: object) -> None:
        nonlocal waits
        if phase == "stop" and not waits:
            waits += 1
            signal.raise_signal(number)
            time.sleep(30)

    def work() -> None:
        gc.collect()
        time.sleep(30)

    gc.callbacks.append(wait)
    try:
        with pytest.raises(KeyboardInterrupt):
            Clock(60).interrupting(work)
    finally:
        gc.callbacks.remove(wait)
    assert waits == 1
    assert time.monotonic() < until - 20
    assert sys.unraisablehook is hook
    assert capfd.readouterr() == ("", "")


ALARMS = """
import signal, sys, time
from tallystick.fuzz.clock import Clock

before, hook = signal.getsignal(signal.SIGALRM), sys.unraisablehook

def work():
    signal.setitimer(signal.ITIMER_REAL, 1e-5, 1e-5)
    time.sleep(30)

for _ in range(200):
    try:
        Clock(60).interrupting(work)
    except KeyboardInterrupt:
        assert (signal.getsignal(signal.SIGALRM), sys.unraisablehook) == (before, hook)
        assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
        print("interrupted")
"""


def test_nothing_is_interrupted_once_the_work_is_over() -> None:
    """Alarms that go off while the clock tidies up are no interrupts, however many there are.

    The process has no other thread: with one, the system may hand an alarm over late.
    """
    done = subprocess.run([sys.executable, "-c", ALARMS], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["interrupted"] * 200, "")


def test_the_alarm_of_somebody_else_is_left_alone() -> None:
    """Where the process has a use for alarms already, or in another thread, a run sets none."""
    before = signal.signal(signal.SIGALRM, lambda *_: None)
    timers = []
    try:
        Clock(0).interrupting(lambda: timers.append(signal.getitimer(signal.ITIMER_REAL)))
    finally:
        signal.signal(signal.SIGALRM, before)
    assert timers == [(0, 0)]


def test_a_value_is_walked_through_only_where_that_ends() -> None:
    """A value that is too deep, or becomes too large since its parts stand in it again and again, is refused."""
    deep: list[object] = []
    for _ in range(budgets.FUZZ_VALUE_DEPTH + 1):
        deep = [deep]
    doubled: list[object] = ["a"]
    for _ in range(100):
        doubled = [doubled, doubled]
    assert is_walkable({"a": [1, {"b": None}] * 1000})
    assert not is_walkable(deep)
    assert not is_walkable(doubled)


@pytest.mark.parametrize(
    "document",
    [
        "- " * 500 + "a",
        "a: &a [1,1]\nb: &b [*a,*a]\n"
        + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)},*{chr(97 + i)}]\n" for i in range(1, 24)),
    ],
)
def test_schemathesis_refuses_such_a_value(document: str) -> None:
    """The reader of a media type raises an error as for what is malformed, and is put back after the run."""
    response = SimpleNamespace(content=document.encode(), encoding="utf-8")
    before = dict(deserialization._DESERIALIZERS)
    with bounded_values(), pytest.raises(ValueError, match="too deep"):
        deserialization._DESERIALIZERS["application/yaml"](None, response)  # type: ignore[arg-type]
    assert before == deserialization._DESERIALIZERS


@pytest.mark.parametrize(
    ("body", "is_judged"),
    [
        (b"[" * 150 + b"]" * 150, True),
        (b"[" * 250 + b"]" * 250, False),
        (b"[" * 250, False),
        (b'{"a":' * 250 + b"1" + b"}" * 250, False),
        (b'["' + b"[" * 250 + b'"]', True),
        (b'["\\"' + b"{" * 250 + b'"]', True),
        (b"[]" * 10_000, True),
        (b"]" * 10_000, True),
        (b"\x89PNG\r\n\x1a\n\0\0" + b"[" * 250, True),
        (b"\xff\xfe[\0" + b"[\0" * 250, False),
        (b" \n[" + b"[" * 250 + b"\0", False),
    ],
)
def test_a_body_that_is_nested_too_deep_is_not_judged(body: bytes, is_judged: bool) -> None:
    """Brackets in strings do not count, nor those in what is neither JSON nor YAML."""
    judged, fault = judged_body(body, len(body), "")
    assert (judged == body, fault is None) == (is_judged, is_judged)


def test_a_long_event_takes_no_longer_than_its_bytes() -> None:
    """A stream of events is looked through once, in however many pieces it comes, and cut at its bound."""
    stream, pieces = EventStream(1), 0
    started = time.process_time()
    while not stream.feed(b"data: 1234567890\n"):
        pieces += 1
    assert pieces > 50_000
    assert time.process_time() - started < 5
    assert stream.complete_events == b""
