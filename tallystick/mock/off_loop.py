"""Work that may take long is done in a few threads, so that the event loop answers other clients meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import TypeVar

from tallystick.nouns import budgets
from tallystick.nouns.threads import start_beside

T = TypeVar("T")

_waiting: SimpleQueue[Callable[[], None]] = SimpleQueue()
_starting = threading.Lock()
_threads: list[threading.Thread] = []


class Slow(Exception):
    """Is raised where an event loop runs, in place of work that may take long (see `at_once`)."""


def is_on_loop() -> bool:
    """Whether an event loop runs in this thread, so that others wait for what is done here."""
    return asyncio._get_running_loop() is not None


async def at_once(work: Callable[[], T]) -> T:
    """The result of some work: done here, or in a thread where it turns out to be `Slow`."""
    try:
        return work()
    except Slow:
        return await off_loop(work)


async def off_loop(work: Callable[[], T]) -> T:
    """The result of some work, done in a thread; where no event loop runs, nobody waits and it is done here."""
    if not is_on_loop():
        return work()
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()
    _have_threads()
    _waiting.put(partial(_do, work, loop, result))
    try:
        return await result
    finally:
        del result  # an error knows this frame, and would keep itself and the whole request until a collection


def _do(work: Callable[[], T], loop: asyncio.AbstractEventLoop, result: asyncio.Future[T]) -> None:
    """Do some work in a thread, and settle its result in the event loop that waits for it."""
    value: T | None = None
    failure: BaseException | None = None
    try:
        value = work()
    except BaseException as error:  # it is raised where the result is awaited
        failure = error
    with contextlib.suppress(RuntimeError):  # the loop is closed: the process ends
        loop.call_soon_threadsafe(_settle, result, value, failure)
    del failure, result  # as above


def _settle(result: asyncio.Future[T], value: T | None, error: BaseException | None) -> None:
    if result.done():  # the request was cancelled
        return
    if error is not None:
        result.set_exception(error)
    else:
        result.set_result(value)  # type: ignore[arg-type]  # without an error there is a value


def _have_threads() -> None:
    """Start the threads where they are not there yet; a process that was forked has none of its parent's."""
    with _starting:
        _threads[:] = [thread for thread in _threads if thread.is_alive()]
        while len(_threads) < budgets.THREADS:
            _threads.append(start_beside(_work, "slow work"))


def _work() -> None:
    while True:
        _waiting.get()()
