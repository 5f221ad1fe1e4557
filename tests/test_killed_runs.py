"""A small sample of the commands that are killed while they write; `make hostile` kills them more often."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.hostile.kills import JOBS, Job, measure

ROUNDS = 3
"""One at any moment, one late, and one while something is written."""


@pytest.mark.parametrize("job", JOBS[:2], ids=lambda job: job.name)
def test_what_a_killed_command_writes_is_old_or_new(job: Job, tmp_path: Path) -> None:
    """A kill at any moment leaves all of the old or all of the new, and the next run leaves nothing beside it."""
    tally = measure(job, tmp_path, ROUNDS, random.Random(1))
    assert tally.faults == []
    assert tally.outcomes["old"] + tally.outcomes["new"] == ROUNDS
