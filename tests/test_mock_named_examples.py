"""An example of a response answers the requests whose values are the examples of the same name."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.asking import asker, contract

PETS = """
    paths:
      /pets/{id}:
        get:
          parameters:
            - {name: id, in: path, required: true, schema: {type: integer},
               examples: {rex: {value: 1}, tom: {value: 2}, gone: {value: 9}}}
            - {name: lang, in: query, schema: {type: string}, examples: {tom: {value: fr}}}
          responses:
            '200':
              description: Pet
              content:
                application/json:
                  schema: {type: object}
                  examples: {rex: {value: {name: Rex}}, tom: {value: {name: Tom}}}
            '404': {description: None, content: {application/json: {examples: {gone: {value: {code: gone}}}}}}
      /pets:
        post:
          requestBody:
            content:
              application/json:
                schema: {type: object, properties: {id: {type: integer, readOnly: true}}}
                examples:
                  cat: {value: {id: 3, kind: cat}}
                  black-cat: {value: {kind: cat, tags: [{colour: black}]}}
                  twice: {value: {kind: dodo}}
          responses:
            '201':
              description: Pet
              content:
                application/json:
                  examples: {any: {value: 0}, cat: {value: 1}, black-cat: {value: 2}}
                text/plain:
                  examples: {any: {value: text}}
            '409': {description: None, content: {application/json: {examples: {twice: {value: 3}}}}}
"""


@pytest.mark.parametrize(
    ("line", "status", "value"),
    [
        ("GET /pets/1", 200, {"name": "Rex"}),
        ("GET /pets/2", 200, {"name": "Tom"}),
        ("GET /pets/2?lang=fr", 200, {"name": "Tom"}),
        ("GET /pets/2?lang=de", 200, {"name": "Rex"}),
        ("GET /pets/9", 404, {"code": "gone"}),
        ("GET /pets/7", 200, {"name": "Rex"}),
    ],
)
def test_a_parameter_chooses_the_example_of_its_name(line: str, status: int, value: Any) -> None:
    """Parameters are compared by value; where one is another than that of a name, the name is not meant."""
    reply = asker(contract(PETS))(line)
    assert (reply.status, json.loads(reply.body)) == (status, value)


@pytest.mark.parametrize(
    ("body", "status", "value"),
    [
        ({"kind": "cat"}, 201, 1),
        ({"kind": "cat", "name": "Tom"}, 201, 1),
        ({"kind": "cat", "tags": [{"colour": "black", "id": 1}]}, 201, 2),
        ({"kind": "dog"}, 201, 0),
        ({"kind": "dodo"}, 409, 3),
        ({}, 201, 0),
    ],
)
def test_a_body_chooses_the_example_of_its_name(body: Any, status: int, value: Any) -> None:
    """A body means the example that is a part of it, the largest one; what is not sent does not count."""
    headers = {"Content-Type": "application/json"}
    reply = asker(contract(PETS))("POST /pets", headers, json.dumps(body).encode())
    assert (reply.status, json.loads(reply.body)) == (status, value)


def test_a_wish_goes_before_a_name() -> None:
    """What `Prefer` asks for is sent whatever example the request means."""
    ask = asker(contract(PETS))
    assert json.loads(ask("GET /pets/2", {"Prefer": "example=rex"}).body) == {"name": "Rex"}
    assert ask("GET /pets/1", {"Prefer": "code=404"}).status == 404


def test_a_name_does_not_refuse_a_media_type() -> None:
    """Where the example of the name is not in a form that is accepted, the reply is chosen without it."""
    headers = {"Content-Type": "application/json", "Accept": "text/plain"}
    reply = asker(contract(PETS))("POST /pets", headers, b'{"kind": "cat"}')
    assert (reply.status, reply.body) == (201, b"text")


def test_an_example_of_the_default_is_sent_as_an_error() -> None:
    """Beside a documented success, an example of the default response has a status that only the default covers."""
    document = """
        paths:
          /pets:
            get:
              responses:
                '200': {description: Pets, content: {application/json: {example: []}}}
                default: {description: Error, content: {application/json: {examples: {oops: {value: {id: error}}}}}}
    """
    ask = asker(contract(document))
    assert [ask("GET /pets", {"Prefer": wish}).status for wish in ("example=oops", "code=default")] == [500, 500]
    assert ask("GET /pets").status == 200


def test_an_example_without_a_name_means_no_other() -> None:
    """A single `example` of a body has no name, so it does not mean the single `example` of an error."""
    document = """
        paths:
          /pets:
            post:
              requestBody: {content: {application/json: {schema: {type: object, example: {kind: cat}}}}}
              responses:
                '201':
                  description: Pet
                  content: {application/json: {examples: {cat: {value: 1}, dog: {value: 2}}}}
                '400': {description: Error, content: {application/json: {example: {error: wrong}}}}
    """
    reply = asker(contract(document))("POST /pets", {"Content-Type": "application/json"}, b'{"kind": "cat"}')
    assert (reply.status, reply.body) == (201, b"1")
