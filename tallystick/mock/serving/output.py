"""Output that nobody waits for: text is written by a thread, since a terminal, a pipe or a disk may take its time."""

from __future__ import annotations

import contextlib
import io
import os
import select
import sys
import threading
from collections.abc import Callable, Iterator

from tallystick.nouns.printing import of_server, print_error, print_lines, printable_output
from tallystick.nouns.words import counted

MOST_WAITING = 1_000_000
"""Characters that may wait in one stream; what does not fit is not printed, and the stream says so when it goes on."""
_PAUSE_SECONDS = 0.02
"""How long text is gathered before it is written in one piece; too short to be seen, and it saves a busy mock time."""
_LAST_SECONDS = 0.5
"""How long the end of a process waits for its last lines to be taken."""

Turn = contextlib.AbstractContextManager[None]
"""A context that one process at a time enters, of all that are forked from one: their lines do not mix."""
_NO_TURNS = contextlib.nullcontext()


class Unblocked(io.TextIOBase):
    """A text stream on a file descriptor, whose `write` returns at once.

    `fail` is called, in the thread that writes, with the error that ends the output; what comes later is thrown away.
    """

    def __init__(self, descriptor: int, encoding: str, fail: Callable[[OSError], None], turn: Turn) -> None:
        self._descriptor = descriptor
        self._encoding = encoding
        self._fail = fail
        self._turn = turn
        self._lock = threading.Lock()
        self._waiting: list[str] = []
        self._size = 0
        self._dropped_lines = 0
        self._has_text, self._is_ending, self._has_failed = threading.Event(), threading.Event(), False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def encoding(self) -> str:  # type: ignore[override]  # an attribute in the stubs, and read-only in CPython
        return self._encoding

    @property
    def errors(self) -> str:  # type: ignore[override]  # the same
        return "backslashreplace"

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        """Have a text written soon; it is dropped where too much waits already."""
        if not isinstance(text, str):
            raise TypeError(f"a text stream takes text, not {type(text).__name__}")
        with self._lock:
            if self._size + len(text) > MOST_WAITING or self._has_failed:
                self._dropped_lines += text.count("\n")
            else:
                self._waiting.append(text)
                self._size += len(text)
        self._has_text.set()
        return len(text)

    def end(self) -> None:
        """Write what waits, unless nobody takes it, and end the thread."""
        self._is_ending.set()
        self._has_text.set()
        self._thread.join(_LAST_SECONDS)

    def _run(self) -> None:
        is_ending = False
        while not is_ending:
            self._has_text.wait()
            self._is_ending.wait(_PAUSE_SECONDS)
            self._has_text.clear()
            is_ending = self._is_ending.is_set()  # asked before the last look, so that nothing is left behind
            if text := self._take():
                self._write_through(text.encode(self.encoding, self.errors))

    def _take(self) -> str:
        with self._lock:
            text = "".join(self._waiting)
            if self._dropped_lines and not self._has_failed:
                lines = counted(self._dropped_lines, "line", ",")
                text += of_server(f"{lines} could not be printed, as nobody took them in time\n")
            self._waiting.clear()
            self._size = self._dropped_lines = 0
        return text

    def _write_through(self, data: bytes) -> None:
        if self._has_failed:
            return
        try:
            with self._turn:
                write_all(self._descriptor, data)
        except OSError as error:
            self._has_failed = True
            self._fail(error)


def write_all(descriptor: int, data: bytes) -> None:
    """Write bytes to a file descriptor, however long its reader takes."""
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:  # somebody who shares the terminal or the pipe made it so
            select.select([], [descriptor], [])


def say(line: str) -> None:
    """Print a line to stderr, unless its reader takes nothing."""
    _, writable, _ = select.select([], [sys.stderr], [], _LAST_SECONDS)
    if writable:
        print_error(line)


def say_ended() -> None:
    """Print the last line of a server."""
    say(of_server("ended"))


@contextlib.contextmanager
def unblocked_output(stop: Callable[[], None], turn: Turn = _NO_TURNS) -> Iterator[Callable[[], None]]:
    """Make `sys.stdout` and `sys.stderr` streams that nobody waits for, as long as the context lasts.

    `stop` is called where the reader of the standard output has gone. Where there is no room for what is printed,
    stderr says so once. What goes to the standard output is written in `turn`. Yields what writes all that waits, for
    a process that ends within the context.
    """

    def lost(error: OSError) -> None:
        if isinstance(error, BrokenPipeError):
            stop()
        else:  # the answers go on
            print_lines(of_server(f"lines of requests are lost: {error.strerror}"), to=errors)

    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    errors = Unblocked(sys.stderr.fileno(), sys.stderr.encoding, _ignore, _NO_TURNS)
    output = Unblocked(sys.stdout.fileno(), sys.stdout.encoding, lost, turn)

    def end() -> None:
        output.end()
        errors.end()

    with printable_output(output, errors):
        try:
            yield end
        finally:
            end()


def _ignore(_: OSError) -> None:
    """Nobody reads the errors any more, and there is no other place to say so."""
