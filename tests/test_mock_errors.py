"""Documented errors tell the truth: the status that is sent, what is wrong in words, and each violation."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.asking import Ask, asker, contract

INTEGER, TEXT = {"type": "integer"}, {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
LIMIT = {"name": "limit", "in": "query", "schema": INTEGER}
SENT = {"Content-Type": "application/json"}


def of(**properties: Any) -> dict[str, Any]:
    """The schema of an object with some properties, all of them required."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def mock(schema: Any, example: Any = None, status: str = "400", media: str = "application/json") -> Ask:
    """A mock of an operation with a query and a body, whose error is documented by a schema, an example or both."""
    documented = {} if schema is None else {"schema": schema}
    content = {media: documented if example is None else {**documented, "examples": {"named": {"value": example}}}}
    responses = {"200": {"description": "It"}, status: {"description": "No such thing", "content": content}}
    body = {"content": {"application/json": {"schema": of(name=TEXT, rows={"type": "array", "items": of(id=INTEGER)})}}}
    return asker(
        contract({"paths": {"/pets": {"post": {"parameters": [LIMIT], "requestBody": body, "responses": responses}}}})
    )


def refused(ask: Ask, line: str = "POST /pets?limit=x", body: Any = None) -> Any:
    """The body of the refusal of a request."""
    reply = ask(line, SENT if body is not None else {}, b"" if body is None else json.dumps(body).encode())
    assert reply.status >= 400
    return json.loads(reply.body)


FACT = '"x" is a string; expected an integer'


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        (of(status=INTEGER, message=TEXT), {"status": 400, "message": f"query.limit: {FACT}"}),
        (of(code=INTEGER, detail=TEXT), {"code": 400, "detail": f"query.limit: {FACT}"}),
        (
            of(statusCode=INTEGER, error=TEXT, message=TEXT),
            {"statusCode": 400, "error": "Bad Request", "message": f"query.limit: {FACT}"},
        ),
        (
            of(error=of(status_code={"type": "string", "pattern": r"^\d+$"}, reason=TEXT)),
            {"error": {"status_code": "400", "reason": f"query.limit: {FACT}"}},
        ),
        (of(error=TEXT), {"error": f"query.limit: {FACT}"}),
        (
            of(error=TEXT, error_description=TEXT),
            {"error": "invalid_request", "error_description": f"query.limit: {FACT}"},
        ),
        (of(title=TEXT, description=TEXT), {"title": "Bad Request", "description": f"query.limit: {FACT}"}),
        (of(success={"type": "boolean"}, msg=TEXT), {"success": False, "msg": f"query.limit: {FACT}"}),
        (of(message={"type": "string", "maxLength": 40}), {"message": FACT}),
        (of(message={"type": "string", "maxLength": 20}), {"message": "Bad Request"}),
        (of(code={"enum": ["invalid", "gone"]}), {"code": "invalid"}),
        (of(errors=TEXTS), {"errors": [f"query.limit: {FACT}"]}),
        (of(message=TEXTS), {"message": [f"query.limit: {FACT}"]}),
        (
            of(violations={"type": "array", "items": of(field=TEXT, message=TEXT)}),
            {"violations": [{"field": "limit", "message": FACT}]},
        ),
        (
            of(detail={"type": "array", "items": of(loc={"type": "array", "items": {}}, msg=TEXT, type=TEXT)}),
            {"detail": [{"loc": ["query", "limit"], "msg": FACT, "type": "parameter-schema"}]},
        ),
        (
            of(errors={"type": "object", "additionalProperties": TEXTS}),
            {"errors": {"limit": [FACT]}},
        ),
        (TEXT, f"query.limit: {FACT}"),
    ],
)
def test_a_generated_error_says_what_is_wrong(schema: Any, told: Any) -> None:
    """Members that carry the status, the reason or the list of reasons have them, in the shape that is documented."""
    assert refused(mock(schema)) == told


def test_each_violation_is_listed_with_its_place() -> None:
    """Properties that are missing or wrong are named, and a pointer leads to them."""
    item = of(pointer=TEXT, detail=TEXT)
    errors = {"type": "array", "items": item}
    ask = mock(of(title=TEXT, status=INTEGER, errors=errors), media="application/problem+json")
    reply = refused(ask, "POST /pets", {"rows": [{"id": 1}, {"id": "x"}]})
    assert reply == {
        "title": "Bad Request",
        "status": 400,
        "detail": reply["detail"],
        "errors": [
            {"pointer": "#/name", "detail": "it is missing; it is required"},
            {"pointer": "#/rows/1/id", "detail": FACT},
        ],
    }
    assert reply["detail"].startswith("the request has 2 violations of the contract: body/name: it is missing")


