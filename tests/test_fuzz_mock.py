"""The two halves match: the mock, fuzzed under the contracts that it serves, with every check on, has no finding."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from schemathesis.checks import CHECKS, load_all_checks
from support.detection_api import TOKEN
from support.folders import OPENAPI
from support.fuzzing import REACHES_NO_NEW_LINE, fuzz, served

from tallystick.contracts.read import read_contract
from tallystick.fuzz import report
from tallystick.fuzz.credentials import GivenCredentials
from tallystick.mock.app import create_app
from tallystick.nouns.errors import Exit
from tallystick.reports.text import fuzz as fuzz_text

CONTRACTS = sorted(OPENAPI.glob("*.yaml"))


@cache
def mock() -> Any:
    """The mock of all contracts in openapi/."""
    return create_app([read_contract(path) for path in CONTRACTS])


def text(outcome: Any) -> str:
    """The report, for whoever reads the failure of a test."""
    return fuzz_text(report.result_of(outcome))


def test_there_are_four_contracts() -> None:
    """The contracts that the tests below are about are there."""
    assert len(CONTRACTS) == 4


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "given", [GivenCredentials(), GivenCredentials(bearer=TOKEN)], ids=["made-up credentials", "a token"]
)
@REACHES_NO_NEW_LINE
def test_the_mock_keeps_its_contract(path: Path, given: GivenCredentials) -> None:
    """No check of Schemathesis and no rule of ours finds anything in the mock, and every operation was accepted."""
    outcome = fuzz(mock(), contract=path, url=f"http://localhost/{path.stem}", given=given, max_examples=25)
    assert outcome.errors == [], text(outcome)
    assert outcome.code(strict=False) == Exit.CLEAN
    assert all(operation.succeeded for operation in outcome.tested.values())


def test_the_mock_keeps_its_contract_over_http() -> None:
    """Nor is there a finding where the mock is a server and not an application in this process."""
    with served(mock()) as url:
        outcome = fuzz(
            contract=OPENAPI / "detection-sessions.yaml", url=f"{url}/detection-sessions", given=GivenCredentials()
        )
    assert outcome.errors == [], text(outcome)
    assert outcome.requests > 100


@pytest.mark.slow
@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.stem)
def test_schemathesis_by_itself_finds_nothing_in_the_mock(path: Path, tmp_path: Path) -> None:
    """Plain `st run` with every check on, which knows nothing of our judge, passes the mock of each contract."""
    with served(create_app([read_contract(path)])) as url:
        words = [
            "run",
            str(path),
            "--url",
            url,
            "--checks",
            "all",
            "--seed",
            "1",
            "-H",
            f"Authorization: Bearer {TOKEN}",
        ]
        run = subprocess.run(
            [Path(sys.executable).with_name("st"), *words], cwd=tmp_path, capture_output=True, text=True, timeout=120
        )
    assert run.returncode == 0, run.stdout


def test_every_check_is_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of Schemathesis's checks, and ours, is run in a fuzz run; ours is gone after it."""
    load_all_checks()
    theirs = set(CHECKS.get_all_names())
    assert {"negative_data_rejection", "ignored_auth", "unsupported_method", "use_after_free"} <= theirs
    called: set[str] = set()

    def spied(name: str) -> Any:
        check = CHECKS.get_one(name)

        def spy(*args: Any) -> Any:
            called.add(name)
            return check(*args)

        spy.__name__ = name
        return spy

    for name in theirs:
        monkeypatch.setitem(CHECKS._items, name, spied(name))
    outcome = fuzz(mock(), contract=CONTRACTS[0], url=f"http://localhost/{CONTRACTS[0].stem}", max_examples=1)
    assert called == theirs
    assert outcome.requests
    assert set(CHECKS.get_all_names()) == theirs
