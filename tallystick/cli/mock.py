"""`tallystick mock`: contracts served on a port."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tallystick.cli import allow_references
from tallystick.nouns.errors import Exit, UsageError
from tallystick.nouns.words import counted

if TYPE_CHECKING:
    from tallystick.config import Configuration
    from tallystick.nouns.contract import Contract

_CHECKED_HERE = 100_000
"""Characters of contracts that are checked in the process that serves them; more would slow its answers."""
_MOST_WORKERS = 64
_TOLD = 10
"""How many violations are listed at start before they are grouped by rule."""
_COLOURS = {2: ("green",), 3: ("cyan",), 4: ("yellow",), 5: ("red",)}


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
    cors: bool,
    stateful: bool,
    list_all: bool,
    workers: int,
    quiet: bool,
) -> int:
    """Serve contracts: every request is judged, every reply is an example that keeps its contract.

    PATH is a contract, a folder of them or a glob; without one the configuration's, else openapi/. Ask for another
    documented response with the header `Prefer: code=404` or `Prefer: example=NAME`.
    """
    from tallystick.config import load_configuration
    from tallystick.contracts.files import read_contracts
    from tallystick.mock.app import create_app
    from tallystick.mock.request_lines import Lines
    from tallystick.mock.serving.server import Served, bind, listing, origin
    from tallystick.mock.serving.workers import in_turn
    from tallystick.reports.colours import painter, wants_colour

    if workers > 1 and stateful:
        raise UsageError(
            "--stateful remembers what was deleted in one process, so it goes with one worker only; leave out --workers"
        )
    if workers > 1 and not hasattr(os, "fork"):
        raise UsageError("--workers needs a system that can fork, such as Linux or macOS; leave it out")
    configuration = load_configuration()
    allowed = (*configuration.allow_refs, *allow)
    contracts = _named_apart(read_contracts(paths, configuration, allow))
    if strict and (told := _violations(contracts, configuration, errors_only=True)):
        click.echo(told, nl=False)
        click.echo("tallystick mock: refused, as --strict asks; without it these contracts are served", err=True)
        return Exit.VIOLATIONS
    if list_all:
        click.echo("\n".join(listing(contracts, f"http://{host}:{port}", sys.maxsize)))
        return Exit.CLEAN

    colours = wants_colour(sys.stdout, os.environ)
    paint = painter(colours)

    def write(text: str) -> None:
        try:
            click.echo(text, nl=False, color=colours)
        except BrokenPipeError:
            served.stop()
        except OSError as error:  # the answers go on
            lost(error.strerror)

    @cache  # so that it is told once
    def lost(why: str) -> None:
        click.echo(f"tallystick mock: lines of requests are lost: {why}", err=True)

    lines = Lines(write if workers == 1 else in_turn(write))

    @cache
    def shown(status: int) -> str:
        return paint(str(status), *_COLOURS.get(status // 100, ()))

    def log(line: str, status: int, violations: list[str]) -> None:
        lines.add(f"{shown(status)} {line}\n" + "".join([f"    {one}\n" for one in violations]))

    app = create_app(contracts, cors=cors, stateful=stateful, log=None if quiet else log)
    listeners = bind(host, port, workers)
    served = Served(app, contracts)
    base = origin(listeners[0], host)
    count = sum(len(contract.operations) for contract in contracts)
    click.echo(
        f"tallystick mock: {counted(len(contracts), 'contract', ',')}, {counted(count, 'operation', ',')} on "
        f"{paint(base, 'bold')}{f' with {workers} workers' if workers > 1 else ''} (Ctrl-C ends it)\n"
    )
    sys.stdout.flush()
    checks: list[subprocess.Popen[bytes]] = []

    def tell() -> None:
        try:
            for line in listing(contracts, base):
                click.echo(line)
            if sum(map(_size, contracts)) > _CHECKED_HERE:
                checks.append(_check_meanwhile(contracts, allowed))
            elif told := _violations(contracts, configuration):
                click.echo(f"\n{told}", nl=False)
            sys.stdout.flush()
        except BrokenPipeError:
            served.stop()
        except Exception as error:  # the last resort: what cannot be told does not end the serving
            click.echo(f"tallystick: a fault of tallystick itself: {type(error).__name__}: {error}", err=True)

    try:
        served.run(listeners, tell, lines.flush, sys.stdout.fileno())
    finally:
        for checking in checks:
            checking.terminate()
            checking.wait()
        lines.flush()
    click.echo("tallystick mock: ended", err=True)
    return Exit.CLEAN


def _size(contract: Contract) -> int:
    """How much text a contract is, with all that it refers to."""
    return sum(document.size for document in contract.root.document.family)


def _named_apart(contracts: list[Contract]) -> list[Contract]:
    """The contracts, those that have one file name in several folders named by their folders too."""
    from tallystick.contracts.read import contract_name

    names = Counter(contract.name for contract in contracts)
    return [
        contract
        if names[contract.name] == 1
        else replace(contract, name=contract_name(Path(contract.file), folder=True))
        for contract in contracts
    ]


def _violations(contracts: list[Contract], configuration: Configuration, errors_only: bool = False) -> str:
    """What is wrong with the contracts themselves, as `tallystick check` says it; nothing if nothing is."""
    from tallystick.check.run import RULES, violations_of
    from tallystick.nouns.violation import Severity
    from tallystick.reports import text
    from tallystick.reports.colours import wants_colour
    from tallystick.reports.results import CheckResult

    found = sorted(violation for contract in contracts for violation in violations_of(contract, configuration))
    if not found or (errors_only and all(violation.severity is not Severity.ERROR for violation in found)):
        return ""
    return text.check(CheckResult(found, contracts, RULES, _TOLD, wants_colour(sys.stdout, os.environ)))


def _check_meanwhile(contracts: list[Contract], allowed: Sequence[str]) -> subprocess.Popen[bytes]:
    """Checks large contracts in a process of its own, so that they are served at once; it prints what it finds."""
    flags = [word for name in allowed for word in ("--allow-ref", name)]
    files = [contract.file for contract in contracts]
    return subprocess.Popen([sys.executable, "-m", "tallystick", "check", "--max", str(_TOLD), *flags, "--", *files])
