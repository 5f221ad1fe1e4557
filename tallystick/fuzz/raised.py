"""The exceptions of an application that runs in this process: which one a request led to, and where it was raised.

A framework answers for an exception with a 500, and passes it on (Starlette) or only writes it into the log (Flask,
Django). So both are noted: what reaches us, and what is logged with a traceback while a request is answered.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from tallystick.user_code import users_place

_MESSAGE_CHARACTERS = 300
_noted: ContextVar[list[BaseException] | None] = ContextVar("exceptions of this request", default=None)


class Raised(NamedTuple):
    """An exception: its type, its message, and the line of the user's own code that it comes from."""

    kind: str
    message: str
    file: str
    line: int

    @property
    def site(self) -> str:
        """What tells the place of one fault from that of another."""
        return f"{self.kind} at {self.file}:{self.line}"

    def __str__(self) -> str:
        told = f"{self.kind}: {self.message}" if self.message else self.kind
        return f"{told} ({self.file}:{self.line})" if self.file else told


def raised_of(error: BaseException) -> Raised:
    """What is told of an exception."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    file, line = users_place(error)
    message = " ".join(str(error).split())
    if len(message) > _MESSAGE_CHARACTERS:
        message = message[:_MESSAGE_CHARACTERS] + "…"
    return Raised(type(error).__name__, message, file, line)


def note(error: BaseException) -> None:
    """Notes an exception for the request that is answered in this context, if there is one."""
    errors = _noted.get()
    if errors is not None:
        errors.append(error)


@contextmanager
def noting(errors: list[BaseException]) -> Iterator[None]:
    """Has exceptions noted in a list that are raised in the context of the block, and in what is started there."""
    token = _noted.set(errors)
    try:
        yield
    finally:
        _noted.reset(token)


@contextmanager
def logged_exceptions_noted() -> Iterator[None]:
    """Has exceptions noted that are logged, whatever the handlers and levels of the application's own loggers are."""
    make_record = logging.getLogRecordFactory()

    def make_and_note(*arguments: object, **named: object) -> logging.LogRecord:
        record: logging.LogRecord = make_record(*arguments, **named)
        if record.exc_info and record.exc_info[1] is not None:
            note(record.exc_info[1])
        return record

    logging.setLogRecordFactory(make_and_note)
    try:
        yield
    finally:
        if logging.getLogRecordFactory() is make_and_note:  # else the application has set its own since
            logging.setLogRecordFactory(make_record)
