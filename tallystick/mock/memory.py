"""What the parts of one mock share that remember something: the store, the clocks, the replies of each operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tallystick.mock.clock import Clock
from tallystick.mock.settings import DEFAULTS, MockSettings
from tallystick.mock.state.resources import Resources, resources_of
from tallystick.mock.stores.opening import MEMORY, open_store
from tallystick.mock.stores.store import Store
from tallystick.nouns.contract import Contract, Operation

if TYPE_CHECKING:
    from tallystick.mock.responders.examples import Replies


class Memory:
    """The memory of one application, made by `create_app` and given to each `Preparation`.

    What outlives a change of the contracts (the store with all that is kept) is taken over from the memory before.
    """

    def __init__(
        self, contracts: Sequence[Contract], settings: MockSettings = DEFAULTS, before: Memory | None = None
    ) -> None:
        self.contracts = contracts
        self.settings = settings
        self.store: Store = before.store if before is not None else open_store(MEMORY)
        self.clock = Clock(self.store)
        self._contracts = {operation: contract for contract in contracts for operation in contract}
        self._replies: dict[Operation, Replies] = {}
        self.resources: dict[Contract, Resources] = {contract: resources_of(contract) for contract in contracts}
        """What is derived of each contract; nothing before it is asked for."""

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
