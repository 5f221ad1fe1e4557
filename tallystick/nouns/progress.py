"""How far a long piece of work is: whoever does it tells what it is at, and whoever waits may listen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[str], None]

_LISTENER: ContextVar[Listener | None] = ContextVar("progress", default=None)


def tell(text: str) -> None:
    """Tell what the work is at now, in a few words."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(text)


@contextmanager
def told_to(listener: Listener) -> Iterator[None]:
    """Have a function hear what is told while the block runs."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)
