"""Options in groups: the help of a command that has many says under headings what they are for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
Option = Callable[[Callable[..., Any]], Callable[..., Any]]
"""What `click.option` makes: a decorator."""


class OptionGroup:
    """Options under one heading of the help; a decorator of a command, which gets all of them."""

    def __init__(self, heading: str, *options: Option) -> None:
        self.heading = heading
        self.options = options

    def __call__(self, command: Command) -> Command:
        for option in reversed(self.options):
            option(command)
        return command

    @property
    def names(self) -> tuple[str, ...]:
        """The names of their parameters, in order."""

        def holder() -> None:
            """Click keeps the parameters of a command with its function."""

        self(holder)
        parameters: list[click.Parameter] = holder.__click_params__  # type: ignore[attr-defined] # click's own
        return tuple(parameter.name or "" for parameter in reversed(parameters))


class GroupedCommand(click.Command):
    """A command whose help has its options in groups: by the heading, the names of their parameters in order.

    What is in no group goes last.
    """

    def __init__(self, *arguments: Any, groups: Mapping[str, Sequence[str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.groups = groups

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options that are shown, each under its heading."""
        records = {
            option.name or "": record
            for option in self.get_params(ctx)
            if isinstance(option, click.Option) and (record := option.get_help_record(ctx)) is not None
        }
        grouped = {name for names in self.groups.values() for name in names}
        others = [name for name in records if name not in grouped]
        for heading, names in {**self.groups, "Other options": others}.items():
            lines = [records[name] for name in names if name in records]
            if lines:
                with formatter.section(heading):
                    formatter.write_dl(lines)
