"""What openapi-spec-validator rejects, `check` rejects too."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from support.folders import CORPUS, DOCUMENTS, OPENAPI

from tallystick.contracts.read import read_contract
from tallystick.documents import text
from tallystick.nouns.errors import TallystickError
from tallystick.nouns.violation import Severity
from tallystick.rules.contract.document import judge_document

JUNK = [None, True, 7, -1, 1.5, "", "x", "#/nowhere", [], ["x"], {}, {"$ref": "#/components/schemas/None"}, [1, 1]]
KEYWORDS = [
    "nullable",
    "default",
    "required",
    "pattern",
    "minimum",
    "enum",
    "exclusiveMinimum",
    "type",
    "const",
    "allOf",
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every part of a value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def mutated(document: Any, source: random.Random) -> Any:
    """The document with one part deleted, replaced, renamed, repeated or put in the place of another."""
    document = deepcopy(document)
    paths = [path for path in places(document) if path and not {"example", "examples"} & set(path)]
    *way, key = source.choice(paths)
    parent = document
    for step in way:
        parent = parent[step]
    match source.choice(("delete", "replace", "replace", "rename", "repeat", "copy")):
        case "delete":
            del parent[key]
        case "rename" if isinstance(parent, dict):
            parent[source.choice([f"{key}x", f"x-{key}", *KEYWORDS])] = parent.pop(key)
        case "repeat" if isinstance(parent, list):
            parent.append(deepcopy(parent[key]))
        case "copy":
            other = document
            for step in source.choice(paths):
                other = other[step]
            parent[key] = deepcopy(other)
        case _:
            parent[key] = deepcopy(source.choice(JUNK))
    return document


MISTAKEN = ("map-of-strings", "is not a 'regex'")
"""What openapi-spec-validator says of sound documents: it takes the value of a link's parameter for a string only, and
patterns for those of Python."""


def rejected(document: Any) -> list[str]:
    """What openapi-spec-validator says against a document; nothing where it cannot tell, because it breaks down."""
    from openapi_spec_validator.shortcuts import get_validator_cls

    try:
        found = [str(error.message) for error in get_validator_cls(document)(document).iter_errors()]
    except Exception:  # whatever breaks it down is no verdict
        return []
    return [said for said in found if not any(mistaken in said for mistaken in MISTAKEN)]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("seed", range(6))
def test_what_openapi_spec_validator_rejects_is_rejected(seed: int, tmp_path: Path) -> None:
    """Of documents with one or two random faults, none that it rejects is found to be without an error."""
    source = random.Random(seed)
    names = [*sorted(OPENAPI.glob("*.yaml")), *(DOCUMENTS / f"sound-{version}.yaml" for version in ("3.0", "3.1"))]
    sound = [text.parse(file.read_text(encoding="utf-8"), str(file)) for file in names]
    file = tmp_path / "mutant.json"
    verdicts = 0
    for _ in range(60):
        document = mutated(source.choice(sound), source)
        if source.random() < 0.3:
            document = mutated(document, source)
        said = rejected(document)
        if not said:
            continue
        verdicts += 1
        file.write_text(json.dumps(document))
        try:
            found = [one for one in judge_document(read_contract(file)) if one.severity is Severity.ERROR]
        except TallystickError:
            continue
        assert found, f"{said[0]}\n{json.dumps(document, indent=1)}"
    assert verdicts > 15


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real documents is not here")
def test_real_documents_are_judged_as_openapi_spec_validator_judges_them() -> None:
    """Every document of the corpus is judged, and none that the other rejects is found to be without an error."""
    rows = (CORPUS / "INDEX.tsv").read_text(encoding="utf-8").splitlines()[1:]
    less: list[str] = []
    for row in rows:
        file = CORPUS / row.split("\t")[0]
        contract = read_contract(file)
        errors = [one for one in judge_document(contract) if one.severity is Severity.ERROR]
        if not errors and file.stat().st_size < 1_000_000:
            less += [f"{file.name}: {said}" for said in rejected(contract.root.value)[:1]]
    assert less == []
