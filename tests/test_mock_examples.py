"""What the mock does with an example that breaks its schema, as `--examples` says."""

from __future__ import annotations

import json
from typing import Any

from support.asking import asker, contract, header

from tallystick.nouns.exchange import Response

PERSONS = """
    paths:
      /persons:
        get:
          responses:
            '200':
              description: Persons
              content:
                application/json:
                  schema:
                    type: array
                    items: {type: object, required: [id, name], properties: {id: {type: integer}, name: {type: string}}}
                  examples:
                    some: {value: [{id: '1', name: Ann}, {id: '2', name: Bob}]}
                    one: {value: [{id: 3}]}
            '404': {description: None, content: {application/json: {schema: {type: integer}, example: none}}}
"""


def ask(line: str, examples: Any, wish: str = "", **settings: Any) -> Response:
    """The reply of a mock with this setting."""
    app = asker(contract(PERSONS), examples=examples, **settings)
    return app(line, {"Prefer": wish} if wish else {})


def told(reply: Response) -> list[dict[str, str]]:
    """What the reply says of its violations."""
    violations: list[dict[str, str]] = json.loads(header(reply, "tallystick-violations") or "[]")
    return violations


def test_a_broken_example_is_mended_and_told() -> None:
    """The reply keeps the contract, and its header has each kind of mending once, with its first place."""
    reply = ask("GET /persons", "mend")
    assert json.loads(reply.body) == [{"id": 1, "name": "Ann"}, {"id": 2, "name": "Bob"}]
    (violation,) = told(reply)
    assert (violation["where"], violation["rule"]) == ("response.body/0/id", "example-mended")
    named = ask("GET /persons", "mend", "example=one")
    assert json.loads(named.body)[0]["id"] == 3
    assert [each["rule"] for each in told(named)] == ["example-mended"]


def test_a_mended_example_is_refused_where_errors_are_asked_for() -> None:
    """With `--errors`, an example that its author has to correct is a 500 that names what was mended."""
    reply = ask("GET /persons", "mend", errors=True)
    assert reply.status == 500
    assert b"example-mended" in reply.body


def test_an_example_is_served_as_it_is() -> None:
    """With `as-is`, the first example is sent as its author wrote it, and the reply tells what it breaks."""
    reply = ask("GET /persons", "as-is")
    assert json.loads(reply.body) == [{"id": "1", "name": "Ann"}, {"id": "2", "name": "Bob"}]
    assert [each["rule"] for each in told(reply)] == ["response-body-schema"] * 2


def test_only_valid_examples_are_served() -> None:
    """With `valid-only`, a value is generated instead; the example asked for by name is not there, and why is told."""
    reply = ask("GET /persons", "valid-only")
    assert (reply.status, told(reply)) == (200, [])
    assert json.loads(reply.body)[0]["name"] != "Ann"
    named = ask("GET /persons", "valid-only", "example=one")
    assert named.status == 404
    assert "the example 'one' is not served: it breaks its schema" in json.loads(named.body)["detail"]


def test_a_broken_example_of_an_error_is_mended_too() -> None:
    """The body of a documented error is mended as that of a success is."""
    reply = ask("GET /persons", "mend", "code=404")
    assert (reply.status, isinstance(json.loads(reply.body), int)) == (404, True)
    assert [each["rule"] for each in told(reply)] == ["example-mended"]
