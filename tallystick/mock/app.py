"""The connexion application: contracts in, an ASGI application out.

connexion is given a skeleton of each contract: paths, methods and operation ids, and nothing that it would judge.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypedDict

from connexion.middleware.main import ConnexionMiddleware
from connexion.operations import AbstractOperation
from connexion.resolver import Resolution, Resolver
from starlette.types import Message, Receive, Scope, Send

from tallystick.documents.dialect import OPENAPI_3_0
from tallystick.mock.compat import compat_of
from tallystick.mock.control.application import Control
from tallystick.mock.control.paths import ControlPaths
from tallystick.mock.cors import CrossOrigin
from tallystick.mock.gate import GatedOperation
from tallystick.mock.gate_middleware import Gate
from tallystick.mock.memory import Memory
from tallystick.mock.overrides.responder import Overridden
from tallystick.mock.responders import reply_sources
from tallystick.mock.roles import Listener
from tallystick.mock.routes import Routes
from tallystick.mock.routing import Routing
from tallystick.mock.settings import DEFAULTS, MockSettings
from tallystick.mock.stores.memory import MemoryStore
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UsageError

if TYPE_CHECKING:
    from tallystick.mock.upstream.behind import Behind
    from tallystick.mock.upstream.unrouted import Unrouted

_SKELETON_METHODS = frozenset(("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"))


class Mock(ConnexionMiddleware):  # type: ignore[misc]  # connexion has no types
    """The application of some contracts.

    Its `__call__` is connexion's, and the only one in the stack that is a coroutine function: uvicorn takes an
    application without one for ASGI 2. Whatever is wrapped around this application needs an `async def __call__` too.
    `summaries` are the sentences that are printed at start.
    """

    def __init__(
        self,
        routes: Routes,
        memory: Memory,
        listeners: Sequence[Listener],
        control: Control | None,
        unrouted: Unrouted | None = None,
    ) -> None:
        settings = memory.settings
        compat = compat_of(settings.compat)
        routing = partial(
            Routing,
            routes=routes,
            listeners=listeners,
            compat=compat,
            control=control,
            clock=memory.clock,
            unrouted=unrouted,
        )
        middlewares = [routing, Gate]
        if settings.cors:
            unasked = compat.cors_without_origin if compat is not None else ()
            middlewares.insert(0, partial(CrossOrigin, listeners=listeners, without_origin=unasked, control=control))
        super().__init__(nowhere, import_name="tallystick.mock", middlewares=middlewares, resolver=Unresolved())
        self.memory = memory
        self.control = control
        self.summaries: tuple[str, ...] = ()
        self.needs_task = bool(memory.settings.handlers) or not isinstance(memory.bare_store, MemoryStore)
        """Whether a request has to be answered in a task of its own: what is awaited then may ask in which it is."""

    async def let_go(self) -> None:
        """End the connections to upstreams that wait for a request, in the event loop that they are of."""
        if self.memory.pools:
            for pool in self.memory.pools.values():
                pool.close()
            await asyncio.sleep(0)  # so that they are closed

    def put_together(self) -> None:
        """Have connexion build its stack now and not in the first request.

        No API can be added afterwards.
        """
        call = self({"type": "tallystick.start"}, _nothing_comes, _nothing_goes)
        try:
            call.send(None)
        except StopIteration:  # it waits for nothing, so that its first step is its last
            return
        raise RuntimeError("connexion's stack waits for something while it is built")


def create_app(
    contracts: Sequence[Contract],
    settings: MockSettings = DEFAULTS,
    listeners: Sequence[Listener] = (),
    before: Memory | None = None,
    host: str = "127.0.0.1",
) -> Mock:
    """The mock of some contracts, as an ASGI application, ready for its first request and for a fork.

    Each listener is called with every answered request (see `tallystick.mock.roles.Answered`). `before` is the memory
    of the application that this one takes the place of, `host` the address that it will be served on. Raises
    `UsageError` where two contracts have one name, or a setting cannot be.
    """
    _refuse_namesakes(contracts)
    memory = Memory(contracts, settings, before)
    if memory.recorder is not None:
        listeners = (*listeners, memory.recorder.hear)
    note = memory.journal.note if memory.journal is not None else None
    hearing = (*listeners, memory.journal.hear) if memory.journal is not None else listeners
    sources = reply_sources(memory)
    compat = compat_of(settings.compat)
    routes = Routes(contracts, settings.base_path, answers_head=compat is None or compat.answers_head)
    paths = ControlPaths(settings.control_path, routes.base)
    control = Control(memory, paths, host, routes) if settings.control else None
    behind = behind_of(memory)
    app = Mock(routes, memory, hearing, control, behind.unrouted(hearing) if behind is not None else None)
    if control is not None:
        control.app = app
    unmatched = settings.unmatched([operation for contract in contracts for operation in contract])
    app.summaries = (
        *((behind.summary,) if behind is not None else ()),
        *(source.summary for source in sources if source.summary),
        *(f"the configuration has settings for {pattern!r}, which matches no operation" for pattern in unmatched),
    )
    for contract in contracts:
        gated: dict[str, GatedOperation] = {}
        for operation in contract:
            roles = [roles for source in sources if (roles := source.roles_for(operation)) is not None]
            own = settings.for_operation(operation)
            override = Overridden(memory, operation)
            make = behind.maker(own) if behind is not None else GatedOperation
            gated[operation.label] = make(
                operation, roles, listeners, own, memory.replies_of(operation), override, memory.overriding, note
            )
        app.add_api(skeleton(contract), base_path=f"/{contract.name}", gated=gated)
    app.put_together()
    return app


def behind_of(memory: Memory) -> Behind | None:
    """The upstreams behind a mock; None where it has none."""
    if not memory.settings.has_upstream:
        return None
    from tallystick.mock.upstream.behind import Behind  # few mocks have an upstream

    return Behind(memory)


def _refuse_namesakes(contracts: Iterable[Contract]) -> None:
    by_name: dict[str, Contract] = {}
    for contract in contracts:
        other = by_name.setdefault(contract.name, contract)
        if other is not contract:
            raise UsageError(
                f"{other.file} and {contract.file} are both named {contract.name!r}, which is where they would be "
                "served; rename one of the files"
            )


class Skeleton(TypedDict):
    """An OpenAPI 3.0 document, as far as connexion needs one: its stubs have an operation id and one response."""

    openapi: str
    info: dict[str, str]
    paths: dict[str, dict[str, dict[str, object]]]


def skeleton(contract: Contract) -> Skeleton:
    """A contract without all but its paths, methods and operation ids.

    An operation's id is its label: the contract's own ids may be missing, or there twice.
    """
    paths: dict[str, dict[str, dict[str, object]]] = {}
    for number, operation in enumerate(contract):
        stub: dict[str, object] = {"operationId": operation.label, "responses": {"default": {"description": ""}}}
        if operation.method in _SKELETON_METHODS and not operation.mark:
            paths.setdefault(operation.path, {})[operation.method.lower()] = stub
        else:  # what connexion does not know, a method or a mark, has a path of its own here; our routing leads to it
            paths[f"/{number}/{operation.method}"] = {"post": stub}
    info = {"title": contract.title, "version": ""}
    return {"openapi": OPENAPI_3_0.example_version, "info": info, "paths": paths}


class Unresolved(Resolver):  # type: ignore[misc]  # connexion has no types
    """Gives connexion no Python function for an operation: the gate answers."""

    def resolve(self, operation: AbstractOperation) -> Resolution:
        return Resolution(None, operation.operation_id)


async def nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    """The application behind the gate: only lifespan events and WebSockets reach it, and no HTTP request."""
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": message["type"] + ".complete"})
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})


async def _nothing_comes() -> Message:
    raise RuntimeError("nothing is received while the stack is built")


async def _nothing_goes(_: Message) -> None:
    raise RuntimeError("nothing is sent while the stack is built")
