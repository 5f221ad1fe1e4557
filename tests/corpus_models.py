"""Measures the models of a document against the judge: what fits loads and dumps back, what does not fit is refused.

Each body of the contract is tried with its examples, with a generated value, and with mutations of these: at each place
of the value another type, a member less or more, a text or number that is too long, too short, too large or too small.
"""

from __future__ import annotations

import importlib.util
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import TypeAdapter, ValidationError

from tallystick.examples.draws import Style
from tallystick.examples.samples import Unsatisfiable, body_sample, valid_examples
from tallystick.models import module_of
from tallystick.models.named_schemas import REQUEST
from tallystick.nouns.contract import BodyFormat, Contract
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Direction, Schema, SchemaError

MUTATIONS_PER_BODY = 25
REASONS = {
    "not": "Pydantic has no negation",
    "oneOf": "a union takes a value that several of its branches fit",
    "contains": "Pydantic counts no items of a kind",
    "uniqueItems": "a list does not compare its items",
    "dependentRequired": "a class knows no member that another one asks for",
    "dependentSchemas": "a class knows no member that another one asks for",
    "if": "Pydantic has no condition",
    "then": "Pydantic has no condition",
    "else": "Pydantic has no condition",
    "propertyNames": "a class does not judge the names of its extra members",
    "minProperties": "a class does not count its members",
    "maxProperties": "a class does not count its members",
    "unevaluatedItems": "a list has one type for all of its items",
    "format": "the format's type in Pydantic would change or refuse values that the contract allows",
}
"""The keywords that Pydantic cannot express, and why."""


@dataclass
class Tally:
    """How many values were tried on the models of a document, and what differs from the judge."""

    fitting: int = 0
    kept: int = 0
    refused_by_judge: int = 0
    refused: int = 0
    excused: Counter[str] = field(default_factory=Counter)
    losses: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)

    @property
    def cell(self) -> str:
        return f"{self.kept}/{self.fitting} {self.refused}/{self.refused_by_judge} -{self.excused.total()}"


