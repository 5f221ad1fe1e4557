"""The page of the sessions: choose one, begin one, have one forget everything."""

from __future__ import annotations

from tallystick.mock.console.visit import Html, Page, Visit, lost, see
from tallystick.mock.roles import Reply
from tallystick.mock.sessions import is_session_name
from tallystick.nouns import budgets


async def _list(visit: Visit) -> Html:
    for name in {"", visit.session}:
        await visit.memory.store.documents(name)  # a session comes to be by being used
    sessions = await visit.memory.store.sessions()
    return Html("sessions.html", {"sessions": sessions, "most": budgets.SESSION_NAME_CHARACTERS})


async def _choose(visit: Visit) -> Reply:
    return _opened(visit, visit.sent("name").strip(), "/")


async def _open(visit: Visit) -> Reply:
    return _opened(visit, visit.asked("name"), "/page/journal")


def _opened(visit: Visit, name: str, path: str) -> Reply:
    """Lead to a page of another session; who was let in here is let in there, too."""
    if name and not is_session_name(name):
        most = budgets.SESSION_NAME_CHARACTERS
        raise lost(400, f"{name!r} is no name of a session; one has up to {most} of A-Z, a-z, 0-9 and . _ ~ : @ + = -")
    return see(visit.in_session(name, path), visit.let_in(visit.in_session(name, "")))


async def _reset(visit: Visit) -> Reply:
    await visit.memory.store.drop(visit.sent("name"))
    return see(visit.url("/page/sessions"))


PAGES: dict[str, Page] = {
    "GET /page/sessions": _list,
    "GET /page/sessions/open": _open,
    "POST /page/sessions": _choose,
    "POST /page/sessions/reset": _reset,
}
