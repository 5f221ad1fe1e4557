"""The mock as an ASGI application in this process: what the scenarios, one exchange a time, do not reach."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.asking import Fields, asker, contract, header
from support.folders import OPENAPI
from support.mocking import PETS

from tallystick.contracts.read import read_contract
from tallystick.examples.requests import example_request
from tallystick.mock.app import create_app
from tallystick.mock.problem import Problem
from tallystick.mock.responders.examples import Replies
from tallystick.mock.routes import Route, Routes
from tallystick.mock.wishes import Wish, wish_of
from tallystick.nouns import budgets
from tallystick.nouns.contract import Operation
from tallystick.nouns.errors import UsageError
from tallystick.nouns.exchange import Exchange, Request
from tallystick.rules.judge import judge

OURS = [read_contract(file) for file in sorted(OPENAPI.glob("*.yaml"))]
ASK_OURS = asker(*OURS)
ENDPOINTS = [pytest.param(known, one, id=f"{known.name} {one.label}") for known in OURS for one in known]


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
    assert header(reply, "tallystick-mock") == "stateful"


@pytest.mark.parametrize(("known", "operation"), ENDPOINTS)
def test_every_named_example_of_our_own_can_be_asked_for(known: Any, operation: Operation) -> None:
    """A named example is served as it stands in the contract, and every one of them is valid."""
    made = under(f"/{known.name}", example_request(operation))
    asked = 0
    for definition in operation.responses:
        for body_format in definition.content:
            for example in body_format.examples:
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
    monkeypatch.setattr(budgets, "BODY_BYTES", 100)
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


@pytest.mark.parametrize("line", ["HEAD /pets/1", "HEAD /pets/x", "HEAD /nowhere"])
def test_head_has_the_headers_of_get_and_no_body(line: str) -> None:
    """HEAD is answered as GET would be, without the bytes."""
    ask = asker(contract(PETS))
    head, get = ask(line), ask(line.replace("HEAD", "GET"))
    assert (head.status, head.headers, head.body) == (get.status, get.headers, b"")
    assert header(get, "content-length") == str(len(get.body))


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


def test_routes_are_remembered() -> None:
    """A path that is asked for again leads to the same route; only short ones are remembered, and no problems."""
    routes = Routes([contract({"paths": {"/pets/{id}": {"get": {"responses": {}}}}})])
    assert routes.find("GET", "a", "/pets/1") is routes.find("GET", "a", "/pets/1")
    assert routes.find("GET", "a", "/pets/2") is not routes.find("GET", "a", "/pets/1")
    assert isinstance(routes.find("POST", "a", "/pets/1"), Problem)
    for number in range(5_000):
        assert isinstance(routes.find("GET", "a", f"/pets/{number}"), Route)
        assert isinstance(routes.find("GET", "a", f"/pets/{number:0300}"), Route)
    assert 0 < len(routes.found) <= 2_000
    assert all(len(path) < 50 for _, _, path in routes.found)


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
