"""The page as an ASGI application: static files, the form for the token, and the pages of the table."""

from __future__ import annotations

import asyncio
from functools import partial
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

from tallystick.mock.asgi import (
    ENDLESS,
    ClientGoneError,
    ReadHeaders,
    TooLargeError,
    body_of,
    marked,
    messages_of,
    query_of,
)
from tallystick.mock.console.rendering import render
from tallystick.mock.console.table import NAVIGATION, current_of, page_of
from tallystick.mock.console.visit import Html, LostError, Stream, Visit, see
from tallystick.mock.control.guard import Guard
from tallystick.mock.control.paths import ControlTarget
from tallystick.mock.gate import HEADERS
from tallystick.mock.gate_problems import fault_reply
from tallystick.mock.memory import Memory
from tallystick.mock.off_loop import off_loop
from tallystick.mock.origins import is_link_from_elsewhere
from tallystick.mock.problem import Problem
from tallystick.mock.roles import Reply
from tallystick.mock.routes import Routes
from tallystick.mock.stores.store import StoreError
from tallystick.nouns.exchange import Headers, Response

FORM = "application/x-www-form-urlencoded"
TOKEN = "/page/token"
"""Where the form for the token is sent to."""
_FOLDERS = {
    "/page/static/": Path(__file__).with_name("static"),
    "/page/vendored/": Path(__file__).with_name("vendored"),
}
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
SAFE: Headers = (
    ("content-security-policy", _POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cache-control", "no-store"),
)
"""The header fields of each page."""
_EXTRA = marked("control")


class Console:
    """Answers the requests for the page; `app` is the mock that it is the page of."""

    def __init__(self, memory: Memory, guard: Guard, app: ASGIApp, routes: Routes) -> None:
        self.memory = memory
        self.guard = guard
        self.app = app
        self.routes = routes

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send, target: ControlTarget, session: str, problem: Problem | None
    ) -> None:
        """Answer a request; the problem is that with which the guard refuses it, if it does."""
        file = _file_of(target.path) if scope["method"] in ("GET", "HEAD") else None
        if file is not None:  # it is what every copy of the package has, and the form for the token needs it
            await _send(scope, send, file)
            return
        body, length = b"", scope[HEADERS].by_name.get("content-length", "")
        if scope["method"] == "POST" and (problem is None or (target.path == TOKEN and _is_short(length))):
            try:
                body = await body_of(receive, length)
            except TooLargeError as error:
                problem = problem or Problem(413, str(error))
            except ClientGoneError:
                return
        visit = self._visit(scope, target, session, body)
        try:
            answer = await _rendered(await self._answer(visit, problem), visit)
        except Exception as error:  # the last resort: the person is told, and the server goes on
            answer = fault_reply(error)
        if isinstance(answer, Stream):
            scope[ENDLESS] = True
            await _stream(answer, scope["method"] == "HEAD", receive, send)
        else:
            await _send(scope, send, answer)

    def _visit(self, scope: Scope, target: ControlTarget, session: str, body: bytes) -> Visit:
        headers: ReadHeaders = scope[HEADERS]
        scheme = scope.get("scheme", "http")
        is_form = headers.by_name.get("content-type", "").partition(";")[0].strip().lower() == FORM
        return Visit(
            self.memory,
            self.app,
            self.routes,
            scope["method"],
            target.path,
            target.prefix,
            target.mark,
            session,
            parse_qs(query_of(scope["query_string"]), keep_blank_values=True),
            parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True) if is_form else {},
            headers,
            scheme,
            partial(self._let_in, scheme),
            "hx-request" in headers.by_name and "hx-history-restore-request" not in headers.by_name,
        )

    def _let_in(self, scheme: str, root: str) -> Headers:
        """The header fields that let the browser into the page of a session; none where no token is asked for."""
        return (("set-cookie", self.guard.cookie(root, scheme == "https")),) if self.guard.token else ()

    async def _answer(self, visit: Visit, problem: Problem | None) -> Html | Stream | Reply:
        if problem is not None:
            if problem.status == HTTPStatus.UNAUTHORIZED:
                return self._enter(visit, problem)
            return _refusal(problem)
        if visit.path == TOKEN:  # the form of a second tab, whose user is in by the first
            return see(visit.url("/"))
        page = page_of(visit.method, visit.path)
        if page is None:
            return _refusal(Problem(404, f"there is no page {visit.method} {visit.path}"))
        try:
            answer = await page(visit)
            if is_link_from_elsewhere(visit.method, visit.headers.fields) and not isinstance(answer, Html):
                return _refusal(Problem(403, "a link of another site leads to pages alone; this is no page"))
            return answer
        except LostError as error:
            return _refusal(error.problem)
        except StoreError as error:
            return _refusal(Problem(error.status, str(error)))

    def _enter(self, visit: Visit, problem: Problem) -> Html | Reply:
        """The form for the token, or the way in for whoever has sent it."""
        token = visit.sent("token")
        if visit.method == "POST" and visit.path == TOKEN and self.guard.is_token(token):
            if self.guard.is_of_own_page(visit.headers):
                return see(visit.url("/"), visit.let_in(visit.root))
            problem = Problem(403, "the token has to be sent by the form of this page")
        status = 403 if token else problem.status
        return Html("token.html", {"is_wrong": bool(token)}, status=status, headers=problem.headers)


async def _rendered(answer: Html | Stream | Reply, visit: Visit) -> Stream | Reply:
    """The answer to a visit, with its HTML made."""
    if not isinstance(answer, Html):
        return answer
    content = await off_loop(partial(render, answer, visit, navigation=NAVIGATION, current=current_of(visit.path)))
    fields = (("content-type", "text/html; charset=utf-8"), ("vary", "hx-request"), *SAFE, *answer.headers)
    return Reply(Response(answer.status, fields, content), "page")


def _is_short(length: str) -> bool:
    """Whether a form is as short as that for the token, which anybody may send."""
    return length.isdecimal() and len(length) < 5


def _refusal(problem: Problem) -> Html:
    return Html("problem.html", {"problem": problem}, status=problem.status, headers=problem.headers)


def _file_of(path: str) -> Reply | None:
    """The reply with a static file; None for another path."""
    for beginning, folder in _FOLDERS.items():
        name = path.removeprefix(beginning)
        if name != path and "/" not in name and not name.startswith("."):
            file = folder / name
            media_type = _MEDIA_TYPES.get(file.suffix)
            if media_type is not None and file.is_file():
                fields = (("content-type", media_type), *SAFE[:-1], ("cache-control", "no-cache"))
                return Reply(Response(200, fields, file.read_bytes()), "page").tagged
    return None


async def _send(scope: Scope, send: Send, reply: Reply) -> None:
    for message in messages_of(reply, scope["method"] == "HEAD", _EXTRA):
        await send(message)


async def _stream(stream: Stream, is_head: bool, receive: Receive, send: Send) -> None:
    """Send what a stream gives, until it ends or the browser has closed it; of `HEAD` only what stands before."""
    fields = ((b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store"), *_EXTRA)
    await send({"type": "http.response.start", "status": 200, "headers": fields})
    if is_head:
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return
    tasks = {asyncio.ensure_future(_pump(stream, send)), asyncio.ensure_future(_gone(receive))}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pump(stream: Stream, send: Send) -> None:
    async for chunk in stream.chunks:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
