"""Several files of one folder are changed at once: whoever looks sees all of the old ones, or all of the new ones.

A copy of the folder with the changes is made beside it, of hard links where nothing changes, and the two change
places (Linux can exchange two names at once). Then the folder itself gets the changes, and they change back, so that
whoever has it open or mounted keeps the folder that they had. The copy is removed; if it was left behind by a run that
was killed, the next one removes it.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path

from tallystick.files.kinds import real_path, wrong_kind
from tallystick.files.writing import (
    fill,
    put,
    remove_left_behind,
    sync_folder,
    take_after,
    unfinished,
    unfinished_name,
    write_whole,
)
from tallystick.nouns import budgets

Contents = Mapping[str, bytes | None]
"""What files of a folder are to hold, by name; None for those that are to go."""

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
"""Of `renameat2` (Linux, rename(2))."""
_MOST_LINKED = 1_000
"""How many files a folder may have, with all folders below it, for a copy of it to be made."""
_SECONDS_BETWEEN_LOOKS = 0.02


@contextmanager
def folder_writer(folder: Path, is_generated: Callable[[Path], bool]) -> Iterator[Callable[[Contents], None]]:
    """Hold a folder against other runs, mend what a killed one left, and give the function that changes its files.

    `is_generated` says of a file whether a run may make it anew; every other one is the user's and stays. The function
    raises `OSError` or `ValueError` where the folder cannot be written: then its files are as they were.
    """
    real = real_path(folder)
    _make(real.parent)
    with _only_one(real.parent) as is_held:
        if is_held:
            _mend(real, is_generated)
        yield lambda contents: _change(real, contents, is_held, is_generated)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise NotADirectoryError(errno.ENOTDIR, f"{folder} is no folder, or is below a file") from None


@contextmanager
def _only_one(parent: Path) -> Iterator[bool]:
    """Wait until no other run writes into a folder below this one; yields whether that could be had."""
    with ExitStack() as stack:
        try:
            descriptor = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            yield False  # it may not be listed
            return
        stack.callback(os.close, descriptor)
        yield _lock(descriptor, parent)


def _lock(descriptor: int, parent: Path) -> bool:
    end = time.monotonic() + budgets.LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                fact = f"another process holds {parent}; waited {budgets.LOCK_SECONDS:g} seconds"
                raise TimeoutError(errno.ETIMEDOUT, fact) from None
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        except OSError:
            return False  # the file system has no locks
        else:
            return True


def _new(real: Path) -> Path:
    """Where a copy of a folder is made: nobody but its run has seen it."""
    return real.with_name(f".{real.name}.tallystick-new")


def _old(real: Path) -> Path:
    """Where a whole copy is that changes places with its folder; so it may be the folder that users have open."""
    return real.with_name(f".{real.name}.tallystick-old")


def _mend(real: Path, is_generated: Callable[[Path], bool]) -> None:
    """Remove what a killed run left beside a folder, and in it."""
    shutil.rmtree(_new(real), ignore_errors=True)
    if real.is_dir():
        if not _old(real).is_symlink():  # which no run makes, and whose target is nobody's to empty
            with suppress(OSError):
                _empty(_old(real), real, is_generated)
        remove_left_behind(real)


def _empty(other: Path, folder: Path, is_generated: Callable[[Path], bool]) -> None:
    """Remove what changed places with a folder; what a user put into it meanwhile is moved into the folder."""
    with os.scandir(other) as entries:
        listed = list(entries)
    for entry in listed:
        file, same = other / entry.name, folder / entry.name
        if entry.is_dir(follow_symlinks=False) and same.is_dir() and not same.is_symlink():
            _empty(file, same, is_generated)
        elif not os.path.lexists(same):
            if entry.is_file(follow_symlinks=False) and is_generated(file):
                file.unlink()
            else:
                file.rename(same)
        elif file.lstat().st_mtime_ns > same.lstat().st_mtime_ns and not is_generated(file):
            file.replace(same)
        else:
            file.unlink()
    other.rmdir()


def _change(real: Path, contents: Contents, is_held: bool, is_generated: Callable[[Path], bool]) -> None:
    is_there = os.path.lexists(real)
    if is_there and not real.is_dir():
        raise wrong_kind(os.stat(real).st_mode, "a folder")
    is_one_step = is_there and len(contents) <= 1
    if not is_held or is_one_step or not _change_at_once(real, contents, is_there, is_generated):
        _change_one_by_one(real, contents)


def _change_at_once(real: Path, contents: Contents, is_there: bool, is_generated: Callable[[Path], bool]) -> bool:
    """Change a folder by a copy of it; False, and nothing is changed, where that cannot be done."""
    copy, old = _new(real), _old(real)
    try:
        _copy(real, copy, contents, is_there)
        if not is_there:
            copy.rename(real)
        elif os.path.lexists(old):
            raise FileExistsError(errno.EEXIST, "what was left behind could not be removed")
        else:
            copy = copy.rename(old)
            _exchange(copy, real)
    except (OSError, RecursionError):
        shutil.rmtree(copy, ignore_errors=True)
        return False
    sync_folder(real.parent)
    if is_there:
        with suppress(OSError):  # the copy stays in its place then, and is as good
            _follow(old, real, contents)
            _exchange(old, real)
        with suppress(OSError):
            _empty(old, real, is_generated)
        sync_folder(real.parent)
    return True


def _copy(real: Path, new: Path, contents: Contents, is_there: bool) -> None:
    """Make a copy of a folder, or a new one, with these contents, safe on the disk. Raises `OSError` if it cannot."""
    new.mkdir()
    before = _linked(real, new, contents, count()) if is_there else {}
    for name, octets in contents.items():
        status = before.get(name)
        if status is not None and not (stat.S_ISREG(status.st_mode) and os.access(real / name, os.W_OK)):
            raise OSError(errno.EACCES, "a file to be changed is a link, or may not be written")
        if octets is not None:
            descriptor = os.open(new / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
            try:
                fill(descriptor, octets, status)
            finally:
                os.close(descriptor)
    sync_folder(new)


def _linked(real: Path, new: Path, left_out: Contents, linked: Iterator[int]) -> dict[str, os.stat_result]:
    """Link each file of a folder into a new one, but for some, whose status is returned by name."""
    if not os.access(real, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    others: dict[str, os.stat_result] = {}
    status = real.stat()
    with os.scandir(real) as entries:
        listed = list(entries)
    for entry in listed:
        own = entry.stat(follow_symlinks=False)
        if next(linked) >= _MOST_LINKED or own.st_dev != status.st_dev:
            raise OSError(errno.EXDEV, "too many files to link, or something is mounted there")
        if entry.name in left_out:
            others[entry.name] = own
        elif stat.S_ISDIR(own.st_mode):
            (new / entry.name).mkdir()
            _linked(real / entry.name, new / entry.name, {}, linked)
        else:
            os.link(entry.path, new / entry.name, follow_symlinks=False)
    take_after(new, status)
    return others


def _exchange(first: Path, second: Path) -> None:
    """Let two paths change places, at once. Raises `OSError` where the system or the file system cannot."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if renameat2(_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _follow(folder: Path, changed: Path, contents: Contents) -> None:
    """Give a folder the changed files of its copy."""
    for name, octets in contents.items():
        if octets is None:
            (folder / name).unlink(missing_ok=True)
        else:
            link = folder / unfinished_name()
            os.link(changed / name, link)
            link.replace(folder / name)
    sync_folder(folder)


def _change_one_by_one(real: Path, contents: Contents) -> None:
    """Change the files of a folder where it cannot be done at once: each whole, and back if one of them fails."""
    real.mkdir(exist_ok=True)
    targets = {name: real_path(real / name) for name in contents}
    before: dict[str, bytes | None] = {}
    with ExitStack() as stack:
        files = {
            name: stack.enter_context(unfinished(targets[name], octets))
            for name, octets in contents.items()
            if octets is not None
        }
        try:
            for name, target in targets.items():
                before[name] = target.read_bytes() if target.exists() else None
                if name in files:
                    put(files[name], target)
                else:
                    (real / name).unlink(missing_ok=True)
        except OSError:
            for name, octets in before.items():
                with suppress(OSError):  # the first error is the one to tell
                    targets[name].unlink(missing_ok=True) if octets is None else write_whole(targets[name], octets)
            raise
    sync_folder(real)
