"""What is put where a contract says little of it: no item that can be read, no id in it, or no members at all."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from support.asking import Ask, asker, contract, header

SENT = {"Content-Type": "application/json"}


def reply(schema: str) -> str:
    """A documented 200 with a body of a schema."""
    return f"{{'200': {{description: ok, content: {{application/json: {{schema: {schema}}}}}}}}}"


def sent(schema: str) -> str:
    """A request body of a schema."""
    return f"{{content: {{application/json: {{schema: {schema}}}}}}}"


def ask_json(ask: Ask, line: str, value: Any = None) -> Any:
    """The value of the body that answers a request; None for no body."""
    response = ask(line, SENT, b"" if value is None else json.dumps(value).encode())
    assert response.status < 300, response.body
    return json.loads(response.body) if response.body else None


MEMBER = "{type: object, required: [userId, role], properties: {userId: {type: integer}, role: {type: string}}}"


def test_a_row_of_what_cannot_be_read_has_the_id_of_its_path() -> None:
    """What is put once or twice is one row, and gone when it is deleted."""
    source = f"""
    paths:
      /members:
        get: {{responses: {reply(f"{{type: object, properties: {{members: {{type: array, items: {MEMBER}}}}}}}")}}}
      /members/{{userId}}:
        parameters: [{{name: userId, in: path, required: true, schema: {{type: integer}}}}]
        put:
          requestBody: {sent("{type: object, properties: {role: {type: string}}}")}
          responses: {{'204': {{description: done}}}}
        delete: {{responses: {{'204': {{description: gone}}}}}}
    """
    ask = asker(contract(source))
    before = ask_json(ask, "GET /members")["members"]
    own = before[1]["userId"]
    for role in ("owner", "guest"):
        ask_json(ask, "PUT /members/5", {"role": role})
        assert ask_json(ask, "GET /members")["members"] == [{"userId": 5, "role": role}, *before]
    ask_json(ask, f"PUT /members/{own}", {"role": "guest"})
    rows = ask_json(ask, "GET /members")["members"]
    assert [row for row in rows if row["userId"] == own] == [{"userId": own, "role": "guest"}]
    ask_json(ask, "DELETE /members/5")
    assert 5 not in [row["userId"] for row in ask_json(ask, "GET /members")["members"]]


@pytest.mark.parametrize(("type_", "first", "second"), [("string", "news", "7"), ("integer", 8, 7)])
def test_a_list_of_ids_has_those_that_are_in_the_path_alone(type_: str, first: object, second: object) -> None:
    """Each is a row in the type of the rows, once; and none when it is deleted."""
    topic = "{type: object, properties: {partitions: {type: integer}}}"
    source = f"""
    paths:
      /topics:
        get: {{responses: {reply(f"{{type: array, items: {{type: {type_}}}}}")}}}
      /topics/{{topic}}:
        parameters: [{{name: topic, in: path, required: true, schema: {{type: string}}}}]
        get: {{responses: {reply(topic)}}}
        put: {{requestBody: {sent(topic)}, responses: {{'204': {{description: done}}}}}}
        delete: {{responses: {{'204': {{description: gone}}}}}}
    """
    ask = asker(contract(source), state=("closed",))
    for topic_id in (first, second, first):
        ask_json(ask, f"PUT /topics/{topic_id}", {"partitions": 3})
    assert ask_json(ask, "GET /topics") == [second, first]
    assert ask_json(ask, f"GET /topics/{first}") == {"partitions": 3}
    ask_json(ask, f"DELETE /topics/{first}")
    assert ask_json(ask, "GET /topics") == [second]


TASK = """
    type: object
    required: [title]
    properties:
      id: {type: string, readOnly: true}
      title: {type: string}
      due: {type: [string, 'null'], format: date}
      note: {type: string}
      owner: {type: object, properties: {name: {type: string}, phone: {type: [string, 'null']}}}
      labels: {type: object, additionalProperties: {type: [string, 'null']}}
"""
NULLS = """
    type: object
    properties:
      title: {type: string}
      due: {type: [string, 'null']}
      note: {type: [string, 'null']}
      owner: {type: object, properties: {name: {type: string}, phone: {type: [string, 'null']}}}
      labels: {type: object, additionalProperties: {type: [string, 'null']}}
