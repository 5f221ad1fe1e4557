"""Real documents have models that hold their examples."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError
from support.folders import CORPUS
from support.modelling import bodies, loaded

from tallystick.contracts.read import read_contract
from tallystick.models import module_of


def corpus() -> list[str]:
    """The documents of the corpus, none where it is not there."""
    index = CORPUS / "INDEX.tsv"
    if not index.exists():
        return []
    return [row["file"] for row in csv.DictReader(index.read_text().splitlines(), delimiter="\t")]


@pytest.mark.slow
@pytest.mark.skipif(not corpus(), reason=f"no corpus at {CORPUS}; TALLYSTICK_CORPUS names its folder")
@pytest.mark.parametrize("name", corpus())
def test_a_real_document_has_models_that_hold_its_examples(name: str, tmp_path: Path) -> None:
    """The module imports, each of its classes can be built, and each example that judges clean loads."""
    contract = read_contract(CORPUS / name)
    file = tmp_path / "models.py"
    file.write_text(module_of(contract, name).text, encoding="utf-8")
    models = loaded(file)
    for value in list(vars(models).values()):
        if isinstance(value, type) and issubclass(value, BaseModel) and value.__module__ == models.__name__:
            value.model_rebuild()
    table = getattr(models, "BODIES", {})
    failed = [
        f"{operation} {part} {body_format.media_type.text} {example.name}"
        for operation, part, direction, body_format in bodies(contract)
        for example in body_format.examples
        if body_format.schema is not None
        and example.serialized is None
        and body_format.schema.is_valid(example.value, direction)
        and not _beside_its_schema(body_format.schema.resolved, example.value)
        and not _loads(table.get(operation, {}).get(part, {}).get(body_format.media_type.text, Any), example.value)
    ]
    assert failed == []


def _beside_its_schema(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether a schema speaks of objects without saying `type: object`, and a value is none: it fits, unspoken of."""
    return "properties" in schema and "type" not in schema and not isinstance(value, dict)


def _loads(body: Any, value: Any) -> bool:
    try:
        TypeAdapter(body).validate_json(json.dumps(value))
    except ValidationError:
        return False
    return True