def verdicts_of_models(contract: Contract) -> tuple[str, list[str]]:
    """How the verdicts of the models agree with the judge's, for a table's cell, and each way in which they do not.

    The cell has the values that load and dump back, of those that fit; the mutations that are refused, of those that
    the judge refuses for what Pydantic can say; and how many it refuses for what Pydantic cannot say (`REASONS`).
    The module must pass a strict type checker, and import without a warning.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "corpus_models.py"
        file.write_text(module_of(contract, contract.file).text, encoding="utf-8")
        result = tally(contract, loaded_module(file))
        losses = [*result.losses, *(f"accepted: {line}" for line in result.accepted)]
        for command in ("-W", "error"), ("-m", "mypy", "--strict", "--no-incremental"):
            done = subprocess.run([sys.executable, *command, file], capture_output=True, text=True, cwd=folder)
            losses += [(done.stdout + done.stderr)[-300:]] if done.returncode else []
    return result.cell, losses


def loaded_module(file: Path) -> ModuleType:
    """The module in a file, imported."""
    name = f"corpus_models_{abs(hash(str(file)))}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tally(contract: Contract, models: ModuleType) -> Tally:
    """Try the values of every body of a contract on its models."""
    result = Tally()
    tried: set[tuple[object, Direction]] = set()
    for label, part, direction, body_format in bodies(contract):
        schema = body_format.schema or body_format.item_schema
        body = getattr(models, "BODIES", {}).get(label, {}).get(part, {}).get(body_format.media_type.text)
        if schema is None or body is None:
            continue
        key = (getattr(schema, "compiled_node", schema.place).key, str(body))
        if (key, direction) in tried:
            continue
        tried.add((key, direction))
        try:
            adapter: TypeAdapter[Any] = TypeAdapter(body)
        except Exception as error:  # whatever Pydantic raises is a loss
            result.losses.append(f"{label} {part}: not built: {error}")
            continue
        for value in values(body_format, schema, direction):
            try_value(f"{label} {part}", schema, direction, adapter, value, result)
    return result


def bodies(contract: Contract) -> Iterator[tuple[str, str, Direction, BodyFormat]]:
    """Every body of a contract: its operation, its part, which way it goes, and what it is."""
    for operation in contract:
        if operation.request_body is not None:
            for body_format in operation.request_body.content:
                yield operation.label, REQUEST, Direction.REQUEST, body_format
        for response in operation.responses:
            for body_format in response.content:
                yield operation.label, response.status, Direction.RESPONSE, body_format


def values(body_format: BodyFormat, schema: Schema, direction: Direction) -> Iterator[JSON]:
    """The examples of a body, a generated value, and mutations of them, those of each body the same in each run."""
    samples: list[JSON] = []
    if body_format.schema is not None:
        samples = [sample.value for sample in valid_examples(body_format, direction)]
        for seed in (0, 1):
            try:
                sample = body_sample(body_format, direction, Style(seed))
            except Unsatisfiable:
                continue
            if sample is not None:
                samples.append(sample.value)
    draw = random.Random(schema.place.pointer)
    for sample in samples[:4]:
        yield sample
        mutated = list(mutations(sample))
        yield from draw.sample(mutated, min(MUTATIONS_PER_BODY, len(mutated)))


def mutations(value: JSON) -> Iterator[JSON]:
    """The value with one place changed, for each place and each kind of change."""
    yield from changed(value)
    if isinstance(value, dict):
        for name, member in value.items():
            for mutation in mutations(member):
                yield {**value, name: mutation}
    elif isinstance(value, list):
        for index, item in enumerate(value[:2]):
            for mutation in mutations(item):
                yield [*value[:index], mutation, *value[index + 1 :]]


def changed(value: JSON) -> Iterator[JSON]:
    """Other values for a place: of each other type, and of the same type but just beyond what is usual."""
    for other in (None, True, 1, 0, 1700000000, -1.5, "3", "text", "", [], {}, ["x"], {"unexpected": 1}):
        if type(other) is not type(value) or other != value:
            yield other
    match value:
        case str():
            yield from (value + "\n", value + "x" * 5000, value[:1], value.swapcase(), "1700000000")
        case bool():
            yield from (int(value), str(value).lower())
        case int() | float():
            yield from (str(value), value + 0.5, float(value), value + 10**12, -value - 1, bool(value))
        case list():
            yield from (value * 2, value[:-1], value * 200)
        case dict():
            yield from ({k: v for k, v in value.items() if k != name} for name in value)
            yield {**value, "unexpected": 1}
            yield {**value, "unexpected_text": "x"}


def try_value(
    label: str, schema: Schema, direction: Direction, adapter: TypeAdapter[Any], value: JSON, result: Tally
) -> None:
    """Compare the verdicts of the judge and of the model on one value."""
    errors = schema.errors(value, direction)
    shown = f"{label}: {json.dumps(value)[:300]}"
    try:
        model = adapter.validate_json(json.dumps(value))
    except ValidationError as error:
        if errors:
            result.refused_by_judge += 1
            result.refused += 1
            return
        first = error.errors(include_url=False)[0]
        if first["type"] == "union_tag_invalid":
            result.excused["a discriminator takes the values that select a branch, and no others"] += 1
        elif first["type"] == "model_type" or untyped(schema, value):
            result.excused["a schema that speaks of properties alone is a class"] += 1
        else:
            result.fitting += 1
            result.losses.append(f"refused {'.'.join(map(str, first['loc']))[:80]}: {first['msg']}: {shown}")
        return
    if not errors:
        result.fitting += 1
        dumped = adapter.dump_python(model, mode="json", by_alias=True, exclude_unset=True)
        if same(dumped, value):
            result.kept += 1
        else:
            result.losses.append(f"dumped as {json.dumps(dumped)[:200]}: {shown}")
        return
    reason = excuse(errors)
    if reason:
        result.excused[reason] += 1
        return
    result.refused_by_judge += 1
    result.accepted.append(f"{errors[0].keyword} {list(errors[0].path)}: {errors[0].message[:120]} | {shown}")


def untyped(schema: Schema, value: JSON) -> bool:
    """Whether a schema speaks of objects without saying `type: object`, and a value is none: it fits, unspoken of."""
    return "type" not in schema.resolved and not isinstance(value, dict)


def excuse(errors: Sequence[SchemaError]) -> str:
    """Why Pydantic cannot refuse a value, "" where it can."""
    reasons = [REASONS.get(error.keyword, "") for error in errors]
    return "" if "" in reasons else reasons[0]


def same(left: object, right: object) -> bool:
    """Whether two JSON values are the same; times are the same if they mean the same moment."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[name], right[name]) for name in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, str) and isinstance(right, str) and left != right:
        return left.lower() == right.lower() or moment(left) == moment(right) is not None
    return left == right


def moment(text: str) -> datetime | time | None:
    """The moment that a text means."""
    for kind in (datetime, time):
        try:
            return kind.fromisoformat(text.upper())
        except ValueError:
            continue
    return None
