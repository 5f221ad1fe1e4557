"""Sessions of the mock: a request names one by a header, a cookie or the beginning of its path."""

from __future__ import annotations

import json

import pytest
from support.asking import asker, contract, header
from support.mocking import PETS

from tallystick.mock.roles import Answered
from tallystick.mock.sessions import Target, is_session_name, session_of, target_of
from tallystick.nouns import budgets

LISTED = """
    paths:
      /pets:
        post:
          responses:
            '201':
              description: Created
              headers: {Location: {schema: {type: string}, example: /pets/7}}
              content: {application/json: {example: {id: 7, self: /pets/7}}}
      /pets/{id}:
        parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
        get: {responses: {'200': {description: Pet, content: {application/json: {example: {id: 7}}}}}}
"""


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ({}, ""),
        ({"Tallystick-Session": "w1"}, "w1"),
        ({"Cookie": "a=b; tallystick-session=w2; c=d"}, "w2"),
        ({"Cookie": 'tallystick-session="w2"'}, "w2"),
        ({"Cookie": "a=b; Tallystick-Session=w2"}, "w2"),
        ({"Cookie": "not-tallystick-session=w2"}, ""),
        ({"Tallystick-Session": "w1", "Cookie": "tallystick-session=w2"}, "w1"),
    ],
)
def test_a_request_names_its_session(headers: dict[str, str], named: str) -> None:
    """A header goes before a cookie, and listeners hear which session it was."""
    assert session_of({name.lower(): value for name, value in headers.items()}) == named
    heard: list[Answered] = []
    assert asker(contract(PETS), listeners=[heard.append])("GET /pets/1", headers).status == 200
    assert heard[0].session == named


@pytest.mark.parametrize(
    ("line", "base_path", "session", "prefix"),
    [
        ("GET /~w1/pets/1", "", "w1", "/~w1"),
        ("GET /~w1/test/pets/1", "", "w1", "/~w1/test"),
        ("GET /~w%31/pets/1", "", "w1", "/~w%31"),
        ("GET /~w1/v1/pets/1", "/v1", "w1", "/~w1/v1"),
        ("GET /v1/~w1/pets/1", "/v1", "w1", "/v1/~w1"),
        ("GET /v1/~w1/test/pets/1", "/v1", "w1", "/v1/~w1/test"),
    ],
)
def test_a_path_names_its_session(line: str, base_path: str, session: str, prefix: str) -> None:
    """It stands before or behind the base path; it is no part of the contract's path, and goes before a header."""
    heard: list[Answered] = []
    ask = asker(contract(PETS), listeners=[heard.append], base_path=base_path)
    assert ask(line, {"Tallystick-Session": "other"}).status == 200
    (answered,) = heard
    assert answered.route is not None
    assert (answered.session, answered.route.prefix) == (session, prefix)
    assert answered.exchange.request.path == "/pets/1"


def test_a_location_keeps_the_session_of_its_path() -> None:
    """Who follows it stays in the session."""
    reply = asker(contract(LISTED))("POST /~w1/pets")
    assert header(reply, "location") == "/~w1/pets/8"


@pytest.mark.parametrize("name", ["a b", "", "ä", "a/b", "x" * (budgets.SESSION_NAME_CHARACTERS + 1), "a,b"])
def test_a_name_that_is_none_is_told(name: str) -> None:
    """What cannot name a session gets a 400 that says what can."""
    assert not is_session_name(name)
    quoted = name.replace(" ", "%20").replace("/", "%2F").replace("ä", "%C3%A4")
    replies = [asker(contract(PETS))(f"GET /~{quoted}/pets/1")]
    if name and name.isascii():
        replies.append(asker(contract(PETS))("GET /pets/1", {"Tallystick-Session": name}))
    for reply in replies:
        problem = json.loads(reply.body)
        assert (reply.status, problem["status"]) == (400, 400)
        assert "is no name of a session" in problem["detail"]


def test_a_path_of_the_contract_itself_names_no_session() -> None:
    """Where a contract has paths that begin with the mark, those stay what they are."""
    heard: list[Answered] = []
    ask = asker(contract(PETS.replace("/pets/{id}", "/~pets/{id}")), listeners=[heard.append])
    assert ask("GET /~pets/1").status == 200
    assert ask("GET /~w1/~pets/1").status == 200
    assert [each.session for each in heard] == ["", "w1"]


def test_targets() -> None:
    """A session alone leads to the root."""
    assert target_of("", "/~w1", ("",)) == Target("w1", "/", "/~w1", "")
    assert target_of("", "/v1/~w1/a/b", ("", "/v1")) == Target("w1", "/v1/a/b", "/~w1", "/v1")
    assert target_of("w2", "/a/~b", ("",)) == Target("w2", "/a/~b")
