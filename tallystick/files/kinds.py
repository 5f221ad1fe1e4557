"""What stands at a path: a file, or what can be taken for one by mistake; and why something cannot be done with it."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_MOST_LINKS = 40
"""How many symbolic links are followed one after the other, as Linux does."""


def kind_of(mode: int) -> str:
    """The kind of what has this mode, as a message names it; "" for a regular file."""
    return next((kind for is_kind, kind in _KINDS if is_kind(mode)), "")


def is_null_device(status: os.stat_result) -> bool:
    """Whether this is `/dev/null`, which stands for an empty file."""
    return stat.S_ISCHR(status.st_mode) and os.path.samestat(status, os.stat(os.devnull))


def reason(error: OSError | ValueError) -> str:
    """Why a file cannot be read or written, for the end of a message."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    fact = (
        "there is a zero byte in it" if "null" in str(error) else str(error)
    )  # each release of Python has other words
    return f"the name is none that a file can have: {fact}"


def wrong_kind(mode: int, expected: str = "a file") -> OSError:
    """The error for what has this mode and stands where something else is expected."""
    return OSError(errno.EINVAL, f"it is {kind_of(mode) or 'a file'}; {expected} was expected")


def real_path(path: Path) -> Path:
    """A path without symbolic links, whether something stands there or not; the last of a circle of links stays."""
    return Path(os.path.realpath(path))


def own_descriptor(path: Path) -> int | None:
    """The number of the open file of this process that a path means (`/dev/stdout`, `/dev/fd/63`), else None."""
    folders = {os.path.realpath(folder) for folder in ("/dev/fd", "/proc/self/fd")}
    name = os.path.abspath(path)
    for _ in range(_MOST_LINKS):
        folder, last = os.path.split(name)
        if last.isdecimal() and os.path.realpath(folder) in folders:
            return int(last)
        if not os.path.islink(name):
            return None
        name = os.path.join(folder, os.readlink(name))
    return None
