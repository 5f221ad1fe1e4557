"""What a running mock prints: what is served and what is wrong with it, then a line for each request."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cache

import click

from tallystick.config import Configuration
from tallystick.mock.request_lines import Lines, request_lines
from tallystick.mock.roles import Listener
from tallystick.mock.serving.server import listing
from tallystick.nouns.contract import Contract
from tallystick.nouns.violation import Severity
from tallystick.nouns.words import counted
from tallystick.reports import text
from tallystick.reports.colours import painter, wants_colour
from tallystick.reports.results import CheckResult

_CHECKED_HERE = 100_000
"""Characters of contracts that are checked in the process that serves them; more would slow its answers."""
_MOST_VIOLATIONS = 10
"""How many violations of the contracts are printed at start before they are grouped by rule."""
_COLOURS = {2: ("green",), 3: ("cyan",), 4: ("yellow",), 5: ("red",)}


class Terminal:
    """What one mock prints."""

    def __init__(self, contracts: Sequence[Contract], configuration: Configuration) -> None:
        self.contracts = contracts
        self.configuration = configuration
        self.has_colours = wants_colour(sys.stdout, os.environ)
        self.paint = painter(self.has_colours)
        self.lines = Lines(self._write)
        self.checks: list[subprocess.Popen[bytes]] = []

    def request_lines(self) -> Listener:
        """A listener that prints a line for each request, and its violations."""

        @cache
        def styled(status: int) -> str:
            return self.paint(str(status), *_COLOURS.get(status // 100, ()))

        return request_lines(self.lines.add, styled)

    def _write(self, lines: str) -> None:
        click.echo(lines, nl=False, color=self.has_colours)

    def greet(self, base: str, workers: int, summaries: Sequence[str]) -> None:
        """Prints where the mock is, before it answers."""
        contracts = counted(len(self.contracts), "contract", ",")
        operations = counted(sum(len(contract.operations) for contract in self.contracts), "operation", ",")
        with_workers = f" with {workers} workers" if workers > 1 else ""
        where = f"{self.paint(base, 'bold')}{with_workers} (Ctrl-C ends it)"
        click.echo("\n".join([f"tallystick mock: {contracts}, {operations} on {where}", *summaries, ""]))
        sys.stdout.flush()

    def introduce(self, base: str, allowed: Sequence[str]) -> None:
        """Prints each operation and what is wrong with the contracts, while requests are answered already."""
        try:
            for line in listing(self.contracts, base):
                click.echo(line)
            if sum(map(_size, self.contracts)) > _CHECKED_HERE:
                self.checks.append(_check_meanwhile(self.contracts, allowed))
            elif report := violations_report(self.contracts, self.configuration):
                click.echo(f"\n{report}", nl=False)
            sys.stdout.flush()
        except BrokenPipeError:
            pass  # the processes that serve see by themselves that nobody reads any more
        except Exception as error:  # the last resort: what cannot be printed does not end the serving
            click.echo(f"tallystick: a fault of tallystick itself: {type(error).__name__}: {error}", err=True)

    def end(self) -> None:
        """Ends the checks that still run."""
        for check in self.checks:
            check.terminate()
            check.wait()


def _size(contract: Contract) -> int:
    """How many characters a contract has, with all documents that it refers to."""
    return sum(document.size for document in contract.root.document.family)


def violations_report(contracts: Sequence[Contract], configuration: Configuration, errors_only: bool = False) -> str:
    """What is wrong with the contracts themselves, as `tallystick check` says it; "" if nothing is."""
    from tallystick.check.run import RULES, violations_of  # slow to import; not needed where another process checks

    violations = sorted(violation for contract in contracts for violation in violations_of(contract, configuration))
    if not violations or (errors_only and all(violation.severity is not Severity.ERROR for violation in violations)):
        return ""
    has_colours = wants_colour(sys.stdout, os.environ)
    return text.check(CheckResult(violations, contracts, RULES, _MOST_VIOLATIONS, has_colours))


def _check_meanwhile(contracts: Sequence[Contract], allowed: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a process that checks large contracts and prints their violations, so that they are served at once."""
    flags = [word for name in allowed for word in ("--allow-ref", name)]
    files = [contract.file for contract in contracts]
    return subprocess.Popen(
        [sys.executable, "-m", "tallystick", "check", "--max", str(_MOST_VIOLATIONS), *flags, "--", *files]
    )
