"""One entry of the journal: what was heard of an exchange, made into a record when somebody asks."""

from __future__ import annotations

from collections.abc import Sequence

from tallystick.mock.journal.record import Record
from tallystick.mock.problem import violation_value
from tallystick.mock.roles import Note
from tallystick.nouns import budgets
from tallystick.nouns.violation import Violation

_OVERHEAD = 2_000
"""About how many bytes an entry takes beside its bodies."""


class Entry:
    """An entry of the journal, of about `size` bytes; `prefix` is what the ids of this process begin with.

    It holds what was noted, since most entries are never looked at; `settle` lets go of that, and of the contract.
    """

    __slots__ = ("_record", "note", "prefix", "size")

    def __init__(self, prefix: str, note: Note) -> None:
        self.prefix = prefix
        self.note: Note | None = note
        self._record: Record | None = None
        self.size = _OVERHEAD + len(note[3].body) + len(note[4].response.body)
        if self.size > budgets.JOURNAL_BODY_BYTES:
            self.settle()
            self.size = _OVERHEAD + len(self.record.request.body) + len(self.record.response.body)

    @property
    def record(self) -> Record:
        """The exchange, with the reasons for its reply."""
        if self._record is None:
            if self.note is None:
                raise ValueError("an entry has its record before it lets go of what was noted")
            self._record = _record(self.prefix, self.note)
        return self._record

    @property
    def text(self) -> bytes:
        """The record, as a shared store keeps it."""
        return self.record.text

    def settle(self) -> None:
        """Let go of what was noted: the contract may have changed since."""
        if self.note is not None:
            _ = self.record
            self.note = None


def _record(prefix: str, note: Note) -> Record:
    from tallystick.mock.journal.why import facts_of  # needed only where somebody looks

    answered_at, seconds, route, request, reply, violations, session, scheme = note
    operation, response = route.operation if route is not None else None, reply.response
    if request.method == "HEAD":
        response = response._replace(body=b"")
    most = budgets.JOURNAL_BODY_BYTES
    return Record(
        f"{prefix}{int(answered_at * 1e6):x}",
        answered_at - seconds,
        seconds,
        session,
        route.contract.name if route is not None else "",
        operation.label if operation is not None else "",
        (operation.operation_id or "") if operation is not None else "",
        scheme,
        route.prefix if route is not None else "",
        request._replace(body=request.body[:most]),
        response._replace(body=response.body[:most]),
        len(request.body),
        len(response.body),
        tuple(_by_side(violations)),
        facts_of(reply, route is not None),
    )


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
