"""The coverage of a fuzz run: what its report tells, and what fails it."""

from __future__ import annotations

import json

from click.testing import CliRunner, Result
from support.detection_api import TOKEN, DetectionApi
from support.fuzzing import DETECTION, REACHES_NO_NEW_LINE

from tallystick.cli import main
from tallystick.nouns.errors import Exit

sound = DetectionApi()
QUIET = ("--rule", "idempotency-key-ignored=off")
"""The sample application makes another session for the same key."""


def fuzz(*words: str) -> Result:
    """`tallystick fuzz` on a sound application of the detection contract."""
    app = ("--app", "test_fuzz_coverage:sound", "--bearer", TOKEN, "--seed", "1", "--max-examples", "1", *QUIET)
    return CliRunner().invoke(main, ["fuzz", str(DETECTION), *app, *words])


@REACHES_NO_NEW_LINE
def test_a_run_below_the_least_coverage_fails_and_says_so() -> None:
    """A run without a finding that has seen less than was asked for ends with 1; its report has figures and names."""
    result = fuzz("--min-coverage", "100", "--min-coverage", "statuses=100", "--format", "json")
    report = json.loads(result.stdout)
    assert result.exit_code == Exit.VIOLATIONS
    assert report["findings"] == []
    assert report["coverage"]["kinds"]["statuses"] == {"percent": 100.0, "seen": 4, "total": 4}
    assert 50 < report["coverage"]["percent"] < 100
    assert report["coverage"]["never_seen"]
    (shortfall,) = report["coverage"]["shortfalls"]
    assert "100 % were asked for" in shortfall


def test_a_least_coverage_of_an_unknown_kind_is_refused_before_the_run() -> None:
    """A kind that is misspelt ends the command with the right spelling, before anything is sent."""
    result = fuzz("--min-coverage", "status=80")
    assert result.exit_code == Exit.USAGE
    assert "did you mean 'statuses'?" in result.output
