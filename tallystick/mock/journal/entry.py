"""One entry of the journal: what was heard of an exchange, made into a record when somebody asks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain

from tallystick.mock.asgi import BODILESS
from tallystick.mock.journal.record import Record, text_of
from tallystick.mock.problem import violation_value
from tallystick.mock.roles import Note
from tallystick.mock.stores import store as stores
from tallystick.nouns import budgets
from tallystick.nouns.exchange import Headers, Request, Response
from tallystick.nouns.violation import Violation

_OVERHEAD = 2_000
"""About how many bytes an entry takes beside what a client sends and gets."""
_VIOLATION = 1_000
"""About how many bytes a violation takes."""
_LARGEST_KEPT = 4 * 2**10
"""The largest body, in bytes, that a reply keeps as a shared journal has it."""


class Entry:
    """An entry of the journal, of about `size` bytes; `prefix` is what the ids of this process begin with.

    It holds what was noted, since most entries are never looked at; `settle` lets go of that, and of the contract.
    """

    __slots__ = ("_record", "note", "prefix", "size")

    def __init__(self, prefix: str, note: Note) -> None:
        self.prefix = prefix
        self.note: Note | None = note
        self._record: Record | None = None
        self.size = _size(note[3], note[4].response, len(note[5]))
        if self.size > budgets.JOURNAL_BODY_BYTES or len(note[5]) > budgets.JOURNAL_VIOLATIONS:
            self.settle()
            self.size = _size(self.record.request, self.record.response, len(self.record.violations))

    @property
    def id(self) -> str:
        """The id of its record, which need not be made for it."""
        note = self.note
        return id_of(self.prefix, note[0]) if note is not None else self.record.id

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
        note = self.note
        if note is None or note[2] is None or note[3].method == "HEAD" or note[4].response.status in BODILESS:
            return self.record.text
        if len(note[4].response.body) > _LARGEST_KEPT:
            return self.record.text
        return text_of(self.record, *note[4].kept_texts)

    def settle(self) -> None:
        """Let go of what was noted: the contract may have changed since."""
        if self.note is not None:
            _ = self.record
            self.note = None


def id_of(prefix: str, answered_at: float) -> str:
    """The id of an exchange that was answered at a Unix time."""
    return f"{prefix}{int(answered_at * 1e6):x}"


def has_id(entry: stores.Entry, id: str) -> bool:
    """Whether an entry is that of the exchange with an id; its text begins with it."""
    return entry.id == id if isinstance(entry, Entry) else entry.text.startswith(b'{"id":"%b"' % id.encode())


def _size(request: Request, response: Response, violations: int) -> int:
    """About how many bytes an entry takes."""
    size = _OVERHEAD + len(request.path) + len(request.query) + len(request.body) + len(response.body)
    return size + _size_of(request.headers) + violations * _VIOLATION


@lru_cache(maxsize=256)
def _size_of(headers: Headers) -> int:
    """How many bytes the header fields of a request take; a client sends the same with each."""
    return sum(map(len, chain(*headers)))


def _record(prefix: str, note: Note) -> Record:
    answered_at, seconds, route, request, reply, violations, session, scheme = note
    response, most = reply.response, budgets.JOURNAL_BODY_BYTES
    is_bodiless = request.method == "HEAD" or response.status in BODILESS
    sizes = len(request.body), 0 if is_bodiless else len(response.body)
    if sizes[1] > most or is_bodiless:
        response = response._replace(body=response.body[: min(most, sizes[1])])
    if reply.passed is not None:
        sizes = reply.passed.request_bytes, reply.passed.response_bytes
    if len(request.body) > most:
        request = request._replace(body=request.body[:most])
    contract, label, operation_id, prefix_of_path = "", "", "", ""
    why = reply.reasons
    if route is None:
        why = why if reply.upstream else {**why, "source": "routing"}
    else:
        operation = route.operation
        contract, label, operation_id = route.contract.name, operation.label, operation.operation_id or ""
        prefix_of_path = route.prefix
    return Record(
        id_of(prefix, answered_at),
        answered_at - seconds,
        seconds,
        session,
        contract,
        label,
        operation_id,
        scheme,
        prefix_of_path,
        request,
        response,
        *sizes,
        _by_side(violations) if violations else (),
        why,
    )


def _by_side(violations: Sequence[Violation]) -> tuple[dict[str, str], ...]:
    """The violations as JSON, each with the side that it is of."""
    return tuple(
        {
            "side": "response" if violation.where.startswith("response.") else "request",
            "severity": violation.severity.value,
            **violation_value(violation),
        }
        for violation in violations[: budgets.JOURNAL_VIOLATIONS]
    )
