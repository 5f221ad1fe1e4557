"""A fuzz run in shares: how a contract is shared out, and processes whose number and ends change nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.asking import contract
from support.detection_api import TOKEN, detection_api
from support.fuzzing import DETECTION, KNOWN, found

from tallystick.contracts.read import read_contract
from tallystick.fuzz.credentials import credentials_for
from tallystick.fuzz.engine import execute
from tallystick.fuzz.outcome import Outcome, Progress
from tallystick.fuzz.processes import execute_shares
from tallystick.fuzz.settings import IN_PROCESS, Settings
from tallystick.fuzz.shares import Shard, Share, of_shard, parse_shard, shares_of
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UsageError

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
"""Other tests leave threads in the process of the tests; a run has none of its own when it forks."""

PATHS = ("/v1/pets", "/v1/pets/{id}", "/v1/pets/{id}/toys", "/v1/shops", "/v1/shops/{id}", "/v1/status")


def api(*paths: str) -> Contract:
    """A contract with some paths, each with GET."""
    return contract({"paths": {path: {"get": {"responses": {"200": {"description": "OK"}}}} for path in paths}})


def shared(known: Contract, seed: int = 1) -> list[Share]:
    """The shares of a contract."""
    return shares_of(known, [operation.label for operation in known], seed)


def test_what_is_below_a_collection_is_one_share() -> None:
    """Operations of one collection stay together, behind what all paths begin with; each share has its own seed."""
    shares = shared(api(*PATHS))
    assert [[label.removeprefix("GET /v1") for label in share.labels] for share in shares] == [
        ["/pets", "/pets/{id}", "/pets/{id}/toys"],
        ["/shops", "/shops/{id}"],
        ["/status"],
    ]
    assert len({share.seed for share in shares}) == 3
    assert shares == shared(api(*PATHS))
    assert shares != shared(api(*PATHS), seed=2)


def test_a_large_collection_is_divided_by_what_is_below_it() -> None:
    """A collection of more operations than a share has is divided by its names, and what is small is put together."""
    shares = shared(api("/other", *(f"/orgs/{{id}}/part{number}" for number in range(30))))
    sizes = [len(share.labels) for share in shares]
    assert sizes[0] == 1
    assert all(size <= 12 for size in sizes)
    assert len(sizes) == 4
    assert sum(sizes) == 31


def test_shards_have_every_share_once() -> None:
    """All shards of a matrix together have each share once, about as many operations each, in order."""
    shares = shared(api(*PATHS))
    shards = [of_shard(shares, Shard(number, 2)) for number in (1, 2)]
    assert sorted(share.labels for shard in shards for share in shard) == sorted(share.labels for share in shares)
    assert [sum(len(share.labels) for share in shard) for shard in shards] == [3, 3]


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "a/b", "1/", "-1/2", "1/2000"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    """A shard is a number of so many, from 1."""
    with pytest.raises(UsageError, match="as in 1/4"):
        parse_shard("--shard", text)


def run(
    workers: int, execute_one: Callable[..., Outcome] = execute, defect: str = "wrong-content-type", **settings: Any
) -> Outcome:
    """A run over an application with a defect, one operation in each share."""
    known = read_contract(DETECTION)
    labels = tuple(operation.label for operation in known)
    wanted = Settings(
        IN_PROCESS,
        "",
        1,
        labels,
        application=detection_api(defect),
        credentials=credentials_for(known, KNOWN),
        **{"max_examples": 3, **settings},
    )
    outcome = Outcome.begun(known, wanted)
    shares = [Share((label,), index) for index, label in enumerate(labels)]
    execute_shares(outcome, shares, workers, execute_one, lambda _: None)
    return outcome


def told(outcome: Outcome) -> Any:
    """What a run found, without what depends on the clock."""
    findings = [(each.defect.key, str(each.place), each.count, each.steps) for each in outcome.findings]
    tested = {label: dict(operation.statuses) for label, operation in outcome.tested.items()}
    return findings, tested, outcome.requests, outcome.coverage.seen, outcome.notes


def test_what_is_found_does_not_depend_on_the_number_of_processes_nor_on_one_that_is_killed(tmp_path: Path) -> None:
    """One process, two, and two of which one is killed in the middle find and count the same."""
    killed = tmp_path / "killed"

    def with_a_kill(known: Contract, settings: Settings, report: Any, outcome: Outcome) -> Outcome:
        if settings.selected[0].startswith("POST"):
            try:
                killed.mkdir()
            except FileExistsError:
                return execute(known, settings, report, outcome)

            def kill(progress: Progress) -> None:
                if progress.requests > 5:
                    os.kill(os.getpid(), signal.SIGKILL)

            return execute(known, settings, kill, outcome)
        return execute(known, settings, report, outcome)

    one, two, disturbed = run(1), run(2), run(2, with_a_kill)
    assert killed.is_dir()
    assert found(one)
    assert told(one) == told(two) == told(disturbed)


def test_a_share_whose_process_always_ends_is_not_tested() -> None:
    """A process that goes away each time is begun three times; then its operations are named with the reason."""

    def dying(known: Contract, settings: Settings, report: Any, outcome: Outcome) -> Outcome:
        if settings.selected[0].startswith("POST"):
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(known, settings, report, outcome)

    outcome = run(2, dying)
    (label,) = [label for label in outcome.untested if label.startswith("POST")]
    assert outcome.untested[label] == "the process that tested it was killed by signal 9, 3 times"
    assert outcome.requests


def test_an_interrupt_ends_all_processes_with_what_they_found() -> None:
    """After Ctrl-C the outcome has what was found until then, and what ended the run."""

    pressed: list[int] = []

    def interrupted(progress: Progress) -> None:
        if progress.requests > 20 and not pressed:  # once: a second Ctrl-C ends the process at once
            pressed.append(progress.requests)
            raise KeyboardInterrupt

    known = read_contract(DETECTION)
    labels = tuple(operation.label for operation in known)
    settings = Settings(IN_PROCESS, "", 1, labels, detection_api(), credentials_for(known, KNOWN))
    outcome = Outcome.begun(known, settings)
    execute_shares(outcome, [Share((label,), 1) for label in labels], 2, execute, interrupted)
    assert outcome.stopped == "interrupted"
    assert outcome.requests


def test_a_run_whose_time_is_up_names_what_it_did_not_try() -> None:
    """Shares that the time did not reach are not tested, and the run says so."""
    outcome = run(1, max_seconds=1, max_examples=1000)
    assert outcome.stopped == "max_time"
    assert any("not tried to the end" in note for note in outcome.notes)
    assert TOKEN not in str(outcome.notes)
