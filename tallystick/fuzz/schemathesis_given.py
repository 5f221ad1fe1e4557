"""What the user gives to Schemathesis itself: its configuration file, and flags of its command `run`."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Mapping
from typing import Any

import click
from schemathesis.config import ConfigError, ProjectConfig, SchemathesisConfig
from schemathesis.core.errors import HookError

from tallystick.fuzz.pieces import ALL_PHASES
from tallystick.fuzz.replacements import Replacement, replaced
from tallystick.fuzz.settings import Settings
from tallystick.nouns.errors import UsageError

_OURS = {
    "--url": "--url",
    "--seed": "--seed",
    "--max-time": "--max-time",
    "--workers": "--workers",
    "--report": "--junit",
    "--tls-verify": "--insecure",
}
"""Flags of Schemathesis's that ours replace."""

_NOWHERE = "http://localhost/openapi.json"
"""The contract of its command line, which is not read."""


class Given:
    """A configuration of Schemathesis's for one contract, and the filters of operations on its command line.

    Each run of a fuzz run sets its own phases, headers and operations in `project`; those of the user are kept here.
    """

    def __init__(self, config: SchemathesisConfig, title: str, filters: Mapping[str, Any] | None = None) -> None:
        self.config = config
        self.filters = filters or {}
        self.project: ProjectConfig = config.projects.get({"info": {"title": title}})
        phases = self.project.phases
        self.phases = frozenset(phase for phase in ALL_PHASES if phases.get_by_name(name=phase.value).enabled)
        self.headers = dict(self.project.headers or {})
        self.operations = tuple(self.project.operations.operations)


def given_configuration(settings: Settings, title: str) -> Given:
    """What the user gives to Schemathesis for the contract of a title; `UsageError` where it cannot be used."""
    file = settings.schemathesis_file
    try:
        config = SchemathesisConfig.from_path(file) if file else SchemathesisConfig()
    except (OSError, ValueError, ConfigError, HookError) as error:
        raise UsageError(f"{file}: {_one_line(error)}") from None
    filters = _with_flags(config, settings.schemathesis_flags) if settings.schemathesis_flags else {}
    return Given(config, title, filters)


def _with_flags(config: SchemathesisConfig, flags: tuple[str, ...]) -> Mapping[str, Any]:
    """Puts flags into a configuration as Schemathesis's own command does; what they say of operations is returned."""
    for flag in flags:
        name = flag.partition("=")[0]
        if name in _OURS:
            raise UsageError(f"--st-arg {flag}: tallystick decides on it; give {_OURS[name]} without --st-arg")
    try:
        from schemathesis.cli import schemathesis
        from schemathesis.cli.commands.run import executor
    except ImportError as error:  # no documented seam: another release may not have it
        raise UsageError(f"--st-arg: the installed Schemathesis takes no flags here: {error}") from None
    taken: list[Mapping[str, Any]] = []

    def take(*, filter_set: Mapping[str, Any], **_: object) -> None:
        taken.append(filter_set)

    command: click.Command = schemathesis.commands["run"]
    stand_in: Callable[..., None] = take
    try:
        with (
            replaced([Replacement(executor, "execute", stand_in)]),
            contextlib.redirect_stdout(io.StringIO()),
            command.make_context("st run", [*flags, _NOWHERE], obj=config) as context,
        ):
            command.invoke(context)
    except click.ClickException as error:
        raise UsageError(f"--st-arg: {_one_line(error.format_message())}") from None
    except (ConfigError, HookError, ValueError) as error:
        raise UsageError(f"--st-arg: {_one_line(error)}") from None
    except click.exceptions.Exit:  # `--help`, which `st run --help` shows
        pass
    if not taken:
        raise UsageError("--st-arg: these flags start no run")
    return taken[0]


def _one_line(error: object) -> str:
    return " ".join(str(error).split())
