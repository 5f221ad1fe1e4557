"""Prism's command line, understood: its flags are rewritten as ours before a command line is read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import click

from tallystick.nouns.printing import of_server, print_error

_ADDRESS = re.compile(r"localhost|\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*")
_QUIET_LEVELS = frozenset(("silent", "fatal", "error", "warn"))
_LEVELS = _QUIET_LEVELS | {"success", "info", "start", "debug", "trace"}


@dataclass(frozen=True, slots=True)
class _Switch:
    """A flag of Prism that is true or false: what stands for it here, and what the user is told once."""

    on: tuple[str, ...]
    off: tuple[str, ...] = ()
    said: str = ""


_SWITCHES: Mapping[str, _Switch] = {
    "cors": _Switch(("--cors",), ("--no-cors",)),
    "errors": _Switch(("--errors",)),
    "d": _Switch(("--dynamic",)),
    "dynamic": _Switch(("--dynamic",)),
    "ignoreexamples": _Switch(("--dynamic",)),
    "m": _Switch((), (), "-m is not needed, since the log delays no reply; --workers N serves with N processes"),
    "jsonschemafakerfillproperties": _Switch((), (), "replies have the documented properties, with and without it"),
}
"""Prism's flags without dashes and in lower case; yargs, which reads them, takes `--ignore-examples` as well."""
_ALIASES = {"multiprocess": "m", "v": "verboselevel"}


_OURS = {"staterequired": _Switch(("--state-required",), ("--no-state-required",))}
"""A flag of ours that is written like one of Prism's, too: `--state-required=false`."""


class PrismSpelled(click.Command):
    """A command that understands Prism's spellings of its flags, too."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read a command line, once Prism's spellings in it are ours."""
        takers = {
            name
            for option in self.get_params(ctx)
            if isinstance(option, click.Option) and not option.is_flag and not option.count
            for name in option.opts
        }
        return super().parse_args(ctx, list(rewritten(args, takers)))


def rewritten(arguments: Sequence[str], takers: Collection[str] = ()) -> Iterator[str]:
    """The arguments with ours in the place of Prism's; `click.UsageError` for one that means something else here.

    `takers` are our flags that take the next argument as their value, whatever it looks like.
    """
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        if argument == "--":
            yield argument
            break
        if argument in takers:
            yield argument
            yield from rest[:1]
            del rest[:1]
            continue
        flag, equals, value = argument.partition("=")
        name, is_negated = _name(flag)
        switch = _SWITCHES.get(name) or (_OURS.get(name) if value else None)
        if name == "h":
            _refuse_address(value or (rest[0] if rest else ""))
        if name == "verboselevel":
            level = value if equals else _taken(rest, _LEVELS)
            yield from ("--quiet",) if level in _QUIET_LEVELS else ()
        elif switch is not None and value in ("", "true", "false"):
            is_false = (value if equals else _taken(rest, ("true", "false"))) == "false"
            if switch.said:
                print_error(of_server(f"{switch.said}"))
            yield from switch.off if is_false is not is_negated else switch.on
        else:
            yield argument
    yield from rest


def _name(flag: str) -> tuple[str, bool]:
    """The name of a flag as the tables here have it, "" for what is none; and whether it has `no-` before it."""
    if not flag.startswith("--"):
        name, is_negated = flag[1:] if flag.startswith("-") else "", False
    else:
        is_negated = flag.startswith("--no-")
        name = flag.removeprefix("--no-" if is_negated else "--").replace("-", "").lower()
    return _ALIASES.get(name, name), is_negated


def _taken(rest: list[str], words: Collection[str]) -> str:
    """The next argument where it is one of some words; it is then no argument of its own any more."""
    return rest.pop(0) if rest and rest[0] in words else ""


def _refuse_address(text: str) -> None:
    if _ADDRESS.fullmatch(text):
        raise click.UsageError(f"-h is for help here; an address is given with --host {text}")
