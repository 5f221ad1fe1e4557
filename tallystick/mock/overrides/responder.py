"""The responder of overrides: it is asked before all others, and not at all where no override was ever set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tallystick.mock.memory import Memory
from tallystick.mock.overrides import DOCUMENT
from tallystick.mock.roles import Reply, Responder
from tallystick.nouns.contract import Operation
from tallystick.wire.reading import Reading

if TYPE_CHECKING:
    from tallystick.mock.faults.plan import Mishap


def override_responder(memory: Memory, operation: Operation) -> Responder:
    """The responder for the requests of one operation: one look into the store where no override is set."""
    document_of = memory.store.document

    async def responder(reading: Reading) -> Reply | Mishap | None:
        document = await document_of(reading.session, DOCUMENT)
        if document is None:
            return None
        from tallystick.mock.overrides.answering import answer  # imported with the first override

        return await answer(memory, memory.overrides.read(document.text), reading, operation)

    return responder
