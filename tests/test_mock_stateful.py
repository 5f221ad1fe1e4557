"""A mock that keeps state remembers what was deleted."""

from __future__ import annotations

import json

import pytest
from support.asking import asker, contract, header

from tallystick.mock.request_lines import request_lines
from tallystick.mock.responders import stateful

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


def test_it_is_told_that_a_resource_was_deleted() -> None:
    """The header and the terminal say why there is a 404, whatever the body of the documented one is."""
    lines: list[str] = []
    ask = asker(contract(STATE), stateful=True, listeners=[request_lines(lines.append)])
    ask("DELETE /pets/1")
    (told,) = json.loads(header(ask("GET /pets/1/toys"), "tallystick-violations") or "")
    assert told == {
        "where": "path",
        "rule": "resource-deleted",
        "message": "/pets/1/toys was deleted; creating it again brings it back",
    }
    assert lines[1] == "404 GET /pets/1/toys\n    path: /pets/1/toys was deleted; creating it again brings it back\n"
