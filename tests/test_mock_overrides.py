"""Overrides: what a test has the mock answer to some requests."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from support.asking import header
from support.pet_shop import JSON_BODY, Shop

from tallystick.mock.json_members import WrongMemberError
from tallystick.mock.overrides.making import problems_of
from tallystick.mock.overrides.override import override_of
from tallystick.mock.patterns.pattern import operations_of
from tallystick.wire.write import write_json


@pytest.fixture
def shop() -> Shop:
    return Shop()


def problems(shop: Shop, **spec: Any) -> list[str]:
    """What is wrong with an override by the contract of a shop."""
    override = override_of(spec)
    operations = operations_of(override.pattern, [shop.contract], "match")
    replies = [shop.memory.replies_of(each) for each in operations]
    return [
        f"{problem.detail}: {'; '.join(each.message for each in problem.violations)}"
        for problem in problems_of(override, operations, replies)
    ]


def test_a_documented_code_answers_the_next_calls(shop: Shop) -> None:
    """A code is answered as often as it was asked for, with the documented body, and says which override it is."""
    id = shop.override(match="getPet", reply={"code": 404}, times=2)
    replies = [shop.ask("GET /pets/1") for _ in range(3)]
    assert [reply.status for reply in replies] == [404, 404, 200]
    assert json.loads(replies[0].body) == {"message": "no such pet"}
    assert header(replies[0], "tallystick-override") == id
    assert header(replies[2], "tallystick-override") is None
    assert shop.overrides() == []


def test_an_override_stays_until_it_is_dropped(shop: Shop) -> None:
    """Without a number of calls an override stays, and is gone once it is dropped."""
    id = shop.override(match={"operation": "GET /pets/{id}"}, reply={"example": "dog"})
    assert [json.loads(shop.ask("GET /pets/2").body)["name"] for _ in range(3)] == ["Rex"] * 3
    assert shop.drop(id) == 1
    assert shop.drop(id) == 0
    assert header(shop.ask("GET /pets/2"), "tallystick-override") is None


def test_the_newest_override_goes_first(shop: Shop) -> None:
    """Of two overrides that mean a request, the newer one answers; the older one when that is used up or dropped."""
    shop.override(match="getPet", reply={"code": 404})
    shop.override(match="getPet", reply={"example": "dog"}, times=1)
    assert [shop.ask("GET /pets/1").status for _ in range(2)] == [200, 404]
    shop.override(match={"operation": "getPet", "path": {"id": 7}}, reply={"code": 200})
    assert [shop.ask(f"GET /pets/{id}").status for id in (7, 8)] == [200, 404]
    assert len(shop.overrides()) == 2
    assert shop.drop() == 2
    assert shop.ask("GET /pets/8").status == 200


@pytest.mark.parametrize(
    ("match", "is_meant"),
    [
        ("createPet", True),
        ("POST /pets", True),
        ("post /pets", True),
        ("tag:pets", True),
        ("*", True),
        ({}, True),
        ({"operation": ["getPet", "createPet"]}, True),
        ({"operation": "getPet"}, False),
        ({"contract": "shop"}, True),
        ({"contract": "other"}, False),
        ({"query": {"a": 1}}, True),
        ({"query": {"a": "1", "b": "x y"}}, True),
        ({"query": {"a": 2}}, False),
        ({"query": {"c": None}}, True),
        ({"query": {"a": None}}, False),
        ({"headers": {"X-Tenant": "blue"}}, True),
        ({"headers": {"x-tenant": "red"}}, False),
        ({"cookies": {"theme": "dark"}}, True),
        ({"body": {"name": "Rex"}}, True),
        ({"body": {"owner": {"name": "Ann"}, "tags": ["a", "b"]}}, True),
        ({"body": {"tags": ["a"]}}, False),
        ({"body": {"age": 3}}, True),
        ({"body": {"age": "3"}}, False),
        ({"body": {"name": None}}, False),
    ],
)
def test_a_pattern_means_requests(shop: Shop, match: Any, is_meant: bool) -> None:
    """A pattern means the requests that have all it says: operation, query, headers, cookies and parts of the body."""
    shop.override(match=match, reply={"code": 409})
    body = {"name": "Rex", "age": 3, "owner": {"name": "Ann", "id": 1}, "tags": ["a", "b"]}
    fields = {**JSON_BODY, "X-Tenant": "blue", "Cookie": "theme=dark; a=b"}
    reply = shop.ask("POST /pets?a=1&b=x+y", fields, write_json(body))
    assert (reply.status == 409) is is_meant


def test_path_values_are_read_by_the_contract(shop: Shop) -> None:
    """A path value is the number that the contract has it as, or its text; a path may be named as it is sent."""
    for match in ({"path": {"id": 7}}, {"path": {"id": "7"}}, "GET /pets/7", "/pets/7"):
        shop.override(match=match, reply={"code": 404}, times=1)
        assert [shop.ask(f"GET /pets/{id}").status for id in (8, 7, 7)] == [200, 404, 200]


def test_a_body_of_the_callers_is_sent(shop: Shop) -> None:
    """A body of the caller's is sent with the documented status and header fields; own fields take their place."""
    pet = {"id": 5, "name": "Zoe"}
    shop.override(match="getPet", reply={"body": pet}, times=1)
    reply = shop.ask("GET /pets/5")
    assert (reply.status, json.loads(reply.body)) == (200, pet)
    assert header(reply, "content-type") == "application/json"
    assert header(reply, "x-rate") == "7"
    assert header(reply, "tallystick-violations") is None
    shop.override(match="getPet", reply={"headers": {"X-Rate": 0, "X-Own": ["a", "b"]}}, times=1)
    reply = shop.ask("GET /pets/1")
    assert json.loads(reply.body)["name"] == "Tom"
    assert [value for name, value in reply.headers if name.startswith("x-")] == ["0", "a", "b"]


