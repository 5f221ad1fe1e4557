"""The store in a Redis that several processes and machines share.

What must be atomic is one script (see `tallystick.mock.stores.redis_scripts`). Nothing is sent twice: a change that
Redis may have made before its connection broke is answered as unknown, and not as made by somebody else.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, OutOfMemoryError, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from tallystick.mock.stores import redis_scripts as scripts
from tallystick.mock.stores.bounds import Bounds
from tallystick.mock.stores.presence import Presence
from tallystick.mock.stores.redis_keys import NUMBER, PREFIX, SESSIONS, place_keys, quoted, session_keys, unquoted
from tallystick.mock.stores.snapshot import KeptItem, NamedText, Snapshot, read_snapshot, write_snapshot
from tallystick.mock.stores.store import (
    Document,
    Entry,
    Item,
    KeptEntry,
    Place,
    SessionUse,
    StoreError,
    StoreFullError,
    StoreGoneError,
)
from tallystick.nouns import budgets
from tallystick.nouns.errors import UnreachableError, UsageError

Result = TypeVar("Result")
Call = Callable[["Redis"], Awaitable[Any]]  # redis-py says of no answer what it is
Argument = str | bytes | int | float

_CONNECTIONS = 16
"""How many connections one process has to Redis; further requests wait for one of them."""
_LOOK_SECONDS = 0.2
"""How long it is still looked for an answer when its time is up."""
_LATE = (TimeoutError, RedisTimeoutError)
_REST_SECONDS = 1.0
"""How long nothing is asked of a Redis that gave no answer in time: its clients get theirs at once."""
_LAST = b"[\xff"
"""What sorts after every text in UTF-8."""


class RedisStore:
    """A `Store` in a Redis; the address is as redis-py reads one, and its password is never told."""

    def __init__(self, address: str, bounds: Bounds, presence: Presence) -> None:
        self.address = address
        self.bounds = bounds
        self.presence = presence
        self.where = _where(_pool(address))
        self._client: Redis | None = None
        self._home: tuple[int, asyncio.AbstractEventLoop] | None = None
        """The process and the event loop that the client belongs to."""
        self._rests_until, self._rests_for = 0.0, ""
        """Until when nothing is asked of a Redis that gave no answer in time, and what is said meanwhile."""
        self._touched: dict[str, float] = {}
        """When this process wrote down last that a session is used."""

    async def check(self) -> None:
        try:
            await self._answer(lambda client: client.set(f"{PREFIX}:check", 1, ex=1))
        except (RedisError, OSError, TimeoutError, UnicodeError) as error:
            wanted = "start it, or name another after --state"
            raise UnreachableError(f"{self.where} cannot be used: {_reason(error)}; {wanted}") from None

    async def items(self, place: Place, ids: Sequence[str]) -> list[Item | None]:
        if not ids:
            return []
        await self._use(place.session)
        kept = await self._call(lambda client: client.hmget(place_keys(place).items, list(ids)))
        return [_item(id, text) if text is not None else None for id, text in zip(ids, kept, strict=True)]

    async def put(
        self, place: Place, id: str, text: bytes, *, expected: int | None, is_listed: bool, now: float
    ) -> Item | None:
        await self._use(place.session)
        keys, session = place_keys(place), session_keys(place.session)
        names = (session.keys, NUMBER, keys.items, keys.listed, keys.places, keys.revisions)
        wanted = "" if expected is None else expected
        change = (id, text, wanted, int(is_listed), repr(now), keys.path, keys.contract)
        most = self.bounds.session_items, self.bounds.session_bytes
        answer = await self._script(
            scripts.PUT, (*names, session.use, session.contracts), (self._lifetime(place.session), *change, *most)
        )
        self._refuse_full(answer)
        return Item(id, text, answer[0], answer[1], now) if answer is not None else None

    async def newest(self, place: Place, start: int, count: int) -> list[Item]:
        if count < 1:
            return []
        await self._use(place.session)
        keys = place_keys(place)
        rows = await self._script(scripts.NEWEST, (keys.items, keys.listed), (start, start + count - 1))
        return list(_items(rows))

    async def count(self, place: Place) -> int:
        await self._use(place.session)
        return int(await self._call(lambda client: client.zcard(place_keys(place).listed)))

    async def kept(self, place: Place) -> list[Item]:
        await self._use(place.session)
        fields = await self._call(lambda client: client.hgetall(place_keys(place).items))
        return _sorted([each for field in fields.items() for each in field])

    async def revision(self, place: Place) -> int:
        await self._use(place.session)
        keys = place_keys(place)
        return int(await self._call(lambda client: client.hget(keys.revisions, keys.path)) or 0)

    async def places(self, session: str, contract: str) -> list[str]:
        await self._use(session)
        keys = place_keys(Place(session, contract, ""))
        return sorted(unquoted(path) for path in await self._call(lambda client: client.zrange(keys.places, 0, -1)))

    async def drop_below(self, session: str, contract: str, path: str) -> None:
        await self._use(session)
        keys, own = place_keys(Place(session, contract, path)), session_keys(session)
        below = (f"[{keys.path}/", f"({keys.path}0") if path else ("-", "+")
        names = own.keys, keys.places, keys.revisions, own.use
        await self._script(scripts.DROP_BELOW, names, (keys.beginning, *below))

    async def document(self, session: str, name: str) -> Document | None:
        await self._use(session)
        keys = session_keys(session)
        rows = await self._script(scripts.DOCUMENTS, (keys.documents, keys.names), (name,))
        return Document(int(rows[1]), rows[2]) if rows else None

    async def documents(self, session: str, prefix: str = "") -> Mapping[str, Document]:
        await self._use(session)
        return {name: document for name, document, _ in await self._documents(session, prefix)}

    async def put_document(
        self, session: str, name: str, text: bytes | None, expected: int | None = None, seconds: float | None = None
    ) -> bool:
        await self._use(session)
        keys = session_keys(session)
        names = keys.keys, keys.documents, keys.names, keys.endings, keys.use
        change = (name, int(text is not None), text or b"", "" if expected is None else expected)
        ends = "" if seconds is None else repr(seconds)
        most = self.bounds.session_documents, self.bounds.session_bytes
        answer = await self._script(scripts.PUT_DOCUMENT, names, (self._lifetime(session), *change, ends, *most))
        self._refuse_full(answer)
        return bool(answer)

    async def log(self, session: str, entries: Sequence[Entry], most: int) -> None:
        await self._use(session)
        keys = session_keys(session)
        bounds = most, self.bounds.journal_bytes
        texts = [entry.text for entry in entries]
        await self._script(scripts.LOG, (keys.keys, keys.journal, keys.use), (self._lifetime(session), *bounds, *texts))

    async def entries(self, session: str) -> Sequence[Entry]:
        await self._use(session)
        texts = await self._call(lambda client: client.lrange(session_keys(session).journal, 0, -1))
        return [KeptEntry(text) for text in texts]

    async def latest(self, session: str, count: int, skip: int = 0) -> Sequence[Entry]:
        await self._use(session)
        texts = await self._call(lambda client: client.lrange(session_keys(session).journal, -skip - count, -skip - 1))
        return [KeptEntry(text) for text in texts]

    async def clear_entries(self, session: str) -> None:
        await self._use(session)
        keys = session_keys(session)

        async def clear(client: Redis) -> None:
            async with client.pipeline() as pipeline:
                pipeline.unlink(keys.journal)
                pipeline.hdel(keys.use, "entry_bytes")
                await pipeline.execute()

        await self._call(clear)

    async def sessions(self) -> list[SessionUse]:
        await self._forget((SESSIONS,), "")
        rows = await self._script(scripts.SESSIONS, (SESSIONS,), (f"{PREFIX}:",))
        return sorted(
            SessionUse(unquoted(name), float(used), int(items), int(size)) for name, used, items, size in rows
        )

    async def drop(self, session: str) -> None:
        keys = session_keys(session)
        await self._script(scripts.DROP, (SESSIONS, keys.keys), (keys.name,))
        self._touched.pop(session, None)

    async def dump(self, session: str) -> bytes:
        await self._use(session)
        keys = session_keys(session)
        rows = await self._script(scripts.DUMP, (keys.contracts,), (PREFIX, f":{keys.name}:"))
        items = [
            KeptItem(unquoted(contract), unquoted(path), item)
            for contract, path, fields in sorted(rows)
            for item in reversed(_sorted(fields))
        ]
        texts = [NamedText(name, document.text, left) for name, document, left in await self._documents(session, "")]
        return write_snapshot(Snapshot(items, texts))

    async def load(self, session: str, snapshot: bytes) -> None:
        loaded = read_snapshot(snapshot)
        size = self.bounds.size_of(loaded)
        await self._use(session)
        keys = session_keys(session)
        names = keys.keys, NUMBER, keys.use, keys.contracts, keys.documents, keys.names, keys.endings
        where = self._lifetime(session), PREFIX, f":{keys.name}:"
        await self._script(scripts.LOAD, names, (*where, len(loaded.items), size, *_arguments(loaded)))

    async def close(self) -> None:
        if self._client is not None and self._home == _home():
            await self._client.aclose(close_connection_pool=True)
        self._client = None

    async def _documents(self, session: str, prefix: str) -> list[tuple[str, Document, float | None]]:
        keys = session_keys(session)
        rows = await self._script(
            scripts.DOCUMENTS, (keys.documents, keys.names), ("", f"[{prefix}", b"[" + prefix.encode() + _LAST[1:])
        )
        fours = zip(rows[::4], rows[1::4], rows[2::4], rows[3::4], strict=True)
        return [
            (name.decode(), Document(int(version), text), None if left == b"-" else float(left))
            for name, version, text, left in fours
        ]

    async def _use(self, session: str) -> None:
        """Write down now and then that a session is used, and forget those that are not."""
        now = time.time()
        if now - self._touched.get(session, 0.0) < self.bounds.touch_seconds:
            return
        await self._forget((SESSIONS, session_keys(session).keys), session)
        if len(self._touched) > 2 * self.bounds.sessions:
            self._touched.clear()
        self._touched[session] = now

    async def _forget(self, keys: Sequence[str], session: str) -> None:
        bounds = self.bounds
        idle_seconds = bounds.session_idle_seconds + bounds.touch_seconds
        limits = bounds.sessions, idle_seconds, f"{PREFIX}:"
        names = await self._script(scripts.USE, keys, (self._lifetime(session), quoted(session), *limits))
        idle = names.index(b"")
        for name in names[:idle]:
            self.presence.say(bounds.forgotten_as_idle(unquoted(name)))
        for name in names[idle + 1 :]:
            self.presence.say(bounds.forgotten_for_another(unquoted(name)))

    def _lifetime(self, session: str) -> int:
        """How long the keys of a session live without a use, in milliseconds; 0 for the shared session, which stays."""
        return int(1000 * (self.bounds.session_idle_seconds + 2 * self.bounds.touch_seconds)) + 1 if session else 0

    def _refuse_full(self, answer: object) -> None:
        if answer == b"items":
            raise self.bounds.too_many_items()
        if answer == b"documents":
            raise self.bounds.too_many_documents()
        if answer == b"bytes":
            raise self.bounds.too_large()

    async def _script(self, script: str, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        """The answer of a script, which is atomic; Redis learns it where it does not know it yet."""
        sha = _SHAS.get(script) or _SHAS.setdefault(script, hashlib.sha1(script.encode()).hexdigest())

        async def call(client: Redis) -> Any:
            try:
                return await client.evalsha(sha, len(keys), *keys, *arguments)
            except NoScriptError:
                return await client.eval(script, len(keys), *keys, *arguments)

        return await self._call(call)

    async def _call(self, call: Call) -> Any:
        """The answer to a call; `StoreError` where there is none in time."""
        if self._rests_until and time.monotonic() < self._rests_until:
            raise StoreGoneError(self._rests_for)
        try:
            answer = await self._answer(call)
        except (RedisError, OSError, TimeoutError) as error:
            raise self._error_of(error) from None
        if self.presence.is_gone:
            self.presence.there(self.where)
        return answer

    async def _answer(self, call: Call) -> Any:
        """The answer to a call in time: what has come while this process was held up is seen before the time is up."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(None) as limit:
            last = loop.call_later(budgets.STORE_SECONDS, lambda: limit.reschedule(loop.time() + _LOOK_SECONDS))
            try:
                return await call(self._connected())
            finally:
                last.cancel()

    def _error_of(self, error: Exception) -> StoreError:
        if isinstance(error, OutOfMemoryError):
            return StoreFullError(f"{self.where} has no memory left: drop sessions, or raise its maxmemory")
        fact = f"{self.where} cannot be reached: {_reason(error)}"
        self._touched.clear()  # what Redis knew may be gone when it is back
        self.presence.gone(fact)
        if isinstance(error, _LATE):
            self._rests_until, self._rests_for = time.monotonic() + _REST_SECONDS, fact
        return StoreGoneError(fact)

    def _connected(self) -> Redis:
        """The client of this process and event loop; its connections are made when they are needed."""
        home = _home()
        if self._client is None or self._home != home:
            self._client, self._home = Redis(connection_pool=_pool(self.address)), home
            self._touched.clear()
        return self._client


