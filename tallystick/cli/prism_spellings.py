"""Prism's command line, understood: its flags are rewritten as ours before a command line is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import click

from tallystick.nouns.printing import print_error

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


class PrismSpelled(click.Command):
    """A command that understands Prism's spellings of its flags, too."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read a command line, once Prism's spellings in it are ours."""
        return super().parse_args(ctx, list(rewritten(args)))


def rewritten(arguments: Sequence[str]) -> Iterator[str]:
    """The arguments with ours in the place of Prism's; `click.UsageError` for one that means something else here."""
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        if argument == "--":
            yield argument
            break
        flag, equals, value = argument.partition("=")
        name = _name(flag)
        if name == "h":
            _refuse_address(value or (rest[0] if rest else ""))
        if name == "verboselevel":
            yield from _verbosity(value if equals else _taken(rest, _LEVELS))
        elif (switch := _SWITCHES.get(name.removeprefix("no"), None)) is not None and name:
            yield from _switched(switch, name, value if equals else _taken(rest, ("true", "false")), argument)
        else:
            yield argument
    yield from rest


def _name(flag: str) -> str:
    """The name of a flag as Prism's table has it, "" for what is none."""
    if not flag.startswith("-"):
        return ""
    name = flag.lstrip("-") if not flag.startswith("--") else flag[2:].replace("-", "").lower()
    is_negated = flag.startswith("--no-")
    known = name.removeprefix("no") if is_negated else name
    known = _ALIASES.get(known, known)
    return f"no{known}" if is_negated else known


def _taken(rest: list[str], words: Sequence[str] | frozenset[str]) -> str:
    """The next argument where it is one of some words; it is then no argument of its own any more."""
    return rest.pop(0) if rest and rest[0] in words else ""


def _switched(switch: _Switch, name: str, value: str, argument: str) -> Sequence[str]:
    if value not in ("", "true", "false"):
        return (argument,)
    if switch.said:
        print_error(f"tallystick mock: {switch.said}")
    is_on = (value != "false") is not (name not in _SWITCHES)
    return switch.on if is_on else switch.off


def _verbosity(level: str) -> Sequence[str]:
    return ("--quiet",) if level in _QUIET_LEVELS else ()


def _refuse_address(text: str) -> None:
    if _ADDRESS.fullmatch(text):
        raise click.UsageError(f"-h is for help here; an address is given with --host {text}")
