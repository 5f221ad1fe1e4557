"""The mock as an ASGI application in this process: what the scenarios, one exchange a time, do not reach."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from asking import OPENAPI, Fields, asker, contract, header, request
from hypothesis import given
from hypothesis import strategies as st

from tallystick.contracts.read import read_contract
from tallystick.examples.requests import example_request
from tallystick.mock import gate
from tallystick.mock.app import create_app
from tallystick.mock.gate import GatedOperation
from tallystick.mock.problem import HEADER_BYTES, Problem, respond, violations_header
from tallystick.mock.responders import stateful
from tallystick.mock.responders.examples import Replies, Wish, wish_of
from tallystick.mock.routes import Routes
from tallystick.nouns.contract import Operation
from tallystick.nouns.errors import UsageError
from tallystick.nouns.exchange import Exchange, Request, Response
from tallystick.nouns.violation import Place, Severity, Violation
from tallystick.rules.judge import judge

OURS = [read_contract(file) for file in sorted(OPENAPI.glob("*.yaml"))]
ASK_OURS = asker(*OURS)
ENDPOINTS = [pytest.param(known, one, id=f"{known.name} {one.label}") for known in OURS for one in known]
PETS = """
    paths:
      /pets/{id}:
        parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
        get: {responses: {'200': {description: Pet, content: {application/json: {example: {name: Rex}}}}}}
        put:
          requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
          responses: {'204': {description: Done}}
"""


def under(prefix: str, made: Request) -> Request:
    """A request below a prefix."""
    return Request(made.method, prefix + made.path, made.query, made.headers, made.body)


@pytest.mark.parametrize(("known", "operation"), ENDPOINTS)
def test_our_own_endpoints_answer_a_valid_request(known: Any, operation: Operation) -> None:
    """Each of the five endpoints answers with its documented success and a body that keeps its contract."""
    made = example_request(operation)
    reply = ASK_OURS(under(f"/{known.name}", made))
    assert 200 <= reply.status < 300
    assert header(reply, "content-type") == "application/json"
    assert judge(operation, Exchange(made, reply)) == []
    assert header(reply, "tallystick-violations") is None
    assert header(reply, "tallystick-mock") == "stateless"


@pytest.mark.parametrize(("known", "operation"), ENDPOINTS)
def test_every_named_example_of_our_own_can_be_asked_for(known: Any, operation: Operation) -> None:
    """A named example is served as it stands in the contract, and every one of them is valid."""
    made = under(f"/{known.name}", example_request(operation))
    asked = 0
    for definition in operation.responses:
        for media_type in definition.content:
            for example in media_type.examples:
                wish = ("prefer", f"example={example.name}")
                reply = ASK_OURS(Request(made.method, made.path, made.query, (*made.headers, wish), made.body))
                assert json.loads(reply.body) == example.value
                asked += 1
    assert asked


@pytest.mark.parametrize(("known", "operation"), ENDPOINTS)
def test_every_documented_status_of_our_own_can_be_asked_for(known: Any, operation: Operation) -> None:
    """Each documented response is served where it is asked for by its code."""
    made = under(f"/{known.name}", example_request(operation))
    for definition in operation.responses:
        code = definition.status.replace("XX", "23") if definition.status != "default" else "418"
        wish = ("prefer", f"code={code}")
        reply = ASK_OURS(Request(made.method, made.path, made.query, (*made.headers, wish), made.body))
        assert reply.status == int(code)
        found = judge(operation, Exchange(example_request(operation), reply))
        assert [violation for violation in found if violation.where.startswith("response.")] == []


def test_two_of_our_own_contracts_have_one_path() -> None:
    """The path that two of our contracts have is told apart by their names."""
    reply = ASK_OURS("GET /v1/sessions/x", {"Host": "127.0.0.1:4010"})
    assert reply.status == 404
    assert [one["url"] for one in json.loads(reply.body)["candidates"]] == [
        "http://127.0.0.1:4010/agent-sessions/v1/sessions/x",
        "http://127.0.0.1:4010/tracking-sessions/v1/sessions/x",
    ]


def test_two_contracts_of_one_name_are_refused() -> None:
    """Each contract is served under its name, so two of one name cannot be."""
    with pytest.raises(UsageError, match=r"a\.yaml and a\.yaml are both named 'a'"):
        create_app([contract(PETS, "a"), contract(PETS, "a")])


def test_a_body_that_is_too_large_is_a_413(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading ends at the limit, and the documented error goes before the generated one."""
    monkeypatch.setattr(gate, "BODY_BYTES", 100)
    reply = asker(contract(PETS))("PUT /pets/1", {"Content-Type": "application/json"}, b"[" * 101)
    assert reply.status == 413
    assert header(reply, "connection") == "close"
    assert json.loads(reply.body)["detail"] == "the body is larger than 100 bytes"
    documented = PETS.replace(
        "'204': {", "'413': {description: No, content: {text/plain: {example: too much}}}, '204': {"
    )
    reply = asker(contract(documented))("PUT /pets/1", {"Content-Type": "application/json"}, b"[" * 101)
    assert (reply.status, reply.body) == (413, b"too much")
    reply = asker(contract(PETS))("PUT /pets/1", {"Content-Type": "application/json"}, b"{}" + b" " * 98)
    assert reply.status == 204


