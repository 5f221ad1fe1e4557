"""The page of the operations: those of all contracts by tag, with a search."""

from __future__ import annotations

from functools import partial

from tallystick.mock.console.contract_parts import groups_of
from tallystick.mock.console.visit import Html, Page, Visit
from tallystick.mock.off_loop import off_loop


async def _list(visit: Visit) -> Html:
    return await off_loop(partial(_listed, visit))


def _listed(visit: Visit) -> Html:
    search = visit.asked("q").strip()
    listed = [(contract, groups_of(contract, search)) for contract in visit.memory.contracts]
    values = {
        "search": search,
        "contracts": [(contract, groups) for contract, groups in listed if groups or not search],
        "is_many": len(listed) > 1,
        "count": sum(len(group.rows) for _, groups in listed for group in groups),
        "total": sum(len(contract.operations) for contract in visit.memory.contracts),
    }
    return Html("operations.html", values, part="results")


PAGES: dict[str, Page] = {"GET /": _list}
