"""One entry of the journal: what was heard of an exchange, made into a record when somebody asks."""

from __future__ import annotations

from collections.abc import Sequence

from tallystick.mock.journal.record import Record
from tallystick.mock.problem import violation_value
from tallystick.mock.roles import Answered
from tallystick.nouns import budgets
from tallystick.nouns.exchange import Response
from tallystick.nouns.violation import Violation

_OVERHEAD = 2_000
"""About how many bytes an entry takes beside its bodies."""


class Entry:
    """An entry of the journal; `time` is when its request was answered, in Unix seconds.

    It holds what was heard, since most entries are never looked at; `settle` lets go of that, and of the contract.
    """

    __slots__ = ("_record", "answered", "id", "sizes", "time")

    def __init__(self, id: tuple[str, int], time: float, answered: Answered) -> None:
        self.id = id
        self.time = time
        self.answered: Answered | None = answered
        self._record: Record | None = None
        request, response = answered.exchange
        self.sizes = len(request.body), len(response.body) if response is not None else 0
        if max(self.sizes) > budgets.JOURNAL_BODY_BYTES:
            self.answered = _cut(answered)

    @property
    def size(self) -> int:
        """About how many bytes the entry takes."""
        request, response = self.sizes
        return _OVERHEAD + min(request + response, 2 * budgets.JOURNAL_BODY_BYTES)

    @property
    def record(self) -> Record:
        """The exchange, with the reasons for its reply."""
        if self._record is None:
            if self.answered is None:
                raise ValueError("an entry has its record before it lets go of what was heard")
            self._record = self._made(self.answered)
        return self._record

    def _made(self, answered: Answered) -> Record:
        from tallystick.mock.journal.why import facts_of  # needed only where somebody looks

        route, (request, response), violations, seconds, _, session, _, scheme = answered
        operation = route.operation if route is not None else None
        return Record(
            f"{self.id[0]}{self.id[1]}",
            self.time - seconds,
            seconds,
            session,
            route.contract.name if route is not None else "",
            operation.label if operation is not None else "",
            (operation.operation_id or "") if operation is not None else "",
            scheme,
            route.prefix if route is not None else "",
            request,
            response or Response(0),
            *self.sizes,
            tuple(_by_side(violations)),
            facts_of(answered),
        )

    @property
    def text(self) -> bytes:
        """The record, as a shared store keeps it."""
        return self.record.text

    def settle(self) -> None:
        """Let go of what was heard: the contract may have changed since."""
        if self.answered is not None:
            _ = self.record
            self.answered = None


def _by_side(violations: Sequence[Violation]) -> list[dict[str, str]]:
    """The violations as JSON, each with the side that it is of."""
    return [
        {
            "side": "response" if violation.where.startswith("response.") else "request",
            "severity": violation.severity.value,
            **violation_value(violation),
        }
        for violation in violations[: budgets.JOURNAL_VIOLATIONS]
    ]


def _cut(answered: Answered) -> Answered:
    """What was heard, with bodies that are not too large to be kept."""
    (request, response), most = answered.exchange, budgets.JOURNAL_BODY_BYTES
    request = request._replace(body=request.body[:most])
    response = response._replace(body=response.body[:most]) if response is not None else None
    return answered._replace(exchange=answered.exchange._replace(request=request, response=response))