"""


@pytest.mark.parametrize("media_type", ["application/json", "application/merge-patch+json"])
@pytest.mark.parametrize(("method", "rest"), [("PATCH", {}), ("PUT", {"title": "Tea"})])
def test_null_is_null_where_the_replies_say_so_and_else_nothing(
    media_type: str, method: str, rest: dict[str, str]
) -> None:
    """So it is inside of objects, too; a member of a map is removed."""
    content = {media_type: {"schema": yaml.safe_load(NULLS)}}
    answer = {"description": "ok", "content": {"application/json": {"schema": yaml.safe_load(TASK)}}}
    parameter = {"name": "taskId", "in": "path", "required": True, "schema": {"type": "string"}}
    changing = {"requestBody": {"content": content}, "responses": {"200": answer}}
    item = {"parameters": [parameter], "get": {"responses": {"200": answer}}, "patch": changing, "put": changing}
    ask = asker(contract({"paths": {"/tasks/{taskId}": item}}))
    headers = {"Content-Type": media_type}
    full = {"title": "Tea", "due": "2026-01-01", "note": "x", "owner": {"name": "Ann", "phone": "1"}}
    ask("PUT /tasks/2", headers, json.dumps({**full, "labels": {"a": "x", "b": "y"}}).encode())
    nulls = {"due": None, "note": None, "owner": {"name": "Ann", "phone": None}, "labels": {"a": None, "b": "y"}}
    ask(f"{method} /tasks/2", headers, json.dumps({**rest, **nulls}).encode())
    labels = {"b": "y"} if method == "PATCH" else {"a": None, "b": "y"}  # a map that is put is kept as it is
    kept = {"title": "Tea", "due": None, "owner": {"name": "Ann", "phone": None}, "labels": labels}
    assert ask_json(ask, "GET /tasks/2") == {"id": "2", **kept}


def test_a_put_replaces_what_is_inside_of_objects() -> None:
    """A map is as it was put, and an object has what was sent and what the server sets."""
    owner = (
        "{type: object, properties: {id: {type: integer, readOnly: true}, name: {type: string}, phone: {type: string}}}"
    )
    labels = "{type: object, additionalProperties: {type: string}}"
    task = f"{{type: object, properties: {{id: {{type: string}}, labels: {labels}, owner: {owner}}}}}"
    source = f"""
    paths:
      /tasks/{{taskId}}:
        parameters: [{{name: taskId, in: path, required: true, schema: {{type: string}}}}]
        get: {{responses: {reply(task)}}}
        put: {{requestBody: {sent(task)}, responses: {reply(task)}}}
    """
    ask = asker(contract(source))
    first = ask_json(ask, "PUT /tasks/2", {"labels": {"a": "x"}, "owner": {"name": "Ann"}})
    assert first["owner"].keys() == {"id", "name"}
    second = {"labels": {"b": "y"}, "owner": {"id": first["owner"]["id"], "phone": "1"}}
    assert ask_json(ask, "PUT /tasks/2", {"labels": {"b": "y"}, "owner": {"phone": "1"}}) == {"id": "2", **second}
    assert ask_json(ask, "GET /tasks/2") == {"id": "2", **second}


@pytest.mark.parametrize("answer", ["{type: object}", "{}", "{type: object, additionalProperties: true}"])
@pytest.mark.parametrize(
    "read", ["{type: object}", "{type: object, properties: {name: {type: string}, size: {type: integer}}}"]
)
def test_a_reply_that_may_be_any_object_shows_what_was_sent(read: str, answer: str) -> None:
    """So do a change and a creation, which says in `Location` what the path is; what is only sent is not shown."""
    pin = "pin: {type: string, writeOnly: true}"
    widget = f"{{type: object, properties: {{name: {{type: string}}, size: {{type: integer}}, {pin}}}}}"
    made = reply(answer).replace("200", "201")
    source = f"""
    paths:
      /widgets:
        post: {{requestBody: {sent(widget)}, responses: {made}}}
      /widgets/{{id}}:
        parameters: [{{name: id, in: path, required: true, schema: {{type: integer}}}}]
        get: {{responses: {reply(read)}}}
        put: {{requestBody: {sent(widget)}, responses: {reply(answer)}}}
        patch: {{requestBody: {sent(widget)}, responses: {reply(answer)}}}
    """
    ask = asker(contract(source))
    assert ask_json(ask, "PUT /widgets/7", {"name": "nut", "size": 4, "pin": "1"}) == {"name": "nut", "size": 4}
    assert ask_json(ask, "PATCH /widgets/7", {"size": 5}) == {"name": "nut", "size": 5}
    assert ask_json(ask, "GET /widgets/7") == {"name": "nut", "size": 5}
    created = ask("POST /widgets", SENT, b'{"name": "bolt", "size": 6}')
    assert json.loads(created.body) == {"name": "bolt", "size": 6}
    path = urlsplit(header(created, "location")).path
    assert ask_json(ask, f"GET {path}") == {"name": "bolt", "size": 6}


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("{type: object, properties: {done: {type: boolean, example: true}}}", {"done": True}),
        ("{type: object, additionalProperties: false}", {}),
        ("{type: object, example: {}}", {}),
        ("{type: object, additionalProperties: {type: integer}}", {"size": 4}),
    ],
)
def test_a_reply_that_is_something_else_is_as_documented(answer: str, shown: object) -> None:
    """Members, an example or a limit on what it may have say what a reply is."""
    widget = "{type: object, properties: {name: {type: string}, size: {type: integer}}}"
    source = f"""
    paths:
      /widgets/{{id}}:
        parameters: [{{name: id, in: path, required: true, schema: {{type: integer}}}}]
        get: {{responses: {reply(widget)}}}
        put: {{requestBody: {sent(widget)}, responses: {reply(answer)}}}
    """
    ask = asker(contract(source))
    assert ask_json(ask, "PUT /widgets/7", {"name": "nut", "size": 4}) == shown
    assert ask_json(ask, "GET /widgets/7") == {"name": "nut", "size": 4}
