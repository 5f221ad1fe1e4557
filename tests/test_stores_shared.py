"""Stores that several processes share: nothing acknowledged is lost, and of those who meet one wins."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from support.folders import ROOT, TESTS
from support.servers import RedisServer, needs_redis, redis_running

from tallystick.mock.stores.bounds import BOUNDS
from tallystick.mock.stores.opening import open_store, without_password
from tallystick.mock.stores.store import Item, Place, StoreFullError, StoreGoneError
from tallystick.nouns.errors import UnreachableError

PETS = Place("", "shop", "/pets")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis for the tests of this module."""
    with redis_running(tmp_path_factory.mktemp("redis")) as started:
        yield started


@pytest.fixture
def address(server: RedisServer) -> str:
    """The address of that Redis, which is empty."""
    with redis.Redis.from_url(server.address) as client:
        client.flushall()
    return server.address


@pytest.fixture(params=["sqlite", pytest.param("redis", marks=needs_redis)])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The text of a store that several processes can share."""
    address: str = request.getfixturevalue("address") if request.param == "redis" else str(tmp_path / "state.sqlite")
    return address


def kept_in(text: str) -> dict[str, Item]:
    """The items of the pets, by their ids."""

    async def read() -> list[Item]:
        store = open_store(text)
        try:
            return await store.kept(PETS)
        finally:
            await store.close()

    return {item.id: item for item in asyncio.run(read())}


def writers(text: str, count: int, each: int) -> list[subprocess.Popen[str]]:
    """Processes that write into a store."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(TESTS / "support" / "storing.py"), text]
    return [
        subprocess.Popen([*command, f"w{number}", str(each)], env=environment, stdout=subprocess.PIPE, text=True)
        for number in range(count)
    ]


def test_of_processes_that_meet_one_wins(shared: str) -> None:
    """Of creates by one id in several processes one wins, and changes that expect a version never overwrite another."""
    running = writers(shared, 3, 60)
    lines = [line for process in running for line in process.communicate(timeout=120)[0].splitlines()]
    assert [process.returncode for process in running] == [0, 0, 0]
    kinds = Counter(line.split(" ")[0] for line in lines)
    assert kinds == {"kept": 180, "won": 60, "added": 180}
    kept = kept_in(shared)
    assert len(kept) == 180 + 60 + 1
    assert kept["shared"].text == b"180"


def test_a_killed_process_loses_nothing_that_was_acknowledged(shared: str) -> None:
    """What a process has said to be kept is there after it was killed in the middle, and the others go on."""
    running = writers(shared, 3, 2000)
    lines: list[str] = []
    for number, process in enumerate(running):
        assert process.stdout is not None
        for _ in range(150 * (number + 1)):
            lines.append(process.stdout.readline())  # noqa: PERF401  # the pipe is read in part only
        process.kill()
        lines += process.stdout.read().splitlines()
        process.wait(20)
        process.stdout.close()
    acknowledged = {line.split()[1] for line in lines if line.startswith("kept ") and len(line.split()) == 2}
    assert len(acknowledged) > 200
    kept = kept_in(shared)
    assert acknowledged <= kept.keys()
    added = sum(line.strip() == "added" for line in lines)
    assert added <= int(kept["shared"].text) <= added + 3


FORKING = """
import asyncio, os, sys
from tallystick.mock.stores.opening import open_store
from tallystick.mock.stores.store import Place
store = open_store(sys.argv[1])
def put(id):
    asyncio.run(store.put(Place("", "shop", "/pets"), id, b"1", expected=0, is_listed=True, now=1.0))
put("before")
put("again")
if not (child := os.fork()):
    put("child")
    os._exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
put("after")
"""


