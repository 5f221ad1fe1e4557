"""Where a mock that is started keeps its state: what its workers share, and whether it can be reached."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from dataclasses import dataclass, field, replace

from tallystick.mock.settings import MockSettings
from tallystick.mock.stores.opening import MEMORY
from tallystick.mock.stores.store import Store
from tallystick.nouns.errors import TallystickError, UsageError
from tallystick.nouns.printing import of_server, print_error


@dataclass
class SharedFile:
    """The file in which several workers share their state where nothing else was chosen; it goes with the mock."""

    workers: int
    folder: tempfile.TemporaryDirectory[str] | None = field(init=False, default=None)

    def within(self, settings: MockSettings) -> MockSettings:
        """The settings of the workers, with the file where they need one; `UsageError` where they cannot share."""
        if self.workers > 1 and not hasattr(os, "fork"):
            raise UsageError("--workers needs a system that can fork, such as Linux or macOS; leave it out")
        if settings.stateless:  # only overrides, and a journal that is asked for, may have to be shared
            settings = replace(settings, state=())
        if self.workers == 1 or (settings.stateless and not settings.control):
            return settings
        if settings.store != MEMORY:
            return settings
        if MEMORY in settings.state:
            raise UsageError(
                f"--state memory is the memory of one process, and {self.workers} workers are several; choose --state "
                "FILE.sqlite, which outlives them, or --state redis://HOST, which replicas share, too; leave out "
                "--state, and they share a file that goes with them; --stateless remembers nothing"
            )
        if self.folder is None:
            self.folder = tempfile.TemporaryDirectory(prefix="tallystick-")
        return replace(settings, state=(*settings.state, self.file))

    @property
    def file(self) -> str:
        """The file; "" for none."""
        return os.path.join(self.folder.name, "state.sqlite") if self.folder is not None else ""

    def end(self) -> None:
        """Remove the file."""
        if self.folder is not None:
            self.folder.cleanup()

    def sentence(self, store: Store, is_stateless: bool = False) -> str:
        """What is said at start of where the state is kept; "" for memory, which is nothing new."""
        if self.file and store.where == self.file:
            if is_stateless:
                return f"the {self.workers} workers share overrides in {self.file}, which goes with them"
            return (
                f"the {self.workers} workers share what they remember in {self.file}, which goes with them; "
                "--state FILE.sqlite keeps it"
            )
        return f"what is created, changed and deleted is kept in {store.where}" if store.where else ""


def check_store(store: Store, is_required: bool) -> None:
    """Raises `TallystickError` where a store that is required cannot be used; says so where it is not required."""
    if not store.where:
        return

    async def check() -> None:
        try:
            await store.check()
        finally:
            await store.close()

    try:
        asyncio.run(check())
    except TallystickError as error:
        if is_required:
            raise
        print_error(of_server(f"{error}; until then, replies are made without state (--no-state-required)"))


def close_store(store: Store) -> None:
    """Close a store at the end of a process, so that all of a state file is in that file."""
    if store.where:
        with contextlib.suppress(TallystickError, OSError):
            asyncio.run(store.close())
