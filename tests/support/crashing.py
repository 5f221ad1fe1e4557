"""A program that writes to some paths, and is killed at its n-th call of the system at the n-th of them.

A path with a suffix is a file, which becomes "new"; every other one is a folder, which gets `CHANGES`. The exit code of
each run is printed: `KILLED` where it was killed before its end. The paths after the first run that ended are not
written.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

CHANGES = {"a.py": b"new a", "b.py": b"new b", "c.py": b"new c", "stale.py": None}
KILLED = 9
_CALLS = "open write fsync replace rename link unlink mkdir rmdir chmod chown scandir listdir close ftruncate".split()


def killed_at(number: int, call: Callable[..., Any], calls: Any) -> Callable[..., Any]:
    """A call of the system that ends the process instead, if it is the call of that number."""

    def counted(*arguments: Any, **more: Any) -> Any:
        if next(calls) == number:
            os._exit(KILLED)
        return call(*arguments, **more)

    return counted


def write(path: Path, number: int) -> None:
    """Write to a path, killed at a call."""
    from tallystick.files import folders, writing

    calls = count()
    os.fsync = lambda _: None  # slow, and of no effect where only a process ends
    for name in _CALLS:
        setattr(os, name, killed_at(number, getattr(os, name), calls))
    folders._exchange = killed_at(number, folders._exchange, calls)
    if path.suffix:
        writing.write_whole(path, b"new")
    else:
        with folders.folder_writer(path, lambda file: file.suffix == ".py" and file.name != "own.py") as change:
            change(CHANGES)


def main() -> None:
    """Write to each path in a process of its own."""
    for number, path in enumerate(sys.argv[1:]):
        child = os.fork()
        if child == 0:
            write(Path(path), number)
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(code)
        if code != KILLED:
            return


if __name__ == "__main__":
    main()
