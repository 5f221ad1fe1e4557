"""Reports as workflow commands of GitHub Actions, which show each message beside its line."""

from __future__ import annotations

from dataclasses import replace

from tallystick.nouns.violation import Place
from tallystick.reports.results import CheckResult, sentence
from tallystick.reports.text import check_summary


def check(result: CheckResult) -> str:
    """A command for each violation, and a summary."""
    lines = [
        _command(violation.severity, violation.contract, violation.rule, sentence(violation))
        for violation in result.violations
    ]
    return "\n".join([*lines, check_summary(replace(result, colour=False))]) + "\n"


def _command(level: str, place: Place, title: str, message: str) -> str:
    where = f"file={_property(place.file)},line={max(place.line, 1)}"
    return f"::{level} {where},title={_property(title)}::{_escaped(message)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
