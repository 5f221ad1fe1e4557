"""Serving a mock anew when one of its files has changed; what breaks it is told, and the last good one stays."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from starlette.types import ASGIApp

from tallystick.config import shown_path
from tallystick.documents.garbage_collection import in_place_of_others
from tallystick.mock.making import LostPartError, Made, Maker, files_of
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import TallystickError
from tallystick.nouns.printing import of_server
from tallystick.nouns.words import counted, shortened

Stamp = tuple[int, int, int] | None
"""When a file was changed last, its size and its number; None where there is no file."""

_GATHERED_MS, _MOST_GATHERED_MS = 20, 150
"""How long it must be quiet after a change, and how long changes are gathered at most, in milliseconds."""
_LOOK_MS = 1_000
"""How often files are looked at where the system tells of no change, in milliseconds."""
_POLL_SECONDS = 0.2
"""How often files are looked at where the system cannot tell of changes."""
_SECOND_LOOK_SECONDS = 0.12
"""How long a file that cannot be read has to become whole: many editors empty it, or take it away, to write it."""
_CLOCK_NS = 20_000_000
"""How far the time of a file may be behind that of the process that writes it, in nanoseconds."""
_MOST_ATTEMPTS = 20
"""How often it is tried to read files that go on changing meanwhile."""
_COLLECTED_AFTER = 10
"""After how many changes garbage is collected; everything else waits for that, a second where contracts are large."""
_UNKNOWN: Stamp = (0, 0, 0)
_MOST_NAMES = 3


def stamp_of(file: Path) -> Stamp:
    """The stamp of a file."""
    try:
        status = os.stat(file)
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


Tell = Callable[[str], None] | None
"""Prints a line; None where another process does."""

Notes = Callable[[Sequence[Contract], Sequence[Contract]], Sequence[str]]
"""What is to be said of contracts that took the place of others, in lines."""


class Reload:
    """Watches the files of a mock, and makes it again when they change; `since_ns` is when they were first read.

    Make one before the first fork, and call `run` in a thread of each process that serves.
    """

    def __init__(self, maker: Maker, made: Made, since_ns: int, notes: Notes) -> None:
        self.maker = maker
        self.notes = notes
        self.made = made
        self.stamps: dict[Path, Stamp] = {}
        self.unheeded: set[Path] = set()
        """The files that have changed since the mock was made last."""
        self.is_broken = False
        self.made_since = 0
        """How often it was made, or tried to be made, since garbage was collected."""
        self._watch(maker.watched(made), since_ns)

    def run(self, use: Callable[[ASGIApp], None], tell: Tell, stopped: threading.Event) -> None:
        """Calls `use` with each new application, and `tell` with a line for it, or for why there is none."""
        since_ns = time.time_ns()
        for contract in self.made.read:
            self.maker.unread_parts(contract)
        self._watch(self.maker.watched(self.made), since_ns)
        for _ in _wakes(lambda: {file.parent for file in self.stamps}, stopped):
            if self._look():
                with in_place_of_others():
                    self._take_up(use, tell)

    def _take_up(self, use: Callable[[ASGIApp], None], tell: Tell) -> None:
        if not self.is_broken and self.maker.is_as(self.made, self.unheeded):
            self.unheeded.clear()
            return
        self._collect_now_and_then()
        for attempt in range(1, _MOST_ATTEMPTS + 1):
            since_ns, started = time.time_ns(), time.perf_counter()
            try:
                made = self.maker.make_again(self.made, self.unheeded)
            except Exception as error:
                time.sleep(_SECOND_LOOK_SECONDS)
                if self._look() and attempt < _MOST_ATTEMPTS:
                    continue
                self._keep(error, since_ns, tell)
                return
            use(made.app)
            if tell is not None:
                tell(_news(self.made, made, self.unheeded, self.is_broken, time.perf_counter() - started))
                for line in self._lines_of(made):
                    tell(line)
            self.made, self.is_broken = made, False
            self.unheeded.clear()
            self._watch(self.maker.watched(made), since_ns)
            return

    def _collect_now_and_then(self) -> None:
        """Free what was made before: since reading counts all that it makes as old, Python would do so much later."""
        self.made_since += 1
        if self.made_since >= _COLLECTED_AFTER:
            self.made_since = 0
            gc.collect()

    def _lines_of(self, made: Made) -> list[str]:
        """What is to be said of a mock that was made again, and was not said of the one before."""
        new = [f"    {sentence}" for sentence in made.app.summaries if sentence not in self.made.app.summaries]
        return [*new, *self.notes(self.made.contracts, made.contracts)]

    def _keep(self, error: Exception, since_ns: int, tell: Tell) -> None:
        """Tell why what was made before is kept, and watch what was read in vain, too."""
        self.is_broken = True
        if isinstance(error, LostPartError):
            self._watch({*self.stamps, *files_of(error.contract)}, since_ns)
        if tell is None:
            return
        reason = str(error) if isinstance(error, TallystickError) else f"a fault of tallystick itself: {error!r}"
        tell(of_server(f"not reloaded: {reason}; the last good version is still served"))

    def _look(self) -> bool:
        """Look at all files; whether any has changed since the last look."""
        files = {*self.stamps, *self.maker.watched(self.made)}
        stamps = {file: stamp_of(file) for file in files}
        changed = {file for file in files if stamps[file] != self.stamps.get(file)}
        self.stamps = stamps
        self.unheeded |= changed
        return bool(changed)

    def _watch(self, files: Collection[Path], since_ns: int) -> None:
        """Watch these files and no others; what has been written since then, and is new here, counts as changed."""
        stamps: dict[Path, Stamp] = {}
        for file in files:
            stamp = self.stamps[file] if file in self.stamps else stamp_of(file)
            is_new = file not in self.stamps and stamp is not None and stamp[0] > since_ns - _CLOCK_NS
            stamps[file] = _UNKNOWN if is_new else stamp
        self.stamps = stamps


def _wakes(folders: Callable[[], set[Path]], stopped: threading.Event) -> Iterator[None]:
    """Yields soon after something has changed in one of some folders, and now and then without a reason."""
    from watchfiles import watch  # imported once the mock answers

    while not stopped.is_set():
        watched = _those_there(folders())
        try:
            for _ in watch(
                *watched,
                watch_filter=None,
                debounce=_MOST_GATHERED_MS,
                step=_GATHERED_MS,
                rust_timeout=_LOOK_MS,
                yield_on_timeout=True,
                raise_interrupt=False,
                recursive=False,
                stop_event=stopped,
            ):
                yield
                if _those_there(folders()) != watched:
                    break
        except (OSError, RuntimeError):  # a folder has gone meanwhile, or the system watches no more folders
            stopped.wait(_POLL_SECONDS)
            yield


def _those_there(folders: set[Path]) -> dict[str, Stamp]:
    """Those of some folders that exist, with what changes when another folder takes the place of one."""
    numbers: dict[str, Stamp] = {}
    for folder in folders:
        stamp = stamp_of(folder)
        if stamp is not None:
            numbers[str(folder)] = (0, 0, stamp[2])
    return numbers


def _news(before: Made, made: Made, changed: Collection[Path], was_broken: bool, seconds: float) -> str:
    """The line that says what was made again, and which operations are new or gone."""
    files = shortened(sorted(str(shown_path(file)) for file in changed), _MOST_NAMES)
    operations = sum(len(contract.operations) for contract in made.contracts)
    mended = "mended and " if was_broken else ""
    line = of_server(f"{mended}reloaded ({files}, {seconds:.2f} s): {counted(operations, 'operation', ',')}")
    earlier, now = _labels(before.contracts), _labels(made.contracts)
    for word, labels in (("new", now - earlier), ("gone", earlier - now)):
        if labels:
            line += f"; {word}: {shortened(sorted(labels), _MOST_NAMES)}"
    return line


def _labels(contracts: Sequence[Contract]) -> set[str]:
    return {operation.label for contract in contracts for operation in contract}