def cors_of(reply: Response) -> dict[str, str]:
    """The headers of a reply that let a page of another origin read it."""
    return {name: value for name, value in reply.headers if name.startswith("access-control")}


@pytest.mark.parametrize("line", ["GET /pets/1", "GET /pets/x", "GET /nowhere", "DELETE /pets/1"])
def test_pages_of_any_origin_may_call(line: str) -> None:
    """A success and a refusal alike can be read by a page of any origin, the headers of the mock among them."""
    fields = cors_of(asker(contract(PETS))(line, {"Origin": "http://localhost:3000"}))
    assert fields["access-control-allow-origin"] == "http://localhost:3000"
    assert fields["access-control-allow-credentials"] == "true"
    assert "tallystick-violations" in fields["access-control-expose-headers"].lower()


def test_a_preflight_is_answered() -> None:
    """A browser that asks first is told that it may, credentials and headers included."""
    asked = {
        "Origin": "http://localhost:3000",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization, x-trace",
    }
    reply = asker(contract(PETS))("OPTIONS /pets/1", asked)
    assert reply.status == 200
    assert "PUT" in cors_of(reply)["access-control-allow-methods"]
    assert "authorization" in cors_of(reply)["access-control-allow-headers"]


def test_without_cors_no_other_origin_may_call() -> None:
    """Where it is switched off there is no such header."""
    ask = asker(contract(PETS), cors=False)
    assert cors_of(ask("GET /pets/1", {"Origin": "http://localhost:3000"})) == {}
    assert ask("OPTIONS /pets/1", {"Origin": "x", "Access-Control-Request-Method": "PUT"}).status == 405


def test_each_exchange_is_told_to_the_journal() -> None:
    """The journal hears the request line, the status and each violation, on one printable line each."""
    told: list[tuple[str, int, list[str]]] = []
    ask = asker(contract(PETS), log=lambda *row: told.append(row))
    ask("GET /pets/1?q=é")
    ask("GET /pets/x")
    ask("GET /nowhere")
    ask("PUT /pets/1", {"Content-Type": "text/\x9b31m"}, b"x")
    assert told == [
        ("GET /pets/1?q=%C3%A9", 200, []),
        ("GET /pets/x", 422, ['path.id: "x" is a string; expected an integer']),
        ("GET /nowhere", 404, []),
        (
            "PUT /pets/1",
            415,
            [r"header.Content-Type: the body is of the media type 'text/\x9b31m'; expected application/json"],
        ),
    ]


def test_the_journal_counts_what_the_header_had_no_room_for() -> None:
    """Of very many violations the journal tells the first, and how many more there are."""
    told: list[list[str]] = []
    content = {"application/json": {"schema": {"items": {"type": "integer"}}}}
    described = {"paths": {"/": {"post": {"requestBody": {"content": content}, "responses": {}}}}}
    ask = asker(contract(described), log=lambda _line, _status, violations: told.append(violations))
    reply = ask("POST /", {"Content-Type": "application/json"}, json.dumps(["x"] * 500).encode())
    assert len(json.loads(reply.body)["violations"]) == 500
    ((*first, last),) = told
    assert last == f"and {500 - len(first)} more"
    assert len(first) > 20


