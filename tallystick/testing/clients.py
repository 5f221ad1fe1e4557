"""Clients in Python whose exchanges are judged: httpx, requests, aiohttp, and the test clients of web frameworks.

A client is watched at the one method that each of its requests goes through. The response that it gives is the same
object as before.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from tallystick.exchanges.recorded import Recorded
from tallystick.testing.seen import seen_by_aiohttp, seen_by_django, seen_by_httpx, seen_by_werkzeug

Tell = Callable[[Recorded], None]
"""What is told of each exchange; an error that it raises is the error of the request."""


class ClientKind(NamedTuple):
    """A class of clients, and the method that each request goes through."""

    module: str
    name: str
    method: str
    read: Callable[[Mapping[str, Any], Any], Iterator[Recorded]]
    """The exchanges behind a response, those that redirected to it too; it gets the options of the call."""
    is_async: bool = False
    has_body: Callable[[Any], Any] | None = None
    """What is awaited so that a response has its body."""


async def _read(response: Any) -> None:
    if response.content_type != "text/event-stream":  # it may never end
        await response.read()


KINDS = (
    ClientKind("httpx", "Client", "send", seen_by_httpx),
    ClientKind("httpx", "AsyncClient", "send", seen_by_httpx, is_async=True),
    ClientKind("httpx2", "Client", "send", seen_by_httpx),
    ClientKind("httpx2", "AsyncClient", "send", seen_by_httpx, is_async=True),
    ClientKind("requests", "Session", "send", seen_by_httpx),
    ClientKind("werkzeug.test", "Client", "open", seen_by_werkzeug),
    ClientKind("django.test", "Client", "request", seen_by_django),
    ClientKind("django.test", "AsyncClient", "request", seen_by_django, is_async=True),
    ClientKind("aiohttp", "ClientSession", "_request", seen_by_aiohttp, is_async=True, has_body=_read),
)
"""The clients that can be watched. Starlette's and FastAPI's are clients of httpx, Flask's is one of Werkzeug."""


def watch(owner: Any, kind: ClientKind, tell: Tell) -> Callable[[], None]:
    """Tell of each exchange of a client, or of all clients of a class; returns what ends that."""
    before = getattr(owner, kind.method)

    def told(options: Mapping[str, Any], response: Any) -> Any:
        for seen in kind.read(options, response):
            tell(seen)
        return response

    @functools.wraps(before)
    async def later(*arguments: Any, **options: Any) -> Any:
        response = await before(*arguments, **options)
        if kind.has_body is not None:
            await kind.has_body(response)
        return told(options, response)

    @functools.wraps(before)
    def at_once(*arguments: Any, **options: Any) -> Any:
        return told(options, before(*arguments, **options))

    _set(owner, kind.method, later if kind.is_async else at_once)

    def end() -> None:
        if isinstance(owner, type):
            setattr(owner, kind.method, before)
        else:
            object.__delattr__(owner, kind.method)

    return end


def _set(owner: Any, name: str, value: object) -> None:
    if isinstance(owner, type):
        setattr(owner, name, value)
    else:
        object.__setattr__(owner, name, value)  # a session of aiohttp warns of attributes that are not its own


@contextmanager
def all_watched(tell: Tell) -> Iterator[Callable[[], None]]:
    """Tell of each exchange of every client in this process, while the block runs.

    The block gets a function that takes in the libraries that were imported meanwhile.
    """
    ends: dict[ClientKind, Callable[[], None]] = {}

    def take_in() -> None:
        for kind in KINDS:
            if kind not in ends and (owner := _class_of(kind)) is not None:
                ends[kind] = watch(owner, kind, tell)

    take_in()
    try:
        yield take_in
    finally:
        for end in ends.values():
            end()


def _class_of(kind: ClientKind) -> type | None:
    """The class, if its library is imported already: what is not imported has no client."""
    found = getattr(sys.modules.get(kind.module), kind.name, None)
    return found if isinstance(found, type) else None


def watched_client(target: Any, tell: Tell) -> Any:
    """A client whose exchanges are told: the one that is given, or one for a base URL or an application.

    Raises `TypeError` for what is none of these.
    """
    client = _client_for(target)
    session = getattr(client, "session", client)  # aiohttp's test client has one
    for owner in (client, session):
        kind = next((kind for kind in KINDS if isinstance(owner, _class_of(kind) or ())), None)
        if kind is not None:
            watch(owner, kind, tell)
            return client
    raise TypeError(f"{target!r} is neither a client that can be watched, nor a base URL, nor an application")


def _client_for(target: Any) -> Any:
    if isinstance(target, str):
        import httpx  # few tests need it

        return httpx.Client(base_url=target)
    if hasattr(target, "test_client"):  # Flask
        return target.test_client()
    if _is_asgi(target):
        from starlette.testclient import TestClient

        return TestClient(target)
    if _is_wsgi(target):
        import httpx

        return httpx.Client(transport=httpx.WSGITransport(app=target), base_url="http://testserver")
    return target


def _is_asgi(target: Any) -> bool:
    called = target if inspect.isfunction(target) else getattr(type(target), "__call__", None)  # noqa: B004 - it is asked what it is
    return inspect.iscoroutinefunction(called)


def _is_wsgi(target: Any) -> bool:
    """Whether a target is called with an environment and a function that begins the response (PEP 3333)."""
    if isinstance(target, type) or not callable(target):
        return False
    try:
        inspect.signature(target).bind({}, print)
    except (TypeError, ValueError):
        return False
    return True
