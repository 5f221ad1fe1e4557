"""The overrides of one operation: they are asked before all responders, and not at all where none was ever set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tallystick.mock.memory import Memory
from tallystick.mock.overrides import DOCUMENT
from tallystick.mock.roles import Reply
from tallystick.mock.stores.store import StoreError
from tallystick.nouns.contract import Operation
from tallystick.wire.reading import Reading

if TYPE_CHECKING:
    from tallystick.mock.faults.plan import Mishap


class Overridden:
    """What the overrides of an operation do: one look into the store where none is set."""

    def __init__(self, memory: Memory, operation: Operation) -> None:
        self.memory = memory
        self.operation = operation

    async def mishap(self, reading: Reading) -> Mishap | None:
        """What goes wrong with a request, whether it keeps the contract or not: as with a fault of the settings."""
        try:
            document = await self.memory.store.document(reading.session, DOCUMENT)
        except StoreError:  # the responders tell it, to a request that is not refused before
            return None
        if document is None:
            return None
        from tallystick.mock.overrides.answering import mishap_of  # imported with the first override

        return await mishap_of(
            self.memory, self.memory.overrides.read(document.text, reading.session), reading, self.operation
        )

    async def __call__(self, reading: Reading) -> Reply | Mishap | None:
        """The reply to a request that keeps the contract: a responder."""
        document = await self.memory.store.document(reading.session, DOCUMENT)
        if document is None:
            return None
        from tallystick.mock.overrides.answering import answer  # as above

        return await answer(
            self.memory, self.memory.overrides.read(document.text, reading.session), reading, self.operation
        )
