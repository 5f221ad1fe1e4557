"""A sample of `make defects`: what a fuzz run finds of single defects, and that it says nothing of sound servers."""

from __future__ import annotations

from typing import Any

import pytest
from support.fuzzing import REACHES_NO_NEW_LINE, fuzz

from tallystick.fuzz.credentials import GivenCredentials
from tallystick.fuzz.findings import Finding
from tests.defects import stock
from tests.defects.altering import CONTRACT
from tests.defects.client import Client
from tests.defects.rows.table import DEFECTS
from tests.defects.switch import switched
from tests.defects.trials import Found, is_attributed

KNOWN = GivenCredentials(bearer=stock.TOKEN, api_keys=(stock.DESK_KEY,))
SAMPLE = (("strict", "a token is short"), ("lenient", "the filter by city is ignored"))
SOUND = (("lenient", "loans come in any order", "/loans"), ("strict", "", "/books/{bookId}"))

pytestmark = REACHES_NO_NEW_LINE


def findings(server: str, name: str, include: set[str]) -> list[Finding]:
    """The errors that a short run finds in some operations of a server with a defect or an oddity."""
    with switched(name):
        application: Any = Client(server).app
        return fuzz(application, contract=CONTRACT, given=KNOWN, include=include, max_examples=2).errors


@pytest.mark.parametrize(("server", "name"), SAMPLE)
def test_a_defect_is_found_where_it_is(server: str, name: str) -> None:
    """Each finding of a run over one defect blames the operation and the clause that are to blame."""
    errors = findings(server, name, {DEFECTS[name].operation})
    found = [Found(each.subject, each.rule, each.place.pointer, each.message, None) for each in errors]
    assert found
    assert [each for each in found if not is_attributed(name, each)] == []


@pytest.mark.parametrize(("server", "name", "path"), SOUND)
def test_nothing_is_found_where_nothing_is_wrong(server: str, name: str, path: str) -> None:
    """A sound server has no findings, whatever it does that the contract allows."""
    assert [(each.rule, each.subject, each.message) for each in findings(server, name, {path})] == []
