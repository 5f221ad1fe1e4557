"""What was deleted is gone, and all that it contained."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.asking import asker, contract, header

from tallystick.mock.request_lines import request_lines

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


def statuses(source: str, *lines: str, **settings: object) -> list[int]:
    """The statuses of several requests to one mock."""
    ask = asker(contract(source), **settings)
    return [ask(line).status for line in lines]


def test_what_was_deleted_is_gone() -> None:
    """A deleted path, and what is below it, is a 404."""
    lines = ("GET /pets/1", "DELETE /pets/1", "GET /pets/1", "HEAD /pets/%31", "GET /pets/1/toys", "GET /pets/2")
    assert statuses(STATE, *lines) == [204, 204, 404, 404, 404, 204]
    assert statuses(STATE, *lines, stateless=True) == [204] * 6
    assert statuses(STATE, "DELETE /pets/1", "DELETE /pets/1") == [204, 404]


def test_a_deletion_that_did_not_succeed_is_none() -> None:
    """A deletion that is answered as its request prefers deletes nothing."""
    ask = asker(contract(STATE))
    assert ask("DELETE /pets/9", {"Prefer": "code=404"}).status == 404
    assert ask("DELETE /pets/9", {"Prefer": "code=204"}).status == 204
    assert ask("GET /pets/9").status == 204


def test_what_cannot_be_gone_stays() -> None:
    """Where no 404 is documented, what nobody created stays; what deletes a whole collection deletes no resource."""
    assert statuses(STATE, "DELETE /plain/1", "GET /plain/1", "DELETE /plain/1") == [204, 204, 204]
    assert statuses(STATE, "DELETE /pets/1/toys", "GET /pets/1/toys") == [204, 204]


def test_a_mock_says_whether_it_remembers() -> None:
    """The header of a reply says whether the mock remembers."""
    assert header(asker(contract(STATE))("GET /plain/1"), "tallystick-mock") == "stateful"
    assert header(asker(contract(STATE), stateless=True)("GET /plain/1"), "tallystick-mock") == "stateless"


@pytest.mark.parametrize(
    ("responses", "status"),
    [
        ("{'204': {description: Pet}, '410': {description: Gone}}", 410),
        ("{'204': {description: Pet}, '404': {description: No}, '410': {description: Gone}}", 410),
        ("{'204': {description: Pet}, 4XX: {description: No}}", 404),
        ("{'204': {description: Pet}, default: {description: No}}", 404),
    ],
)
def test_the_documented_status_says_that_it_is_gone(responses: str, status: int) -> None:
    """A deleted resource is a 404 or a 410, by its code, its range or the default."""
    source = f"""
        paths:
          /pets/{{id}}:
            get: {{responses: {responses}}}
            delete: {{responses: {{'204': {{description: Deleted}}}}}}
    """
    assert statuses(source, "DELETE /pets/1", "GET /pets/1") == [204, status]


def test_it_is_told_that_a_resource_was_deleted() -> None:
    """The header and the terminal say why there is a 404, whatever the body of the documented one is."""
    lines: list[str] = []
    ask = asker(contract(STATE), listeners=[request_lines(lines.append)])
    ask("DELETE /pets/1")
    (told,) = json.loads(header(ask("GET /pets/1/toys"), "tallystick-violations") or "")
    assert told == {
        "where": "path",
        "rule": "resource-deleted",
        "message": "/pets/1 was deleted; creating it again brings it back",
    }
    assert lines[1] == "404 GET /pets/1/toys\n    path: /pets/1 was deleted; creating it again brings it back\n"


def test_a_closed_mock_has_only_what_was_created() -> None:
    """What nobody created is a 404 in a closed mock, and so is what is below it."""
    closed = {"state": ("closed",)}
    assert statuses(STATE, "GET /pets/1", "GET /pets/1/toys", "DELETE /pets/1", **closed) == [404, 404, 404]
    assert statuses(STATE, "GET /pets/1", "GET /plain/1", state=("closed", "open")) == [204, 204]


def test_what_was_created_is_gone_whatever_is_documented() -> None:
    """GET of it is a 404 where the contract documents none; what else is asked is answered as the contract knows it."""
    thing = (
        "{content: {application/json: {schema: {type: object, properties: {id: {type: string}, a: {type: integer}}}}}"
    )
    source = f"""
        paths:
          /things:
            post: {{requestBody: {thing}}}, responses: {{'201': {thing}, description: Made}}}}}}
          /things/{{id}}:
            get: {{responses: {{'200': {thing}, description: Thing}}}}}}
            patch: {{requestBody: {thing}}}, responses: {{'200': {thing}, description: Thing}}}}}}
            delete: {{responses: {{'204': {{description: Deleted}}}}}}
          /things/{{id}}/parts:
            get: {{responses: {{'204': {{description: Parts}}}}}}
    """
    ask = asker(contract(source))
    made = json.loads(ask("POST /things", {"Content-Type": "application/json"}, b'{"a": 1}').body)
    lines = [f"{method} /things/{made['id']}{end}" for method, end in (("DELETE", ""), ("GET", ""), ("DELETE", ""))]
    assert [ask(line).status for line in lines] == [204, 404, 204]
    assert ask(f"GET /things/{made['id']}/parts").status == 204


def test_a_list_without_paths_for_its_items_is_deleted() -> None:
    """It is empty then, where the items are mere texts, too; what has an id itself is no list."""
    texts = {"type": "array", "items": {"type": "string"}}
    rows = {"type": "array", "items": {"type": "object", "properties": {"text": {"type": "string"}}}}
    plan = {"type": "object", "properties": {"id": {"type": "integer"}, "items": rows}}
    deletion = {"responses": {"204": {"description": "Gone"}}}

    def answered(value: dict[str, Any]) -> dict[str, Any]:
        return {"responses": {"200": {"description": "It", "content": {"application/json": {"schema": value}}}}}

    schemas = {"/logs": texts, "/entries": {"type": "object", "properties": {"entries": rows}}, "/plan": plan}
    paths = {path: {"get": answered(value), "delete": deletion} for path, value in schemas.items()}
    ask = asker(contract({"paths": paths}))
    plan_before = ask("GET /plan").body
    for path in paths:
        assert ask(f"DELETE {path}").status == 204
    assert json.loads(ask("GET /logs").body) == []
    assert json.loads(ask("GET /entries").body) == {"entries": []}
    assert ask("GET /plan").body == plan_before


@pytest.mark.parametrize(
    ("query", "is_emptied"), [("confirm=true", True), ("confirm=false", False), ("topic=7", False)]
)
def test_a_deletion_that_says_what_cannot_be_told_deletes_nothing(query: str, is_emptied: bool) -> None:
    """A parameter that every deletion needs, and no item has, narrows it, unless it just says yes."""
    name = query.partition("=")[0]
    kind = "boolean" if name == "confirm" else "integer"
    parameter = {"name": name, "in": "query", "required": True, "schema": {"type": kind}}
    rows = {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "integer"}}}}
    listing = {"responses": {"200": {"description": "All", "content": {"application/json": {"schema": rows}}}}}
    deletion = {"parameters": [parameter], "responses": {"204": {"description": "Gone"}}}
    ask = asker(contract({"paths": {"/posts": {"get": listing, "delete": deletion}}}))
    assert ask(f"DELETE /posts?{query}").status == 204
    assert (json.loads(ask("GET /posts").body) == []) is is_emptied
