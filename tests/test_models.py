"""Models are importable, idiomatic, the same after every run, and keep what their contract's examples say."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import TypeAdapter

from tallystick.cli.models import command
from tallystick.contract import read_contract
from tallystick.model import Contract, Direction, MediaType
from tallystick.models import module_of
from tallystick.models.named import REQUEST

ROOT = Path(__file__).resolve().parent.parent
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


def text_of(folder: Path, value: dict[str, Any]) -> str:
    """The text of the module of a document."""
    return module_of(contract_of(folder, value), "things.json").text


def loaded(file: Path) -> ModuleType:
    """The module in a file, imported as a user's would be."""
    name = f"models_of_a_test_{abs(hash(str(file)))}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def bodies(contract: Contract) -> Iterator[tuple[str, str, Direction, MediaType]]:
    """Every body of a contract: its operation, its part, which way it goes, and what it is."""
    for operation in contract:
        if operation.request_body is not None:
            for media_type in operation.request_body.content:
                yield operation.label, REQUEST, Direction.REQUEST, media_type
        for response in operation.responses:
            for media_type in response.content:
                yield operation.label, response.status, Direction.RESPONSE, media_type


@pytest.mark.parametrize("file", CONTRACTS, ids=lambda file: file.stem)
def test_every_example_loads_and_dumps_back(file: Path) -> None:
    """Each example of each body loads into the committed model of that body, and dumps back to the same JSON."""
    models = loaded(ROOT / "generated" / f"{file.stem.replace('-', '_')}.py")
    count = 0
    for operation, part, _, media_type in bodies(read_contract(file)):
        body: TypeAdapter[Any] = TypeAdapter(models.BODIES[operation][part][media_type.name])
        for example in media_type.examples:
            model = body.validate_json(json.dumps(example.value))
            assert body.dump_python(model, mode="json", by_alias=True, exclude_unset=True) == example.value
            count += 1
    assert count >= len(models.BODIES)


def test_the_committed_models_are_up_to_date(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`--check` finds no drift in generated/, from whatever folder it is run."""
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(
        command, [*map(str, CONTRACTS), "--check", "-o", str(ROOT / "generated")], standalone_mode=False
    )
    assert result.return_value == 0, result.output
