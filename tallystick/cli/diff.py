"""`tallystick diff`: two versions of contracts compared on the command line."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime

import click

from tallystick.cli import allow_references
from tallystick.config import load_configuration
from tallystick.documents.garbage_collection import uncollected
from tallystick.nouns.change import Change, Grade
from tallystick.nouns.errors import Exit, UsageError
from tallystick.nouns.printing import print_text
from tallystick.reports.colours import wants_colour
from tallystick.reports.formats import DIFF_FORMATS, diff_report
from tallystick.reports.results import DiffResult

FAILING = ("breaking", "warning", "never")


@click.command(short_help="Compare two versions of contracts.")
@click.argument("paths", nargs=-1, metavar="OLD NEW")
@click.option(
    "--base",
    metavar="REVISION",
    help="Compare each contract of the configuration, or each PATH, with that of a git revision instead.",
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(DIFF_FORMATS),
    default="text",
    help="How to report; text if not given.",
)
@click.option(
    "--fail-on",
    type=click.Choice(FAILING),
    default="breaking",
    help="What makes the exit code 1: a breaking change (if not given), a warning too, or nothing.",
)
@allow_references
@uncollected(for_good=True)
def command(paths: tuple[str, ...], base: str | None, format_name: str, fail_on: str, allow: tuple[str, ...]) -> int:
    """Compare two versions of a contract: what breaks a client, each with the exchange that proves it.

    A change is breaking where an exchange that the old contract allows is refused by the new one. OLD and NEW are
    files, URLs, files of a git revision (main:openapi/api.yaml), or folders, whose contracts are compared by name.
    With --base REVISION it is `diff --base REVISION [PATH]...`.
    """
    from tallystick.diff.pairs import changes_between, changes_since  # imports the judge, which `--help` does not need

    configuration = load_configuration()
    configuration = replace(configuration, allow_refs=(*configuration.allow_refs, *allow))
    today = datetime.now(UTC).date()
    if base is not None:
        old, new = base, " ".join(paths)
        changes = changes_since(base, paths, configuration, today)
    elif len(paths) == 2:
        old, new = paths
        changes = changes_between(old, new, configuration.allow_refs, today)
    else:
        raise UsageError("two PATHs are compared: give OLD and NEW, or --base REVISION")
    has_colours = format_name == "text" and wants_colour(sys.stdout, os.environ)
    print_text(diff_report(format_name, DiffResult(old, new, changes, has_colours)))
    return Exit.VIOLATIONS if any(_fails(change, fail_on) for change in changes) else Exit.CLEAN


def _fails(change: Change, fail_on: str) -> bool:
    if fail_on == "never":
        return False
    return change.grade is Grade.BREAKING or (fail_on == "warning" and change.grade is Grade.WARNING)
