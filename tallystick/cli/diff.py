"""`tallystick diff`: two versions of contracts compared on the command line."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from tallystick.cli import allow_references, version
from tallystick.cli.progress import progress_shown
from tallystick.config import load_configuration
from tallystick.documents.garbage_collection import uncollected
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
    help="How to report; text if not given. markdown is a changelog, comment is for a pull request.",
)
@click.option(
    "--fail-on",
    type=click.Choice(FAILING),
    help="What makes the exit code 1: a breaking change (if not given), a warning too, or nothing.",
)
@click.option("--check-version", is_flag=True, help="Fail where info.version did not rise as the changes ask for.")
@click.option(
    "--ignored",
    type=click.Path(path_type=Path, readable=False),  # read_ignored says why it cannot be read
    help="A file of changes that are ignored, each with its reason; what the configuration names if not given.",
)
@click.option(
    "--witnesses",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write each witness of what may break as a scenario file into a folder.",
)
@click.option(
    "--consumers",
    multiple=True,
    metavar="DIR|FILE",
    help="Recordings of what consumers send (HAR files, journals of the mock): each change says whom it hits.",
)
@click.option("--consumers-only", is_flag=True, help="Fail only for what a known consumer feels.")
@allow_references
@uncollected(for_good=True)
def command(
    paths: tuple[str, ...],
    base: str | None,
    format_name: str,
    fail_on: str | None,
    check_version: bool,
    ignored: Path | None,
    witnesses: Path | None,
    consumers: tuple[str, ...],
    consumers_only: bool,
    allow: tuple[str, ...],
) -> int:
    """Compare two versions of a contract: what breaks a client, each with the exchange that proves it.

    A change is breaking where an exchange that the old contract allows is refused by the new one. OLD and NEW are
    files, URLs, files or folders of a git revision (main:openapi/api.yaml), or folders, whose contracts are compared by
    name. With --base REVISION it is `diff --base REVISION [PATH]...`.
    """
    from tallystick.diff.consumers import read_consumers, with_consumers
    from tallystick.diff.ignoring import read_ignored
    from tallystick.diff.outcome import Judging, outcome
    from tallystick.diff.pairs import (
        compared_between,
        compared_since,
    )  # imports the judge, which `--help` does not need
    from tallystick.diff.settings import settings_of
    from tallystick.diff.table import TABLE
    from tallystick.diff.witnesses import write_witnesses

    configuration = load_configuration()
    configuration = replace(configuration, allow_refs=(*configuration.allow_refs, *allow))
    settings = settings_of(configuration)
    settings = replace(settings, fail_on=fail_on or settings.fail_on, ignored=ignored or settings.ignored)
    today = datetime.now(UTC).date()
    entries = read_ignored(settings.ignored) if settings.ignored is not None else []
    if base is not None:
        old, new = base, " ".join(paths)
        with progress_shown():
            pairs = compared_since(base, paths, configuration, today)
    elif len(paths) == 2:
        old, new = paths
        with progress_shown():
            pairs = compared_between(old, new, configuration.allow_refs, today)
    else:
        raise UsageError("two PATHs are compared: give OLD and NEW, or --base REVISION")
    recorded = consumers or settings.consumers
    if consumers_only and not recorded:
        raise UsageError("--consumers-only needs recordings: give --consumers DIR|FILE")
    if recorded:
        recordings = read_consumers(recorded)
        pairs = [with_consumers(pair, recordings) for pair in pairs]
    compared, notes = outcome(pairs, Judging(settings, entries, today, check_version, consumers_only))
    if witnesses is not None:
        notes.append(write_witnesses(witnesses, compared))
    has_colours = format_name == "text" and wants_colour(sys.stdout, os.environ)
    own_version = version() if format_name == "sarif" else ""  # slow to look up, and shown only there
    result = DiffResult(old, new, compared, TABLE, notes, has_colours, version=own_version)
    print_text(diff_report(format_name, result))
    return Exit.VIOLATIONS if result.is_failing else Exit.CLEAN
