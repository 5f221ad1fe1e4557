"""The control API as an ASGI application; its contract is read at the first request that needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

from tallystick.mock.asgi import ReadHeaders, marked, messages_of
from tallystick.mock.control.call import Call, Function, RefusedError
from tallystick.mock.control.guard import Guard
from tallystick.mock.control.health import HEALTH, health_of
from tallystick.mock.control.paths import ControlPaths, ControlTarget
from tallystick.mock.faults import HEADER as FAULT
from tallystick.mock.gate import HEADERS, ROUTE, SESSION, GatedOperation
from tallystick.mock.memory import Memory
from tallystick.mock.once import Once
from tallystick.mock.problem import Problem
from tallystick.mock.responders.examples import Replies, generated
from tallystick.mock.roles import OperationRoles, Reply, Responder
from tallystick.mock.routes import Routes
from tallystick.mock.sessions import target_of
from tallystick.mock.stores.store import StoreError
from tallystick.nouns.contract import Contract, Operation
from tallystick.wire.reading import Reading

if TYPE_CHECKING:
    from tallystick.mock.console.application import Console

CONTRACT = Path(__file__).with_name("control.yaml")
KIND = "control"
_OF_MOCKED = ("prefer", FAULT)
"""The header fields that ask for something of a mocked operation; a client may send them with all its requests."""
_PAGES = ("/page/", "/docs/")
"""What the paths of the page begin with."""


class Control:
    """Answers the requests below the control path; nobody but the client hears of them."""

    app: ASGIApp
    """The mock that this is a part of, and which the page asks as any client does; whoever makes that sets it."""

    def __init__(self, memory: Memory, paths: ControlPaths, host: str, routes: Routes) -> None:
        self.memory = memory
        self.routes = routes
        """Where the operations of the mock are."""
        self.paths = paths
        self.guard = Guard(host, memory.settings.control_token)
        self.api = Once(partial(read_api, memory))
        self.console = Once(self._make_console)

    @property
    def summary(self) -> str:
        """The sentence that is printed at start."""
        if self.guard.is_off:
            return (
                f"the control API ({self.paths.path}) is off, since others reach the mock; --control-token turns it on"
            )
        return f"control API: {self.paths.path} (a browser gets a page)"

    async def __call__(self, scope: Scope, receive: Receive, send: Send, target: ControlTarget) -> None:
        headers: ReadHeaders = scope[HEADERS]
        if target.path in HEALTH and scope["method"] in ("GET", "HEAD"):
            await _send(scope, send, await health_of(self.memory, target.path))
            return
        is_for_page = _is_for_page(target.path, headers)
        problem = self.guard.refusal(scope, headers, is_for_page)
        session = target_of(headers.session, target.mark or "/", ("",))
        if isinstance(session, Problem):
            problem = problem or session
        else:
            scope[SESSION] = session.session
        if is_for_page:
            console = await self.console.get()
            await console(scope, receive, send, target, scope.get(SESSION, ""), problem)
            return
        if problem is None:
            api = await self.api.get()
            route = api.routes.find(scope["method"], "", target.path)
            if not isinstance(route, Problem):
                named = {name: value for name, value in headers.by_name.items() if name not in _OF_MOCKED}
                scope[ROUTE] = route._replace(prefix=target.prefix)
                scope[HEADERS] = replace(headers, by_name=named)
                await api.operations[route.operation](scope, receive, send)
                return
            problem = route
        await _send(scope, send, generated(problem))

    def _make_console(self) -> Console:
        from tallystick.mock.console.application import Console  # imported where somebody opens the page

        return Console(self.memory, self.guard, self.app, self.routes)


def _is_for_page(path: str, headers: ReadHeaders) -> bool:
    """Whether a request is for the page: its paths, and the first one where a browser asks for HTML."""
    if path != "/":
        return path.startswith(_PAGES)
    return "text/html" in headers.by_name.get("accept", "").lower() or "hx-request" in headers.by_name


class Api:
    """The contract of the control API, and its operations behind the gate."""

    def __init__(self, contract: Contract, functions: Mapping[str, Function], memory: Memory) -> None:
        self.routes = Routes([contract])
        self.operations = {operation: _gated(operation, functions, memory, contract) for operation in contract}


class ProblemsAsTheyAre(Replies):
    """The replies of the control API, which refuses requests with whole problems and not with documented examples."""

    def refuse_as_wished(self, problem: Problem, _: Reading) -> Reply:
        return generated(problem)


def _gated(
    operation: Operation, functions: Mapping[str, Function], memory: Memory, contract: Contract
) -> GatedOperation:
    responder = _responder(functions[operation.operation_id or ""], memory, contract)
    gated = GatedOperation(operation, [OperationRoles(responder, kind=KIND)])
    gated.replies = ProblemsAsTheyAre(operation)
    return gated


def read_api(memory: Memory) -> Api:
    """Read the contract of the control API, and the functions that answer for it."""
    from tallystick.contracts.read import read_contract
    from tallystick.mock.control.table import FUNCTIONS

    return Api(read_contract(CONTRACT), FUNCTIONS, memory)


def _responder(function: Function, memory: Memory, contract: Contract) -> Responder:
    async def responder(reading: Reading) -> Reply | None:
        try:
            if memory.journal is not None:
                await memory.journal.flush()
            return await function(Call(memory, reading, contract))
        except RefusedError as error:
            return generated(error.problem)
        except StoreError as error:
            later = () if error.retry_after is None else (("retry-after", str(error.retry_after)),)
            return generated(Problem(error.status, str(error), headers=later))

    return responder


async def _send(scope: Scope, send: Send, reply: Reply) -> None:
    for message in messages_of(reply, scope["method"] == "HEAD", marked(KIND)):
        await send(message)
