"""What of the contract a run of `tallystick fuzz` has to reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import click

from tallystick.cli.option_groups import OptionGroup

if TYPE_CHECKING:
    from tallystick.coverage.least import LeastCoverage

min_coverage = click.option(
    "--min-coverage",
    metavar="[KIND=]PERCENT",
    multiple=True,
    help="Fail if less of the contract was seen: 80, or of one kind of its parts: statuses=90.",
)
"""The option of every command that tells a coverage."""


class CoverageOptions(TypedDict):
    """The options of this module, by click's names."""

    min_coverage: tuple[str, ...]


coverage_options = OptionGroup("How much of the contract must be seen", min_coverage)


def least_coverages(options: CoverageOptions) -> tuple[LeastCoverage, ...]:
    """What was asked for; raises `UsageError` for what nobody can ask for."""
    from tallystick.coverage.least import least_coverage

    return tuple(least_coverage("--min-coverage", text) for text in options["min_coverage"])