@given(st.lists(st.tuples(st.text(max_size=2000), st.text(max_size=2000)), max_size=60))
def test_the_header_of_violations_is_bounded_json(rows: list[tuple[str, str]]) -> None:
    """However many and long the violations are, the header is short, plain ASCII, and says how many it leaves out."""
    place = Place("test.yaml")
    violations = [Violation("some-rule", Severity.ERROR, where, place, message) for where, message in rows]
    fields = violations_header(violations)
    assert bool(fields) == bool(violations)
    for _, value in fields:
        assert len(value) <= HEADER_BYTES
        assert value.isascii()
        assert value.isprintable()
        told = json.loads(value)
        shown = [one for one in told if "where" in one]
        assert [(one["where"], one["message"]) for one in shown] == rows[: len(shown)]
        assert len(shown) == len(rows) or told[-1] == {"more": len(rows) - len(shown)}


def test_a_problem_of_a_status_without_a_phrase() -> None:
    """A status that HTTP does not know has a title all the same."""
    assert Problem(499, "closed").title == "Status 499"
    assert Problem(418, "short and stout").title == "I'm a Teapot"
    assert respond(Problem(404, "gone"), "text/html").body == b"gone"


@pytest.mark.parametrize("line", ["HEAD /pets/1", "HEAD /pets/x", "HEAD /nowhere"])
def test_head_has_the_headers_of_get_and_no_body(line: str) -> None:
    """HEAD is answered as GET would be, without the bytes."""
    ask = asker(contract(PETS))
    head, get = ask(line), ask(line.replace("HEAD", "GET"))
    assert (head.status, head.headers, head.body) == (get.status, get.headers, b"")
    assert header(get, "content-length") == str(len(get.body))


def scope_of(line: str, **fields: Any) -> dict[str, Any]:
    """An ASGI scope, as bare as servers may make it."""
    made = request(line)
    return {
        "type": "http",
        "method": made.method,
        "path": made.path,
        "query_string": made.query.encode(),
        "headers": [],
        "root_path": "",
        **fields,
    }


def played(app: Any, scope: dict[str, Any], *received: dict[str, Any]) -> list[dict[str, Any]]:
    """What an ASGI application sends for what it receives."""
    incoming, sent = list(received), []

    async def receive() -> dict[str, Any]:
        return incoming.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


EMPTY = {"type": "http.request"}


def test_a_server_that_gives_no_raw_path() -> None:
    """Where the server only tells the decoded path it is encoded again."""
    app = create_app([contract("paths: {'/café/{name}': {get: {responses: {'204': {description: Done}}}}}")])
    assert played(app, scope_of("GET /café/a b"), EMPTY)[0]["status"] == 204


def test_bytes_beyond_ascii_in_a_target() -> None:
    """A client that does not percent-encode is understood: its bytes are taken for UTF-8."""
    described = """
        paths:
          /café:
            get:
              parameters: [{name: q, in: query, required: true, schema: {enum: [é]}}]
              responses: {'204': {description: Done}}
    """
    scope = scope_of("GET /", raw_path="/café".encode(), query_string="q=é".encode())
    assert played(create_app([contract(described)]), scope, EMPTY)[0]["status"] == 204


def test_a_client_that_goes_away_in_the_middle_of_a_body() -> None:
    """What has been received is judged; nobody waits for more."""
    scope = scope_of("PUT /pets/1", headers=[(b"content-type", b"application/json")])
    parts = {"type": "http.request", "body": b'{"a"', "more_body": True}, {"type": "http.disconnect"}
    assert played(create_app([contract(PETS)]), scope, *parts)[0]["status"] == 422


def test_what_is_no_request() -> None:
    """Start and end of a server are heard, and a websocket is closed."""
    app = create_app([contract(PETS)], log=lambda *_: None)
    started = [{"type": f"lifespan.{step}"} for step in ("startup", "shutdown")]
    assert [one["type"] for one in played(app, {"type": "lifespan"}, *started)] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    socket = {"type": "websocket", "path": "/", "headers": []}
    assert played(app, socket, {"type": "websocket.connect"}) == [{"type": "websocket.close", "code": 1008}]


