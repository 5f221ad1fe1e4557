"""The door: the command `tallystick`, its subcommands (each loaded when it is asked for), and how a run ends."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import click

from tallystick.cli.streams import discard_output, open_missing_streams
from tallystick.nouns.errors import Exit, TallystickError
from tallystick.nouns.printing import print_error, print_lines, printable_output
from tallystick.nouns.words import did_you_mean

if TYPE_CHECKING:
    from tallystick.nouns.violation import Violation

COMMANDS = {
    "check": "Judge contracts: the specification's rules and ours, every example against its schema.",
    "mock": "Serve contracts: every request judged, every reply an example that keeps its contract.",
    "proxy": "Pass on to a server what comes, byte for byte, and judge both ways; mock what it lacks.",
    "models": "Write Pydantic models from contracts.",
    "diff": "Compare two versions of contracts: what breaks a client, with the exchange that proves it.",
    "fuzz": "Hold a running server, or an application, to its contract.",
    "replay": "Send the findings of a fuzz run again, and tell which are fixed.",
    "coverage": "Tell what of contracts was seen, by recorded traffic and fuzz runs, and what never was.",
    "report": "Join the reports of the shards of one fuzz run.",
    "judge": "Judge recorded traffic by a contract: recordings, HAR files, journals of the mock, flows of mitmproxy.",
    "learn": "Learn a contract from recorded traffic, or what one lacks.",
    "init": "Give a project what it lacks: a configuration, a first contract, a workflow, a hook.",
    "schema": "Print the JSON Schema of tallystick.toml, of a scenario, of a recording or of the journal.",
}
"""The subcommands, in the order in which a user needs them; each is `command` in `tallystick.cli.<name>`."""

_KNOWN = f"known: {', '.join(COMMANDS)}"
_ELSEWHERE = {
    "lint": "did you mean check?",
    "validate": "did you mean check?",
    "serve": "did you mean mock?",
    "generate": "did you mean models?",
}
"""What is said of commands that other tools have."""

allow_references = click.option(
    "--allow-ref",
    "allow",
    multiple=True,
    metavar="FOLDER|HOST",
    help="Let references reach a folder outside the contract's own, or a host. May be given more than once.",
)
"""The option of every subcommand that reads contracts."""


def tell_left_out(violations: Sequence[Violation]) -> None:
    """Say on standard error how many parts of contracts could not be read, if any of these violations tells one."""
    from tallystick.rules.contract.left_out import count_left_out  # imports the rules, which `--help` does not need

    if sentence := count_left_out(violations):
        print_error(f"tallystick: {sentence}")


ENDINGS = (
    (Exit.CLEAN, "everything asked for was done, and nothing is wrong"),
    (Exit.VIOLATIONS, "the work was done, and it found violations, drift or findings"),
    (Exit.USAGE, "a flag, an argument or the configuration is wrong; nothing was done"),
    (Exit.UNREACHABLE, "a file, a reference, a port or a server could not be read or reached"),
    (Exit.PARTIAL, "the time was up before everything was done; what was done found nothing"),
    (Exit.FAULT, "a fault of tallystick itself; please report it"),
)
_NOT_WRITTEN = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO))
"""What a stream says that has no room left, or whose terminal has gone."""
_SIGINT, _SIGPIPE = 128 + 2, 128 + 13  # the exit codes that a shell reports for a process that was ended by a signal


class Door(click.Group):
    """A group whose subcommands are modules, and which ends every run with one line and one of the `Exit` codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"tallystick.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        command.name = cmd_name
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            hint = _ELSEWHERE.get(args[0]) or did_you_mean(args[0], COMMANDS) or _KNOWN
            ctx.fail(f"no such command {args[0]!r}; {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """The commands with their lines, without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(int(code)), meaning) for code, meaning in ENDINGS])

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; the reader of its output may have closed the pipe, which click takes for a failure."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            discard_output()
            return _SIGPIPE

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: object,
    ) -> Any:
        """Run a command line and end the process; a command returns its exit code, or None for a clean end."""
        open_missing_streams()
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, False, **extra)
        with printable_output(sys.stdout, sys.stderr):
            return self._run(args, prog_name, complete_var, **extra)

    def _run(
        self, args: Sequence[str] | None, prog_name: str | None, complete_var: str | None, **extra: object
    ) -> NoReturn:
        try:
            code = super().main(args, prog_name, complete_var, False, **extra)
            sys.stdout.flush()
        except TallystickError as error:
            _end(f"tallystick: {error}", error.code)
        except click.ClickException as error:
            _end(_usage(error), Exit.USAGE)
        except (KeyboardInterrupt, click.Abort):
            _end("tallystick: interrupted", _SIGINT)
        except BrokenPipeError:
            discard_output()
            sys.exit(_SIGPIPE)
        except OSError as error:
            if error.filename is not None or error.errno not in _NOT_WRITTEN:
                _fault(error)
            discard_output()
            _end(f"tallystick: the output cannot be written: {error.strerror}", Exit.UNREACHABLE)
        except Exception as error:  # the last resort: a fault of tallystick ends with one line, too
            _fault(error)
        sys.exit(code if isinstance(code, int) else Exit.CLEAN)


def _fault(error: Exception) -> NoReturn:
    if os.environ.get("TALLYSTICK_DEBUG"):
        import traceback  # imported only for a fault that is to be shown

        print_lines(*"".join(traceback.format_exception(error)).split("\n"), to=sys.stderr)
    fact = f"a fault of tallystick itself: {type(error).__name__}: {error}"
    _end(f"tallystick: {fact}; TALLYSTICK_DEBUG=1 shows where, which helps a report", Exit.FAULT)


def _usage(error: click.ClickException) -> Sequence[str]:
    """The lines that click itself shows of a wrong command line: the help where no command is given.

    The last line of any other quotes what was given.
    """
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.format_message().split("\n")
    lines: list[str] = []
    if isinstance(error, click.UsageError) and error.ctx is not None:
        lines += [*error.ctx.get_usage().split("\n"), f"Try '{error.ctx.command_path} --help' for help.", ""]
    message = error.format_message()
    if isinstance(error, click.MissingParameter):  # quotes nothing that was given, and writes choices below each other
        message = " ".join(message.split())
    return [*lines, f"Error: {message}"]


def _end(message: str | Sequence[str], code: int) -> NoReturn:
    try:
        print_lines(*([message] if isinstance(message, str) else message), to=sys.stderr)
        sys.stderr.flush()
    except OSError:
        discard_output()
    sys.exit(code)


def version() -> str:
    """The version of tallystick, "" where it is run from its source and not installed."""
    from importlib.metadata import PackageNotFoundError, version  # slow to import, and seldom needed

    try:
        return version("tallystick")
    except PackageNotFoundError:
        return ""


def _show_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:  # noqa: ARG001 - click's signature
    if value and not ctx.resilient_parsing:
        print_lines(f"tallystick {version() or '(run from its source, not installed)'}")
        ctx.exit()


@click.group(cls=Door, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show it.")
def main() -> None:
    """An OpenAPI contract, kept by both sides: check it, mock it, make models of it, fuzz its server."""
