"""The help of a command with many options."""

from __future__ import annotations

import click
from support.commands import run

from tallystick.cli.mock import GROUPS, command


def test_each_option_of_the_mock_is_in_one_group() -> None:
    """A new option gets its place in the help."""
    grouped = [name for names in GROUPS.values() for name in names]
    shown = {option.name for option in command.params if isinstance(option, click.Option) and not option.hidden}
    assert shown <= {*grouped}
    assert len(grouped) == len({*grouped})


def test_the_help_says_under_headings_what_options_are_for() -> None:
    """Each heading is there, its options below it, and none twice."""
    lines = run("mock", "--help").output.splitlines()
    for heading in (*GROUPS, "Other options"):
        assert f"{heading}:" in lines
    assert sum(line.startswith("  --seed ") for line in lines) == 1
    assert lines.index("What it answers:") < next(i for i, line in enumerate(lines) if line.startswith("  --seed "))
    assert not any("[PATH]" in line for line in lines[1:])


def test_commands_of_other_tools_are_told_ours() -> None:
    """Who asks for a command that another tool has is told what is nearest to it here."""
    assert "did you mean check?" in run("lint", "a.yaml").stderr
    assert "did you mean mock?" in run("serve", "a.yaml").stderr
