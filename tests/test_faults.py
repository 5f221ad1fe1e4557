"""Failure on purpose: the words for it, when it happens, and what of it reaches a client."""

from __future__ import annotations

import asyncio
import http.client
import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from starlette.types import Message
from support.asking import asker, contract
from support.running import run, running

from tallystick.examples.extremes import Kind, extreme
from tallystick.mock.app import create_app
from tallystick.mock.faults.delivery import late
from tallystick.mock.faults.fault import Latency, Refusal
from tallystick.mock.faults.grammar import FaultError, read_faults
from tallystick.mock.faults.plan import Mishap, Plan, Plans
from tallystick.mock.problem import Problem
from tallystick.mock.roles import Answered
from tallystick.mock.settings import MockSettings, OperationSettings
from tallystick.nouns.errors import UsageError
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction

SHOP = """
    components:
      securitySchemes: {token: {type: http, scheme: bearer}}
    paths:
      /pets:
        get:
          tags: [shop]
          responses:
            '200':
              description: Pets
              content:
                application/json:
                  schema:
                    type: object
                    required: [rows, total]
                    properties:
                      rows: {type: array, items: {$ref: '#/components/schemas/Pet'}}
                      total: {type: integer}
                      next: {type: [string, 'null']}
                  example: {rows: [{id: p1, name: Rex}, {id: p2, name: Bello}], total: 2, next: c2}
            '429': {description: Too many, content: {application/json: {example: {code: slow_down}}}}
            '503': {description: Down, content: {application/json: {example: {code: down}}}}
      /secrets:
        get:
          security: [{token: []}]
          responses: {'204': {description: Done}, '401': {description: Who are you?}}
"""
PET = """
      schemas:
        Pet:
          type: object
          required: [id]
          properties: {id: {type: string}, name: {type: string, minLength: 2, maxLength: 40}}
"""
CONTRACT = SHOP.replace("    paths:", PET.strip("\n") + "\n    paths:", 1)


def asked(
    *requests: tuple[str, dict[str, str]], settings: MockSettings | None = None, heard: list[Answered] | None = None
) -> list[httpx.Response]:
    """The responses of a mock in this process to requests, each a path and its header fields."""
    listeners = () if heard is None else (heard.append,)
    app = create_app([contract(CONTRACT)], settings or MockSettings(), listeners)

    async def ask() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://mock") as client:
            return [await client.get(path, headers=headers) for path, headers in requests]

    return asyncio.run(ask())


def with_fault(text: str, path: str = "/pets", **headers: str) -> httpx.Response:
    """The response to a request that asks for a fault."""
    (response,) = asked((path, {"Tallystick-Fault": text, **headers}))
    return response


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("latency=200ms", ["latency=200ms"]),
        ("100ms-2s", ["100ms-2s"]),
        ("p50=80ms,p99=2s; 10% 503", ["p50=80ms,p99=2s", "10% 503"]),
        ("latency = p50=80ms, p99=2s, 10 % 503", ["latency=p50=80ms,p99=2s", "10% 503"]),
        ("latency: 1.5 s", ["latency=1.5s"]),
        ("503 10%, drop", ["503 10%", "drop"]),
        ("429, retry-after=7", ["429"]),
        ("rate=5% status=404; truncate=30%; slow-body; body=longest; seed=4", 4),
        ("off", []),
        ("", []),
    ],
)
def test_what_is_read(text: str, expected: Sequence[str] | int) -> None:
    """Faults stand apart by semicolons or commas, each with its rate before or after it."""
    faults = read_faults(text).faults
    assert (len(faults) if isinstance(expected, int) else [fault.text for fault in faults]) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("latency=200", "'latency=200': a time was expected, such as 200ms, 2s or 100ms-2s; a unit is missing"),
        ("latenzy=2s", "did you mean 'latency'"),
        ("wobble", "no fault is named so; expected latency=200ms, "),
        ("latency=2s-1s", "the range begins with the shorter time"),
        ("latency=p99=1s,p50=2s", "percentiles grow, as in"),
        ("latency=p101=1s", "percentiles were expected, as in"),
        ("latency=1d", "a time was expected"),
        ("slow=9999s", "300s is the longest that a fault may take"),
        ("150% 503", "one rate from 0% to 100% was expected"),
        ("50%", "a rate of something was expected"),
        ("status=999", "a status from 300 to 599 was expected"),
        ("drop=1", "it takes no value; expected drop"),
        ("truncate=half", "as in truncate=50% or truncate=100"),
        ("body=huge", "expected body=empty, body=shortest, body=longest, body=boundary"),
        ("503 drop", "put `;` between two"),
        ("drop retry-after=1", "retry-after goes with a status"),
        ("seed=x", "a whole number was expected"),
    ],
)
def test_what_is_no_fault(text: str, message: str) -> None:
    """A text that is no fault is told with what would have worked."""
    with pytest.raises(FaultError) as error:
        read_faults(text)
    assert message in str(error.value)


