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
from tallystick.mock.upstream.tally import Tally
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import Exit, UsageError
from tallystick.nouns.printing import print_error, print_text
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


def tell_run(tally: Tally, contracts: Sequence[Contract], files: Sequence[ReportFile]) -> Exit:
    """Print what a run has seen, and write the reports; the exit code is that of `tallystick judge`.

    A run that saw no exchange of the contract is no failure: nobody may have called.
    """
    has_colours = wants_colour(sys.stdout, os.environ)
    results = tally.results(contracts, has_colours, version())
    for result in results:
        if result.entries:
            print_text(traffic_report("text", result))
    code = Exit.VIOLATIONS if any(result.errors for result in results) else Exit.CLEAN
    for flag, format_name, file in files:
        try:
            write_whole(Path(file), _written(format_name, tally.results(contracts, False, version())).encode("utf-8"))
        except (OSError, ValueError) as error:
            print_error(f"tallystick: {flag}: cannot be written: {reason(error)}")
            code = Exit.UNREACHABLE
    return code


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
