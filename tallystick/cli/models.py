"""`tallystick models`: Pydantic models written from contracts."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from tallystick.cli import allow_references, tell_left_out
from tallystick.cli.progress import progress_shown
from tallystick.config import load_configuration
from tallystick.nouns.errors import Exit
from tallystick.nouns.printing import print_error, print_lines
from tallystick.nouns.words import counted
from tallystick.reports.colours import painter, wants_colour

_MOST_LEFT_OUT = 20
"""How many parts without a model are listed."""
_STYLES = {"-": ("red",), "+": ("green",), "@": ("cyan",)}


@click.command(short_help="Write Pydantic models from contracts.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Where the modules go; what `models` in the configuration names, else generated/, if not given.",
)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; show what would change, and fail if it does.")
@click.option("--strict", is_flag=True, help="Fail, and write nothing, where a part of a contract cannot have a model.")
@allow_references
def command(paths: tuple[str, ...], output: Path | None, only_check: bool, strict: bool, allow: tuple[str, ...]) -> int:
    """Write Pydantic models: one module for each contract, the same after every run.

    A PATH is a file, a folder (searched all the way down), a glob, a URL, or - for standard input. Without one it is
    what `contracts` in the configuration names, else the folder openapi/. A module whose contract is gone is removed.
    """
    from tallystick.models import generate, write
    from tallystick.rules.contract.left_out import is_unread

    configuration = load_configuration()
    folder = output or configuration.models_folder
    with progress_shown():
        generated = generate(paths, configuration, folder, allow)
    for error in generated.unreadable:
        print_error(f"tallystick: {error}")
    for warning in generated.warnings:
        print_error(f"tallystick: {warning}")
    for violation in generated.left_out[:_MOST_LEFT_OUT]:
        print_error(f"{violation.contract}: {violation.rule}: {violation.message}")
    if len(generated.left_out) > _MOST_LEFT_OUT:
        print_error(f"... and {len(generated.left_out) - _MOST_LEFT_OUT} more parts without a model")
    tell_left_out(generated.unread)
    refused = strict and bool(generated.left_out)
    changes = generated.changes
    if only_check:
        paint = painter(wants_colour(sys.stdout, os.environ))
        for change in generated.changes:
            for line in change.diff():
                print_lines(paint(line, *_styles(line)))
    elif not refused and (generated.modules or not generated.unreadable):
        changes = tuple(write(folder, generated.modules))  # another run may have written meanwhile
        for change in changes:
            print_lines(f"{change.file}: {'removed' if change.after is None else 'written'}")
    _summarise(len(generated.modules), len(changes), folder, only_check)
    if generated.unreadable or is_unread(generated.unread):
        return Exit.UNREACHABLE
    return Exit.VIOLATIONS if refused or (only_check and generated.changes) else Exit.CLEAN


def _summarise(modules: int, changes: int, folder: Path, only_check: bool) -> None:
    if only_check and changes:
        fact = f"{counted(changes, 'file')} in {folder} would change"
        print_error(f"tallystick: {fact}; tallystick models writes them")
    elif not changes:
        print_lines(f"{folder}: up to date with {counted(modules, 'contract')}")


def _styles(line: str) -> Sequence[str]:
    """The styles of a line of a unified diff: the names of files are bold, what goes is red, what comes is green."""
    if line.startswith(("---", "+++")):
        return ("bold",)
    return _STYLES.get(line[:1], ())
