"""Every store keeps items, documents, journals and sessions alike."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import pytest
import redis
from support.servers import RedisServer, needs_redis, redis_running

from tallystick.mock.stores.bounds import BOUNDS, Bounds
from tallystick.mock.stores.memory import MemoryStore
from tallystick.mock.stores.opening import MEMORY, open_store
from tallystick.mock.stores.snapshot import read_snapshot
from tallystick.mock.stores.store import (
    Document,
    Item,
    Place,
    SnapshotError,
    Store,
    StoreFullError,
)

PETS = Place("", "shop", "/pets")
Result = TypeVar("Result")


class Note(NamedTuple):
    """An entry of a journal."""

    text: bytes

    @property
    def size(self) -> int:
        return len(self.text)


Opener = Callable[[Bounds], Store]


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis for the tests of this module."""
    with redis_running(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(params=["memory", "sqlite", pytest.param("redis", marks=needs_redis)])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Opens an empty store of each kind."""
    if request.param == "redis":
        address = request.getfixturevalue("redis_server").address
        with redis.Redis.from_url(address) as client:
            client.flushall()
        return partial(open_store, address)
    return partial(open_store, MEMORY if request.param == "memory" else str(tmp_path / "state.sqlite"))


def using(opener: Opener, play: Callable[[Store], Awaitable[Result]], bounds: Bounds = BOUNDS) -> Result:
    """What a play with a fresh store returns."""

    async def whole() -> Result:
        store = opener(bounds)
        try:
            return await play(store)
        finally:
            await store.close()

    return asyncio.run(whole())


async def put(
    store: Store,
    id: str,
    value: object,
    place: Place = PETS,
    expected: int | None = None,
    is_listed: bool = True,
    now: float = 1.0,
) -> Item | None:
    """Keeps a value, or a tombstone for None."""
    text = b"" if value is None else json.dumps(value).encode()
    return await store.put(place, id, text, expected=expected, is_listed=is_listed, now=now)


async def listed(store: Store, place: Place = PETS, start: int = 0, count: int = 100) -> list[str]:
    """The ids of the newest items."""
    return [item.id for item in await store.newest(place, start, count)]


def test_an_item_is_kept(opener: Opener) -> None:
    """What was put is there by its id, with its text, value, version and time; by another id nothing is."""

    async def play(store: Store) -> None:
        item = await put(store, "é/ 1", {"name": "Rex"}, now=1234.5)
        assert item is not None
        for kept in (item, (await store.items(PETS, ["é/ 1"]))[0]):
            assert kept is not None
            assert (kept.id, kept.text, kept.value) == ("é/ 1", b'{"name": "Rex"}', {"name": "Rex"})
            assert (kept.version, kept.changed, kept.is_deleted) == (1, 1234.5, False)
        assert [item is None for item in await store.items(PETS, ["2", "é/ 1"])] == [True, False]
        assert await store.items(PETS, []) == []

    using(opener, play)


@pytest.mark.parametrize("text", ["", "a\0b", "\ufffd", "%2F", "a:b*?[]", "x" * 5000, "'; --", "\U0001f600"])
def test_any_text_is_an_id_and_a_path(opener: Opener, text: str) -> None:
    """Whatever characters a client sends, what is kept by them is found by them, and by no others."""

    async def play(store: Store) -> None:
        place = Place("", "shop", f"/{text}/pets")
        await put(store, text, "a", place=place)
        await put(store, f"{text}x", "b", place=place)
        assert [item is not None and item.value for item in await store.items(place, [text, f"{text}x"])] == ["a", "b"]
        assert await listed(store, place) == [f"{text}x", text]
        assert await store.places("", "shop") == [place.path]
        await store.put_document("", f"a/{text}", b"1")
        assert list(await store.documents("", "a/")) == [f"a/{text}"]
        await store.load("", await store.dump(""))
        assert await listed(store, place) == [f"{text}x", text]
        await store.drop_below("", "shop", f"/{text}")
        assert await store.places("", "shop") == []

    using(opener, play)


def test_versions_count_changes(opener: Opener) -> None:
    """Each change of an item counts its version up, also when it is deleted and when it is there again."""

    async def play(store: Store) -> list[int]:
        items = [await put(store, "1", value) for value in ("a", "b", None, "c")]
        return [item.version for item in items if item is not None]

    assert using(opener, play) == [1, 2, 3, 4]


def test_of_two_changes_of_one_version_one_wins(opener: Opener) -> None:
    """A change that expects another version than the kept one changes nothing, and says so."""

    async def play(store: Store) -> None:
        assert await put(store, "1", "a", expected=0) is not None
        assert await put(store, "1", "b", expected=0) is None
        assert await put(store, "1", "b", expected=2) is None
        assert await put(store, "1", "b", expected=1) is not None
        assert await put(store, "1", None, expected=1) is None
        assert await put(store, "2", "c", expected=1) is None
        assert [item.value for item in await store.kept(PETS)] == ["b"]

    using(opener, play)


def test_racing_creates_have_one_winner(opener: Opener) -> None:
    """Of many creates by one id at once exactly one is kept."""

    async def play(store: Store) -> list[Item | None]:
        return await asyncio.gather(*(put(store, "1", number, expected=0) for number in range(30)))

    winners = [item for item in using(opener, play) if item is not None]
    assert len(winners) == 1


def test_a_tombstone_is_kept_but_not_listed(opener: Opener) -> None:
    """A deleted item is in no list and no count, and is still known as deleted."""

    async def play(store: Store) -> None:
        await put(store, "1", "a")
        await put(store, "2", "b")
        await put(store, "1", None)
        await put(store, "9", None)
        assert await listed(store) == ["2"]
        assert await store.count(PETS) == 1
        items = await store.items(PETS, ["1", "2", "9"])
        assert [item is not None and (item.is_deleted, item.value, item.order == 0) for item in items] == [
            (True, None, True),
            (False, "b", False),
            (True, None, True),
        ]
        assert sorted(item.id for item in await store.kept(PETS)) == ["1", "2", "9"]

    using(opener, play)


def test_lists_have_the_newest_first(opener: Opener) -> None:
    """Items are listed by when they were put first; a change keeps the place, a creation after a deletion is new."""

    async def play(store: Store) -> None:
        for number in range(12):
            await put(store, str(number), number)
        await put(store, "3", "changed")
        await put(store, "5", None)
        await put(store, "1", None)
        await put(store, "1", "again")
        assert await listed(store) == ["1", "11", "10", "9", "8", "7", "6", "4", "3", "2", "0"]
        assert await listed(store, start=3, count=2) == ["9", "8"]
        assert await listed(store, start=10, count=5) == ["0"]
        assert await listed(store, start=11, count=5) == []
        assert await listed(store, start=0, count=0) == []
        assert await store.count(PETS) == 11
        kept = await store.items(PETS, ["3"])
        assert kept[0] is not None
        assert kept[0].value == "changed"

    using(opener, play)


def test_an_item_may_stand_in_no_list(opener: Opener) -> None:
    """An item that is not listed has no order until it is listed."""

    async def play(store: Store) -> None:
        item = await put(store, "1", "a", is_listed=False)
        assert item is not None
        assert item.order == 0
        assert await listed(store) == []
        assert [item.id for item in await store.kept(PETS)] == ["1"]
        await put(store, "1", "b")
        assert await listed(store) == ["1"]
        await put(store, "1", "c", is_listed=False)
        assert await listed(store) == ["1"]
        await put(store, "2", "d", is_listed=False)
        assert [item.id for item in await store.kept(PETS)] == ["1", "2"]

    using(opener, play)


def test_revisions_grow(opener: Opener) -> None:
    """The revision of a place grows with each change there, and never comes again, not even after all was dropped."""

    async def play(store: Store) -> None:
        assert await store.revision(PETS) == 0
        seen = [0]
        for value in ("a", "b", None):
            await put(store, "1", value)
            seen.append(await store.revision(PETS))
        await put(store, "1", "x", place=Place("", "shop", "/shops"))
        assert await store.revision(PETS) == seen[-1]
        await store.drop_below("", "shop", "")
        assert await store.revision(PETS) == 0
        await put(store, "1", "a")
        seen.append(await store.revision(PETS))
        assert seen == sorted(set(seen))

    using(opener, play)


def test_what_was_below_a_deleted_resource_goes(opener: Opener) -> None:
    """Only places below a path are dropped, of that session and contract."""
    paths = [
        "/users",
        "/users/3",
        "/users/3/pets",
        "/users/3/pets/1/toys",
        "/users/30/pets",
        "/users/3-/x",
        "/users/30",
    ]

    async def play(store: Store) -> None:
        for session, contract in (("", "shop"), ("", "other"), ("a", "shop")):
            for path in paths:
                await put(store, "1", path, place=Place(session, contract, path))
        await store.drop_below("", "shop", "/users/3")
        left = [path for path in paths if not path.startswith("/users/3/")]
        assert await store.places("", "shop") == sorted(left)
        assert await store.places("a", "shop") == sorted(paths)
        assert await store.places("", "other") == sorted(paths)
        assert await store.kept(Place("", "shop", "/users/3/pets")) == []
        await store.drop_below("", "other", "")
        assert await store.places("", "other") == []
        assert (await store.sessions())[0].items == len(left)

    using(opener, play)


def test_sessions_are_apart(opener: Opener) -> None:
    """What is kept in one session is in no other; a dropped one is empty, and the others stay."""

    async def play(store: Store) -> None:
        for session in ("", "a", "b"):
            await put(store, "1", f"of {session}", place=PETS._replace(session=session))
            await store.put_document(session, "clock", session.encode())
            await store.log(session, [Note(session.encode())], 10)
        await store.drop("a")
        for session in ("", "b"):
            assert [item.value for item in await store.kept(PETS._replace(session=session))] == [f"of {session}"]
            assert await store.document(session, "clock") == Document(1, session.encode())
            assert [entry.text for entry in await store.entries(session)] == [session.encode()]
        assert [(use.name, use.items) for use in await store.sessions()] == [("", 1), ("b", 1)]
        assert all(use.used > 1e9 and use.bytes > 0 for use in await store.sessions())
        assert await store.kept(PETS._replace(session="a")) == []
        assert await store.document("a", "clock") is None
        assert list(await store.entries("a")) == []

    using(opener, play)


def test_documents_are_kept_by_name(opener: Opener) -> None:
    """A document has a version that counts; one that is expected decides; None forgets it."""

    async def play(store: Store) -> None:
        assert await store.document("", "a") is None
        assert await store.put_document("", "a", b"1")
        assert await store.put_document("", "a", b"2")
        assert await store.document("", "a") == Document(2, b"2")
        assert not await store.put_document("", "a", b"3", expected=1)
        assert await store.put_document("", "a", b"3", expected=2)
        assert not await store.put_document("", "a", b"4", expected=0)
        assert await store.put_document("", "b", b"", expected=0)
        assert await store.put_document("", "a/b", b"5")
        assert dict(await store.documents("", "a")) == {"a": Document(3, b"3"), "a/b": Document(1, b"5")}
        assert list(await store.documents("")) == ["a", "a/b", "b"]
        assert not await store.put_document("", "a", None, expected=1)
        assert await store.put_document("", "a", None, expected=3)
        assert await store.put_document("", "a", None)
        assert await store.document("", "a") is None

    using(opener, play)


def test_documents_are_kept_for_some_seconds(opener: Opener) -> None:
    """A document that is kept for a time is gone after it, and not before; it may be put again then."""

    async def play(store: Store) -> None:
        assert await store.put_document("", "short", b"1", seconds=0.2)
        assert await store.put_document("", "long", b"1", seconds=60)
        assert await store.put_document("", "again", b"1", seconds=0.2)
        assert await store.put_document("", "again", b"2")
        assert list(await store.documents("")) == ["again", "long", "short"]
        await asyncio.sleep(0.35)
        assert list(await store.documents("")) == ["again", "long"]
        assert await store.document("", "short") is None
        assert await store.put_document("", "short", b"2", expected=0)

    using(opener, play)


def test_a_journal_is_bounded(opener: Opener) -> None:
    """The newest entries stay, as many as are asked for and as the bounds allow."""

    async def play(store: Store) -> None:
        for number in range(7):
            await store.log("", [Note(b"%d" % number)], 5)
        assert [entry.text for entry in await store.entries("")] == [b"2", b"3", b"4", b"5", b"6"]
        assert [entry.text for entry in await store.latest("", 2)] == [b"5", b"6"]
        assert [entry.text for entry in await store.latest("", 2, 4)] == [b"2"]
        assert list(await store.latest("", 2, 5)) == []
        await store.log("", [Note(b"x" * 90)], 5)
        await store.log("", [Note(b"y" * 50)], 5)
        assert [entry.text[:1] for entry in await store.entries("")] == [b"y"]
        await store.clear_entries("")
        assert list(await store.entries("")) == []

    using(opener, play, replace(BOUNDS, journal_bytes=100))


def test_sessions_are_forgotten_when_nobody_uses_them(opener: Opener) -> None:
    """A session that is idle for its time is gone, one that is used stays, and so does the shared one."""

    async def play(store: Store) -> None:
        for session in ("", "idle", "used"):
            await put(store, "1", session, place=PETS._replace(session=session))
        for _ in range(8):
            await asyncio.sleep(0.2)
            await store.items(PETS._replace(session="used"), ["1"])
        assert [use.name for use in await store.sessions()] == ["", "used"]
        assert await store.kept(PETS._replace(session="idle")) == []
        assert len(await store.kept(PETS)) == 1

    using(opener, play, replace(BOUNDS, session_idle_seconds=1.0))


def test_sessions_are_bounded(opener: Opener) -> None:
    """Where there are as many sessions as may be, the one that was used the longest time ago makes room."""

    async def play(store: Store) -> None:
        await put(store, "1", "")
        for session in ("a", "b", "a", "c"):
            await put(store, "1", session, place=PETS._replace(session=session))
            await asyncio.sleep(0.12)
        assert [use.name for use in await store.sessions()] == ["", "a", "c"]
        assert await store.kept(PETS._replace(session="b")) == []

    using(opener, play, replace(BOUNDS, sessions=3, session_idle_seconds=2.0))


@pytest.mark.parametrize("path", ["/pets", "/" + "x" * 2_000 + "/pets"])
def test_small_resources_and_long_paths_take_room_too(path: str) -> None:
    """The memory of a process is bounded for all sessions together, also where only little is kept in each place."""

    async def fill(store: Store) -> None:
        for number in range(1_000):
            await put(store, "1", "a", place=Place(str(number), "shop", f"{path}/{number}"))

    async def play(store: Store) -> None:
        with pytest.raises(StoreFullError, match="all sessions together"):
            await fill(store)
        for number in range(1_000):
            await store.drop(str(number))
        await put(store, "1", "a", place=Place("another", "shop", path))
        await store.load("one more", await store.dump("another"))
        await store.drop_below("another", "shop", "")
        assert [(each.items, each.bytes) for each in await store.sessions()] == [(0, 0), (1, 4)]

    asyncio.run(play(MemoryStore(replace(BOUNDS, store_bytes=100_000))))


def test_a_session_is_bounded(opener: Opener) -> None:
    """What is beyond the bounds of a session is refused, what is kept stays, and another session has room."""

    async def play(store: Store) -> None:
        for number in range(3):
            await put(store, str(number), "a")
        with pytest.raises(StoreFullError, match="3 resources"):
            await put(store, "3", "a")
        await put(store, "2", "b")
        await put(store, "0", None)
        with pytest.raises(StoreFullError, match="bytes"):
            await put(store, "1", "x" * 1000)
        assert [item.value for item in await store.newest(PETS, 0, 9)] == ["b", "a"]
        await put(store, "3", "a", place=PETS._replace(session="another"))
        await store.put_document("", "1", b"a")
        await store.put_document("", "2", b"a")
        with pytest.raises(StoreFullError, match="2 documents"):
            await store.put_document("", "3", b"a")
        await store.drop("")
        await put(store, "3", "a")

    using(opener, play, replace(BOUNDS, session_items=3, session_bytes=500, session_documents=2))


def test_a_snapshot_is_put_back(opener: Opener) -> None:
    """What a session had at a snapshot it has again after it is loaded, and nothing else; so has another session."""

    async def play(store: Store) -> None:
        for number in range(3):
            await put(store, str(number), {"n": number, "t": "é"}, now=5.5)
        await put(store, "1", None)
        await put(store, "8", "unlisted", is_listed=False)
        await put(store, "1", "x", place=Place("", "shop", "/shops"))
        await store.put_document("", "clock", b'{"now": 1}')
        await store.put_document("", "key", b"k", seconds=60)
        snapshot = await store.dump("")
        before = {item.id: (item.value, item.version, item.changed) for item in await store.kept(PETS)}
        await put(store, "2", "changed")
        await put(store, "7", "new")
        await store.put_document("", "clock", b"other")
        await store.put_document("", "new", b"other")
        for session in ("", "copy"):
            await store.load(session, snapshot)
            place = PETS._replace(session=session)
            assert {item.id: (item.value, item.version, item.changed) for item in await store.kept(place)} == before
            assert await listed(store, place) == ["2", "0"]
            assert await store.places(session, "shop") == ["/pets", "/shops"]
            texts = {name: document.text for name, document in (await store.documents(session)).items()}
            assert texts == {"clock": b'{"now": 1}', "key": b"k"}
            await put(store, "new", "newest", place=place)
            assert await listed(store, place) == ["new", "2", "0"]
            await store.drop_below(session, "shop", "/nothing")
        assert len(read_snapshot(snapshot).items) == 5

    using(opener, play)


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"[]", b"{}", b'{"form": "tallystick-session-1", "items": [{"id": 1}]}', b'{"form": "x"}', b"\xff"),
        b'{"form": "tallystick-session-1", "items": [{"contract": "", "path": "/a", "id": "1", "value": %b%b}]}'
        % (b"[" * 300, b"]" * 300),
    ],
)
def test_what_is_no_snapshot_changes_nothing(opener: Opener, text: bytes) -> None:
    """A text that is no snapshot is refused with what was expected, and what is kept stays."""

    async def play(store: Store) -> None:
        await put(store, "1", "a")
        with pytest.raises(SnapshotError, match="expected"):
            await store.load("", text)
        assert await listed(store) == ["1"]

    using(opener, play)


def test_what_does_not_fit_is_not_loaded(opener: Opener) -> None:
    """A snapshot that is beyond the bounds of a session is refused, and what is kept stays."""

    async def big(store: Store) -> bytes:
        for number in range(5):
            await put(store, str(number), "a")
        return await store.dump("")

    snapshot = using(lambda _: MemoryStore(), big)

    async def play(store: Store) -> None:
        await put(store, "1", "kept")
        with pytest.raises(StoreFullError):
            await store.load("", snapshot)
        assert [item.value for item in await store.kept(PETS)] == ["kept"]

    using(opener, play, replace(BOUNDS, session_items=3))