def test_the_list_of_violations_is_bounded() -> None:
    """No error body grows with a request that is wrong in a thousand places, and a documented bound is kept."""
    rows = {"name": "x", "rows": [{"id": "x"}] * 200}
    assert len(refused(mock(of(errors=TEXTS)), "POST /pets", rows)["errors"]) == 50
    bounded = of(errors={**TEXTS, "maxItems": 2})
    assert len(refused(mock(bounded), "POST /pets", rows)["errors"]) == 2


def test_an_error_of_the_authors_tells_the_truth_where_a_request_is_refused() -> None:
    """Its statuses, sentences and lists are those of this request; codes for programs and further members stay."""
    example = {
        "status": 404,
        "code": "not_found",
        "message": "No pet with this id",
        "help": "https://example.com",
        "errors": [{"field": "id", "message": "unknown", "code": "E1"}],
    }
    assert refused(mock(None, example)) == {
        "status": 400,
        "code": "not_found",
        "message": f"query.limit: {FACT}",
        "help": "https://example.com",
        "errors": [{"field": "limit", "message": FACT, "code": "E1"}],
    }


def test_an_error_that_is_asked_for_keeps_the_words_of_its_author() -> None:
    """Only its status is made true; a code of the author's own stays."""
    example = {"status": 500, "code": 20404, "message": "No pet with this id"}
    ask = mock(None, example, status="4XX")
    told = {"status": 418, "code": 20404, "message": "No pet with this id"}
    for wish in ("code=418", "code=418, example=named"):
        reply = ask("POST /pets", {"Prefer": wish})
        assert (reply.status, json.loads(reply.body)) == (418, told)


def test_a_generated_error_that_is_asked_for_says_its_description() -> None:
    """Nothing is wrong with the request, so the message is what the contract says of the error."""
    ask = mock(of(code=INTEGER, message=TEXT, errors=TEXTS), status="404")
    reply = ask("POST /pets", {"Prefer": "code=404"})
    assert json.loads(reply.body) == {"code": 404, "message": "No such thing", "errors": ["No such thing"]}


def test_what_a_schema_does_not_allow_stays() -> None:
    """A status or a message that is fixed by the schema is kept, and the reply keeps the contract."""
    schema = of(status={"const": 7}, message={"const": "No"}, error=of(code={"type": "integer", "maximum": 99}))
    reply = mock(schema)("POST /pets?limit=x")
    told = json.loads(reply.body)
    assert (told["status"], told["message"]) == (7, "No")
    assert told["error"]["code"] <= 99


def test_an_example_that_is_no_error_is_left_alone() -> None:
    """A list or an object in which nothing is known as a part of an error stays as its author wrote it."""
    for example in (["Rex"], {"pet": "Rex"}, [{"id": 1}]):
        assert refused(mock(None, example)) == example


SPRING = {"timestamp": "2024-01-01T00:00:00Z", "status": 404, "error": "Not Found", "message": "No", "path": "/old"}


@pytest.mark.parametrize(
    ("schema", "example", "media", "told"),
    [
        (of(timestamp=TEXT, status=INTEGER, path=TEXT), None, "application/json", {"path": "/pets"}),
        (None, SPRING, "application/json", {"path": "/pets", "status": 400, "timestamp": SPRING["timestamp"]}),
        (of(title=TEXT, status=INTEGER, instance=TEXT), None, "application/problem+json", {"instance": "/pets"}),
        (of(message=TEXT, path={**TEXT, "example": "body.name"}), None, "application/json", {"path": "body.name"}),
        (of(status=INTEGER, path={**TEXT, "maxLength": 2, "example": "/x"}), None, "application/json", {"path": "/x"}),
    ],
)
def test_an_error_says_which_request_it_is_about(schema: Any, example: Any, media: str, told: dict[str, Any]) -> None:
    """`path` beside a status, and `instance`, are the path of the request, as far as the schema allows it."""
    error = refused(mock(schema, example, media=media))
    assert {name: error[name] for name in told} == told
