"""`tallystick report`: what was reported before, told again."""

from __future__ import annotations

import os
import sys

import click

from tallystick.cli import allow_references, version
from tallystick.cli.fuzz_coverage import CoverageOptions, least_coverages, min_coverage
from tallystick.documents.garbage_collection import uncollected
from tallystick.nouns.errors import Exit
from tallystick.nouns.printing import print_text
from tallystick.reports.formats import FUZZ_FORMATS, fuzz_report


@click.group(short_help="Join reports.")
def command() -> None:
    """Tell again what was reported before."""


@command.command(context_settings={"show_default": True})
@click.argument("reports", nargs=-1, required=True, metavar="FILE...")
@click.option("--contract", metavar="CONTRACT", help="The contract, if it is not where the reports say.")
@click.option("--format", "format_name", type=click.Choice(FUZZ_FORMATS), default="text", help="How to report.")
@min_coverage
@allow_references
@uncollected(for_good=True)
def merge(
    reports: tuple[str, ...],
    contract: str | None,
    format_name: str,
    min_coverage: tuple[str, ...],
    allow: tuple[str, ...],
) -> int:
    """Join the reports of the shards of one fuzz run, each as `tallystick fuzz --shard K/N --format json` wrote it.

    The exit code is that of the whole run.
    """
    from dataclasses import replace

    from tallystick.config import load_configuration
    from tallystick.contracts.files import read_only
    from tallystick.fuzz.joined import joined, read_part
    from tallystick.reports.colours import wants_colour

    asked = least_coverages(CoverageOptions(min_coverage=min_coverage))
    parts = [read_part(file) for file in reports]
    configuration = load_configuration()
    known = read_only(contract or parts[0].contract, (*configuration.allow_refs, *allow))
    has_colours = format_name == "text" and wants_colour(sys.stdout, os.environ)
    result = replace(joined(known, parts, asked), colour=has_colours, version=version())
    print_text(fuzz_report(format_name, result))
    if result.errors or result.nothing_tested or (result.coverage is not None and result.coverage.shortfalls):
        return Exit.VIOLATIONS
    return Exit.PARTIAL if result.stopped else Exit.CLEAN
