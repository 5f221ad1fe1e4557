"""A process that writes into a store that others share, and says what was acknowledged."""

from __future__ import annotations

import asyncio
import sys

from tallystick.mock.stores.opening import open_store
from tallystick.mock.stores.store import Place

PLACE = Place("", "shop", "/pets")


async def write(text: str, name: str, count: int) -> None:
    """Create pets of its own and race for those of all; prints a line for each that was acknowledged."""
    store = open_store(text)
    for number in range(count):
        item = await store.put(PLACE, f"{name}-{number}", b"%d" % number, expected=0, is_listed=True, now=1.0)
        assert item is not None
        print("kept", item.id, flush=True)
        if await store.put(PLACE, f"race-{number}", name.encode(), expected=0, is_listed=True, now=1.0) is not None:
            print("won", number, flush=True)
        (shared,) = await store.items(PLACE, ["shared"])
        while True:
            version, total = (shared.version, int(shared.text)) if shared is not None else (0, 0)
            text_now = b"%d" % (total + 1)
            if await store.put(PLACE, "shared", text_now, expected=version, is_listed=True, now=1.0) is not None:
                break
            (shared,) = await store.items(PLACE, ["shared"])
        print("added", flush=True)
    await store.close()


if __name__ == "__main__":
    asyncio.run(write(sys.argv[1], sys.argv[2], int(sys.argv[3])))