def test_a_store_goes_on_after_a_fork_and_in_another_loop(shared: str) -> None:
    """A store that was used before is used by a forked process and in other event loops."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", FORKING, shared], env=environment, check=True, timeout=60)
    assert kept_in(shared).keys() == {"before", "again", "child", "after"}


def test_a_file_that_is_taken_away_is_made_again(tmp_path: Path) -> None:
    """Where somebody removes the file of a running mock, another one takes its place, and no number comes again."""
    file = tmp_path / "state.sqlite"

    async def play() -> None:
        store = open_store(str(file))
        await store.put(PETS, "1", b"1", expected=None, is_listed=True, now=1.0)
        before = await store.revision(PETS)
        for each in tmp_path.iterdir():
            each.unlink()
        await asyncio.sleep(1.1)
        assert await store.kept(PETS) == []
        await store.put(PETS, "1", b"2", expected=0, is_listed=True, now=1.0)
        assert await store.revision(PETS) > before
        await store.close()

    asyncio.run(play())
    assert file.exists()


@needs_redis
def test_redis_has_keys_of_its_own(address: str) -> None:
    """Each key begins with our name; those of a session live for a time, those of the shared session stay."""

    async def play() -> None:
        store = open_store(address, replace(BOUNDS, session_idle_seconds=100))
        for session in ("", "a:b *"):
            place = Place(session, "my shop", "/users/a:b/pets")
            await store.put(place, "1", b"1", expected=0, is_listed=True, now=1.0)
            await store.put_document(session, "clock", b"1", seconds=50)
            await store.put_document(session, "override/1", b"1")
        await store.close()

    asyncio.run(play())
    with redis.Redis.from_url(address, decode_responses=True) as client:
        keys = {key: client.ttl(key) for key in client.keys("*")}
    assert all(key.startswith("tallystick:") for key in keys)
    assert "tallystick:my%20shop:a%3Ab%20%2A:/users/a%3Ab/pets:items" in keys
    mine = {key: left for key, left in keys.items() if "a%3Ab%20" in key}
    assert len(mine) > 8
    assert all(90 < left <= 111 for left in mine.values())
    assert {left for key, left in keys.items() if key not in mine} == {-1}


@needs_redis
def test_redis_may_forget_scripts_and_connections(address: str) -> None:
    """A Redis that was started again knows no script and has closed all connections; the store goes on at once."""

    async def play() -> None:
        store = open_store(address)
        await store.put(PETS, "1", b"1", expected=0, is_listed=True, now=1.0)
        with redis.Redis.from_url(address) as client:
            client.script_flush()
            client.client_kill_filter(_type="normal", skipme=True)
        await asyncio.sleep(0.1)
        await store.put(PETS, "2", b"1", expected=0, is_listed=True, now=1.0)
        assert len(await store.kept(PETS)) == 2
        await store.close()

    asyncio.run(play())


@needs_redis
def test_a_password_is_used_and_never_told(tmp_path: Path) -> None:
    """The right password of an address is used; a wrong one is refused, and no message has it."""
    with redis_running(tmp_path / "redis", "--requirepass", "s3cret") as server:
        right = f"redis://:s3cret@127.0.0.1:{server.port}/3"
        wrong = right.replace("s3cret", "wr0ng")

        async def play() -> None:
            store = open_store(right)
            await store.check()
            await store.put(PETS, "1", b"1", expected=0, is_listed=True, now=1.0)
            await store.close()
            for address in (wrong, server.address):
                refused = open_store(address)
                with pytest.raises(UnreachableError) as error:
                    await refused.check()
                assert f"Redis at 127.0.0.1:{server.port}/" in str(error.value)
                with pytest.raises(StoreGoneError) as gone:
                    await refused.items(PETS, ["1"])
                assert "wr0ng" not in f"{error.value} {gone.value}"
                await refused.close()

        asyncio.run(play())
        assert without_password(right) == f"Redis at 127.0.0.1:{server.port}/3"
        assert without_password("state.sqlite") == "state.sqlite"


@needs_redis
def test_a_redis_without_memory_is_full(tmp_path: Path) -> None:
    """A Redis that may take no more memory refuses a change, which says so, and goes on to be read."""
    with redis_running(tmp_path / "redis", "--maxmemory", "3mb", "--maxmemory-policy", "noeviction") as server:

        async def play() -> None:
            store = open_store(server.address)

            async def fill() -> None:
                for number in range(100):
                    await store.put(PETS, str(number), b"x" * 100_000, expected=0, is_listed=True, now=1.0)

            with pytest.raises(StoreFullError, match="has no memory left"):
                await fill()
            assert await store.count(PETS) > 1
            await store.close()

        asyncio.run(play())
