"""A file is read once and within bounds, whatever it turns out to be.

A pipe is read where the user names it (`<(command)`); a device, a socket and a folder are no files.
"""

from __future__ import annotations

import errno
import os
import select
import stat
import time
from pathlib import Path

from tallystick.files.kinds import is_null_device, kind_of, wrong_kind
from tallystick.nouns import budgets

_AT_ONCE = 2**20
_MOST_READS = 5
"""How often a file is read again that changes while it is read."""
_HEAD_BYTES = 2**16
_MILLISECONDS_BETWEEN_LOOKS = 20


def read_whole(path: Path, is_named: bool = False, most: int | None = None) -> bytes:
    """The bytes of a file, as they were at one time, at most so many; as many as those of a document if None.

    `is_named`: by the user, so that a pipe is read. Raises `OSError` or `ValueError` with the reason (see
    `kinds.reason`).
    """
    most = budgets.DOCUMENT_BYTES if most is None else most
    status = os.stat(path)
    if is_null_device(status):
        return b""
    is_pipe = stat.S_ISFIFO(status.st_mode)
    if kind_of(status.st_mode) and not (is_pipe and is_named):
        raise _no_file(status.st_mode)
    for _ in range(_MOST_READS):
        descriptor = _opened(path, is_pipe)
        try:
            if is_pipe:
                return _from_pipe(descriptor, most)
            before = os.fstat(descriptor)
            octets = _from_file(descriptor, before, most)
            if _is_unchanged(before, os.fstat(descriptor)):
                return octets
        finally:
            os.close(descriptor)
    raise OSError(errno.EAGAIN, "it changes while it is read")


def read_head(path: Path) -> bytes:
    """The first bytes of a regular file, for a guess what is in it; raises `OSError` or `ValueError`."""
    descriptor = _opened(path, False)
    try:
        return os.read(descriptor, _HEAD_BYTES)
    finally:
        os.close(descriptor)


def is_pipe(path: Path) -> bool:
    """Whether a pipe stands at a path: what comes through it can be read only once."""
    try:
        return stat.S_ISFIFO(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def _no_file(mode: int) -> OSError:
    if stat.S_ISDIR(mode):
        return IsADirectoryError(errno.EISDIR, "it is a folder; a file was expected")
    return wrong_kind(mode)


def _opened(path: Path, is_pipe: bool) -> int:
    """The descriptor of a file, or of a pipe; nothing waits, whatever has taken its place meanwhile."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    mode = os.fstat(descriptor).st_mode
    if is_pipe == stat.S_ISFIFO(mode) and (is_pipe or stat.S_ISREG(mode)):
        return descriptor
    os.close(descriptor)
    raise _no_file(mode)


def _from_file(descriptor: int, status: os.stat_result, most: int) -> bytes:
    if status.st_size > most:
        raise _too_large(most)
    chunks: list[bytes] = []
    size = 0
    while chunk := os.read(descriptor, max(status.st_size - size, 0) + _AT_ONCE):  # a file of /proc says 0
        chunks.append(chunk)
        size += len(chunk)
        if size > most:
            raise _too_large(most)
    return b"".join(chunks)


def _too_large(most: int) -> OSError:
    return OSError(errno.EFBIG, f"it is larger than {most >> 20} MiB")


def _is_unchanged(before: os.stat_result, after: os.stat_result) -> bool:
    return (before.st_size, before.st_mtime_ns, before.st_ctime_ns) == (
        after.st_size,
        after.st_mtime_ns,
        after.st_ctime_ns,
    )


def _from_pipe(descriptor: int, most: int) -> bytes:
    """What comes through a pipe until its last writer closes it.

    Before the first writer has opened it, a read gives what it gives at the end: nothing. While one has it open and
    sends nothing, it raises `BlockingIOError`.
    """
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    chunks: list[bytes] = []
    size = 0
    has_writer = False
    end = time.monotonic() + budgets.PIPE_SECONDS
    while True:
        try:
            chunk = os.read(descriptor, _AT_ONCE)
        except BlockingIOError:
            has_writer = True
            if not poll.poll(budgets.PIPE_IDLE_SECONDS * 1000):
                fact = f"nothing came through this pipe for {budgets.PIPE_IDLE_SECONDS:g} seconds"
                raise TimeoutError(errno.ETIMEDOUT, fact) from None
            continue
        if chunk:
            has_writer = True
            chunks.append(chunk)
            size += len(chunk)
            if size > most:
                raise _too_large(most)
        elif has_writer or _has_ended(poll):
            return b"".join(chunks)
        elif time.monotonic() > end:
            fact = f"it is a named pipe that nobody writes to; waited {budgets.PIPE_SECONDS:g} seconds"
            raise TimeoutError(errno.ETIMEDOUT, fact)


def _has_ended(poll: select.poll) -> bool:
    """Whether a pipe that gives nothing had a writer, which has closed it; waits a moment for one."""
    return [event for _, event in poll.poll(_MILLISECONDS_BETWEEN_LOOKS)] == [select.POLLHUP]