def test_percentiles_are_what_replies_take() -> None:
    """Of many draws half are within the median, one of a hundred is beyond the 99th percentile, and none beyond 100."""
    latency = read_faults("p50=80ms,p99=2s").faults[0].action
    assert isinstance(latency, Latency)
    seconds = [latency.seconds(number / 1000) for number in range(1000)]
    assert seconds == sorted(seconds)
    assert (round(seconds[500], 3), round(seconds[990], 3), seconds[-1]) == (0.08, 2.0, 2.0)


def test_rates_are_kept_and_the_same_for_a_seed() -> None:
    """A fault of ten percent meets one request of ten; which ones, is the same for the same seed, and for no other."""
    operation = contract(CONTRACT).operations[0]

    def met(text: str, seed: int = 0, count: int = 200) -> list[str]:
        plan = Plan(operation, read_faults(text), seed)
        return [mishap.text if (mishap := plan.next()) is not None else "" for _ in range(count)]

    assert 18 <= Counter(met("10% 503"))["10% 503"] <= 22
    assert met("10% 503") == met("10% 503")
    assert met("10% 503") != met("10% 503", seed=1)
    assert [bool(text) for text in met("10% 503; seed=1")] == [bool(text) for text in met("10% 503", seed=1)]
    both = Counter(met("50% 503; 50% latency=1ms"))
    assert all(30 <= count <= 70 for count in both.values())
    assert len(both) == 4
    assert set(met("0% drop")) == {""}


def test_a_documented_error_of_a_class_is_drawn() -> None:
    """`error` is each of the documented errors in turn; where there is none, the first status of the class."""
    shop = contract(CONTRACT)
    plan = Plan(shop.operations[0], read_faults("error"))
    statuses = Counter(mishap.problem.status for _ in range(20) if (mishap := plan.next()) and mishap.problem)
    assert set(statuses) == {429, 503}
    (mishap,) = [Plan(shop.operations[1], read_faults("5xx")).next()]
    assert mishap is not None
    assert mishap.problem is not None
    assert mishap.problem.status == 500


def test_a_request_asks_for_a_documented_error() -> None:
    """The documented error is sent, a 429 with `Retry-After`; and the reply says that it was asked for."""
    response = with_fault("503")
    assert (response.status_code, response.json()["code"]) == (503, "down")
    assert response.headers["tallystick-fault"] == "503"
    limited = with_fault("429 retry-after=7")
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "7")
    assert with_fault("rate-limit").headers["retry-after"] == "5"
    undocumented = with_fault("418")
    assert (undocumented.status_code, undocumented.headers["content-type"]) == (418, "application/problem+json")


def test_a_token_expires() -> None:
    """An expired token is the documented 401, whose challenge says so, also for a request with a good one."""
    response = with_fault("expired", "/secrets", Authorization="Bearer good")
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith('Bearer error="invalid_token"')


def test_a_wrong_text_is_told() -> None:
    """A request that asks for no fault that there is gets a 400 with what would have worked."""
    response = with_fault("latenzy=2s")
    assert response.status_code == 400
    assert "did you mean 'latency'" in response.json()["detail"]
    assert response.json()["expected"].startswith("latency=200ms, ")


@pytest.mark.parametrize("text", ["drop" + " " * 60_000 + "x", "9% 503;" * 8_000, "1" * 60_000], ids=len)
def test_a_text_of_a_whole_header_is_refused_at_once(text: str) -> None:
    """A text that fills the head of a request is read in no time, and not remembered."""
    plans = Plans(contract(SHOP + PET).operations[0], MockSettings())
    started = time.process_time()
    problem = plans.asked(text)
    assert time.process_time() - started < 0.5
    assert isinstance(problem, Problem)
    assert "at most 1,000 characters were expected" in problem.detail
    assert not plans.asked_for


def test_in_process_a_response_is_dropped_or_cut_short_as_well_as_can_be() -> None:
    """Without a server of ours a drop is an error of the connection, and a truncated body ends too early."""
    with pytest.raises(ConnectionResetError, match="the fault `drop`"):
        with_fault("drop")
    response = with_fault("truncate=10")
    assert (response.status_code, len(response.content)) == (200, 10)
    started = time.perf_counter()
    assert with_fault("slow=200ms").json()["total"] == 2
    assert time.perf_counter() - started >= 0.2


