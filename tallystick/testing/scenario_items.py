"""Scenario files as tests of pytest: the contract still says of each exchange what the file says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tallystick.config import load_configuration
from tallystick.contracts.read import read_contract
from tallystick.documents.sources import is_address
from tallystick.exchanges.scenarios import Described, Scenario, read_scenario, violation_lines
from tallystick.nouns.errors import TallystickError


class ScenarioFile(pytest.File):
    """A file with one scenario."""

    def collect(self) -> Iterator[ScenarioItem]:
        """A test for each exchange."""
        try:
            scenario = read_scenario(self.path)
        except TallystickError as error:
            raise self.CollectError(str(error)) from None
        for number, described in enumerate(scenario.exchanges):
            request = described.exchange.request
            name = f"{request.method} {request.path}" + (f" {number + 1}" if number else "")
            item: ScenarioItem = ScenarioItem.from_parent(self, name=name)
            item.scenario, item.described = scenario, described
            yield item


class BrokenScenarioError(AssertionError):
    """A scenario is not as its file says."""


class ScenarioItem(pytest.Item):
    """One exchange of a scenario."""

    scenario: Scenario
    described: Described

    def runtest(self) -> None:
        """Judge the exchange, and compare."""
        name = self.scenario.contract
        source = name if is_address(name) else self.path.parent / name
        contract = read_contract(source, load_configuration().allow_refs)
        lines = violation_lines(contract, self.described.exchange)
        if lines != list(self.described.violations):
            expected = _listed(self.described.violations)
            raise BrokenScenarioError(
                f"{self.scenario.sentence}\nexpected of {contract.file}:\n{expected}\nit says:\n{_listed(lines)}"
            )

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:  # noqa: ARG002 - pytest's own signature
        """What is not as the file says; there is no line of Python to show."""
        return str(excinfo.value)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it stands, for pytest's headline."""
        return self.path, None, self.scenario.sentence


def _listed(lines: list[str] | tuple[str, ...]) -> str:
    return "\n".join(f"  {line}" for line in lines) or "  nothing breaks it"
