"""The control API keeps its own contract, whatever it is sent."""

from __future__ import annotations

from support.asking import contract
from support.fuzzing import REACHES_NO_NEW_LINE, fuzz
from test_control_items import SHOP

from tallystick.fuzz import report
from tallystick.fuzz.credentials import GivenCredentials
from tallystick.mock.app import create_app
from tallystick.mock.control.application import CONTRACT
from tallystick.nouns.errors import Exit
from tallystick.reports.text import fuzz as fuzz_text

_NEED_AN_ID = {
    "DELETE /faults/{fault}",
    "GET /overrides/{override}",
    "DELETE /overrides/{override}",
    "GET /journal/{exchange}",
}
"""Operations on what another call has made, which another one may have dropped meanwhile."""


@REACHES_NO_NEW_LINE
def test_a_fuzz_run_finds_nothing_in_the_control_api() -> None:
    """No check of Schemathesis and no rule of ours, with state on; and every operation was accepted
    that needs no id of another one."""
    app = create_app([contract(SHOP, "shop")])
    outcome = fuzz(
        app, contract=CONTRACT, url="http://localhost/_tallystick", given=GivenCredentials(), max_examples=25
    )
    text = fuzz_text(report.result_of(outcome))
    assert outcome.errors == [], text
    assert outcome.code(strict=False) == Exit.CLEAN, text
    refused = {label for label, operation in outcome.tested.items() if not operation.succeeded}
    assert refused <= _NEED_AN_ID, text
