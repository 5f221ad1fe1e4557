"""One session of a running mock, as a test sees it: its address, and all that can be asked and said of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from tallystick.mock.sessions import HEADER, MARK
from tallystick.testing.calls import Calls, segment

Pattern = str | Mapping[str, Any]
"""Which requests are meant: an operation (`getPet`, `GET /pets/{id}`, `tag:pets`, with `*`), or an object with
`operation`, `path`, `query`, `headers`, `cookies` and `body`."""


class _Dropped:
    """What was set in a session: it is there until it is dropped, or until a `with` block ends."""

    kind = ""

    def __init__(self, session: MockSession, value: Mapping[str, Any]) -> None:
        self.session = session
        self.value = value

    @property
    def id(self) -> str:
        """Its id in the session."""
        return str(self.value["id"])

    def drop(self) -> None:
        """End it; it may have ended by itself."""
        self.session.calls.send(self.session.name, "DELETE", f"/{self.kind}/{segment(self.id)}", None, {})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.drop()


class Override(_Dropped):
    """An override of a session."""

    kind = "overrides"


class Fault(_Dropped):
    """A fault of a session."""

    kind = "faults"


class MockSession:
    """A session of a mock: it has state, overrides, faults, a journal and a clock of its own.

    `url` is its address: whatever is asked below it is of the session. As a context manager it is forgotten at the end.
    """

    def __init__(self, calls: Calls, base_path: str, name: str) -> None:
        self.calls = calls
        self.base_path = base_path
        self.name = name
        """The name of the session, "" for the shared one."""

    @property
    def url(self) -> str:
        """The address of the mock for this session, without a slash at its end."""
        mark = f"{MARK}{self.name}" if self.name else ""
        return f"{self.calls.origin}{mark}{self.base_path}"

    @property
    def headers(self) -> dict[str, str]:
        """The header that names the session, for clients that use the plain address of the mock."""
        return {"Tallystick-Session": self.name} if self.name else {}

    @property
    def cookie(self) -> str:
        """The cookie that names the session: `tallystick-session=name`."""
        return f"{HEADER}={self.name}" if self.name else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.forget()

    def client(self, **options: Any) -> Any:
        """An `httpx.Client` for the session, which needs httpx; `options` are those of the client."""
        return self._httpx().Client(base_url=self.url, **options)

    def async_client(self, **options: Any) -> Any:
        """An `httpx.AsyncClient` for the session, which needs httpx; `options` are those of the client."""
        return self._httpx().AsyncClient(base_url=self.url, **options)

    @staticmethod
    def _httpx() -> Any:
        import importlib

        try:
            return importlib.import_module("httpx")
        except ImportError:
            raise ImportError("client() needs httpx; install it, or use another client with `url`") from None

    # What is answered

    def override(
        self,
        match: Pattern,
        *,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        replies: Iterable[Mapping[str, Any]] = (),
        times: int | None = None,
        then: str = "",
        allow_invalid: bool = False,
        **reply: Any,
    ) -> Override:
        """Have the requests that a pattern means answered otherwise, until that is dropped.

            api.override("getPet", code=404)
            api.override("getPet", path={"id": 7}, body={"id": 7, "name": "Rex"})
            api.override("listPets", replies=[{"code": 503}, {"code": 200}], then="end")
            api.override("addPet", fault="latency=2s", times=1)

        `path` and `query` say more of the requests, as the pattern may. A reply has `code`, `example`, `body`,
        `body_text`, `headers`, `dynamic`, `seed` and `fault`. `times` is how many requests are answered in all; after
        the last of several replies it stays, or ends with `then="end"`.
        Raises `ControlError` where the reply breaks the contract, unless that is allowed.
        """
        wanted: dict[str, Any] = {"match": _pattern(match, path=path, query=query)}
        several = [dict(each) for each in replies]
        if several:
            wanted["replies"] = several
        if reply or not several:
            wanted["reply"] = reply
        if times is not None:
            wanted["times"] = times
        if then:
            wanted["then"] = then
        if allow_invalid:
            wanted["allow_invalid"] = True
        return Override(self, self._call("POST", "/overrides", wanted))

    def overrides(self) -> list[dict[str, Any]]:
        """The overrides that are in force, the newest first."""
        return list(self._call("GET", "/overrides")["overrides"])

    def fault(self, fault: str, match: Pattern | None = None, *, times: int | None = None) -> Fault:
        """Have something go wrong, as `--fault` says it (`10% 503`, `drop`, `latency=200ms`), until that is dropped."""
        wanted: dict[str, Any] = {"fault": fault}
        if match is not None:
            wanted["match"] = _pattern(match)
        if times is not None:
            wanted["times"] = times
        return Fault(self, self._call("POST", "/faults", wanted))

    # What was asked

    def journal(self, operation: str | None = None, status: int | str | None = None) -> list[dict[str, Any]]:
        """The last exchanges of the session, the oldest first, each with why it was answered so.

        An operation (`getPet`, `GET /pets/*`) and a status (`404`, `4XX`) leave out others.
        """
        return list(self._call("GET", "/journal", operation=operation, status=status, count=1000)["exchanges"])

    def mark(self) -> str:
        """What names this moment: given as `since`, only later calls count."""
        return str(self._call("GET", "/mark")["mark"])

    def verify(
        self,
        match: Pattern,
        *,
        times: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        since: str | None = None,
        **pattern: Any,
    ) -> int:
        """Assert how many calls there were that a pattern means: at least one, where nothing is said; return how many.

            api.verify("addPet", body={"name": "Rex"}, times=1)

        `path`, `query`, `headers`, `cookies` and `body` say more of the calls, as the pattern may. Raises
        `AssertionError`, which shows the calls that come nearest and what differs in them. Only calls after a
        mark count, where `since` gives one.
        """
        __tracebackhide__ = True  # pytest shows the line of the test
        bounds = {"times": times, "at_least": at_least, "at_most": at_most, "since": since}
        given = {name: value for name, value in bounds.items() if value is not None}
        return self._verify({"match": _pattern(match, **pattern), **given})

    def verify_never(self, match: Pattern, *, since: str | None = None, **pattern: Any) -> None:
        """Assert that there was no call that a pattern means."""
        __tracebackhide__ = True
        self.verify(match, times=0, since=since, **pattern)

    def verify_order(self, *matches: Pattern, since: str | None = None) -> None:
        """Assert that there were calls one after the other; others may have come between them."""
        __tracebackhide__ = True
        wanted: dict[str, Any] = {"in_order": [_pattern(match) for match in matches]}
        self._verify(wanted if since is None else {**wanted, "since": since})

    def _verify(self, wanted: Mapping[str, Any]) -> int:
        __tracebackhide__ = True
        verdict = self._call("POST", "/verify", wanted)
        if not verdict["verified"]:
            raise AssertionError(verdict["message"])
        return int(verdict["count"])

    def har(self) -> dict[str, Any]:
        """The journal as an HTTP archive (HAR 1.2)."""
        return dict(self._call("GET", "/har"))

    # What is kept

    def resources(self) -> list[dict[str, Any]]:
        """The resources that were understood of the contracts."""
        return list(self._call("GET", "/resources")["resources"])

    def items(self, resource: str, place: str | None = None) -> list[Any]:
        """The values of what is kept of a resource, the newest first."""
        found: list[Any] = []
        while True:
            page = self._call("GET", f"/resources/{segment(resource)}/items", place=place, start=len(found), count=1000)
            found += page["items"]
            if not page["items"] or len(found) >= page["total"]:
                return [item["value"] for item in found]

    def get(self, resource: str, id: object, place: str | None = None) -> Any:
        """The value that is kept of one item; `ControlError` where nothing is."""
        return self._call("GET", f"/resources/{segment(resource)}/items/{segment(id)}", place=place).get("value")

    def put(
        self, resource: str, id: object, value: object, *, place: str | None = None, allow_invalid: bool = False
    ) -> Any:
        """Keep an item, as if it had been created; its value with its id is returned.

        Raises `ControlError` where it breaks the contract, unless that is allowed.
        """
        path = f"/resources/{segment(resource)}/items/{segment(id)}"
        return self._call("PUT", path, value, place=place, allow_invalid=allow_invalid or None)["value"]

    def delete(self, resource: str, id: object, place: str | None = None) -> None:
        """Delete an item."""
        self._call("DELETE", f"/resources/{segment(resource)}/items/{segment(id)}", place=place)

    def snapshot(self) -> dict[str, Any]:
        """All that the session holds, for `restore`."""
        return dict(self._call("GET", "/snapshot"))

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Put a snapshot in the place of all that the session holds."""
        self._call("PUT", "/snapshot", snapshot)

    def reset(self) -> None:
        """Forget all that the session holds: resources, overrides, faults, the journal, the clock."""
        self._call("POST", "/reset")

    def forget(self) -> None:
        """Drop the session."""
        if self.name:
            self.calls.call("", "DELETE", f"/sessions/{segment(self.name)}")
        else:
            self.reset()

    # What time it is

    def freeze(self, now: datetime | str) -> None:
        """Have the clock of the session stand at a time."""
        self._call("PUT", "/clock", {"now": _instant(now)})

    def travel(self, to: datetime | str | None = None, *, by: timedelta | float | None = None) -> None:
        """Have the clock of the session go on from a time, or by some seconds ahead of that of the machine."""
        if to is not None:
            self._call("PUT", "/clock", {"now": _instant(to), "advance": True})
        else:
            seconds = by.total_seconds() if isinstance(by, timedelta) else by or 0.0
            self._call("PUT", "/clock", {"offset": seconds})

    def unfreeze(self) -> None:
        """Have the clock show the time of the machine again."""
        self._call("DELETE", "/clock")

    def _call(self, method: str, path: str, body: object = None, **query: object) -> Any:
        return self.calls.call(self.name, method, path, body, **query)


def _pattern(match: Pattern, **more: Any) -> dict[str, Any]:
    """A pattern as JSON, with the further members that are given."""
    members = {"operation": match} if isinstance(match, str) else dict(match)
    return {**members, **{name: value for name, value in more.items() if value is not None}}


def _instant(time: datetime | str) -> str:
    if isinstance(time, str):
        return time
    return (time if time.tzinfo is not None else time.astimezone()).isoformat()
