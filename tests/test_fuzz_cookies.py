"""Cookies in the requests of a fuzz run."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.fuzzing import written

from tallystick.contracts.read import read_contract
from tallystick.fuzz.defects import defects_of_probe
from tallystick.fuzz.verdicts import verdict_of
from tallystick.nouns.exchange import Exchange, Request, Response


@pytest.mark.parametrize(
    ("cookie", "rules"),
    [
        ("currency=EUR", []),
        ("currency=GBP", ["negative-data-rejection"]),
        ("theme=dark; currency=GBP", ["negative-data-rejection"]),
        ('currency=^G"f', []),
        ("currency=G,B", []),
    ],
)
def test_what_is_no_cookie_may_be_passed_over(cookie: str, rules: list[str], tmp_path: Path) -> None:
    """An accepted request is a defect for the value of a cookie, but not for characters that no cookie may have."""
    parameter = {"name": "currency", "in": "cookie", "schema": {"enum": ["EUR", "USD"]}}
    paths = {"/a": {"get": {"parameters": [parameter], "responses": {"200": {"description": ""}}}}}
    contract = read_contract(written(tmp_path, paths))
    exchange = Exchange(Request("GET", "/a", "", (("cookie", cookie),), b""), Response(200, (), b""))
    verdict = verdict_of(contract, exchange, "", None, frozenset(), None)
    assert [defect.rule for defect in defects_of_probe(verdict, True)] == rules