def test_listeners_hear_of_a_fault() -> None:
    """The reason of an answer names the faults that it met."""
    heard: list[Answered] = []
    asked(("/pets", {"Tallystick-Fault": "1ms"}), ("/pets", {}), heard=heard)
    assert [answered.why.startswith("fault: ") for answered in heard] == [True, False]


def test_faults_of_the_settings_and_of_single_operations() -> None:
    """All operations have the faults of the settings but those with their own; a request may ask for none."""
    settings = MockSettings(fault=("503",), operations=(OperationSettings(("GET /secrets",), {"fault": ("expired",)}),))
    quiet = {"Tallystick-Fault": "off"}
    responses = asked(("/pets", {}), ("/secrets", {}), ("/pets", quiet), settings=settings)
    assert [response.status_code for response in responses] == [503, 401, 200]
    started = time.perf_counter()
    asked(("/pets", {}), settings=MockSettings(latency="150ms"))
    assert time.perf_counter() - started >= 0.15
    with pytest.raises(UsageError, match="no fault is named so"):
        create_app([contract(CONTRACT)], MockSettings(fault=("wobble",)))


def test_only_so_many_texts_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The draws of a text that requests have asked for go on, as long as there are not too many texts."""
    monkeypatch.setattr("tallystick.nouns.budgets.FAULT_TEXTS", 2)
    plans = Plans(contract(CONTRACT).operations[0], MockSettings())
    for text in ("503", "429", "drop", "off"):
        assert not isinstance(plans.asked(text), Problem)
    assert list(plans.asked_for) == ["drop", "off"]
    assert isinstance(plans.asked("wobble"), Problem)
    assert isinstance(plans.asked("drop"), Mishap)
    assert read_faults("404").faults[0].action == Refusal(404)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("empty", {"rows": [], "total": 0, "next": None}),
        ("shortest", {"rows": [{"id": "p1", "name": "Re"}], "total": 0, "next": "c"}),
    ],
)
def test_the_least_of_a_body(kind: str, expected: JSON) -> None:
    """An empty body has no rows, and one as short as can be has one; the schema is kept, and so are ids."""
    response = with_fault(f"body={kind}")
    assert response.json() == expected
    assert "tallystick-violations" not in response.headers
    assert response.headers["content-length"] == str(len(response.content))


def test_the_most_of_a_body_and_its_bounds() -> None:
    """The longest list has a hundred rows, with texts as long as they may be; at the bounds some are short."""
    longest = with_fault("body=longest").json()
    assert len(longest["rows"]) == 100
    assert {len(row["name"]) for row in longest["rows"]} == {40}
    bounds = with_fault("body=boundary").json()
    assert [row["id"] for row in bounds["rows"]] == ["p1", "p2"]
    assert len({len(row["name"]) for row in bounds["rows"]}) == 2


@pytest.mark.parametrize("kind", ["empty", "shortest", "longest", "boundary"])
@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "pattern": "^[A-Z]{3}$"}, "ABC"),
        ({"type": "integer", "minimum": 10, "exclusiveMaximum": 100, "multipleOf": 7}, 14),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 1}, 0.5),
        ({"type": "array", "minItems": 2, "maxItems": 3, "items": {"type": "boolean"}}, [True, False]),
        ({"type": "array", "uniqueItems": True, "items": {"enum": ["a", "bb"]}}, ["a", "bb"]),
        ({"oneOf": [{"type": "string", "maxLength": 3}, {"type": "integer"}]}, "abc"),
        ({"properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "minProperties": 2}, {"a": "x", "b": "y"}),
        (
            {"properties": {"a": {"type": "string"}}, "if": {"required": ["a"]}, "then": {"maxProperties": 1}},
            {"a": "x"},
        ),
        ({"type": "string", "format": "date"}, "2026-01-01"),
        ({"type": "string", "format": "email", "maxLength": 12}, "a@example.io"),
        ({"type": "string", "format": "uri"}, "https://example.org/a"),
        ({"additionalProperties": {"type": "string"}}, {"any": "text"}),
        ({"const": "same"}, "same"),
    ],
)
def test_what_is_changed_still_fits(schema: dict[str, JSON], value: JSON, kind: Kind) -> None:
    """Whatever a schema says of a value, that at its edge keeps it."""
    content = {"application/json": {"schema": schema}}
    operation = contract({"paths": {"/": {"get": {"responses": {"200": {"description": "", "content": content}}}}}})
    described = operation.operations[0].responses[0].content[0].schema
    assert described is not None
    assert described.is_valid(extreme(described, value, kind, Direction.RESPONSE), Direction.RESPONSE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the contract of the shop, and a configuration with faults."""
    (tmp_path / "shop.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: Shop, version: '1'}\n" + CONTRACT.replace("\n    ", "\n")
    )
    return tmp_path


