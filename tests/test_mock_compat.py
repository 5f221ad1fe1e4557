"""Problems and violations told as Prism tells them (`--compat prism`)."""

from __future__ import annotations

import json
from typing import Any

from support.asking import asker, contract

from tallystick.nouns.exchange import Response

SHOP = """
    paths:
      /pets:
        get:
          security: [{key: []}]
          responses: {'200': {description: Pets}}
        post:
          parameters:
            - {name: limit, in: query, required: true, schema: {type: integer}}
            - {name: X-Trace, in: header, schema: {type: integer}}
          requestBody: {required: true, content: {application/json: {schema: {
            type: object, required: [name], properties: {tags: {type: array, items: {enum: [a, b]}}}}}}}
          responses:
            '200': {description: Made, content: {application/json: {schema: {type: object}, example: {}}}}
      /owners:
        get:
          responses:
            '200':
              description: Owner
              content:
                application/xml: {schema: {type: object, xml: {name: Owner}, properties: {id: {type: integer}}}}
        post:
          requestBody: {content: {application/json: {schema: {type: object}}}}
          responses: {'200': {description: Made}, '422': {description: Invalid}}
      /written:
        get: {responses: {'200': {description: W, content: {application/xml: {example: <Owner>1</Owner>}}}}}
      /impossible:
        get:
          parameters: [{name: limit, in: query, required: true, schema: {type: integer}}]
          responses:
            '200': {description: It}
            '500': {description: Down, content: {application/json: {schema: {
              type: object, required: [id], properties: {id: false}}}}}
      /broken:
        get: {responses: {'200': {description: B, content: {application/json: {schema: {
          type: object, required: [id], properties: {id: {type: integer}}}, example: {id: x}}}}}}
    components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}}
"""
JSON_BODY = {"Content-Type": "application/json"}


def ask(line: str, headers: dict[str, str] | None = None, body: bytes = b"", **settings: Any) -> Response:
    """What the mock that imitates Prism answers."""
    response: Response = asker(contract(SHOP), compat="prism", **settings)(line, headers, body)
    return response


def test_an_invalid_request_is_told_in_prisms_words() -> None:
    """The problem has Prism's type, title and sentence, and lists location, severity, code and message."""
    reply = ask("POST /pets?limit=x", {**JSON_BODY, "X-Trace": "y"}, b'{"tags": ["c"]}')
    problem = json.loads(reply.body)
    validation = problem.pop("validation")
    assert reply.status == 422
    assert problem == {
        "type": "https://stoplight.io/prism/errors#UNPROCESSABLE_ENTITY",
        "title": "Invalid request",
        "status": 422,
        "detail": "Your request is not valid and no HTTP validation response was found in the spec, so Prism is "
        "generating this error for you.",
    }
    assert [(each["location"], each["severity"], each["code"]) for each in validation] == [
        (["query", "limit"], "Error", "type"),
        (["header", "x-trace"], "Error", "type"),
        (["body"], "Error", "required"),
        (["body", "tags", "0"], "Error", "enum"),
    ]
    headers = dict(reply.headers)
    assert [each["location"] for each in json.loads(headers["sl-violations"])][-1] == ["request", "body", "tags", "0"]
    assert "tallystick-violations" not in headers


def test_what_lacks_a_parameter_is_its_location() -> None:
    """A parameter that is missing is required in the query, as Prism says it."""
    (missing,) = json.loads(ask("POST /pets", JSON_BODY, b'{"name": "Rex"}').body)["validation"]
    assert (missing["location"], missing["code"]) == (["query"], "required")
    assert missing["message"] == "Request query parameter must have required property 'limit'"


def test_missing_credentials_are_one_violation_of_the_request() -> None:
    """A 401 has Prism's type, and `sl-violations` has its code as a number."""
    reply = ask("GET /pets")
    assert json.loads(reply.body)["type"].endswith("#UNAUTHORIZED")
    assert json.loads(dict(reply.headers)["sl-violations"]) == [
        {"location": ["request"], "severity": "Error", "code": 401, "message": "Invalid security scheme used"}
    ]


def test_a_request_that_reaches_no_operation_has_a_type_of_its_own() -> None:
    """An unknown path, a method that is not there, and HEAD where only GET is documented."""
    assert json.loads(ask("GET /nothing").body)["type"].endswith("#NO_PATH_MATCHED_ERROR")
    assert json.loads(ask("PUT /pets").body)["type"].endswith("#NO_METHOD_MATCHED_ERROR")
    assert ask("HEAD /pets", {"X-Key": "k"}).status == 405


def test_a_documented_error_without_a_body_has_none() -> None:
    """Where the contract documents the error and no body, none is sent."""
    reply = ask("POST /owners", JSON_BODY, b"1")
    assert (reply.status, reply.body, "content-type" in dict(reply.headers)) == (422, b"", False)


def test_the_root_of_xml_is_xml() -> None:
    """The root element is `<xml>`, whatever the schema names it."""
    body = ask("GET /owners").body
    assert (b"<xml><id>" in body, body.endswith(b"</xml>"), b"Owner" in body) == (True, True, False)
    assert ask("GET /written").body == b"<Owner>1</Owner>"


def test_every_reply_is_open_to_web_pages() -> None:
    """The fields of CORS come without `Origin`, unless CORS is off."""
    assert dict(ask("GET /owners").headers)["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in dict(ask("GET /owners", cors=False).headers)


def test_an_example_that_breaks_its_schema_is_a_500_with_errors() -> None:
    """With `--errors` a reply whose example was mended is replaced by a 500; without, it is sent."""
    reply = ask("GET /broken", errors=True)
    problem = json.loads(reply.body)
    assert (reply.status, problem["type"]) == (500, "https://stoplight.io/prism/errors#VIOLATIONS")
    assert [(each["location"], each["code"]) for each in problem["validation"]] == [
        (["response", "body", "id"], "type")
    ]
    sent = ask("GET /broken")
    assert (sent.status, json.loads(dict(sent.headers)["sl-violations"])[0]["severity"]) == (200, "Error")
    assert asker(contract(SHOP), errors=True)("GET /broken").status == 500


def test_only_a_reply_that_breaks_the_contract_is_refused_by_errors() -> None:
    """A 500 that is asked for in a request with violations does not say that `--errors` is set."""
    reply = ask("GET /impossible", {"Prefer": "code=500"})
    problem = json.loads(reply.body)
    assert (reply.status, problem["type"]) == (500, "https://stoplight.io/prism/errors#UNKNOWN")
    assert "--errors" not in reply.body.decode()
    assert problem["validation"]
