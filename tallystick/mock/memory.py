"""What the parts of one mock share that remember something: the store, the clocks, the replies of each operation."""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from tallystick.mock.clock import Clock
from tallystick.mock.journal.journal import Journal
from tallystick.mock.settings import DEFAULTS, MockSettings
from tallystick.mock.stores.bounds import BOUNDS
from tallystick.mock.stores.memory import MemoryStore
from tallystick.mock.stores.opening import MEMORY, open_store
from tallystick.mock.stores.store import Store, forget_ready
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.printing import of_server, print_error
from tallystick.resources.resources import Resource, Resources, Role, understood

if TYPE_CHECKING:
    from tallystick.mock.overrides.keeping import Overrides
    from tallystick.mock.recording import Recorder
    from tallystick.mock.responders.examples import Replies
    from tallystick.mock.state.lists import KeptList
    from tallystick.mock.upstream.pool import Pool


class Switch:
    """Whether overrides are looked for at all; processes that are forked later share it."""

    def __init__(self, is_on: bool) -> None:
        self.flag = mmap.mmap(-1, 1)
        """One byte, 0 where it is off: a request looks at it once."""
        self.is_on = is_on

    @property
    def is_on(self) -> bool:
        return self.flag[0] != 0

    @is_on.setter
    def is_on(self, is_on: bool) -> None:
        self.flag[0] = is_on


NEVER = Switch(False)


class Positions(dict[str, dict[int, int]]):
    """How many of the replies to each recorded request a session was given, by the sessions that are in use."""

    def __missing__(self, session: str) -> dict[int, int]:
        while len(self) >= budgets.SESSIONS:
            del self[next(iter(self))]
        return self.setdefault(session, {})


class Memory:
    """The memory of one application, made by `create_app` and given to each `Preparation`.

    What outlives a change of the contracts (the store with all that is kept) is taken over from the memory before.
    """

    def __init__(
        self, contracts: Sequence[Contract], settings: MockSettings = DEFAULTS, before: Memory | None = None
    ) -> None:
        self.contracts = contracts
        self.settings = settings
        if before is not None:
            forget_ready()
        self.bare_store: Store = before.bare_store if before is not None else _store_of(settings)
        """The store without seeds."""
        self.store = self.bare_store
        is_shared = not isinstance(self.store, MemoryStore)
        self.clock: Clock = Clock(self.store, changes=before.clock.changes if before is not None else None)
        if is_shared and before is None:
            self.clock.count_change()
        self.overriding: Switch = before.overriding if before is not None else Switch(is_shared)
        """Off until an override may be there: in a store that others share, they may set one at any time."""
        self.journal = self._journal(before)
        """The last exchanges of each session; None where none are kept."""
        self.recorder = self._recorder(before)
        """What writes each exchange into a folder; None where nothing asks for it."""
        self.replayed = Positions()
        self.pools: dict[tuple[object, ...], Pool] = before.pools if before is not None else {}
        """The connections to upstreams, by where those are and how they are spoken to."""
        self._contracts = {operation: contract for contract in contracts for operation in contract}
        self._replies: dict[Operation, Replies] = {}
        self._lists: dict[Resource, KeptList] = {}
        self.resources: dict[Contract, Resources] = understood(contracts, settings.resources)
        """What is derived of each contract; nothing before it is asked for."""
        if settings.seed_data and not settings.stateless:
            self.store = self._seeded(settings.seed_data)

    def _seeded(self, file: str) -> Store:
        from tallystick.mock.state.seeds import read_seeds  # imported where there are any
        from tallystick.mock.stores.seeded import SeededStore, Sowing

        seeds = read_seeds(file, self.resources)
        return SeededStore(self.bare_store, Sowing(seeds.seeds, seeds.mark, self.clock.now))

    def is_alone(self) -> None:
        """Nobody else has the file of the store, which is new: nothing is in it yet."""
        self.overriding.is_on = False
        self.clock.changes[0] = 0

    def contract_of(self, operation: Operation) -> Contract:
        """The contract that has an operation."""
        return self._contracts[operation]

    def replies_of(self, operation: Operation) -> Replies:
        """The documented replies of an operation, made once and shared by all who answer for it."""
        replies = self._replies.get(operation)
        if replies is None:
            from tallystick.mock.responders.examples import Replies  # its package imports this module

            settings = self.settings.for_operation(operation)
            replies = self._replies[operation] = Replies(operation, settings, self._contracts[operation])
        return replies

    def _journal(self, before: Memory | None) -> Journal | None:
        if not self.settings.journal_entries:
            return None
        if before is None or before.journal is None:
            return Journal(self.store, self.settings.journal_entries)
        before.journal.renew(self.settings.journal_entries)
        return before.journal

    def _recorder(self, before: Memory | None) -> Recorder | None:
        if not self.settings.record:
            return None
        earlier = before.recorder if before is not None else None
        if earlier is None or (earlier.folder, earlier.secret) != (self.settings.record, self.settings.record_mask):
            from tallystick.mock.recording import Recorder  # few mocks record

            return Recorder(self.settings.record, self.contracts, self.settings.record_mask)
        earlier.renew(self.contracts)
        return earlier

    @cached_property
    def overrides(self) -> Overrides:
        """The overrides of all sessions."""
        from tallystick.mock.overrides.keeping import Overrides  # imported with the first override

        return Overrides(self.store, self.overriding)

    def list_of(self, resource: Resource) -> KeptList | None:
        """The list of a resource, made once and shared; None where the contract has none."""
        operation = resource.operations.get(Role.LIST)
        if operation is None:
            return None
        kept = self._lists.get(resource)
        if kept is None:
            from tallystick.mock.state.lists import KeptList  # what it imports is slow, and a start has no use for it

            replies = self.replies_of(operation)
            kept = self._lists[resource] = KeptList(resource, replies, self.settings.is_closed)
        return kept


def _store_of(settings: MockSettings) -> Store:
    """The store that the settings ask for; what happens to it is told on stderr."""
    if settings.stateless and not settings.control:
        return open_store(MEMORY)
    room = settings.journal_entries * budgets.JOURNAL_ENTRY_BYTES
    bounds = replace(
        BOUNDS,
        session_idle_seconds=settings.session_idle or BOUNDS.session_idle_seconds,
        journal_bytes=max(BOUNDS.journal_bytes, room),
        journals_bytes=max(BOUNDS.journals_bytes, room),
    )
    return open_store(settings.store, bounds, _tell, is_required=settings.state_required)


def _tell(line: str) -> None:
    print_error(of_server(f"{line}"))