def test_bytes_and_texts_are_bodies(shop: Shop) -> None:
    """A body may be given as a text or in base64; then it is sent as it is."""
    fields = {"content-type": "text/csv"}
    shop.override(match="listPets", replies=[{"body_text": "a,b", "headers": fields}, {"body_base64": "AAE="}])
    assert [shop.ask("GET /pets").body for _ in range(2)] == [b"a,b", b"\0\1"]


def test_replies_come_one_after_the_other(shop: Shop) -> None:
    """Of a sequence the last reply stays, or with `end` the mock answers as usual after it."""
    replies = [{"code": 404}, {"example": "dog"}]
    shop.override(match="getPet", replies=replies)
    assert [json.loads(shop.ask("GET /pets/1").body).get("name") for _ in range(3)] == [None, "Rex", "Rex"]
    assert shop.overrides()[0]["calls"] == 3
    shop.drop()
    shop.override(match="getPet", replies=replies, then="end")
    ids = [header(shop.ask("GET /pets/2"), "tallystick-override") for _ in range(3)]
    assert ids == ["2", "2", None]


def test_a_fault_is_met(shop: Shop) -> None:
    """A fault is that of the header Tallystick-Fault: a refusal, or what goes wrong with the usual or another reply."""
    shop.override(match="getPet", fault="503 retry-after=3", times=1)
    reply = shop.ask("GET /pets/1")
    assert (reply.status, header(reply, "retry-after")) == (503, "3")
    assert header(reply, "tallystick-fault") == "503 retry-after=3"
    assert header(reply, "tallystick-override") == "1"
    shop.override(match="getPet", reply={"fault": "latency=1ms", "code": 404}, times=1)
    reply = shop.ask("GET /pets/1")
    assert (reply.status, header(reply, "tallystick-fault")) == (404, "latency=1ms")
    shop.override(match="getPet", fault="body=empty", times=1)
    assert shop.ask("GET /pets/1").status == 200
    shop.override(match="getPet", fault="drop", times=1)
    with pytest.raises(ConnectionResetError):
        shop.ask("GET /pets/1")
    shop.override(match="getPet", fault="0% 503", times=1)
    assert [shop.ask("GET /pets/1").status for _ in range(2)] == [200, 200]