def test_a_fault_of_our_own_is_told_and_does_not_end_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong in the mock itself is a 500 that says so; to those who look for it, it is raised."""

    def broken(*_: Any) -> None:
        raise RuntimeError("the stick broke")

    ask = asker(contract(PETS))
    monkeypatch.setattr(GatedOperation, "answer", broken)
    with pytest.raises(RuntimeError):
        ask("GET /pets/1")
    monkeypatch.delenv("TALLYSTICK_DEBUG")
    reply = ask("GET /pets/1")
    assert reply.status == 500
    assert (
        json.loads(reply.body)["detail"]
        == "a fault of tallystick itself: RuntimeError: the stick broke; please report it"
    )


STATE = """
    paths:
      /pets:
        post: {responses: {'201': {description: Created}}}
      /pets/{id}:
        get: {responses: {'204': {description: Pet}, '404': {description: Gone}}}
        put: {responses: {'204': {description: Pet}}}
        delete: {responses: {'204': {description: Deleted}, '404': {description: Gone}}}
      /pets/{id}/toys:
        get: {responses: {'204': {description: Toys}, '404': {description: Gone}}}
        delete: {responses: {'204': {description: No toys}}}
      /plain/{id}:
        get: {responses: {'204': {description: Plain}}}
        delete: {responses: {'204': {description: Deleted}}}
"""


def statuses(stateful: bool, *lines: str) -> list[int]:
    """The statuses of several requests to one mock."""
    ask = asker(contract(STATE), stateful=stateful)
    return [ask(line).status for line in lines]


def test_what_was_deleted_is_gone_where_the_mock_keeps_state() -> None:
    """A deleted path, and what is below it, is a 404 until it is made again."""
    lines = (
        "GET /pets/1",
        "DELETE /pets/1",
        "GET /pets/1",
        "GET /pets/1/toys",
        "GET /pets/2",
        "PUT /pets/1",
        "GET /pets/1",
    )
    assert statuses(True, *lines) == [204, 204, 404, 404, 204, 204, 204]
    assert statuses(False, *lines) == [204] * 7
    assert statuses(True, "DELETE /pets/1", "POST /pets", "GET /pets/1") == [204, 201, 204]
    assert statuses(True, "DELETE /pets/1", "DELETE /pets/1", "HEAD /pets/1") == [204, 204, 404]


def test_what_a_post_names_comes_back() -> None:
    """Of several that were deleted, the one that the reply to a creation names is there again."""
    ask = asker(
        contract(
            STATE.replace("{description: Created}", "{description: Created, headers: {Location: {example: /pets/2}}}")
        ),
        stateful=True,
    )
    lines = ("DELETE /pets/1", "DELETE /pets/%32", "POST /pets", "GET /pets/1", "GET /pets/2")
    assert [ask(line).status for line in lines] == [204, 204, 201, 404, 204]


def test_only_so_many_deletions_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest deletion is forgotten first, and one that did not succeed is none."""
    monkeypatch.setattr(stateful, "MOST", 2)
    ask = asker(contract(STATE), stateful=True)
    assert ask("DELETE /pets/9", {"Prefer": "code=404"}).status == 404
    for name in ("1", "2", "3"):
        assert ask(f"DELETE /pets/{name}").status == 204
    assert [ask(f"GET /pets/{name}").status for name in ("9", "1", "2", "3")] == [204, 204, 404, 404]


def test_what_cannot_be_gone_stays() -> None:
    """Where no 404 is documented nothing is gone, and what deletes a whole collection deletes no resource."""
    assert statuses(True, "DELETE /plain/1", "GET /plain/1") == [204, 204]
    assert statuses(True, "DELETE /pets/1/toys", "GET /pets/1/toys") == [204, 204]
    ask = asker(contract(STATE), stateful=True)
    assert header(ask("GET /pets/1"), "tallystick-mock") == "stateful"
    assert header(ask("GET /plain/1"), "tallystick-mock") == "stateless"


