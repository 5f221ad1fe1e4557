"""How `tallystick fuzz` reports: on standard output, into files, and what fails a run."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import click

from tallystick.cli.option_groups import OptionGroup
from tallystick.files.kinds import reason
from tallystick.files.writing import why_not_writable, write_whole
from tallystick.nouns.errors import UnreachableError, UsageError
from tallystick.nouns.printing import print_text

if TYPE_CHECKING:
    from tallystick.fuzz.outcome import Outcome


class ReportOptions(TypedDict):
    """The options of this module, by click's names."""

    junit: str | None
    format_name: str
    strict: bool


report_options = OptionGroup(
    "How it is reported",
    click.option(
        "--junit", type=click.Path(dir_okay=False, readable=False), metavar="FILE", help="Write JUnit XML there, too."
    ),
    click.option("--format", "format_name", type=click.Choice(["text", "json"]), default="text", help="How to report."),
    click.option("--strict", is_flag=True, help="Fail also for what could not be tested, and undocumented refusals."),
)


def require_writable(options: ReportOptions) -> None:
    """Raises `UsageError` for a file that cannot be written, before anything is sent."""
    junit = options["junit"]
    if junit is not None and (obstacle := why_not_writable(Path(junit))):
        raise UsageError(f"--junit {junit}: {obstacle}")


def write_reports(outcome: Outcome, options: ReportOptions) -> None:
    """Prints the report of a run, and writes those that were asked for; a failure to write is the outcome's error."""
    from tallystick.fuzz.report import result_of
    from tallystick.reports.colours import wants_colour
    from tallystick.reports.formats import fuzz_report

    format_name, junit = options["format_name"], options["junit"]
    has_colours = format_name == "text" and wants_colour(sys.stdout, os.environ)
    result = result_of(outcome, has_colours)
    if junit is not None:
        try:
            write_whole(Path(junit), fuzz_report("junit", result).encode("utf-8"))
        except (OSError, ValueError) as error:
            outcome.error = UnreachableError(f"--junit {junit}: cannot be written: {reason(error)}")
    if format_name != "text" or outcome.error is None or outcome.has_begun:
        print_text(fuzz_report(format_name, result))
