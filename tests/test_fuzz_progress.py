"""The line on the terminal that shows how far a fuzz run is."""

from __future__ import annotations

from pathlib import Path

from support.fuzzing import KNOWN
from support.order_api import OrderApi, order_contract

from tallystick.cli.fuzz_progress import line_of
from tallystick.contracts.read import read_contract
from tallystick.fuzz.credentials import credentials_for
from tallystick.fuzz.engine import execute
from tallystick.fuzz.outcome import Progress
from tallystick.fuzz.settings import IN_PROCESS, Settings


def test_a_line_has_operations_requests_findings_and_the_time_left() -> None:
    """The line says how many operations were called, the requests and findings so far, and the time left."""
    line = line_of(Progress("GET /pets", 1200, 3, 12.4, 4, 1223, 47.6))
    assert line == "4 of 1,223 operations, 1,200 requests, 3 findings, 12 s, 48 s left: GET /pets"
    assert "left" not in line_of(Progress("GET /pets", 1, 0, 1.0, 1, 2))


def test_a_run_reports_how_far_it_is(tmp_path: Path) -> None:
    """A run reports the operations that it has called, and how long it may still take."""
    contract = read_contract(order_contract(tmp_path))
    labels = tuple(operation.label for operation in contract)
    known = credentials_for(contract, KNOWN)
    settings = Settings(IN_PROCESS, "/v1", 1, labels, OrderApi(), known, max_seconds=100, max_examples=1)
    reported: list[Progress] = []
    execute(contract, settings, reported.append)
    last = reported[-1]
    assert (last.operations, last.all_operations) == (5, 5)
    assert last.seconds_left is not None
    assert 0 < last.seconds_left < 100
