"""`tallystick mock --resources` says what is understood of a contract."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.commands import run

from tallystick.nouns.errors import Exit

CONTRACT = """
openapi: 3.1.0
info: {title: Shop, version: '1'}
paths:
  /pets:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses: {'201': {$ref: '#/components/responses/Pet'}}
  /pets/{petId}:
    parameters: [{name: petId, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': {$ref: '#/components/responses/Pet'}}}
  /rates/{day}:
    parameters: [{name: day, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: Rate, content: {text/csv: {}}}}}
components:
  responses:
    Pet: {description: Pet, content: {application/json: {schema: {$ref: '#/components/schemas/In'}}}}
  schemas:
    Pet: {type: object, properties: {id: {type: integer}, name: {type: string}}}
    In: {type: object, properties: {data: {$ref: '#/components/schemas/Pet'}}}
"""


def test_resources_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each resource has a line with its paths, roles, id and envelope; what is none has one with the reason."""
    monkeypatch.chdir(tmp_path)
    Path("shop.yaml").write_text(CONTRACT)
    result = run("mock", "--resources", "shop.yaml")
    assert (result.exit_code, result.stdout.splitlines()) == (
        Exit.CLEAN,
        [
            "shop  shop.yaml: 1 resource",
            "  pets  /pets  /pets/{petId}  create,read  id id  in data of read, create",
            "  not understood: /rates/{day}: it can only be read, and not as an object in JSON",
        ],
    )


def test_a_contract_that_cannot_be_read_whole_is_told_as_by_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where parts of a contract lead nowhere, the exit code says so."""
    monkeypatch.chdir(tmp_path)
    Path("shop.yaml").write_text(CONTRACT.replace("{type: object}}}}}}\n", "{$ref: gone.yaml}}}}}}\n"))
    listed, resources = run("mock", "--list", "shop.yaml"), run("mock", "--resources", "shop.yaml")
    assert listed.exit_code == resources.exit_code
    assert listed.stderr == resources.stderr
