"""Paths of a document that ask for a query field or a header: `/files?beta=true`, `/#Action=AddPermission`."""

from __future__ import annotations

import json

from support.asking import asker, contract

from tallystick.examples.requests import example_request
from tallystick.nouns.exchange import Request
from tallystick.wire.reading import operation_for

MARKED = """
    paths:
      /messages:
        post: &says
          requestBody: {content: {application/json: {schema: {type: object}}}}
          responses: {'200': {description: Done, content: {application/json: {example: {from: plain}}}}}
      /messages?beta=true:
        post:
          <<: *says
          responses: {'200': {description: Done, content: {application/json: {example: {from: beta}}}}}
      /files?beta=true:
        get: {responses: {'200': {description: Files, content: {application/json: {example: {data: []}}}}}}
      /files/{id}?beta=true:
        parameters: [{name: id, in: path, required: true, schema: {type: string}}]
        get: {responses: {'200': {description: File, content: {application/json: {example: {size: 3}}}}}}
      /#Target=Db.Get:
        post: {responses: {'200': {description: Got, content: {application/json: {example: {from: get}}}}}}
      /#Target=Db.Put:
        post: {responses: {'200': {description: Put, content: {application/json: {example: {from: put}}}}}}
"""


def test_a_query_in_a_path_is_asked_for_as_a_query() -> None:
    """A request with the query field of a path gets its operation, one without it that of the plain path."""
    ask = asker(contract(MARKED))
    body = ({"Content-Type": "application/json"}, b"{}")
    assert json.loads(ask("POST /messages?beta=true", *body).body) == {"from": "beta"}
    assert json.loads(ask("POST /messages?x=1&beta=true", *body).body) == {"from": "beta"}
    assert json.loads(ask("POST /messages", *body).body) == {"from": "plain"}
    assert json.loads(ask("GET /files?beta=true").body) == {"data": []}
    assert json.loads(ask("GET /files/7?beta=true").body) == {"size": 3}
    assert json.loads(ask("GET /files").body) == {"data": []}


def test_a_query_in_a_path_may_stand_in_a_strict_query() -> None:
    """`--strict-query` takes what the path itself asks for."""
    ask = asker(contract(MARKED), strict_query=True)
    assert ask("GET /files?beta=true").status == 200
    assert ask("GET /files?alpha=true").status == 422


def test_a_fragment_in_a_path_is_asked_for_by_query_or_header() -> None:
    """Of paths that differ behind a `#` alone, the one is meant whose field the query or a header has."""
    ask = asker(contract(MARKED))
    assert json.loads(ask("POST /?Target=Db.Put").body) == {"from": "put"}
    assert json.loads(ask("POST /", {"Target": "Db.Put"}).body) == {"from": "put"}
    assert json.loads(ask("POST /", {"Target": "Db.Get"}).body) == {"from": "get"}


def test_an_example_request_has_what_its_path_asks_for() -> None:
    """The example request of such an operation has the query field, and is found to be of the operation."""
    read = contract(MARKED)
    for operation in read:
        request = example_request(operation)
        assert "?" not in request.path
        if operation.mark.startswith("?"):
            match = operation_for(read, request.method, request.path, request)
            assert match is not None
            assert match[0] is operation
    plain = operation_for(read, "POST", "/messages", Request("POST", "/messages"))
    assert plain is not None
    assert plain[0].label == "POST /messages"
