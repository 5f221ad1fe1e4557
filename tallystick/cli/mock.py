"""`tallystick mock`: contracts served on a port."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tallystick.cli import allow_references, tell_left_out
from tallystick.nouns.errors import Exit, UsageError
from tallystick.nouns.printing import print_error, print_lines
from tallystick.nouns.threads import end_process

if TYPE_CHECKING:
    from tallystick.config import Configuration
    from tallystick.mock.settings import MockSettings
    from tallystick.nouns.contract import Contract

_MOST_WORKERS = 64


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "-p", "--port", default=4010, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--strict", is_flag=True, help="Refuse a contract that breaks a rule.")
@allow_references
@click.option("--cors/--no-cors", default=True, show_default=True, help="Let web pages of any origin call.")
@click.option("--stateful", is_flag=True, help="What was deleted is gone, until it is created again.")
@click.option(
    "--handlers",
    default="",
    metavar="MODULE",
    help="Your own functions answer where they are named after an operation.",
)
@click.option("--errors", is_flag=True, help="Answer with a 500 where the reply would break the contract.")
@click.option("--list", "list_all", is_flag=True, help="List every operation with its curl line, and do not serve.")
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, _MOST_WORKERS),
    help="How many processes serve: one for each processor core that is to be used.",
)
@click.option("-q", "--quiet", is_flag=True, help="No line for each request.")
def command(
    paths: tuple[str, ...],
    port: int,
    host: str,
    strict: bool,
    allow: tuple[str, ...],
    list_all: bool,
    workers: int,
    quiet: bool,
    **settings: Any,  # every other option is a field of MockSettings by its name, converted by click
) -> int:
    """Serve contracts: every request is judged, every reply is an example that keeps its contract.

    PATH is a contract, a folder of them, a glob, a URL, or - for standard input; without one the configuration's, else
    openapi/. Ask for another documented response with the header `Prefer: code=404` or `Prefer: example=NAME`.
    """
    from tallystick.cli.terminal import Terminal, tell_violations
    from tallystick.config import load_configuration
    from tallystick.contracts.files import read_contracts
    from tallystick.mock.app import create_app
    from tallystick.mock.serving.output import say
    from tallystick.mock.serving.reach import who_can_reach
    from tallystick.mock.serving.server import ENDED, Served, bind, listing, origin
    from tallystick.mock.settings import MockSettings

    mock_settings = MockSettings(**settings)
    _refuse_workers(workers, mock_settings)
    configuration = load_configuration()
    contracts = _named_apart(read_contracts(paths, configuration, allow))
    if strict and (code := tell_violations(contracts, configuration, errors_only=True)) is not Exit.CLEAN:
        print_error("tallystick mock: refused, as --strict asks; without it these contracts are served")
        return code
    if list_all:
        print_lines(*listing(contracts, f"http://{host}:{port}", sys.maxsize))
        return _unread(contracts, configuration)

    terminal = Terminal(contracts, configuration)
    app = create_app(contracts, mock_settings, () if quiet else (terminal.request_lines(),))
    listeners = bind(host, port, workers)
    served = Served(app, configuration.timeouts)
    base = origin(listeners[0], host)
    reach = who_can_reach(listeners[0])
    terminal.greet(base, workers, (reach, *app.summaries) if reach else app.summaries)
    try:
        allowed = (*configuration.allow_refs, *allow)
        served.run(listeners, lambda: terminal.introduce(base, allowed), terminal.lines.flush)
    finally:
        terminal.end()
    say(ENDED)
    if click.get_current_context().parent is not None:  # else it was called by Python code, whose process it is
        end_process(Exit.CLEAN)
    return Exit.CLEAN


def _unread(contracts: Sequence[Contract], configuration: Configuration) -> Exit:
    """Says how many parts of the contracts could not be read, and returns the exit code of a list without them."""
    from tallystick.rules.contract.left_out import is_unread, left_out

    parts = configuration.graded([part for contract in contracts for part in left_out(contract)])
    tell_left_out(parts)
    return Exit.UNREACHABLE if is_unread(parts) else Exit.CLEAN


def _refuse_workers(workers: int, settings: MockSettings) -> None:
    """Raises `UsageError` if several workers cannot serve with these settings, or on this system."""
    if workers > 1 and settings.stateful:
        raise UsageError(
            "--stateful remembers what was deleted in one process, so it goes with one worker only; leave out --workers"
        )
    if workers > 1 and not hasattr(os, "fork"):
        raise UsageError("--workers needs a system that can fork, such as Linux or macOS; leave it out")


def _named_apart(contracts: list[Contract]) -> list[Contract]:
    """The contracts, with the folder added to each name that several of them have."""
    from tallystick.contracts.read import contract_name

    names = Counter(contract.name for contract in contracts)
    return [
        contract
        if names[contract.name] == 1
        else replace(contract, name=contract_name(Path(contract.file), folder=True))
        for contract in contracts
    ]
