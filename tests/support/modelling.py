"""Builders for the tests of the models: documents with schemas, the module of a document, and what is in it."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from click.testing import CliRunner, Result
from support.folders import ROOT

from tallystick.cli import main
from tallystick.contracts.read import read_contract
from tallystick.models import Module, module_of
from tallystick.models.keywords import Schema
from tallystick.models.named_schemas import REQUEST
from tallystick.nouns.contract import BodyFormat, Contract
from tallystick.nouns.schema import Direction

CONTRACTS = sorted((ROOT / "openapi").glob("*.yaml"))


def document(schemas: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A document of OpenAPI 3.1 with these schemas as components, and whatever else is given."""
    head = {"openapi": "3.1.0", "info": {"title": "Things", "version": "1"}, "paths": {}}
    return {**head, "components": {"schemas": schemas}, **more}


def contract_of(folder: Path, value: dict[str, Any], name: str = "things.json") -> Contract:
    """The contract in a file of this value."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value), encoding="utf-8")
    return read_contract(file)


def module_from(folder: Path, value: dict[str, Any]) -> Module:
    """The module of a document."""
    return module_of(contract_of(folder, value), "things.json")


def operation(body: Schema | None = None, answer: Schema | None = None, **more: Any) -> dict[str, Any]:
    """An operation with these schemas as the JSON of its request and of its response."""
    result: dict[str, Any] = {"responses": {"200": {"description": "Done."}}, **more}
    if body is not None:
        result["requestBody"] = {"content": {"application/json": {"schema": body}}}
    if answer is not None:
        result["responses"]["200"]["content"] = {"application/json": {"schema": answer}}
    return result


def ref(name: str) -> dict[str, str]:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def things(**properties: Schema) -> Schema:
    """An object with these properties."""
    return {"type": "object", "properties": properties}


def run(*arguments: str | Path) -> Result:
    """The command line `tallystick models ...`, as a process would run it."""
    return CliRunner().invoke(main, ["models", *map(str, arguments)])


def loaded(file: Path) -> ModuleType:
    """The module in a file, imported as a user's would be."""
    name = f"models_of_a_test_{abs(hash(str(file)))}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def bodies(contract: Contract) -> Iterator[tuple[str, str, Direction, BodyFormat]]:
    """Every body of a contract: its operation, its part, which way it goes, and what it is."""
    for operation in contract:
        if operation.request_body is not None:
            for body_format in operation.request_body.content:
                yield operation.label, REQUEST, Direction.REQUEST, body_format
        for response in operation.responses:
            for body_format in response.content:
                yield operation.label, response.status, Direction.RESPONSE, body_format
