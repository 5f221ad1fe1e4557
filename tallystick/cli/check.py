"""`tallystick check`: contracts judged on the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tallystick.cli import allow_references, tell_left_out, version
from tallystick.cli.progress import progress_shown
from tallystick.cli.rule_table import rules_elsewhere
from tallystick.config import load_configuration
from tallystick.documents.garbage_collection import uncollected
from tallystick.files.writing import is_written_directly
from tallystick.nouns.errors import Exit, UnreachableError, UsageError
from tallystick.nouns.extras import EXTRAS, install_line
from tallystick.nouns.printing import print_lines, print_text
from tallystick.nouns.words import counted
from tallystick.reports.colours import wants_colour
from tallystick.reports.formats import CHECK_FORMATS, check_report
from tallystick.reports.results import DEFAULT_MOST, CheckResult, SecondOpinion

if TYPE_CHECKING:
    from tallystick.check.run import Outcome
    from tallystick.config import Configuration


@click.command(short_help="Judge contracts.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(CHECK_FORMATS),
    default="text",
    help="How to report; text if not given.",
)
@click.option(
    "--max",
    "most",
    type=click.IntRange(min=0),
    default=DEFAULT_MOST,
    help=f"Group the text by rule above so many lines; {DEFAULT_MOST} if not given, 0 for never, with all places.",
)
@click.option("--strict", is_flag=True, help="Fail on warnings too.")
@allow_references
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, readable=False),  # read_baseline says why it cannot be read
    help="A file of known violations, which do not fail the check; what the configuration names if not given.",
)
@click.option("--update-baseline", is_flag=True, help="Write the violations of now into the baseline; reasons stay.")
@click.option(
    "--second-opinion",
    is_flag=True,
    help="Run openapi-spec-validator too, and tell where its verdict differs; the exit code stays that of ours.",
)
@click.option("--fix", is_flag=True, help="Mend what has one obvious mend; comments and layout stay.")
@click.option("--diff", "shows_diff", is_flag=True, help="Show what --fix would change, and write nothing.")
@uncollected(for_good=True)
def command(
    paths: tuple[str, ...],
    format_name: str,
    most: int,
    strict: bool,
    allow: tuple[str, ...],
    baseline: Path | None,
    update_baseline: bool,
    second_opinion: bool,
    fix: bool,
    shows_diff: bool,
) -> int:
    """Judge contracts: what the specification says, and every example and default against its schema.

    A PATH is a file, a folder (searched all the way down), a glob, a URL, or - for standard input. Without one it is
    what `contracts` in the configuration names, else the folder openapi/. With --fix it judges what the mends leave.
    """
    from tallystick.check.baseline import read_baseline, without_known, write_baseline
    from tallystick.check.run import RULES, check  # imports the judge, which `--help` does not need

    configuration = load_configuration()
    baseline_file = baseline or configuration.baseline_file
    if update_baseline and baseline_file is None:
        raise UsageError("--update-baseline needs a file: give --baseline FILE, or name one in the configuration")
    is_only_output = baseline_file is not None and update_baseline and is_written_directly(baseline_file)
    entries = read_baseline(baseline_file) if baseline_file is not None and not is_only_output else []
    with progress_shown():
        outcome = check(paths, configuration, allow, rules_elsewhere)
    if shows_diff or fix:
        _mend(outcome, replace(configuration, allow_refs=(*configuration.allow_refs, *allow)), writes=not shows_diff)
        if shows_diff:
            return outcome.code(strict)
        outcome = check(paths, configuration, allow, rules_elsewhere)
    if baseline_file is not None and update_baseline:
        count = write_baseline(baseline_file, outcome.violations, entries)
        print_lines(f"{baseline_file}: {counted(count, 'known violation')}; say in each why it stays")
        return Exit.CLEAN
    opinions = _second_opinions(outcome) if second_opinion else None
    if baseline_file is not None:
        outcome = replace(outcome, violations=tuple(sorted(without_known(outcome.violations, entries, baseline_file))))
    has_colours = format_name == "text" and wants_colour(sys.stdout, os.environ)
    own_version = version() if format_name == "sarif" else ""  # slow to look up, and shown only there
    result = CheckResult(outcome.violations, outcome.contracts, RULES, most, has_colours, own_version, opinions)
    print_text(check_report(format_name, result))
    tell_left_out(outcome.violations)
    return outcome.code(strict)


def _mend(outcome: Outcome, configuration: Configuration, writes: bool) -> None:
    """Write the files that can be mended, and say so; or print what would change."""
    from tallystick.check.fixing import mended, write

    with progress_shown():
        result = mended(outcome.judged, configuration)
    if writes:
        write(result)
        print_lines(*result.sentences())
    else:
        print_lines(*result.changes())


def _second_opinions(outcome: Outcome) -> Sequence[SecondOpinion]:
    from importlib.util import find_spec

    from tallystick.check.second_opinion import second_opinions

    if find_spec("openapi_spec_validator") is None:
        line = install_line("second-opinion")
        raise UnreachableError(f"{EXTRAS['second-opinion']} needs openapi-spec-validator; type: {line}")
    return second_opinions(outcome.judged)
