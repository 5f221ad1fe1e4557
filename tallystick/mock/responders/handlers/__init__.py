"""Users' own Python functions answer for some operations, so a mock becomes the implementation one by one.

connexion's resolvers find a function for an operation, and its decorators call it with its parameters.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from inspect import unwrap
from types import TracebackType
from urllib.parse import unquote

from connexion.decorators import ASGIDecorator
from connexion.exceptions import ProblemException
from connexion.lifecycle import ConnexionRequest
from connexion.middleware.context import ContextOperation
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from tallystick.mock.memory import Memory
from tallystick.mock.problem import PROBLEM_JSON, Problem
from tallystick.mock.responders.examples import generated
from tallystick.mock.responders.handlers.functions import Function, Handler, find_handlers
from tallystick.mock.responders.handlers.replies import response_of
from tallystick.mock.responders.handlers.stubs import ReadArguments
from tallystick.mock.roles import OperationRoles, Reply, ReplySource, Responder
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Response
from tallystick.nouns.media_type import MediaKind
from tallystick.nouns.printing import of_server, print_lines
from tallystick.nouns.words import counted, shortened
from tallystick.user_code import describe_error
from tallystick.wire.reading import Reading

_MOST_NAMES = 5
_CONTENT_TYPE = b"content-type"


def prepare(memory: Memory) -> ReplySource | None:
    """Imports the module of the handlers, and finds the function of each operation that has one."""
    contracts, settings = memory.contracts, memory.settings
    if not settings.handlers:
        return None
    handlers = find_handlers(contracts, settings.handlers)
    roles = {
        operation: OperationRoles(responder_of(handler), kind="handler") for operation, handler in handlers.items()
    }
    return ReplySource(roles.get, _summary(contracts, settings.handlers, list(handlers)))


def _summary(contracts: Sequence[Contract], package: str, handled: Sequence[Operation]) -> str:
    count = sum(len(contract.operations) for contract in contracts)
    labels = shortened([operation.label for operation in handled], _MOST_NAMES)
    others = "; the others are mocked" if count > len(handled) else ""
    return f"{package} handles {len(handled):,} of {counted(count, 'operation', ',')}: {labels}{others}"


def responder_of(handler: Handler) -> Responder:
    """A responder that calls a handler; a sync handler runs in a thread.

    Where the handler returns `NotImplemented`, the next responder is asked. Where it raises, or returns a result that
    cannot be sent, the reply is a 500 that says so.
    """

    async def responder(reading: Reading) -> Reply | None:
        why = f"the handler {handler.name}"
        try:
            response = await _called(handler, reading)
        except (Exception, SystemExit) as error:  # whatever the user's own function raises
            _report(handler, error)
            problem = Problem(500, f"{why} failed: {describe_error(error)}")
            return replace(generated(problem), handler=handler.name)
        return Reply(response, why, handler=handler.name) if response is not None else None

    return responder


async def _called(handler: Handler, reading: Reading) -> Response | None:
    """Call a handler in connexion's context of its operation; None where it returned `NotImplemented`."""
    framework = _Framework()
    decorator = ASGIDecorator(uri_parser_class=partial(ReadArguments, reading))
    decorator.framework = framework
    function = decorator(handler.function)
    responses: list[Response | None] = []

    async def call(scope: Scope, receive: Receive, _: Send) -> None:
        try:
            result = await function()
        except HTTPException as error:  # how connexion and Starlette have a function refuse a request
            result = _refusal(error)
        responses.append(None if result is NotImplemented else await response_of(result, reading, scope, receive))

    try:
        await ContextOperation(call, operation=handler.hosted)(_scope_of(reading), _receive_of(reading), _send_nothing)
    finally:
        await framework.close()
    return responses[0]


class _Framework:
    """Gives connexion the request for a function, and closes the files of that request afterwards."""

    def __init__(self) -> None:
        self.request: ConnexionRequest | None = None

    def get_request(self, **options: object) -> ConnexionRequest:
        self.request = ConnexionRequest(**options)
        return self.request

    async def close(self) -> None:
        if self.request is not None:
            await self.request.close()


def _refusal(error: HTTPException) -> object:
    """The result that an exception stands for: connexion's problems, and Starlette's own exceptions."""
    if isinstance(error, ProblemException):
        return error.to_problem()
    problem = Problem(error.status_code, error.detail)
    return problem.value(), problem.status, {**(error.headers or {}), "content-type": PROBLEM_JSON.text}


def _report(handler: Handler, error: BaseException) -> None:
    """Prints what a handler raised, with a traceback where it was raised in the handler's own code."""
    beginning = _where_it_begins(handler.function, error.__traceback__)
    told = of_server(f"the handler {handler.name} failed: {describe_error(error)}")
    frames: list[str] = []
    if beginning is not None:
        frames = "".join(traceback.format_exception(type(error), error, beginning)).rstrip("\n").split("\n")
    print_lines(told, *frames, to=sys.stderr)
    sys.stderr.flush()


def _where_it_begins(function: Function, frames: TracebackType | None) -> TracebackType | None:
    """The traceback from a function's own frame on; None where the function was not reached."""
    code = getattr(unwrap(function), "__code__", None)
    while frames is not None and frames.tb_frame.f_code is not code:
        frames = frames.tb_next
    return frames


def _scope_of(reading: Reading) -> Scope:
    """The request as an ASGI server would give it, for `connexion.request`."""
    request = reading.request
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": unquote(request.path),
        "raw_path": request.path.encode(),
        "query_string": request.query.encode(),
        "root_path": "",
        "headers": _fields_of(reading),
        "client": None,
        "server": None,
    }


def _fields_of(reading: Reading) -> list[tuple[bytes, bytes]]:
    """The header fields, `Content-Type` as connexion reads it.

    It would read a form even where there is no body, and take JSON with a slash in a parameter, or with a capital, for
    something else.
    """
    fields = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reading.request.headers]
    if not reading.request.body or reading.operation.request_body is None:
        return [field for field in fields if field[0] != _CONTENT_TYPE]
    media_type = reading.body.media_type
    if media_type.kind is not MediaKind.JSON:
        return fields
    return [(name, media_type.name.encode() if name == _CONTENT_TYPE else value) for name, value in fields]


def _receive_of(reading: Reading) -> Receive:
    """An ASGI `receive` that returns the whole body at each call."""

    async def receive() -> Message:
        return {"type": "http.request", "body": reading.request.body, "more_body": False}

    return receive


async def _send_nothing(_: Message) -> None:
    """A handler's response is no message yet when it is judged."""