def test_a_contract_without_operations_is_served() -> None:
    """An empty contract answers each request with a 404."""
    assert asker(contract("paths: {}"))("GET /").status == 404
    assert asker()("GET /").status == 404


def test_a_reply_is_made_once() -> None:
    """The bytes of a reply are made on first use, and no `Accept` of a client makes more than are documented."""
    (known,) = contract(
        "paths: {/: {get: {responses: {2XX: {description: Any, content: {'image/*': {schema: {type: string}}}}}}}}"
    )
    replies = Replies(known)
    first = replies.answer(Wish(), "")
    assert replies.answer(Wish(), "*/*") == first
    for number in range(50):
        replies.answer(Wish(), f"image/x-{number}")
    assert len(replies.made) == 1


@pytest.mark.parametrize(
    ("prefer", "expected"),
    [
        ("code=404", Wish("404")),
        ('example="a, b; c=d", code = 404', Wish("404", "a, b; c=d")),
        ("code=404, code=500", Wish("404")),
        ("respond-async; wait=10, Example=x", Wish("", "x")),
        ('code="404', Wish()),
        ("", Wish()),
        ("a" * 60_000, Wish()),
        ('"' * 59_999, Wish()),
        ("=," * 30_000 + "code=404", Wish("404")),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_a_request_prefers(prefer: str, expected: Wish) -> None:
    """The first of a preference counts, quoted or not, and a field of any length is read in one pass."""
    before = time.process_time()
    assert wish_of(prefer) == expected
    assert time.process_time() - before < 1


def test_a_long_unknown_path_is_cut_in_its_problem() -> None:
    """A problem does not repeat a path of any length."""
    reply = asker(contract(PETS))("GET /" + "a" * 60_000)
    assert reply.status == 404
    assert len(reply.body) < 400


def test_unknown_paths_are_compared_with_the_likeliest() -> None:
    """Among very many paths the near ones are found without looking closely at each."""
    many = {f"/things{number}/{{id}}/parts": {"get": {"responses": {}}} for number in range(2000)}
    found = Routes([contract({"paths": {**many, "/repos/{owner}/{repo}/issues": {"get": {"responses": {}}}}})]).find(
        "GET", "", "/repos/a/b/isues"
    )
    assert isinstance(found, Problem)
    assert found.detail.endswith("near it: /repos/{owner}/{repo}/issues")


PIECES = st.sampled_from(
    ["/", "pets", "v1", "sessions", "api", "%2F", "%", "{id}", "x", "é", "?", "&", "=", "limit", "[", ";"]
)
FIELDS = st.dictionaries(
    st.sampled_from(["host", "accept", "prefer", "content-type", "authorization", "cookie", "origin", "x"]),
    st.sampled_from(
        ["api.kynasmith.dev", "application/json", "code=422", "example=x", "Bearer x", "Basic", "*/*;q=0", "a=b"]
    )
    | st.text(st.characters(min_codepoint=32, max_codepoint=255)),
)


@given(
    st.sampled_from(["GET", "POST", "HEAD", "PUT", "OPTIONS", "get", "X"]),
    st.lists(PIECES).map("".join),
    FIELDS,
    st.binary(max_size=40) | st.sampled_from([b"{}", b"[1]", b"a=b"]),
)
def test_every_request_is_answered(method: str, path: str, headers: Fields, body: bytes) -> None:
    """Whatever is sent, the answer is complete: a status, a body as long as it says, and problems that are JSON."""
    for ask in (ASK_OURS, ASK_PETS):
        reply = ask(f"{method} /{path}", headers, body)
        assert 200 <= reply.status < 500
        length = header(reply, "content-length")
        assert method == "HEAD" or reply.status in (204, 304) or length == str(len(reply.body))
        if header(reply, "content-type") == "application/problem+json" and method != "HEAD":
            assert json.loads(reply.body)["status"] == reply.status


ASK_PETS = asker(contract(PETS))


def test_the_application_for_any_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """`mock_server.asgi:app` serves what the configuration names, without a command."""
    monkeypatch.chdir(Path(__file__).parent.parent)
    from mock_server.asgi import app

    (start, _) = played(app, scope_of("GET /nowhere"), EMPTY)
    assert start["status"] == 404