def test_sessions_have_overrides_of_their_own(shop: Shop) -> None:
    """An override answers in its own session only."""
    shop.override("blue", match="getPet", reply={"code": 404})
    blue, red = {"Tallystick-Session": "blue"}, {"Tallystick-Session": "red"}
    assert [shop.ask("GET /pets/1", fields).status for fields in (blue, {}, red)] == [404, 200, 200]
    assert shop.ask("GET /~blue/pets/1").status == 404


def test_a_fault_is_met_by_invalid_requests_too(shop: Shop) -> None:
    """A fault meets whatever comes, as one of the settings does, but where a newer override says what the reply is."""
    shop.override(match={}, fault="503")
    assert [shop.ask(line).status for line in ("GET /pets/x", "GET /pets/1", "POST /pets")] == [503, 503, 503]
    shop.override(match="getPet", reply={"example": "dog"}, times=1)
    assert [shop.ask("GET /pets/1").status for _ in range(2)] == [200, 503]
    shop.override(match="getPet", fault="latency=1ms")
    reply = shop.ask("GET /pets/1")
    assert (reply.status, header(reply, "tallystick-fault")) == (200, "latency=1ms")


def test_an_invalid_request_uses_up_nothing(shop: Shop) -> None:
    """A request that breaks the contract is refused as ever, and the override waits for a valid one."""
    shop.override(match="createPet", reply={"code": 409}, times=1)
    bodies = (b"{}", b'{"name": "Rex"}', b'{"name": "Rex"}')
    assert [shop.ask("POST /pets", JSON_BODY, body).status for body in bodies] == [422, 409, 201]


def test_replies_are_judged_when_they_are_set(shop: Shop) -> None:
    """What breaks the contract is told before the first request: a body, a header, a code, an example."""
    assert problems(shop, match="getPet", reply={"body": {"id": 1, "name": "Rex"}}) == []
    (problem,) = problems(shop, match="getPet", reply={"body": {"id": "x"}})
    assert "allow_invalid" in problem
    assert "name" in problem
    assert problems(shop, match="getPet", reply={"headers": {"X-Rate": "many"}})
    (problem,) = problems(shop, match="getPet", replies=[{"code": 404}, {"code": 500}])
    assert problem.startswith("reply 2, GET /pets/{id} documents no response 500; it has 200, 404; set it with allow_")
    assert "or set the fault `500`" in problem
    (problem,) = problems(shop, match="getPet", reply={"example": "cow"})
    assert "no example 'cow'" in problem
    assert problems(shop, match="getPet", fault="503") == []


