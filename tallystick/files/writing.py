"""A file is written whole or not at all: a new one beside it, made safe on the disk, takes its name.

The new file is locked while its run goes on, so the next run knows which of these files were left behind by a run that
was killed, and removes those alone.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import select
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tallystick.files.kinds import kind_of, own_descriptor, real_path, reason, wrong_kind
from tallystick.nouns import budgets

_UNFINISHED = re.compile(r"\.tallystick-[0-9a-f]{16}\.tmp")
_PIPE_BYTES = 4096
"""What a pipe takes at once where it takes anything: `PIPE_BUF` of Linux."""
_SECONDS_BETWEEN_LOOKS = 0.02


def write_whole(path: Path, octets: bytes) -> None:
    """Write a file: whatever stops this, even a lost process or power, the path has its old content or this one.

    A symbolic link stays and its target is written; mode and, where that is allowed, owner stay. A pipe, a terminal
    and the open files of this process (`/dev/stdout`) cannot be replaced and are written directly. Raises `OSError` or
    `ValueError` with the reason (see `kinds.reason`) where the file cannot be written.
    """
    descriptor = own_descriptor(path)
    if descriptor is not None:
        _pour(descriptor, octets)
        return
    target = real_path(path)
    status = _status(target)
    if status is not None and not stat.S_ISREG(status.st_mode):
        _write_directly(target, status, octets)
        return
    with unfinished(target, octets) as file:
        put(file, target)
    sync_folder(target.parent)


def write_new(path: Path, octets: bytes) -> None:
    """Write a file whose name nothing has yet, whole or not at all as far as other processes see.

    It may be lost where the power is, since the disk is not waited for. Raises `OSError`: `FileExistsError` where
    something has the name.
    """
    file, descriptor = _new_file(path.parent, 0o666)
    try:
        _pour(descriptor, octets)
        os.link(file, path)
    finally:
        with suppress(OSError):
            os.unlink(file)
        os.close(descriptor)


def is_written_directly(path: Path) -> bool:
    """Whether a path is a pipe, a terminal or an open file of this process, and so cannot be replaced."""
    try:
        return own_descriptor(path) is not None or _is_direct(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def why_not_writable(path: Path) -> str:
    """Why `write_whole` would surely fail at this path; "" where it may well succeed. Nothing is written."""
    if own_descriptor(path) is not None:
        return ""
    try:
        target = real_path(path)
        status = _status(target)
        if status is not None:
            if not (stat.S_ISREG(status.st_mode) or _is_direct(status.st_mode)):
                return reason(wrong_kind(status.st_mode))
            if not os.access(target, os.W_OK):
                return os.strerror(errno.EACCES)
            if not stat.S_ISREG(status.st_mode):
                return ""
        if not target.parent.is_dir():
            return "there is no such folder"
        is_open = os.access(target.parent, os.W_OK | os.X_OK)
        return "" if is_open else f"no file can be made in {target.parent}: {os.strerror(errno.EACCES)}"
    except (OSError, ValueError) as error:
        return reason(error)


@contextmanager
def unfinished(target: Path, octets: bytes) -> Iterator[Path]:
    """A file beside a target, with the content, mode and owner that the target is to have, safe on the disk.

    It is gone at the end unless it has been renamed. What killed runs have left in the folder is removed first.
    """
    status = _status(target)
    if status is not None and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    remove_left_behind(target.parent)
    file, descriptor = _new_file(target.parent, 0o666 if status is None else status.st_mode & 0o700)
    try:
        fill(descriptor, octets, status)
        yield file
    finally:
        with suppress(OSError):
            os.unlink(file)
        os.close(descriptor)


def unfinished_name() -> str:
    """A name for a file that is not finished, which no other file has."""
    return f".tallystick-{os.urandom(8).hex()}.tmp"


def put(file: Path, target: Path) -> None:
    """Give an unfinished file the name of its target, in whose folder it is."""
    try:
        os.replace(file, target)
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        _overwrite(target, file.read_bytes())  # mounted by itself, as containers do: the name cannot be given away


def sync_folder(folder: Path) -> None:
    """Make the names in a folder safe on the disk, where the file system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def fill(descriptor: int, octets: bytes, replaced: os.stat_result | None) -> None:
    """Write the content of a new file, take over owner and mode of the one that it replaces, and make it safe."""
    _pour(descriptor, octets)
    if replaced is not None:
        take_after(descriptor, replaced)
    _sync(descriptor)