def get(origin: str, fault: str = "") -> tuple[int, bytes]:
    """The status and body of a request on a connection of its own."""
    connection = http.client.HTTPConnection(origin.removeprefix("http://"), timeout=10)
    try:
        connection.request("GET", "/pets", headers={"Tallystick-Fault": fault} if fault else {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_connections_end_and_nothing_is_logged(folder: Path) -> None:
    """A dropped connection has no response, a truncated one a part of it; the terminal has lines of requests alone."""
    with running("shop.yaml", "-p", "0", cwd=folder) as mock:
        with pytest.raises(http.client.RemoteDisconnected):
            get(mock.origin, "drop")
        with pytest.raises(http.client.IncompleteRead) as cut:
            get(mock.origin, "truncate=20")
        assert len(cut.value.partial) == 20
        status, body = get(mock.origin, "slow=300ms")
        assert (status, json.loads(body)["total"]) == (200, 2)
        mock.read_until("    fault: slow=300ms")
        code, _, errors = mock.end()
        assert (code, errors) == (0, "tallystick mock: ended\n")


def test_a_late_reply_does_not_outlast_its_connection() -> None:
    """A client that gives up ends the wait for its reply."""
    messages = iter(({"type": "http.request", "body": b"", "more_body": False}, {"type": "http.disconnect"}))

    async def receive() -> Message:
        return next(messages)

    started = time.monotonic()
    asyncio.run(late(60, receive))
    assert time.monotonic() - started < 5


def test_a_slow_reply_keeps_nobody_waiting_and_does_not_delay_the_end(folder: Path) -> None:
    """While a reply is late others are not, and the mock ends within two seconds."""
    with running("shop.yaml", "-q", "-p", "0", cwd=folder) as mock:
        late = http.client.HTTPConnection(mock.origin.removeprefix("http://"), timeout=10)
        late.request("GET", "/pets", headers={"Tallystick-Fault": "latency=60s"})
        started = time.monotonic()
        assert get(mock.origin)[0] == 200
        assert time.monotonic() - started < 5
        started = time.monotonic()
        code, _, errors = mock.end()
        assert (code, errors) == (0, "tallystick mock: ended\n")
        assert time.monotonic() - started < 3
        assert late.getresponse().status == 503
        late.close()


def test_the_configuration_and_the_flags(folder: Path) -> None:
    """Faults of operations come from the configuration by label, id or tag; what is no fault there ends the start."""
    configuration = folder / "tallystick.toml"
    configuration.write_text('[[mock.operations]]\nmatch = ["tag:shop"]\nfault = "503"\nlatency = "1ms"\n')
    with running("shop.yaml", "-q", "-p", "0", cwd=folder) as mock:
        mock.read_until("   curl -i http")
        assert get(mock.origin)[0] == 503
    configuration.write_text('[[mock.operations]]\nmatch = ["tag:shop"]\nfault = "wobble"\n')
    ended = run("shop.yaml", "-p", "0", cwd=folder)
    assert ended.returncode == 2
    assert ended.stderr.startswith(
        "tallystick: tallystick.toml: mock: operations (number 1): fault: 'wobble': no fault"
    )
    configuration.unlink()
    ended = run("shop.yaml", "-p", "0", "--fault", "10x", cwd=folder)
    assert "Invalid value for '--fault': '10x': a time was expected" in ended.stderr
    with running("shop.yaml", "-q", "-p", "0", "--fault", "drop", "--fault", "1ms", cwd=folder) as mock:
        mock.read_until("   curl -i http")
        with pytest.raises(http.client.RemoteDisconnected):
            get(mock.origin)
        assert get(mock.origin, "off")[0] == 200


def test_a_fault_that_is_asked_for_where_nothing_is_documented_is_told() -> None:
    """A path or a method that no operation has goes wrong by itself: the problem says that the fault is passed over."""
    ask = asker(contract(SHOP))
    for line in ("GET /nowhere", "TRACE /pets"):
        reply = ask(line, {"Tallystick-Fault": "503"})
        assert reply.status in (404, 405)
        assert b"tallystick-fault is for requests that reach an operation" in reply.body
    assert b"fault" not in ask("GET /nowhere").body
