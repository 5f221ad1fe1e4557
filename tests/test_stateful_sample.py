"""A small part of what `make stateful` measures: over HTTP, each set keeps what is created, changed and deleted."""

from __future__ import annotations

from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest
from support.folders import CORPUS
from support.running import running

from tallystick.contracts.read import read_contract
from tests.stateful.sets import sets_of
from tests.stateful.trial import KEPT, Outcome, Trial

HEAD = "openapi: 3.1.0\ninfo: {title: Sample, version: '1'}\n"
SCHEMAS = """
components:
  schemas:
    Pet:
      type: object
      required: [id, name]
      properties:
        id: {type: integer, readOnly: true}
        name: {type: string}
        age: {type: integer, minimum: 0}
        tags: {type: array, items: {type: string}}
        createdAt: {type: string, format: date-time, readOnly: true}
    New: {type: object, required: [name], properties: {name: {type: string}, age: {type: integer}}}
    One: {type: object, required: [data], properties: {data: {$ref: '#/components/schemas/Pet'}}}
    Sent: {type: object, required: [pet], properties: {pet: {$ref: '#/components/schemas/New'}}}
    Rows: {type: array, items: {$ref: '#/components/schemas/Pet'}}
    Page: {type: object, properties: {items: {$ref: '#/components/schemas/Rows'}, total: {type: integer}}}
    Call: {type: object, properties: {sid: {type: string}, friendly_name: {type: string}}}
    Calls: {type: object, properties: {calls: {type: array, items: {$ref: '#/components/schemas/Call'}}}}
"""


def paths(collection: str, name: str, shown: str, listed: str, sent: str, media_type: str = "application/json") -> str:
    """The paths of one set: what it shows, lists and takes, by the names of schemas."""
    item, _, end = f"{collection}/{{{name}}}".partition("|")
    collection, kind = collection.partition("|")[0], "integer" if name.endswith("Id") else "string"

    def body(schema: str, media_type: str = "application/json") -> str:
        return f"{{content: {{{media_type}: {{schema: {{$ref: '#/components/schemas/{schema}'}}}}}}}}"

    def answer(status: int, schema: str) -> str:
        return f"{{'{status}': {{description: Done, {body(schema)[1:-1]}}}, '404': {{description: None}}}}"

    change = "post" if media_type.endswith("urlencoded") else "patch"
    return f"""
  {collection}{end}:
    get: {{responses: {answer(200, listed)}}}
    post: {{requestBody: {body(sent, media_type)}, responses: {answer(201, shown)}}}
  {item}{end}:
    parameters: [{{name: {name}, in: path, required: true, schema: {{type: {kind}}}}}]
    get: {{responses: {answer(200, shown)}}}
    {change}: {{requestBody: {body(sent, media_type)}, responses: {answer(200, shown)}}}
    delete: {{responses: {{'204': {{description: Gone}}, '404': {{description: None}}}}}}
"""


SAMPLES = {
    "plain": paths("/pets", "petId", "Pet", "Rows", "New"),
    "envelopes": paths("/shop/pets", "petId", "One", "Page", "Sent"),
    "forms": paths("/Calls", "Sid", "Call", "Calls", "Call", "application/x-www-form-urlencoded"),
}


def outcomes(file: Path) -> list[Outcome]:
    """What became of the sets of a document, on a mock of its own."""
    contract = read_contract(file)
    with running("-q", "-p", "0", str(file)) as mock:
        tried = []
        for each in sets_of(contract):
            with closing(HTTPConnection(mock.origin.removeprefix("http://"), timeout=30)) as connection:
                tried.append(Trial(connection, f"/{contract.name}", each).run())
        mock.end()
    return tried


@pytest.mark.parametrize("name", SAMPLES)
def test_a_set_keeps_all_that_it_promises(name: str, tmp_path: Path) -> None:
    """What is created can be read and is listed, what is changed stays so, and what is deleted is gone from both."""
    file = tmp_path / f"{name}.yaml"
    file.write_text(f"{HEAD}paths:{SAMPLES[name]}{SCHEMAS}")
    (outcome,) = outcomes(file)
    promises = ("readable", "listed", "updated", "deleted", "unlisted")
    assert outcome.promises == dict.fromkeys(promises, KEPT), outcome.details


@pytest.mark.parametrize("document", ["museum.yaml", "petstore3-swagger.yaml", "cafe-3.2.yaml"])
def test_the_sets_of_a_real_document_keep_their_promises(document: str) -> None:
    """Small documents of the corpus keep every promise that they make and can keep."""
    if not (CORPUS / document).is_file():
        pytest.skip("the corpus of real documents is not here")
    broken = {each.label: each.details for each in outcomes(CORPUS / document) if any(each.promises.values())}
    assert not broken
