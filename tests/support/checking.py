"""Builders for the tests of `check`: a contract without a fault, the same with a fault, and the outcome of a check."""

from __future__ import annotations

import re
from pathlib import Path

from tallystick.check.run import Outcome, check
from tallystick.config import Configuration

CONTRACT = """\
openapi: 3.1.0
info: {title: Days, version: 2024-01-01}
paths:
  /day:
    get:
      operationId: getDay
      responses:
        '200':
          description: A day
          content:
            application/json:
              schema: {type: string, format: date}
              example: 2024-01-01
"""
"""A contract without a fault, whose dates are unquoted: they are strings."""


def changed(*changes: tuple[str, str]) -> str:
    """The sound contract with texts replaced by others, each of which has to be there."""
    result = CONTRACT
    for old, new in changes:
        assert old in result, old
        result = result.replace(old, new)
    return result


def checked(*paths: Path | str, configuration: Configuration | None = None) -> Outcome:
    """The outcome of a check of some paths, with no configuration but the one given."""
    return check([str(path) for path in paths], configuration or Configuration())


def lines(outcome: Outcome) -> list[str]:
    """The violations of an outcome as a report has them, the folders of their files left out."""
    return [
        f"{re.sub(r'^[^#]*/', '', str(violation.contract))}: {violation.rule}: {violation.message}"
        for violation in outcome.violations
    ]
