"""`tallystick check`: contracts judged on the command line."""

from __future__ import annotations

import os
import sys

import click

from tallystick.cli import version
from tallystick.config import load_configuration
from tallystick.report import DEFAULT_MOST, FORMATS, Findings, wants_colour


@click.command(short_help="Judge contracts.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--format", "kind", type=click.Choice(list(FORMATS)), default="text", help="How to report; text if not given."
)
@click.option(
    "--max",
    "most",
    type=click.IntRange(min=0),
    default=DEFAULT_MOST,
    help=f"Group the text by rule above so many violations; {DEFAULT_MOST} if not given, 0 for never.",
)
@click.option("--strict", is_flag=True, help="Fail on warnings too.")
@click.option(
    "--allow-ref",
    "allow",
    multiple=True,
    metavar="FOLDER|HOST",
    help="Let references reach a folder outside the contract's own, or a host. May be given more than once.",
)
def command(paths: tuple[str, ...], kind: str, most: int, strict: bool, allow: tuple[str, ...]) -> int:
    """Judge contracts: what the specification says, and every example and default against its schema.

    A PATH is a file, a folder (searched all the way down) or a glob. Without one it is what `contracts` in the
    configuration names, else the folder openapi/.
    """
    from tallystick.check import RULES, check  # brings the judge with it, which `--help` need not wait for

    outcome = check(paths, load_configuration(), allow)
    colour = kind == "text" and wants_colour(sys.stdout, os.environ)
    findings = Findings(outcome.violations, outcome.contracts, RULES, most, colour, version())
    click.echo(FORMATS[kind](findings), nl=False, color=colour)
    return outcome.code(strict)
