"""How `tallystick fuzz` reports: on standard output, into files, and what fails a run."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import click

from tallystick.cli import version
from tallystick.cli.option_groups import OptionGroup
from tallystick.files.kinds import reason
from tallystick.files.writing import why_not_writable, write_whole
from tallystick.nouns.errors import UnreachableError, UsageError
from tallystick.nouns.printing import print_text
from tallystick.reports.formats import FUZZ_FORMATS, fuzz_report

if TYPE_CHECKING:
    from tallystick.fuzz.outcome import Outcome


class ReportOptions(TypedDict):
    """The options of this module, by click's names."""

    junit: str | None
    reports: tuple[str, ...]
    format_name: str
    strict: bool


report_options = OptionGroup(
    "How it is reported",
    click.option(
        "--junit", type=click.Path(dir_okay=False, readable=False), metavar="FILE", help="Write JUnit XML there, too."
    ),
    click.option(
        "--report",
        "reports",
        metavar="FORMAT=FILE",
        multiple=True,
        help=f"Write a report there, too: {', '.join(FUZZ_FORMATS)}.",
    ),
    click.option("--format", "format_name", type=click.Choice(FUZZ_FORMATS), default="text", help="How to report."),
    click.option("--strict", is_flag=True, help="Fail also for what could not be tested, and undocumented refusals."),
)


def require_writable(options: ReportOptions) -> None:
    """Raises `UsageError` for a file that cannot be written, before anything is sent."""
    for flag, _, file in _files(options):
        if obstacle := why_not_writable(Path(file)):
            raise UsageError(f"{flag}: {obstacle}")


def _files(options: ReportOptions) -> list[tuple[str, str, str]]:
    """The files that were asked for: the flag as it was given, the format and the file."""
    files = [(f"--junit {options['junit']}", "junit", options["junit"])] if options["junit"] is not None else []
    for text in options["reports"]:
        format_name, equals, file = text.partition("=")
        if not equals or format_name not in FUZZ_FORMATS or not file:
            raise UsageError(f"--report {text}: expected FORMAT=FILE; the formats are {', '.join(FUZZ_FORMATS)}")
        files.append((f"--report {text}", format_name, file))
    return files


def write_reports(outcome: Outcome, options: ReportOptions) -> None:
    """Prints the report of a run, and writes those that were asked for; a failure to write is the outcome's error."""
    from tallystick.fuzz.report import result_of
    from tallystick.reports.colours import wants_colour

    format_name = options["format_name"]
    has_colours = format_name == "text" and wants_colour(sys.stdout, os.environ)
    result = replace(result_of(outcome, has_colours), version=version())
    for flag, name, file in _files(options):
        try:
            write_whole(Path(file), fuzz_report(name, replace(result, colour=False)).encode("utf-8"))
        except (OSError, ValueError) as error:
            outcome.error = UnreachableError(f"{flag}: cannot be written: {reason(error)}")
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if format_name == "github" and summary:
        try:
            with Path(summary).open("a", encoding="utf-8") as file_of_step:
                file_of_step.write(fuzz_report("markdown", result))
        except OSError as error:
            outcome.error = UnreachableError(f"GITHUB_STEP_SUMMARY {summary}: cannot be written: {reason(error)}")
    if format_name != "text" or outcome.error is None or outcome.has_begun:
        print_text(fuzz_report(format_name, result))
