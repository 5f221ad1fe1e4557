"""What a fuzz run says of a resource that it has deleted itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.asking import contract as read
from support.fuzzing import found, fuzz

from tallystick.contracts.read import read_contract
from tallystick.fuzz import report
from tallystick.fuzz.credentials import GivenCredentials
from tallystick.fuzz.deletions import Deletions
from tallystick.mock.app import create_app
from tallystick.mock.settings import MockSettings
from tallystick.nouns.exchange import Request, Response


def contract(folder: Path, name: str) -> Path:
    """A contract without a 404, whose creation links to reading and deleting."""
    pet = {"type": "object", "properties": {"id": {"type": "integer", "minimum": 1}}, "required": ["id"]}
    shown = {"description": "One", "content": {"application/json": {"schema": pet}}}
    value: dict[str, Any] = {"type": "integer", "minimum": 1}
    links = {each: {"operationId": each, "parameters": {name: "$response.body#/id"}} for each in ("read", "remove")}
    paths: dict[str, Any] = {
        "/pets": {"post": {"operationId": "add", "responses": {"201": {**shown, "links": links}}}},
        f"/pets/{{{name}}}": {
            "parameters": [{"name": name, "in": "path", "required": True, "schema": value}],
            "get": {"operationId": "read", "responses": {"200": shown}},
            "delete": {"operationId": "remove", "responses": {"204": {"description": "Gone"}}},
        },
    }
    file = folder / "api.json"
    file.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": paths}))
    return file


def test_an_undocumented_404_of_what_the_run_has_deleted_is_a_note(tmp_path: Path) -> None:
    """A server that tells truly that something was deleted is not refused for it, but the contract's gap is told."""
    file = contract(tmp_path, "id")
    app = create_app([read_contract(file)], MockSettings(cors=False))
    outcome = fuzz(app, contract=file, given=GivenCredentials(), max_examples=40)
    assert found(outcome) == set()
    (note,) = [note for note in report.notes(outcome) if note.startswith("response-status-undocumented")]
    assert "the status 404 is not documented; documented: 200; the run had deleted what it asks for" in note


def test_an_undocumented_404_of_anything_else_is_a_finding(tmp_path: Path) -> None:
    """What is not there though nobody deleted it is refused, and the contract does not say so."""
    file = contract(tmp_path, "id")
    app = create_app([read_contract(file)], MockSettings(cors=False, state=("closed",)))
    outcome = fuzz(app, contract=file, given=GivenCredentials(), max_examples=10)
    assert ("response-status-undocumented", "GET /pets/{id}") in found(outcome)


@pytest.mark.parametrize(("name", "other_is_deleted"), [("id", False), ("idOrKey", True)])
def test_a_resource_with_two_names_is_known_by_both(tmp_path: Path, name: str, other_is_deleted: bool) -> None:
    """Where a path may name a resource by its key or its id, either may be what was deleted."""
    read, delete = read_contract(contract(tmp_path, name)).operations[1:]
    deletions = Deletions()
    deletions.note(delete, Request("DELETE", "/pets/7"), Response(204))
    assert deletions.has(read, "/pets/7")
    assert deletions.has(read, "/pets/8") is other_is_deleted


@pytest.mark.parametrize("item", ["/pets/{id}", "/pets/{id}/"])
@pytest.mark.parametrize(
    "deletion", ["DELETE /pets/{id}", "DELETE /pets/{id}/", "POST /pets/{id}/remove/", "DELETE /pets/remove/{id}"]
)
def test_a_resource_is_known_to_be_deleted_however_the_path_spells_it(item: str, deletion: str) -> None:
    """A slash at the end of a path, or a word there that says to delete, leads to the same resource."""
    method, _, template = deletion.partition(" ")
    answer: dict[str, Any] = {"responses": {"204": {"description": "Done"}}}
    paths: dict[str, Any] = {item: {"get": answer, "put": answer}}
    paths.setdefault(template, {})[method.lower()] = answer
    by_method = {each.method: each for each in read({"paths": paths}).operations}
    path, deletions = item.replace("{id}", "7"), Deletions()
    deletions.note(by_method[method], Request(method, template.replace("{id}", "7")), Response(204))
    assert deletions.has(by_method["GET"], path)
    deletions.note(by_method["PUT"], Request("PUT", path), Response(204))
    assert not deletions.has(by_method["GET"], path)
