"""What a running mock prints: what is served and what is wrong with it, then a line for each request."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from tallystick.cli import tell_left_out
from tallystick.config import Configuration
from tallystick.documents.sources import STANDARD_INPUT, STDIN
from tallystick.files.reading import is_pipe
from tallystick.mock.request_lines import Lines, request_lines
from tallystick.mock.roles import Listener
from tallystick.mock.serving.listing import Where, first_try, listing
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import Exit
from tallystick.nouns.printing import of_server, print_error, print_lines, print_text, printable
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
        self.is_ended = False

    def request_lines(self) -> Listener:
        """A listener that prints a line for each request, and its violations."""

        @cache
        def styled(status: int) -> str:
            return printable(self.paint(str(status), *_COLOURS.get(status // 100, ())))

        return request_lines(self.lines.add, styled)

    def _write(self, lines: str) -> None:
        print_text(lines)

    def greet(self, where: Where, workers: int, summaries: Sequence[str]) -> None:
        """Prints where the mock is and what to try there, before it answers."""
        contracts = counted(len(self.contracts), "contract", ",")
        operations = counted(sum(len(contract.operations) for contract in self.contracts), "operation", ",")
        with_workers = f" with {workers} workers" if workers > 1 else ""
        paint = painter(self.has_colours and sys.stdout.isatty())  # programs read the address
        base = f"{paint(where.origin + where.base_path, 'bold')}{with_workers} (Ctrl-C ends it)"
        line = first_try(self.contracts, where)
        then = f"; try: {line}" if line else ""
        print_lines(of_server(f"{contracts}, {operations} on {base}{then}"), *summaries, "")
        sys.stdout.flush()

    def introduce(self, where: Where, allowed: Sequence[str]) -> None:
        """Prints each operation and what is wrong with the contracts, while requests are answered already."""
        try:
            for line in listing(self.contracts, where):
                if self.is_ended:
                    return
                print_lines(line)
            is_large = sum(map(_size, self.contracts)) > _CHECKED_HERE
            if is_large and not any(is_pipe(Path(contract.file)) for contract in self.contracts):
                self.checks.append(_check_meanwhile(self.contracts, allowed))
            else:
                tell_violations(self.contracts, self.configuration)
            sys.stdout.flush()
        except BrokenPipeError:
            pass  # the processes that serve see by themselves that nobody reads any more
        except Exception as error:  # the last resort: what cannot be printed does not end the serving
            print_error(f"tallystick: a fault of tallystick itself: {type(error).__name__}: {error}")

    def new_violations(self, before: Sequence[Contract], now: Sequence[Contract]) -> list[str]:
        """A line for each violation of contracts, unless they are large, that those before them did not have."""
        from tallystick.check.run import violations_of  # as in tell_violations

        lines: list[str] = []
        for contract in now:
            earlier = next((other for other in before if other.file == contract.file), None)
            if contract is earlier or _size(contract) > _CHECKED_HERE:
                continue
            known = violations_of(earlier, self.configuration) if earlier is not None else ()
            keys = {(each.rule, each.contract.pointer, each.message) for each in known}
            lines += [
                f"    {each.contract}: {each.message} ({each.rule})"
                for each in sorted(violations_of(contract, self.configuration))
                if (each.rule, each.contract.pointer, each.message) not in keys
            ]
        more = [f"    and {len(lines) - _MOST_VIOLATIONS} more"] if len(lines) > _MOST_VIOLATIONS else []
        return lines[:_MOST_VIOLATIONS] + more

    def end(self) -> None:
        """Ends the checks that still run, and what is printed of the contracts."""
        self.is_ended = True
        for check in self.checks:
            check.terminate()
            check.wait()


def _size(contract: Contract) -> int:
    """How many characters a contract has, with all documents that it refers to."""
    return sum(len(document.source) for document in contract.root.document.family)


def tell_violations(contracts: Sequence[Contract], configuration: Configuration, errors_only: bool = False) -> Exit:
    """Prints what is wrong with the contracts themselves, as `tallystick check` does, and returns its exit code.

    With `errors_only`, nothing is printed where nothing is an error.
    """
    from tallystick.check.run import RULES, exit_code, violations_of  # slow to import; another process may check

    violations = sorted(violation for contract in contracts for violation in violations_of(contract, configuration))
    code = exit_code(violations)
    if violations and not (errors_only and code is Exit.CLEAN):
        has_colours = wants_colour(sys.stdout, os.environ)
        report = text.check(CheckResult(violations, contracts, RULES, _MOST_VIOLATIONS, has_colours))
        print_text(report if errors_only else f"\n{report}")
        tell_left_out(violations)
    return code


def _check_meanwhile(contracts: Sequence[Contract], allowed: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a process that checks large contracts and prints their violations, so that they are served at once."""
    flags = [word for name in allowed for word in ("--allow-ref", name)]
    files = [STANDARD_INPUT if contract.file == STDIN else contract.file for contract in contracts]
    command = [sys.executable, "-m", "tallystick", "check", "--max", str(_MOST_VIOLATIONS), *flags, "--", *files]
    read_before = [contract for contract in contracts if contract.file == STDIN]
    if not read_before:
        return subprocess.Popen(command)
    with tempfile.TemporaryFile() as standard_input:
        standard_input.write(read_before[0].root.document.source.encode())
        standard_input.seek(0)
        return subprocess.Popen(command, stdin=standard_input)
