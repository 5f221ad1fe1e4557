"""The clock of the mock: each session has its own."""

from __future__ import annotations

import asyncio

from tallystick.mock.clock import AS_IT_IS, Clock, Setting
from tallystick.mock.stores.opening import MEMORY, open_store


def test_each_session_has_its_own_time() -> None:
    """It stands, or goes on from another time, until it is set back."""

    async def look() -> None:
        machine = [1000.0]
        clock = Clock(open_store(MEMORY), lambda: machine[0])
        await clock.set("fixed", Setting(5.5, goes_on=False))
        await clock.set("late", Setting(60.0))
        machine[0] = 2000.0
        assert [await clock.now(name) for name in ("", "fixed", "late")] == [2000.0, 5.5, 2060.0]
        await clock.set("fixed", AS_IT_IS)
        assert await clock.now("fixed") == 2000.0

    asyncio.run(look())


def test_a_clock_that_somebody_wrote_wrong_is_passed_over() -> None:
    """What another program has kept in a shared store is no fault of a request."""

    async def look() -> None:
        store = open_store(MEMORY)
        await store.put_document("", "clock", b'{"seconds": "x"}')
        assert await Clock(store, lambda: 7.0).now("") == 7.0

    asyncio.run(look())
