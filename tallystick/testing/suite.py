"""A whole suite of tests judged with no change in it: `pytest --tallystick-contract api.yaml`.

Every client of the process is watched; what breaks a contract fails the test that asked. With `--tallystick-coverage`
the suite says what of the contract it touched; workers of pytest-xdist tell the process that started them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest

from tallystick.coverage.coverage import Coverage
from tallystick.coverage.least import LeastCoverage, shortfalls
from tallystick.coverage.result import coverage_result
from tallystick.exchanges.recorded import Recorded
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract
from tallystick.nouns.words import counted, shortened
from tallystick.reports.colours import painter
from tallystick.reports.covered_text import coverage_lines
from tallystick.testing.clients import all_watched
from tallystick.testing.contract import TestedContract, broken_by

_IN_PROCESS = frozenset(("", "testserver", "test", "localhost", "127.0.0.1", "::1", "0.0.0.0"))
"""The hosts of applications in the process of the tests, and on its machine."""
_KEY = "tallystick"
"""Under which a worker tells what it has seen."""
_MOST_NAMED = 8


class Suite:
    """The contracts that a suite is held to, and what it has touched of them: a plugin of pytest."""

    def __init__(
        self, contracts: Sequence[Contract], judges: bool, shows_coverage: bool, least: Sequence[LeastCoverage]
    ) -> None:
        self.tested = [TestedContract(contract) for contract in contracts]
        self.judges = judges
        self.shows_coverage = shows_coverage
        self.least = least
        self.coverages = [Coverage(contract) for contract in contracts]
        self.counts_coverage = shows_coverage or bool(least)
        self.hosts = {
            urlsplit(server.url).hostname or ""
            for contract in contracts
            for each in contract
            for server in each.servers
        }
        self.judged = 0
        self.clean: set[Recorded] = set()
        """Exchanges that broke nothing: one that comes again, as what prepares each test does, is not judged again."""
        self.others: Counter[str] = Counter()
        """The exchanges that no contract has an operation for, by what they are."""
        self.broken: list[str] = []
        """What the running test has broken so far."""
        self.watching = ExitStack()
        self.take_in: Callable[[], None] = lambda: None

    def hear(self, recorded: Recorded) -> None:
        """Take in one exchange; nothing is raised, so that the test goes on as it would."""
        if recorded in self.clean:
            self.judged += 1
            return
        request = recorded.exchange.request
        host = urlsplit(recorded.origin).hostname or ""
        if host not in _IN_PROCESS and host not in self.hosts:
            self.others[f"other hosts ({host})"] += 1
            return
        for tested, coverage in zip(self.tested, self.coverages, strict=True):
            if (found := tested.operation(recorded.exchange)) is not None:
                self.judged += 1
                if self.counts_coverage:
                    coverage.add(*found)
                if self.judges and (violations := broken_by(*found, recorded)):
                    from tallystick.testing.telling import broken_text  # only a broken contract needs it

                    self.broken.append(broken_text(tested.contract, recorded, violations))
                elif not self.counts_coverage and _is_kept(recorded) and len(self.clean) < budgets.CLEAN_EXCHANGES:
                    self.clean.add(recorded)
                return
        self.others[f"{request.method} {request.path}"] += 1

    def pytest_sessionstart(self) -> None:
        self.take_in = self.watching.enter_context(all_watched(self.hear))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        """Begin with a test, before its fixtures ask anything."""
        self.take_in()
        self.broken.clear()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Fail a test that passed otherwise, and whose exchanges, or those of its fixtures, broke a contract."""
        self.take_in()
        try:
            outcome = yield
        except BaseException:
            if self.broken:
                item.add_report_section("call", "contract", self.broken_texts())
            raise
        self.fail_if_broken()
        return outcome

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self) -> Generator[None, object, object]:
        """Fail the teardown in which fixtures broke a contract."""
        outcome = yield
        self.fail_if_broken()
        return outcome

    def fail_if_broken(self) -> None:
        """Fail the part of the test that has just run, where a contract was broken in it."""
        if self.broken:
            pytest.fail(self.broken_texts(), pytrace=False)

    def broken_texts(self) -> str:
        """What was broken since the last time that this was asked, each once."""
        text = "\n\n".join(dict.fromkeys(self.broken))
        self.broken.clear()
        return text

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.watching.close()
        output: dict[str, object] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            coverages = [coverage.to_json() for coverage in self.coverages]
            output[_KEY] = json.dumps({"judged": self.judged, "others": self.others, "coverages": coverages})
        elif self.shortfalls() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take in what a worker of pytest-xdist has seen."""
        text = getattr(node, "workeroutput", {}).get(_KEY)
        if text is None:  # the worker has died
            return
        told = json.loads(text)
        self.judged += told["judged"]
        self.others.update(told["others"])
        for coverage, value in zip(self.coverages, told["coverages"], strict=True):
            coverage.merge(Coverage.from_json(coverage.contract, value))

    def shortfalls(self) -> list[str]:
        """Where a contract was touched less than was asked for."""
        return [
            f"{coverage.contract.file}: {sentence}"
            for coverage in self.coverages
            for sentence in shortfalls(coverage_result(coverage), self.least)
        ]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say how many exchanges were judged, and what of the contracts was touched."""
        files = ", ".join(coverage.contract.file for coverage in self.coverages)
        lines = [f"{counted(self.judged, 'exchange')} held to {files}" if self.judges else f"{self.judged} exchanges"]
        if self.others:
            names = shortened([f"{name} ({count})" for name, count in self.others.most_common()], _MOST_NAMED)
            lines.append(f"not judged, since no contract has them: {names}")
        if self.shows_coverage:
            for coverage in self.coverages:
                lines += [f"{coverage.contract.file}:", *coverage_lines(coverage_result(coverage), painter(False))]
        lines += self.shortfalls()
        terminalreporter.section("tallystick")
        for line in lines:
            terminalreporter.line(line)


def _is_kept(recorded: Recorded) -> bool:
    """Whether an exchange is small enough to be kept, in case that it comes again."""
    request, response = recorded.exchange
    return len(request.body) + (len(response.body) if response is not None else 0) <= budgets.CLEAN_BYTES
