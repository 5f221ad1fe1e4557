"""What is told at the end of a run of the proxy: on standard output, into files, and by the exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tallystick.cli import version
from tallystick.files.kinds import reason
from tallystick.files.writing import why_not_writable, write_whole
from tallystick.mock.serving.handing_over import HandedOver
from tallystick.mock.upstream.tally import Part, Tally
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import Exit, UsageError
from tallystick.nouns.printing import of_server, print_error, print_text
from tallystick.reports.colours import wants_colour
from tallystick.reports.formats import CHECK_FORMATS, check_report, traffic_report
from tallystick.reports.results import CheckResult, TrafficResult


class ReportFile(NamedTuple):
    """A report that was asked for: the flag as it was given, the format and the file."""

    flag: str
    format_name: str
    file: str


def report_files(junit: str, sarif: str, reports: Sequence[str]) -> list[ReportFile]:
    """The reports that were asked for. Raises `UsageError` for what is none, and for a file that cannot be written."""
    files = [ReportFile(f"--{name} {file}", name, file) for name, file in (("junit", junit), ("sarif", sarif)) if file]
    for text in reports:
        format_name, equals, file = text.partition("=")
        if not equals or format_name not in CHECK_FORMATS or not file:
            raise UsageError(f"--report {text}: expected FORMAT=FILE; the formats are {', '.join(CHECK_FORMATS)}")
        files.append(ReportFile(f"--report {text}", format_name, file))
    for each in files:
        if obstacle := why_not_writable(Path(each.file)):
            raise UsageError(f"{each.flag}: {obstacle}")
    return files


class Run:
    """A run of the proxy: what it has seen, in this process or in several workers, and the reports of it."""

    def __init__(self, files: Sequence[ReportFile], workers: int) -> None:
        self.tally = Tally()
        self.files = files
        self.workers = workers
        self._handed_over = HandedOver() if workers > 1 and hasattr(os, "fork") else None

    def hand_over(self) -> None:
        """Hand over what this worker has seen."""
        if self._handed_over is not None:
            self._handed_over.give(self.tally.part())

    def tell(self, contracts: Sequence[Contract]) -> Exit:
        """Print what the run has seen, and write the reports; the exit code is that of `tallystick judge`.

        A run that saw no exchange of the contract is no failure: nobody may have called.
        """
        part, contracts = self._seen(), self.tally.newest(contracts)
        results = part.results(contracts, wants_colour(sys.stdout, os.environ), version())
        for result in results:
            if result.entries:
                print_text(traffic_report("text", result))
        code = Exit.VIOLATIONS if any(result.errors for result in results) else Exit.CLEAN
        for flag, format_name, file in self.files:
            try:
                text = _written(format_name, part.results(contracts, False, version()))
                write_whole(Path(file), text.encode("utf-8"))
            except (OSError, ValueError) as error:
                print_error(f"tallystick: {flag}: cannot be written: {reason(error)}")
                code = Exit.UNREACHABLE
        return code

    def _seen(self) -> Part:
        """What this process has seen, or all workers together."""
        if self._handed_over is None:
            return self.tally.part()
        parts = [part for part in self._handed_over.all() if isinstance(part, Part)]
        if len(parts) < self.workers:
            lost = f"what {self.workers - len(parts)} of {self.workers} workers have seen is not reported"
            print_error(of_server(f"{lost}: they were killed before they could say it"))
        seen = Part()
        for part in parts:
            seen.add(part)
        return seen


def _written(format_name: str, results: Sequence[TrafficResult]) -> str:
    """The report of all contracts in one format."""
    if len(results) == 1:
        return traffic_report(format_name, results[0])
    if format_name == "json":
        return f"[{','.join(traffic_report(format_name, result) for result in results)}]\n"
    if format_name == "text":
        return "".join(traffic_report(format_name, result) for result in results)
    from tallystick.reports.traffic import as_check

    checks = [as_check(result) for result in results]
    violations = [violation for check in checks for violation in check.violations]
    everything = CheckResult(violations, [result.contract for result in results], results[0].rules)
    return check_report(format_name, everything)
