"""A run whose time is up names what it did not try, and is not plainly green."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support.fuzzing import fuzz
from support.order_api import TOKEN, OrderApi, order_contract

from tallystick.contracts.read import read_contract
from tallystick.fuzz.cases import Phase
from tallystick.fuzz.credentials import GivenCredentials
from tallystick.fuzz.outcome import Outcome
from tallystick.fuzz.pieces import ALL_PHASES, Pieces, runs_of
from tallystick.fuzz.settings import IN_PROCESS, Settings
from tallystick.nouns.errors import Exit

URL = "http://localhost:8000/v1"


def run(folder: Path, **settings: object) -> Outcome:
    """A run over the orders."""
    return fuzz(OrderApi(), order_contract(folder), GivenCredentials(bearer=TOKEN), url=URL, **settings)


def test_what_was_not_tried_is_named(tmp_path: Path) -> None:
    """A run that its time limit cuts names the phases and operations that it did not try."""
    outcome = run(tmp_path, max_seconds=2, max_examples=1000)
    assert outcome.stopped == "max_time"
    notes = [note for note in outcome.notes if note.startswith("not tried to the end: ")]
    assert any("random requests for " in note and "of 5 operations: " in note for note in notes), notes
    assert "not tried to the end: sequences of requests" in notes


def cut(folder: Path, **settings: Any) -> Outcome:
    """The outcome of a run that found nothing until its time was up."""
    contract = read_contract(order_contract(folder))
    labels = tuple(operation.label for operation in contract)
    outcome = Outcome.begun(contract, Settings(IN_PROCESS, "/v1", 1, labels, max_seconds=1, **settings))
    for operation in outcome.tested.values():
        operation.statuses[200] = 1
    outcome.stopped = "max_time"
    return outcome


def test_a_cut_run_is_not_green(tmp_path: Path) -> None:
    """A run that was cut and found nothing ends with 4; with 0 where it may be partial, or all was tried."""
    assert cut(tmp_path).code(strict=False) == Exit.PARTIAL
    assert cut(tmp_path, allow_partial=True).code(strict=False) == Exit.CLEAN
    whole = cut(tmp_path)
    for phase in ALL_PHASES:
        whole.pieces.finish(phase)
    assert whole.code(strict=False) == Exit.CLEAN


def test_a_time_limit_that_is_long_enough_changes_nothing(tmp_path: Path) -> None:
    """A run that ends before its time limit is whole and green."""
    outcome = run(tmp_path, max_seconds=200, max_examples=2)
    assert outcome.stopped == ""
    assert outcome.code(strict=False) == Exit.CLEAN
    assert not any(note.startswith("not tried") for note in outcome.notes)


def test_a_seed_repeats_a_run(tmp_path: Path) -> None:
    """Two runs with one seed send the same number of requests to each operation, with a time limit, too."""
    first, second = (run(tmp_path, max_seconds=200, max_examples=5, seed=3) for _ in range(2))
    assert {label: each.statuses for label, each in first.tested.items()} == {
        label: each.statuses for label, each in second.tested.items()
    }


def test_runs_of_a_run() -> None:
    """Without a limit all phases are one run; with one, sequences have a share of it and random requests come last."""
    assert [run.phases for run in runs_of(ALL_PHASES, False)] == [ALL_PHASES]
    runs = runs_of(ALL_PHASES, True)
    assert [run.phases for run in runs] == [(Phase.EXAMPLES, Phase.COVERAGE), (Phase.STATEFUL,), (Phase.FUZZING,)]
    assert [run.share for run in runs] == [1.0, 0.5, 1.0]
    assert runs_of([Phase.STATEFUL], True)[0].share == 1.0


def test_pieces_are_done_one_by_one() -> None:
    """Pieces that are not done are named until their phase has come to its end."""
    pieces = Pieces((Phase.COVERAGE,), ("GET /a", "GET /b"))
    pieces.note(Phase.COVERAGE, "GET /a")
    assert pieces.left(10) == ["not tried to the end: values at the edges of each schema for 1 of 2 operations: GET /b"]
    pieces.finish(Phase.COVERAGE)
    assert pieces.left(10) == []
