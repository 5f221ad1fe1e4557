"""The forms that the report of a command may have."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tallystick.reports import github, json, junit, sarif, text
from tallystick.reports.results import CheckResult, FuzzResult

CHECK_FORMATS: Mapping[str, Callable[[CheckResult], str]] = {
    "text": text.check,
    "json": json.check,
    "junit": junit.check,
    "sarif": sarif.check,
    "github": github.check,
}

FUZZ_FORMATS: Mapping[str, Callable[[FuzzResult], str]] = {"text": text.fuzz, "json": json.fuzz}
"""The forms on standard output; JUnit's XML is written to a file beside it."""