def test_what_is_allowed_to_be_invalid_is_sent_and_told(shop: Shop) -> None:
    """With `allow_invalid` a reply is sent as it was asked for, and says what it breaks."""
    shop.override(match="getPet", reply={"body": {"id": "x"}}, allow_invalid=True, times=1)
    reply = shop.ask("GET /pets/1")
    assert json.loads(reply.body) == {"id": "x"}
    assert "response.body" in str(header(reply, "tallystick-violations"))
    shop.override(match="getPet", reply={"code": 500}, allow_invalid=True, times=1)
    assert shop.ask("GET /pets/1").status == 500
    shop.override(match="getPet", reply={"code": 204, "body": {"id": 1}}, allow_invalid=True, times=1)
    reply = shop.ask("GET /pets/1")
    assert (reply.status, reply.body) == (204, b"")  # else the server would end the connection
    strict = Shop(errors=True)
    strict.override(match="getPet", reply={"status": 200, "body": {"id": "x"}}, allow_invalid=True)
    assert json.loads(strict.ask("GET /pets/1").body) == {"id": "x"}


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"reply": {"code": 404}}, "match: which requests are answered is missing"),
        ({"match": "getPet"}, "reply: what is answered is missing"),
        ({"match": 3, "reply": {"code": 404}}, "match: an object was expected, not 3"),
        ({"match": {"operaton": "x"}, "fault": "drop"}, "match.operaton: unknown member 'operaton'; did you mean"),
        ({"match": {"query": [1]}, "fault": "drop"}, "match.query: an object of names and values was expected"),
        ({"match": {}, "reply": {}}, "reply: nothing is asked for"),
        ({"match": {}, "reply": {"code": 99}}, "reply.code: a status from 200 to 599"),
        ({"match": {}, "reply": {"code": True}}, "reply.code: a status from 200 to 599"),
        ({"match": {}, "replies": []}, "replies: a list of 1 to"),
        ({"match": {}, "replies": [{"code": 200}, {"fault": "bang"}]}, "replies[1].fault: 'bang'"),
        ({"match": {}, "reply": {"code": 200}, "fault": "drop"}, "fault: it cannot stand beside 'reply'"),
        ({"match": {}, "reply": {"body": 1, "body_text": "x"}}, "reply.body_text: it cannot stand beside 'body'"),
        ({"match": {}, "reply": {"body_base64": "?"}}, "reply.body_base64: a text in base64"),
        ({"match": {}, "reply": {"headers": {"content-length": "3"}}}, "reply.headers.content-length: this is no name"),
        ({"match": {}, "reply": {"headers": {"a": "\n"}}}, "reply.headers.a: a text that a header field can have"),
        ({"match": {}, "fault": "drop", "times": 0}, "times: a whole number from 1 to"),
        ({"match": {}, "fault": "drop", "then": "stop"}, "then: 'stop' is unknown"),
        (
            {"match": {}, "reply": {"headers": {"X-A": "a\x7f"}}},
            "reply.headers.X-A: a text that a header field can have",
        ),
        ({"match": {}, "fault": "drop", "allow_invalid": 1}, "allow_invalid: true or false was expected"),
    ],
)
def test_a_wrong_override_is_told_with_its_place(spec: dict[str, Any], message: str) -> None:
    """What is wrong with the text of an override is told with its place in it."""
    with pytest.raises(WrongMemberError) as error:
        override_of(spec)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("match", "message"),
    [
        ({"operation": "getPets"}, "match.operation: no operation is 'getPets'; did you mean"),
        ({"contract": "shopp"}, "match.contract: no contract is named 'shopp'; did you mean 'shop'?"),
        ({"operation": "getPet", "path": {"petId": 1}}, "match.path.petId: no path of getPet has this name"),
    ],
)
def test_a_pattern_that_means_nothing_is_told(shop: Shop, match: Any, message: str) -> None:
    """A pattern that means no operation of the contracts is told, with what would have worked."""
    with pytest.raises(WrongMemberError) as error:
        operations_of(override_of({"match": match, "fault": "drop"}).pattern, [shop.contract], "match")
    assert str(error.value).startswith(message)


def test_requests_at_once_share_the_calls(shop: Shop) -> None:
    """Of requests at once, as many are answered by an override as it was asked for."""
    shop.override(match="getPet", reply={"code": 404}, times=3)
    overrides = shop.memory.overrides

    async def calls() -> list[int | None]:
        (row,) = await overrides.rows("")
        return await asyncio.gather(*(overrides.taken("", row) for _ in range(10)))

    assert sorted(number for number in asyncio.run(calls()) if number is not None) == [0, 1, 2]


def test_the_draws_of_a_fault_are_of_its_session(shop: Shop) -> None:
    """A fault with a rate meets the same requests in each session, whatever others ask for meanwhile."""
    for session in ("a", "b"):
        shop.override(session, match={}, fault="50% 503")
    statuses = {session: [shop.ask(f"GET /~{session}/pets/1").status for _ in range(6)] for session in ("a", "b")}
    assert statuses["a"] == statuses["b"]
    assert set(statuses["a"]) == {200, 503}


def test_a_fault_goes_on_while_other_overrides_come_and_go(shop: Shop) -> None:
    """Its draws do not begin anew with each change of the overrides of its session."""
    shop.override(match="getPet", fault="50% 503")
    statuses = []
    for _ in range(6):
        shop.drop(shop.override(match="listPets", reply={"code": 200}))
        statuses.append(shop.ask("GET /pets/1").status)
    assert sorted(statuses) == [200, 200, 200, 503, 503, 503]