def take_after(new: int | Path, replaced: os.stat_result) -> None:
    """Give a new file or folder the owner, as far as that is allowed, and the mode of the one that it replaces."""
    own = os.stat(new)
    for owner in (replaced.st_uid, -1):
        if (own.st_uid, own.st_gid) != (replaced.st_uid, replaced.st_gid):
            with suppress(OSError):
                os.chown(new, owner, replaced.st_gid)
                break
    os.chmod(new, stat.S_IMODE(replaced.st_mode))


def _status(target: Path) -> os.stat_result | None:
    """What stands at a path; None if nothing does. Raises `OSError`, for a circle of links for one."""
    try:
        return os.stat(target)
    except FileNotFoundError:
        return None


def _new_file(folder: Path, mode: int) -> tuple[Path, int]:
    """A new empty file in a folder, and its descriptor, locked where the file system has locks."""
    while True:
        file = folder / unfinished_name()
        try:
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        except FileNotFoundError:
            raise FileNotFoundError(errno.ENOENT, "there is no such folder") from None
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EROFS):
                raise OSError(error.errno, f"no file can be made in {folder}: {error.strerror}") from None
            raise
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_mine = os.fstat(descriptor).st_nlink > 0  # else another run has taken it for one left behind
        except BlockingIOError:
            is_mine = False  # another run is about to remove it
        except OSError:
            is_mine = True  # the file system has no locks, so nobody removes it
        if is_mine:
            return file, descriptor
        os.close(descriptor)


def remove_left_behind(folder: Path) -> None:
    """Remove the unfinished files in a folder whose runs have ended."""
    try:
        names = [name for name in os.listdir(folder) if _UNFINISHED.fullmatch(name)]
    except OSError:
        return  # the folder cannot be listed, which hinders no writing
    for name in names:
        with suppress(OSError):  # another run writes it, or has removed it
            descriptor = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.unlink(folder / name)
            finally:
                os.close(descriptor)


def _sync(descriptor: int) -> None:
    """Make a file's content safe on the disk; some file systems cannot, and say so."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise


def _overwrite(target: Path, octets: bytes) -> None:
    """Write a file in place; its old content is put back where that fails."""
    before = target.read_bytes()
    descriptor = os.open(target, os.O_WRONLY | os.O_CLOEXEC)
    try:
        try:
            _pour(descriptor, octets)
            os.ftruncate(descriptor, len(octets))
            _sync(descriptor)
        except OSError:
            os.lseek(descriptor, 0, os.SEEK_SET)
            _pour(descriptor, before)
            os.ftruncate(descriptor, len(before))
            raise
    finally:
        os.close(descriptor)


def _is_direct(mode: int) -> bool:
    """Whether what has this mode can be written, though it cannot be replaced: a pipe or a terminal."""
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def _write_directly(target: Path, status: os.stat_result, octets: bytes) -> None:
    if not _is_direct(status.st_mode):
        raise wrong_kind(status.st_mode)
    descriptor = _opened_for_reader(target, kind_of(status.st_mode))
    try:
        _pour(descriptor, octets)
    finally:
        os.close(descriptor)


def _opened_for_reader(target: Path, kind: str) -> int:
    """The descriptor of a pipe or a device; a pipe that nobody reads is waited for."""
    end = time.monotonic() + budgets.PIPE_SECONDS
    while True:
        try:
            return os.open(target, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            if time.monotonic() > end:
                fact = f"it is {kind} that nobody reads; waited {budgets.PIPE_SECONDS:g} seconds"
                raise OSError(errno.ENXIO, fact) from None
        time.sleep(_SECONDS_BETWEEN_LOOKS)


def _pour(descriptor: int, octets: bytes) -> None:
    """Write everything to an open file; raises `TimeoutError` where nothing is taken for too long."""
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        if descriptor == number:
            stream.flush()
    at_once = len(octets) if stat.S_ISREG(os.fstat(descriptor).st_mode) else _PIPE_BYTES
    rest = memoryview(octets)
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    while rest:
        if not poll.poll(budgets.PIPE_IDLE_SECONDS * 1000):
            fact = f"its reader took nothing for {budgets.PIPE_IDLE_SECONDS:g} seconds"
            raise TimeoutError(errno.ETIMEDOUT, fact)
        with suppress(BlockingIOError):
            rest = rest[os.write(descriptor, rest[:at_once]) :]
