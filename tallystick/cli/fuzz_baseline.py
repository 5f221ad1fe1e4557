"""Which findings `tallystick fuzz` knows already: a baseline, with reasons and dates."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import click

from tallystick.cli.option_groups import OptionGroup
from tallystick.nouns.errors import UsageError
from tallystick.nouns.printing import print_error
from tallystick.nouns.words import counted

if TYPE_CHECKING:
    from tallystick.fuzz.baseline import Known
    from tallystick.fuzz.outcome import Outcome


class BaselineOptions(TypedDict):
    """The options of this module, by click's names."""

    baseline: Path | None
    update_baseline: bool


baseline_options = OptionGroup(
    "What is known already",
    click.option(
        "--baseline",
        type=click.Path(path_type=Path, readable=False),  # read_known says why it cannot be read
        metavar="FILE",
        help="Known findings, which do not fail the run: each with a reason, and a date until which it may stay.",
    ),
    click.option("--update-baseline", is_flag=True, help="Write the findings of now into the baseline; reasons stay."),
)


def known_findings(options: BaselineOptions) -> list[Known]:
    """The entries of the baseline; raises `UsageError` and `UnreadableError` before anything is sent."""
    if options["baseline"] is None:
        if options["update_baseline"]:
            raise UsageError("--update-baseline needs --baseline FILE")
        return []
    from tallystick.fuzz.baseline import read_known

    return read_known(options["baseline"])


def apply_baseline(outcome: Outcome, options: BaselineOptions, known: list[Known]) -> None:
    """Writes the baseline, if that is asked for, and marks the findings that it knows."""
    if options["baseline"] is None:
        return
    from tallystick.fuzz.baseline import mark_known, read_known, write_known

    today = datetime.datetime.now(datetime.UTC).date()
    if options["update_baseline"]:
        count = write_known(options["baseline"], outcome.errors, known, today)
        print_error(f"tallystick fuzz: {options['baseline']}: {counted(count, 'known finding', ',')}")
        known = read_known(options["baseline"])
    outcome.baseline_notes = mark_known(outcome.errors, known, today)
