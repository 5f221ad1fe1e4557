"""Coverage as a picture: which operations and statuses of each contract the exchanges in the journal have touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from tallystick.coverage.coverage import Coverage
from tallystick.coverage.parts import Kind, Part
from tallystick.coverage.result import coverage_result
from tallystick.mock.console.contract_parts import contract_named
from tallystick.mock.console.journal import journal_of
from tallystick.mock.console.visit import Html, Page, Visit
from tallystick.mock.journal.record import Record
from tallystick.mock.off_loop import off_loop
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange
from tallystick.reports.covered import Figure

_MOST_NAMED = 300
"""How many parts of a kind that were never seen are named."""


class Cell(NamedTuple):
    """A status of an operation: how often it was seen, and whether the contract documents it."""

    status: str
    times: int
    is_documented: bool = True


class Row(NamedTuple):
    """An operation with its statuses; `is_seen` says whether a request for it was accepted."""

    operation: Operation
    is_seen: bool
    cells: Sequence[Cell]

    @property
    def times(self) -> int:
        """How many exchanges there were."""
        return sum(cell.times for cell in self.cells)


class Grid(NamedTuple):
    """The operations and statuses of a contract, and how many of both were seen."""

    contract: Contract
    rows: Sequence[Row]
    operations: Figure
    statuses: Figure


async def _show(visit: Visit) -> Html:
    records = await journal_of(visit).records(visit.session)
    grids = await off_loop(partial(_grids, visit.memory.contracts, records))
    is_partial = bool(visit.asked("unseen"))
    if is_partial:
        grids = [grid._replace(rows=[row for row in grid.rows if _lacks(row)]) for grid in grids]
    return Html("coverage.html", {"grids": grids, "is_partial": is_partial, "exchanges": len(records)})


async def _whole(visit: Visit) -> Html:
    """All parts of a contract, members and header fields too; a large contract takes a while."""
    contract = contract_named(visit, visit.asked("contract"))
    records = await journal_of(visit).records(visit.session)
    result = await off_loop(lambda: coverage_result(_coverage(contract, records)))
    values = {"contract": contract, "result": result, "unseen": result.unseen_by_kind(), "most": _MOST_NAMED}
    return Html("covered.html", values)


def _grids(contracts: Sequence[Contract], records: Sequence[Record]) -> list[Grid]:
    return [_grid(_coverage(contract, records), records) for contract in contracts]


def _coverage(contract: Contract, records: Sequence[Record]) -> Coverage:
    coverage = Coverage(contract)
    operations = {operation.label: operation for operation in contract}
    for record in records:
        operation = operations.get(record.label) if record.contract == contract.name else None
        if operation is not None:
            coverage.add(operation, Exchange(record.request, record.response))
    return coverage


def _grid(coverage: Coverage, records: Sequence[Record]) -> Grid:
    contract = coverage.contract
    counts: dict[str, Counter[int]] = {}
    for record in records:
        if record.contract == contract.name and record.label:
            counts.setdefault(record.label, Counter())[record.response.status] += 1
    rows = [_row(operation, coverage, counts.get(operation.label, Counter())) for operation in contract]
    documented = [cell for row in rows for cell in row.cells if cell.is_documented]
    return Grid(
        contract,
        rows,
        Figure(sum(row.is_seen for row in rows), len(rows)),
        Figure(sum(cell.times > 0 for cell in documented), len(documented)),
    )


def _row(operation: Operation, coverage: Coverage, counts: Counter[int]) -> Row:
    seen: Counter[str] = Counter()
    undocumented: list[Cell] = []
    for status, count in sorted(counts.items()):
        definition = operation.response_for(status)
        if definition is None:
            undocumented.append(Cell(str(status), count, is_documented=False))
        else:
            seen[definition.status] += count
    cells = [Cell(definition.status, seen[definition.status]) for definition in operation.responses]
    return Row(operation, Part(Kind.OPERATION, operation.label) in coverage.seen, (*cells, *undocumented))


def _lacks(row: Row) -> bool:
    return not row.is_seen or any(not cell.times for cell in row.cells)


PAGES: dict[str, Page] = {"GET /page/coverage": _show, "GET /page/coverage/whole": _whole}
