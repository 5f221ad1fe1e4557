"""Changes sown into documents of ours: a bounded sample of what `make sown` does with real ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.folders import DOCUMENTS, OPENAPI

from tests.sown_changes.documents import Sown
from tests.sown_changes.operation_kinds import BREAKING
from tests.sown_changes.sowing import answer, cases, rewritten

OWN = ("sound-3.0", "sound-3.1", "swagger", "components", "operations")
FILES = [*sorted(OPENAPI.glob("*.yaml")), *(DOCUMENTS / f"{name}.yaml" for name in OWN)]


@pytest.fixture(params=FILES, ids=lambda path: path.name)
def document(request: pytest.FixtureRequest) -> Sown:
    path: Path = request.param
    return Sown(path.parent, path.name)


def test_sown_changes_are_found_where_they_are(document: Sown) -> None:
    """Each breaking change is found at its place, nothing else is called so, and jsonschema-rs confirms it."""
    answers = [answer(case) for case in cases(document, 1, 0)]
    assert [f"{each.case.name}: {loss}" for each in answers for loss in each.losses] == []
    assert sum(each.case.expected == BREAKING for each in answers) > 5


def test_another_way_of_writing_is_told_of_no_document(document: Sown) -> None:
    """A document with its keys in another order, its references inlined or its schemas renamed has not changed."""
    assert [*rewritten(document)] == []
