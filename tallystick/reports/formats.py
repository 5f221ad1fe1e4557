"""The formats of reports. Only the module of the format that is asked for is loaded, since all of them start slowly."""

from __future__ import annotations

from importlib import import_module

from tallystick.reports.covered import CoverageReport
from tallystick.reports.results import CheckResult, DiffResult, FuzzResult, TrafficResult

CHECK_FORMATS = ("text", "json", "junit", "sarif", "github")
"""The formats of a check, by the name of their module."""
_DIFF_MODULES = {
    **{name: f"diff_{name}" for name in ("text", "json", "markdown", "comment", "html")},
    **{name: name for name in ("github", "junit", "sarif")},
}
DIFF_FORMATS = tuple(_DIFF_MODULES)
"""The formats of a diff."""
_FUZZ_MODULES = {
    **{name: name for name in ("text", "json", "junit", "sarif", "github")},
    **{name: f"findings_{name}" for name in ("markdown", "html", "har", "pytest")},
}
FUZZ_FORMATS = tuple(_FUZZ_MODULES)
"""The formats of a fuzz run."""

COVERAGE_FORMATS = ("text", "json", "markdown", "html")
"""The formats of coverages, by the end of the name of their module."""


def check_report(format_name: str, result: CheckResult) -> str:
    """The report of a check in one of `CHECK_FORMATS`."""
    report: str = import_module(f"tallystick.reports.{format_name}").check(result)
    return report


def fuzz_report(format_name: str, result: FuzzResult) -> str:
    """The report of a fuzz run in one of `FUZZ_FORMATS`."""
    report: str = import_module(f"tallystick.reports.{_FUZZ_MODULES[format_name]}").fuzz(result)
    return report


def coverage_report(format_name: str, report: CoverageReport) -> str:
    """The report of coverages in one of `COVERAGE_FORMATS`."""
    text: str = import_module(f"tallystick.reports.covered_{format_name}").coverage(report)
    return text


def traffic_report(format_name: str, result: TrafficResult) -> str:
    """The report of recorded traffic in one of `CHECK_FORMATS`."""
    from tallystick.reports import traffic

    if format_name in ("text", "json"):
        return traffic.text(result) if format_name == "text" else traffic.json(result)
    return check_report(format_name, traffic.as_check(result))


def diff_report(format_name: str, result: DiffResult) -> str:
    """The report of a diff in one of `DIFF_FORMATS`."""
    report: str = import_module(f"tallystick.reports.{_DIFF_MODULES[format_name]}").diff(result)
    return report