_SHAS: dict[str, str] = {}
"""The names by which Redis knows scripts."""


def _home() -> tuple[int, asyncio.AbstractEventLoop]:
    return os.getpid(), asyncio.get_running_loop()


def _pool(address: str) -> BlockingConnectionPool:
    """The connections to an address; `UsageError` where it is none, which does not show its password."""
    try:
        return BlockingConnectionPool.from_url(
            address,
            max_connections=_CONNECTIONS,
            timeout=None,  # as the next two: each call as a whole has its time
            socket_timeout=None,
            socket_connect_timeout=None,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )
    except (ValueError, TypeError):  # its text may have a part of the password
        right = "redis://HOST:6379/0, or redis://USER:PASSWORD@HOST:6379/0 with %2F for / and %40 for @ in a password"
        raise UsageError(f"the address of the Redis after --state is wrong; right is {right}") from None


def _where(pool: BlockingConnectionPool) -> str:
    """The Redis of some connections, for people: without user and password."""
    options = pool.connection_kwargs
    if "path" in options:
        return f"Redis at {options['path']}"
    host = options.get("host", "localhost")
    shown = f"[{host}]" if ":" in host else host
    return f"Redis at {shown}:{options.get('port', 6379)}/{options.get('db', 0)}"


def _reason(error: Exception) -> str:
    """Why Redis gives no answer."""
    if isinstance(error, _LATE):
        return f"it gave no answer in {budgets.STORE_SECONDS:g} s"
    text = str(error).rstrip(".")
    return text or type(error).__name__


def _item(id: str, kept: bytes) -> Item:
    head, _, text = kept.partition(b"\n")
    version, order, _, changed = head.split(b" ")
    return Item(id, text, int(version), int(order), float(changed))


def _items(rows: Sequence[bytes]) -> Iterator[Item]:
    for id, kept in zip(rows[::2], rows[1::2], strict=True):
        yield _item(id.decode(), kept)


def _sorted(rows: Sequence[bytes]) -> list[Item]:
    """All items of a place: those with an order, newest first, then the others as they came."""
    numbers = (int(kept.partition(b"\n")[0].split(b" ")[2]) for kept in rows[1::2])
    items = sorted(zip(numbers, _items(rows), strict=True), key=lambda entry: (-entry[1].order, entry[0]))
    return [item for _, item in items]


def _arguments(loaded: Snapshot) -> Iterator[Argument]:
    """What the script that loads a snapshot is given for its items and documents."""
    for contract, path, item in loaded.items:
        yield from (quoted(contract), quoted(path), item.id, item.text, item.version, item.order, repr(item.changed))
    yield ""
    for name, text, seconds in loaded.documents:
        yield from (name, text, "" if seconds is None else repr(seconds))
