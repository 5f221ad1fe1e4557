"""Fixtures for pytest: a mock with a session for each test, a contract that responses are held to, and a fuzz run.

Nothing but pytest is imported before a test asks for a fixture.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tallystick.nouns.contract import Contract
    from tallystick.testing import MockSession, RunningMock, TestedContract
    from tallystick.testing.fuzzing import OperationFuzzer

_INI = "tallystick_contracts"
_MARKER = "tallystick"
_FUZZ_MARKER = "tallystick_fuzz"
_FUZZ_SETTINGS = ("max_examples", "max_time", "seed")
_MOST_SHOWN = 20
"""How many exchanges of a test are shown that failed."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The setting that names the contracts."""
    parser.addini(
        _INI,
        "The contracts of tallystick's fixtures: files, folders, globs or URLs, one a line; else tallystick's own "
        "configuration names them.",
        type="linelist",
        default=[],
    )
    group = parser.getgroup("tallystick", "OpenAPI contracts")
    group.addoption(
        "--tallystick-contract",
        action="append",
        default=[],
        metavar="FILE",
        help="Hold each exchange of every HTTP client in the suite to a contract (a file, a folder, a glob or a URL).",
    )
    group.addoption(
        "--tallystick-coverage", action="store_true", help="Say what of the contracts the suite has touched."
    )
    group.addoption(
        "--tallystick-min-coverage",
        action="append",
        default=[],
        metavar="[KIND=]PERCENT",
        help="Fail where less of a contract was touched, as in 80 or statuses=90.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """The marker that says more about one test, class or module."""
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(*contracts, **settings): the contracts of the fixtures tallystick_mock and tallystick_contract "
        "(files beside the test's, or below the root), and the settings of the mock",
    )

    config.addinivalue_line(
        "markers",
        f"{_FUZZ_MARKER}(*operations, max_examples=20, max_time=None, seed=0): the operations that the fixture "
        "tallystick_fuzz fuzzes (by id, label, path or tag:NAME; all where none is named), and how long",
    )
    _hold_suite(config)


def _hold_suite(config: pytest.Config) -> None:
    """Register what judges the whole suite, if it is asked for."""
    named = config.getoption("--tallystick-contract")
    shows_coverage, least = config.getoption("--tallystick-coverage"), config.getoption("--tallystick-min-coverage")
    if not (named or shows_coverage or least):
        return
    from tallystick.config import load_configuration
    from tallystick.contracts.files import contract_paths, read_contracts
    from tallystick.coverage.least import least_coverage
    from tallystick.nouns.errors import TallystickError
    from tallystick.testing.suite import Suite

    try:
        configuration = load_configuration()
        paths = contract_paths((*named, *(() if named else config.getini(_INI))), configuration)
        asked = [least_coverage("--tallystick-min-coverage", text) for text in least]
        suite = Suite(read_contracts(paths, configuration), bool(named), shows_coverage, asked)
    except TallystickError as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(suite, "tallystick-suite")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Scenario files, such as those of `tallystick diff --witnesses`, are tests."""
    if not file_path.name.endswith(".scenario.yaml") or b"exchanges" not in file_path.read_bytes():
        return None
    from tallystick.testing.scenario_items import ScenarioFile

    return ScenarioFile.from_parent(parent, path=file_path)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what a test has asked of its mock, and why it got what it got, where the test has failed."""
    report = yield
    session = getattr(item, "funcargs", {}).get("tallystick_mock")
    if session is not None and report.when == "call" and report.failed:
        from tallystick.nouns.errors import TallystickError

        try:
            lines = [_line(exchange) for exchange in session.journal()[-_MOST_SHOWN:]]
        except TallystickError as error:
            lines = [str(error)]
        report.sections.append((f"what was asked of {session.url}", "\n".join(lines or ["nothing"])))
    return report


def _line(exchange: Mapping[str, Any]) -> str:
    request, response = exchange["request"], exchange["response"]
    target = f"{request['path']}?{request['query']}" if request["query"] else request["path"]
    return f"{request['method']} {target} -> {response['status']}: {exchange['why'].get('sentence', '')}"


class Mocks:
    """The mocks of this process: one for each list of contracts and settings, started when a test asks for it."""

    def __init__(self) -> None:
        self.running: dict[tuple[tuple[str, ...], str], RunningMock] = {}

    def of(self, contracts: tuple[str, ...], settings: dict[str, Any]) -> RunningMock:
        """The mock of some contracts."""
        from tallystick.testing import mock

        key = contracts, repr(sorted(settings.items()))
        if key not in self.running:
            self.running[key] = mock(*contracts, **settings)
        return self.running[key]

    def close(self) -> None:
        """End all of them."""
        for running in self.running.values():
            running.close()


@pytest.fixture(scope="session")
def _tallystick_mocks() -> Iterator[Mocks]:
    mocks = Mocks()
    yield mocks
    mocks.close()


@pytest.fixture
def tallystick_mock(request: pytest.FixtureRequest, _tallystick_mocks: Mocks) -> Iterator[MockSession]:
    """A mock of the contracts, in a session of the test's own: `tallystick_mock.url`, `.override(...)`, `.verify(...)`.

    All tests of a process with the same contracts and settings share one server; with pytest-xdist each worker has its
    own. What a test does in its session is forgotten after it.
    """
    contracts, settings = _asked(request)
    with _tallystick_mocks.of(contracts, settings).session(_session_name(request.node.nodeid)) as session:
        yield session


@pytest.fixture
def tallystick_contract(request: pytest.FixtureRequest) -> TestedContract:
    """The contract: `tallystick_contract.check(response)` asserts that a response keeps it."""
    from tallystick.testing import TestedContract

    return TestedContract(_only_contract(request), _asked(request)[1].get("base_path", ""))


@pytest.fixture
def tallystick_fuzz(request: pytest.FixtureRequest) -> OperationFuzzer:
    """Fuzzes the operations that `@pytest.mark.tallystick_fuzz("createPet")` names: `tallystick_fuzz(app)`."""
    from tallystick.nouns.errors import UsageError
    from tallystick.nouns.words import unknown
    from tallystick.testing.fuzzing import OperationFuzzer

    marker = request.node.get_closest_marker(_FUZZ_MARKER)
    if marker is None:
        return OperationFuzzer(_only_contract(request))
    for name in marker.kwargs:
        if name not in _FUZZ_SETTINGS:
            raise UsageError(f"@pytest.mark.{_FUZZ_MARKER}: {unknown('setting', name, _FUZZ_SETTINGS)}")
    return OperationFuzzer(_only_contract(request), marker.args, **marker.kwargs)


def _only_contract(request: pytest.FixtureRequest) -> Contract:
    """The one contract that a test asks for."""
    from tallystick.config import load_configuration
    from tallystick.contracts.files import read_contracts
    from tallystick.nouns.errors import UsageError

    contracts = read_contracts(_asked(request)[0], load_configuration())
    if len(contracts) > 1:
        files = ", ".join(contract.file for contract in contracts)
        raise UsageError(f'there are {len(contracts)} contracts ({files}); say which: @pytest.mark.{_MARKER}("FILE")')
    return contracts[0]


def _asked(request: pytest.FixtureRequest) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The contracts and the settings that a test asks for; no contracts where nobody names any."""
    marker = request.node.get_closest_marker(_MARKER)
    root = request.config.rootpath
    if marker is not None and marker.args:
        return tuple(_found(str(each), (request.path.parent, root)) for each in marker.args), marker.kwargs
    folder = request.config.inipath.parent if request.config.inipath is not None else root
    named = tuple(_found(each, (folder, root)) for each in request.config.getini(_INI))
    return named, marker.kwargs if marker is not None else {}


def _found(path: str, folders: tuple[Path, ...]) -> str:
    """A path as the process finds it: that in the first folder that has it, or as it is."""
    if "://" in path:
        return path
    return next((str(folder / path) for folder in folders if (folder / path).exists()), str(folders[-1] / path))


def _session_name(test: str) -> str:
    """A name for the session of a test, which a person recognises and no other test has."""
    readable = re.sub(r"[^A-Za-z0-9_.]+", "-", test.rpartition("/")[2]).strip("-")[-60:]
    return f"{readable}-{blake2b(test.encode('utf-8', 'replace'), digest_size=5).hexdigest()}"
