"""Where overrides are kept: in the store, by session, so that all workers and replicas of a mock answer alike."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, cast

from tallystick.mock.faults.plan import Plans
from tallystick.mock.memory import Switch
from tallystick.mock.overrides import CALLS, DOCUMENT
from tallystick.mock.overrides.override import Override, override_of
from tallystick.mock.roles import Reply
from tallystick.mock.stores.store import Store
from tallystick.nouns import budgets
from tallystick.nouns.contract import Operation
from tallystick.nouns.json_value import JSON
from tallystick.nouns.words import counted
from tallystick.wire.write import write_json

_DROPPED, _SECONDS = b"-1", 60.0
"""The count of an override that was dropped, and how long it is kept: a request may have read the override before."""
_PARSED = 256
"""Of how many sessions the overrides are kept parsed."""


class TooManyOverridesError(Exception):
    """A session has as many overrides as it can have, or as large ones."""


class Row:
    """One override as it is kept; `spec` is what its caller wrote, `since` when, in Unix seconds."""

    def __init__(self, id: str, since: float, spec: Mapping[str, JSON]) -> None:
        self.id = id
        self.since = since
        self.spec = spec
        self.override: Override = override_of(spec)
        self.is_fault_only = all(reply.is_fault_only for reply in self.override.replies)
        """Whether the mock answers as it would without it, and only something goes wrong."""
        self.replies: dict[tuple[int, Operation, str], Reply] = {}
        """The replies with a body of the caller's, by their number, the operation and what a request accepts."""
        self.plans: dict[Operation, Plans] = {}
        """What goes wrong, where something does."""


class Counted(NamedTuple):
    """An override, and how many requests it has answered; 0 where that is not counted."""

    row: Row
    calls: int

    def value(self) -> dict[str, JSON]:
        """The override as JSON: what its caller wrote, its id, and how many requests it still answers."""
        most = self.row.override.most
        return {
            "id": self.row.id,
            **self.row.spec,
            "calls": self.calls,
            "remaining": None if most is None else max(most - self.calls, 0),
        }


class Overrides:
    """The overrides of all sessions."""

    def __init__(self, store: Store, switch: Switch) -> None:
        self.store = store
        self.switch = switch
        self._parsed: dict[str, tuple[bytes, Sequence[Row]]] = {}
        """The text that was read last in each session, and its rows: the draws of a fault are the session's own."""

    async def rows(self, session: str) -> Sequence[Row]:
        """The overrides of a session, the newest first."""
        document = await self.store.document(session, DOCUMENT)
        return self.read(document.text, session) if document is not None else ()

    async def counted(self, session: str) -> list[Counted]:
        """The overrides of a session with their counts, the newest first."""
        rows = await self.rows(session)
        return [Counted(row, (await self._calls(session, row))[1]) for row in rows]

    async def get(self, session: str, id: str) -> Counted | None:
        """The override with an id."""
        return next((each for each in await self.counted(session) if each.row.id == id), None)

    async def add(self, session: str, spec: Mapping[str, JSON], now: float) -> Counted:
        """Set an override, which goes before all others; raises `WrongMemberError` or `TooManyOverridesError`."""
        override_of(spec)
        while True:
            version, number, rows = await self._all(session)
            row: dict[str, JSON] = {"id": str(number), "since": now, "spec": dict(spec)}
            if len(rows) >= budgets.OVERRIDES:
                raise TooManyOverridesError(f"the session has {counted(len(rows), 'override')}; drop some of them")
            text = write_json({"next": number + 1, "rows": cast("list[JSON]", [row, *rows])})
            if len(text) > budgets.OVERRIDE_BYTES:
                most = f"{budgets.OVERRIDE_BYTES:,} bytes"
                raise TooManyOverridesError(
                    f"the overrides of a session take at most {most} together; drop some of them"
                )
            if await self.store.put_document(session, DOCUMENT, text, version):
                self.switch.is_on = True
                return Counted(self.read(text, session)[0], 0)

    async def drop(self, session: str, id: str = "") -> int:
        """Drop an override, or all where no id is given; return how many were dropped."""
        while True:
            version, number, rows = await self._all(session)
            kept = [row for row in rows if id and row["id"] != id]
            if len(kept) == len(rows):
                return 0
            text = write_json({"next": number, "rows": cast("list[JSON]", kept)})
            if await self.store.put_document(session, DOCUMENT, text, version):
                for row in rows:
                    if row not in kept:
                        await self.store.put_document(session, f"{CALLS}{row['id']}", _DROPPED, seconds=_SECONDS)
                return len(rows) - len(kept)

    async def taken(self, session: str, row: Row) -> int | None:
        """Count one more request that an override answers: its number, from 0; None where the override is used up."""
        override = row.override
        if not override.is_counted:
            return 0
        while True:
            version, calls = await self._calls(session, row)
            if calls < 0 or (override.most is not None and calls >= override.most):
                return None
            name = f"{CALLS}{row.id}"
            if await self.store.put_document(session, name, str(calls + 1).encode(), version):
                if calls + 1 == override.most:
                    await self.drop(session, row.id)
                return calls

    async def _calls(self, session: str, row: Row) -> tuple[int, int]:
        """The version of the count of an override, and the count."""
        if not row.override.is_counted:
            return 0, 0
        document = await self.store.document(session, f"{CALLS}{row.id}")
        return (document.version, int(document.text)) if document is not None else (0, 0)

    async def _all(self, session: str) -> tuple[int, int, list[dict[str, JSON]]]:
        """The version of what is kept, the number of the next override, and all as they are kept, the newest first."""
        document = await self.store.document(session, DOCUMENT)
        if document is None:
            return 0, 1, []
        value = json.loads(document.text)
        return document.version, value["next"], value["rows"]

    def read(self, text: bytes, session: str) -> Sequence[Row]:
        """The overrides in the text of the document of a session, the newest first.

        One that was there before stays the same row, so that its faults go on and do not begin anew.
        """
        before, rows = self._parsed.get(session, (b"", ()))
        if before != text:
            old = {(row.id, row.since): row for row in rows}
            rows = rows_in(text, old)
            if session not in self._parsed and len(self._parsed) >= _PARSED:
                del self._parsed[next(iter(self._parsed))]
            self._parsed[session] = text, rows
        return rows


def rows_in(text: bytes, old: Mapping[tuple[str, float], Row] = MappingProxyType({})) -> Sequence[Row]:
    """The overrides in a text; those that are as an old one of the same id and time are that one."""
    rows: list[Row] = []
    for each in json.loads(text)["rows"]:
        row = old.get((each["id"], each["since"]))
        rows.append(
            row if row is not None and row.spec == each["spec"] else Row(each["id"], each["since"], each["spec"])
        )
    return rows
