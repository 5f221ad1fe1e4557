"""The judge stays fast: guarded by counts of bytecode instructions, which are the same every time, and by ratios.

What is done in native code (parsing, validation by schema) costs no instruction here; what is done for each operation,
each member of a body or each request in Python does.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

import jsonschema_rs
import orjson
import pytest
from support.asking import contract, request, scope_of
from support.folders import OPENAPI

from tallystick.contracts.read import read_contract
from tallystick.mock.app import create_app
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange, Request
from tallystick.rules.judge import judge

TraceFunction = Callable[[FrameType, str, object], Any]

ORDER: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "name": {"type": "string", "minLength": 1},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}
ORDERS: dict[str, Any] = {"type": "array", "items": ORDER}


@contextmanager
def traced(tracer: Any) -> Iterator[None]:
    """Another trace function, or none, in place of the one that is set (coverage sets one)."""
    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        yield
    finally:
        sys.settrace(before)


def instructions(act: Callable[[], object]) -> int:
    """How many bytecode instructions an act takes when it is done for the third time."""
    with traced(None):
        act()
        act()
    return (monitored if sys.version_info >= (3, 12) else stepped)(act)


def stepped(act: Callable[[], object]) -> int:
    """The instructions of an act, counted by a trace function."""
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> TraceFunction:
        nonlocal count
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        count += event == "opcode"
        return trace

    with traced(trace):
        act()
    return count


def monitored(act: Callable[[], object]) -> int:
    """The instructions of an act, counted by `sys.monitoring`: from 3.12 on a trace function is not told of all."""
    monitoring = sys.monitoring
    count = 0
    thread = threading.get_ident()

    def on_instruction(_code: CodeType, _offset: int) -> None:
        nonlocal count
        count += threading.get_ident() == thread

    tool = next(tool for tool in range(6) if monitoring.get_tool(tool) is None)
    monitoring.use_tool_id(tool, "instructions")
    monitoring.register_callback(tool, monitoring.events.INSTRUCTION, on_instruction)
    try:
        with traced(None):
            monitoring.set_events(tool, monitoring.events.INSTRUCTION)
            act()
            monitoring.set_events(tool, 0)
    finally:
        monitoring.free_tool_id(tool)
    return count


def seconds(act: Callable[[], object]) -> float:
    """The least processor time that an act takes, of several tries."""
    taken = []
    with traced(None):
        act()
        for _ in range(7):
            before = time.process_time()
            act()
            taken.append(time.process_time() - before)
    return min(taken)


def of_size(operations: int) -> Contract:
    """A contract of so many operations, two on each path."""
    reply = {"200": {"description": "It", "content": {"application/json": {"example": {"id": 1}}}}}
    item = {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
        "get": {"responses": reply},
        "delete": {"responses": reply},
    }
    return contract({"paths": {f"/things{number}/{{id}}": item for number in range(operations // 2)}})


def answered(app: Any, sent: Request, field: Callable[[tuple[bytes, bytes]], Any] = tuple) -> int:
    """Has an application answer a request, its fields each as a `field`, without an event loop; the status."""
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": sent.body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        statuses.append(message.get("status", 0))

    running = app(scope_of(sent, field), receive, send)
    with pytest.raises(StopIteration):  # it waits for nothing, so that its first step is its last
        running.send(None)
    return statuses[0]


def test_header_fields_may_be_lists() -> None:
    """ASGI says that a field is an iterable of two; some servers make lists of them."""
    app = create_app([of_size(2)])
    asked = request("GET /things0/7", {"host": "127.0.0.1"})
    assert answered(app, asked, field=list) == 200


def posting() -> Operation:
    """The one operation of a contract that takes a list of orders."""
    body = {"required": True, "content": {"application/json": {"schema": ORDERS}}}
    (found,) = contract({"paths": {"/orders": {"post": {"requestBody": body, "responses": {}}}}})
    return found


def orders(count: int, broken: int = 0) -> Exchange:
    """A request with so many orders, of which some have a text for an id."""
    made = [{"id": "x" if i < broken else i + 1, "name": f"Order {i}", "tags": ["a", "b"]} for i in range(count)]
    return Exchange(request("POST /orders", {"Content-Type": "application/json"}, json.dumps(made).encode()))


def test_a_request_costs_the_same_whatever_the_number_of_operations() -> None:
    """The mock answers in as many steps from 1,200 operations as from two."""
    counts = []
    for operations in (2, 1200):
        app = create_app([of_size(operations)])
        asked = request(f"GET /things{operations // 4}/7", {"host": "127.0.0.1"})
        assert answered(app, asked) == 200
        counts.append(instructions(lambda app=app, asked=asked: answered(app, asked)))
    assert counts[1] <= counts[0] * 1.02


def test_a_valid_body_is_judged_in_native_code() -> None:
    """Python does no more for a hundred orders than for one."""
    operation = posting()
    one, hundred = orders(1), orders(100)
    assert judge(operation, one) == judge(operation, hundred) == []
    assert instructions(lambda: judge(operation, hundred)) == instructions(lambda: judge(operation, one))


def test_violations_cost_in_proportion_to_their_number() -> None:
    """A hundred violations take twice the steps of fifty, and not four times."""
    operation = posting()
    fifty, hundred = orders(100, 50), orders(100, 100)
    assert [len(judge(operation, exchange)) for exchange in (fifty, hundred)] == [50, 100]
    ratio = instructions(lambda: judge(operation, hundred)) / instructions(lambda: judge(operation, fifty))
    assert ratio < 2.2


LIMITS = {
    (3, 11): {"GET": 550, "POST": 600},  # measured: 464 and 492
    (3, 12): {"GET": 500, "POST": 550},  # 420 and 452
    (3, 13): {"GET": 495, "POST": 530},  # 417 and 432
    (3, 14): {"GET": 525, "POST": 560},  # 441 and 456; 3.15: 442 and 457
}
"""The most instructions that judging a request may take: each Python cuts its work into other ones."""


@pytest.mark.parametrize(
    ("line", "body"),
    [
        ("GET /api/detection/sessions/3c90c3cc-0d44-4b50-8888-8dd25736052a", b""),
        (
            "POST /api/detection/sessions",
            b'{"mode": "live", "project_id": "e0da8a69-7cad-4512-bb26-e8bfeb248f60", "contract_major": 1}',
        ),
    ],
)
def test_a_valid_request_is_judged_in_few_steps(line: str, body: bytes) -> None:
    """A request of a real contract, with credentials, parameters and a body, takes so many instructions at most."""
    method = line.partition(" ")[0]
    known = read_contract(OPENAPI / "detection-sessions.yaml")
    (operation,) = (each for each in known if each.method == method)
    headers = {"Authorization": "Bearer x"} | ({"Content-Type": "application/json"} if body else {})
    exchange = Exchange(request(line, headers, body))
    assert judge(operation, exchange) == []
    assert instructions(lambda: judge(operation, exchange)) <= LIMITS[min(sys.version_info[:2], max(LIMITS))][method]


def test_a_large_body_costs_little_more_than_parsing_and_validating_it() -> None:
    """A megabyte of JSON is judged in less than twice the time that orjson and jsonschema-rs take for it alone."""
    operation, exchange = posting(), orders(18_000)
    body = exchange.request.body
    assert len(body) > 900_000
    validator = jsonschema_rs.validator_for({"$schema": "https://json-schema.org/draft/2020-12/schema", **ORDERS})
    alone = seconds(lambda: validator.is_valid(orjson.loads(body)))
    assert judge(operation, exchange) == []
    assert seconds(lambda: judge(operation, exchange)) < 2 * alone


def test_instructions_are_counted() -> None:
    """The count grows with the work, and is the same each time."""
    counts = [instructions(lambda size=size: [each + 1 for each in range(size)]) for size in (10, 1000, 1000)]
    assert counts[0] * 10 < counts[1] == counts[2]
