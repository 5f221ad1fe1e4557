"""Templates that are one on the wire: which operation an exchange is for, and by which it is judged."""

from __future__ import annotations

from support.asking import asker, contract, request

from tallystick.fuzz.verdicts import verdict_of
from tallystick.mock.routes import Route, Routes
from tallystick.nouns.contract import Contract
from tallystick.nouns.exchange import Exchange, Response
from tallystick.wire.reading import operation_for

FILES = """
    paths:
      /files/{id}:
        get:
          parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
          responses: {'200': {description: By id, content: {application/json: {schema: {type: integer}}}}}
      /files/{name}:
        get:
          parameters: [{name: name, in: path, required: true, schema: {type: string}}]
          responses: {'200': {description: By name, content: {application/json: {schema: {type: string}}}}}
      /files/{name}.json:
        get:
          parameters: [{name: name, in: path, required: true, schema: {type: string, minLength: 3}}]
          responses: {'200': {description: As JSON, content: {application/json: {schema: {type: object}}}}}
"""


def found(known: Contract, path: str) -> str:
    """The path template of the operation for a GET."""
    match = operation_for(known, "GET", path)
    return match[0].path if match is not None else ""


def test_the_first_operation_whose_parameters_fit_is_found() -> None:
    """The index of a contract and the routes of the mock lead to the same one."""
    known = contract(FILES)
    expected = {
        "/files/7": "/files/{id}",
        "/files/x": "/files/{name}",
        "/files/abc.json": "/files/{name}.json",
        "/files/a.json": "/files/{name}",
        "/toys/1": "",
    }
    assert {path: found(known, path) for path in expected} == expected
    for path, template in expected.items():
        route = Routes([known]).find("GET", "", path)
        assert (route.operation.path if isinstance(route, Route) else "") == template


def test_a_run_judges_by_any_operation_for_the_request() -> None:
    """What is right by one of them is right, whichever was called; what is wrong by all is told by the called one."""
    known = contract(FILES)
    by_id, by_name, _ = known.operations

    def violations(path: str, body: bytes) -> list[list[str]]:
        response = Response(200, (("content-type", "application/json"),), body)
        exchange = Exchange(request(f"GET {path}"), response)
        verdicts = [verdict_of(known, exchange, "", operation) for operation in (by_id, by_name)]
        return [[each.message for each in (*verdict.request, *verdict.response)] for verdict in verdicts]

    assert violations("/files/7", b"7") == [[], []]
    assert violations("/files/7", b'"x"') == [[], []]
    assert violations("/files/x", b'"x"') == [[], []]
    assert violations("/files/7", b"true") == [
        ["true is a boolean; expected an integer"],
        ["true is a boolean; expected a string"],
    ]


ME = """
    paths:
      /users/me:
        get:
          responses: {'200': {description: Me, content: {application/json: {schema: {type: integer}}}}}
      /users/{id}:
        get:
          parameters: [{name: id, in: path, required: true, schema: {type: string}}]
          responses: {'200': {description: Anybody, content: {application/json: {schema: {type: string}}}}}
"""


def test_a_path_without_names_is_judged_by_its_own_operation() -> None:
    """What is wrong by `/users/me` is wrong, also where it is right by `/users/{id}`."""
    known = contract(ME)
    exchange = Exchange(request("GET /users/me"), Response(200, (("content-type", "application/json"),), b'"x"'))
    me, anybody = (verdict_of(known, exchange, "", operation) for operation in known.operations)
    assert [each.message for each in me.response] == ['"x" is a string; expected an integer']
    assert anybody.response == ()


def test_the_response_to_a_path_that_leads_elsewhere_is_not_judged() -> None:
    """A path value that is empty does not reach its operation, so that the answer is not the one that is documented."""
    known = contract(ME)
    _, anybody = known.operations
    refusal = Response(404, (("content-type", "text/html"),), b"not found")
    assert verdict_of(known, Exchange(request("GET /users/"), refusal), "", anybody).response == ()
    assert verdict_of(known, Exchange(request("GET /users/1"), refusal), "", anybody).response != ()


def test_a_name_with_a_slash_in_it_is_no_id() -> None:
    """Such a template is odd, and answered all the same, with and without something below it."""
    responses = {"responses": {"200": {"description": "d"}}}
    ask = asker(contract({"paths": {"/{a/b}": {"post": responses, "get": responses}, "/{a/b}/c": {"put": responses}}}))
    for line in ("POST /x%2Fb", "GET /a/b", "POST /{a/b}", "PUT /{a/b}/c"):
        assert ask(line).status in (200, 404)
