"""The page of the operations: all of them by tag, with a search."""

from __future__ import annotations

from tallystick.mock.console.visit import Html, Page, Visit


async def _list(visit: Visit) -> Html:
    return Html("operations.html", {"contracts": visit.memory.contracts})


PAGES: dict[str, Page] = {"GET /": _list}
