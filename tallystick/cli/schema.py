"""`tallystick schema`: the JSON Schemas of our files, for editors and other programs."""

from __future__ import annotations

from pathlib import Path

import click

from tallystick.nouns.printing import print_text

FOLDER = Path(__file__).parent / "json_schemas"
NAMES = ("configuration", "scenario", "recording", "journal")


@click.command(short_help="Print the JSON Schema of a file of ours.")
@click.argument("name", type=click.Choice(NAMES))
def command(name: str) -> None:
    """Print a JSON Schema: of tallystick.toml, of a scenario file, of an exchange of a recording, or of the journal.

    An editor uses it by a line at the top of the file: `#:schema tallystick.schema.json` in TOML.
    """
    print_text((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
