"""The defects of `tests/defects`: none of them is imaginary, and the sound servers have none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tallystick.contracts.read import read_contract
from tests.defects.alterations import ALTERATIONS
from tests.defects.altering import CONTRACT
from tests.defects.client import Client
from tests.defects.rows import Defect, Oddity
from tests.defects.rows.table import DEFECTS, ODDITIES
from tests.defects.switch import switched

FOLDER = CONTRACT.parent
ODD_CASES = [(oddity, server) for oddity in ODDITIES.values() for server in oddity.servers]
CASES = [(defect, server) for defect in DEFECTS.values() for server in defect.servers]


@pytest.mark.parametrize(("defect", "server"), CASES, ids=lambda each: getattr(each, "name", each))
def test_a_witness_shows_its_defect_and_contradicts_a_sound_server(defect: Defect, server: str) -> None:
    """Each defect is shown by its witness, and a sound server never shows it."""
    assert not defect.witness(Client(server)), "a sound server shows it"
    with switched(defect.name):
        assert defect.witness(Client(server)), "the witness does not show it"


@pytest.mark.parametrize(("oddity", "server"), ODD_CASES, ids=lambda each: getattr(each, "name", each))
def test_a_witness_shows_its_oddity(oddity: Oddity, server: str) -> None:
    """Each oddity is there where it is switched on, and only there."""
    assert not oddity.witness(Client(server)), "it is always there"
    with switched(oddity.name):
        assert oddity.witness(Client(server)), "it is not there"


def test_each_switch_is_a_row_and_each_row_has_its_switch() -> None:
    """What the servers ask for by name is in the table, and the table names nothing else."""
    code = "".join(path.read_text() for path in Path(FOLDER).rglob("*.py") if "rows" not in path.parts)
    asked = set(re.findall(r'(?:\bon|unless)\(\s*"([^"]+)"', code)) | set(ALTERATIONS)
    assert asked == set(DEFECTS) | set(ODDITIES)


def test_each_clause_stands_in_the_contract() -> None:
    """Each clause is a place in the contract, and each operation one of its operations."""
    document = yaml.safe_load(CONTRACT.read_text())
    operations = {operation.label for operation in read_contract(CONTRACT)}
    for defect in DEFECTS.values():
        for operation in (defect.operation, *defect.also):
            assert operation in operations or operation in document["paths"], (defect.name, operation)
        for clause in defect.clauses[:1]:
            assert stands_in(document, clause), (defect.name, clause)


def stands_in(document: object, pointer: str) -> bool:
    """Whether a JSON Pointer leads to a place of a document, through its references."""
    node = document
    for segment in pointer.split("/")[1:]:
        name = segment.replace("~1", "/").replace("~0", "~")
        while isinstance(node, dict) and "$ref" in node:
            node = at(document, node["$ref"][1:])
        if isinstance(node, list) and name.isdigit() and int(name) < len(node):
            node = node[int(name)]
        elif isinstance(node, dict) and name in node:
            node = node[name]
        else:
            return False
    return True


def at(document: object, pointer: str) -> object:
    """What stands at a JSON Pointer without references."""
    for segment in pointer.split("/")[1:]:
        assert isinstance(document, dict)
        document = document[segment.replace("~1", "/").replace("~0", "~")]
    return document
