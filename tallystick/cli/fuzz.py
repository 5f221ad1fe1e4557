"""`tallystick fuzz`: a server, or an application in this process, held to its contract.

The options stand in groups, each in a module of its own (`fuzz_target.py`, `fuzz_credentials.py`, `fuzz_cases.py`,
`fuzz_coverage.py`, `fuzz_reports.py`).
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Unpack

import click

from tallystick.cli import allow_references
from tallystick.cli.fuzz_baseline import BaselineOptions, apply_baseline, baseline_options, known_findings
from tallystick.cli.fuzz_cases import CaseOptions, case_options, schemathesis_file, tier_of, touched_since
from tallystick.cli.fuzz_configuration import FuzzCommand, texts_of
from tallystick.cli.fuzz_coverage import CoverageOptions, coverage_options, least_coverages
from tallystick.cli.fuzz_credentials import CredentialOptions, credential_options, given_credentials, login_of
from tallystick.cli.fuzz_progress import line_of
from tallystick.cli.fuzz_reports import ReportOptions, report_options, require_writable, write_reports
from tallystick.cli.fuzz_target import TargetOptions, application, command_of, reset_of, target, target_options
from tallystick.cli.progress import ProgressLine
from tallystick.cli.rule_table import grades_of
from tallystick.documents.garbage_collection import uncollected
from tallystick.nouns.errors import Exit, TallystickError, UnreachableError, UsageError
from tallystick.nouns.extras import install_line
from tallystick.nouns.printing import print_error
from tallystick.nouns.words import counted

if TYPE_CHECKING:
    from tallystick.config import Configuration
    from tallystick.fuzz.known_values import GivenValue, RecordedValues
    from tallystick.fuzz.outcome import Outcome, Progress
    from tallystick.fuzz.settings import Settings
    from tallystick.fuzz.shares import Share
    from tallystick.nouns.contract import Contract

SCHEMATHESIS_RANGE = ">=4.32.4,<5"
"""The releases of Schemathesis that a run works with, as in pyproject.toml."""
_GROUPS = (target_options, credential_options, case_options, coverage_options, baseline_options, report_options)


class _Options(TargetOptions, CredentialOptions, CaseOptions, CoverageOptions, BaselineOptions, ReportOptions):
    """The options of the command line, by click's names."""

    contract: str
    allow: tuple[str, ...]


@click.command(
    cls=FuzzCommand,
    groups={group.heading: group.names for group in _GROUPS},
    context_settings={"show_default": True},
)
@click.argument("contract", metavar="CONTRACT")
@target_options
@credential_options
@case_options
@coverage_options
@baseline_options
@report_options
@allow_references
def command(**options: Unpack[_Options]) -> int:
    """Test whether a server or an application keeps CONTRACT: a file, a URL, or - for standard input.

    Schemathesis makes valid and invalid requests, and sequences of them; every response is judged by the contract,
    and all of Schemathesis's own checks are on. Each finding comes with the shortest request that shows it, as a curl
    line. Secrets are never printed: curl lines name the environment variable that holds them.

    Without credentials, made-up ones of the right shape are sent. A run in which no request was accepted is not green.
    """
    from tallystick.config import load_configuration
    from tallystick.contracts.files import read_only
    from tallystick.contracts.read import version_warning
    from tallystick.fuzz.outcome import Outcome
    from tallystick.rules.contract.left_out import left_out

    configuration = load_configuration()
    contract = read_only(options["contract"], (*configuration.allow_refs, *options["allow"]))
    if warning := version_warning(contract):
        print_error(f"tallystick fuzz: {contract.file}: {warning}")
    if find_spec("schemathesis") is None:
        raise UnreachableError(f"Schemathesis is not installed: tallystick fuzz needs it; type: {install_line('fuzz')}")
    with redirect_stdout(sys.stderr):  # what an application in this process prints is no part of the report
        known = known_findings(options)
        settings = _settings(contract, options, configuration)
        if not settings.selected:
            print_error(f"no operation of {contract.file} is touched by a change since {options['changed_since']}")
            return Exit.CLEAN
        settings, shares = _shared(contract, settings, options)
        outcome = Outcome.begun(contract, settings)
        _run(outcome, shares, options["workers"] or 1)
    with uncollected(for_good=True):  # the process ends then
        outcome.left_out = configuration.graded(left_out(contract))
        apply_baseline(outcome, options, known)
        write_reports(outcome, options)
        if outcome.error is not None:
            raise outcome.error
        return outcome.code(options["strict"])


def _shared(contract: Contract, settings: Settings, options: _Options) -> tuple[Settings, list[Share]]:
    """The settings, and the shares of the run, if it is one in shares; with --shard, those of the shard alone."""
    from tallystick.fuzz.shares import of_shard, parse_shard, shares_of

    if options["workers"] is None and options["shard"] is None:
        return settings, []
    shares = shares_of(contract, settings.selected, settings.seed)
    if options["shard"] is not None:
        own = of_shard(shares, parse_shard("--shard", options["shard"]))
        if not own:
            raise UsageError(f"--shard {options['shard']}: the contract has {counted(len(shares), 'share')} to test")
        labels = {label for share in own for label in share.labels}
        settings = replace(settings, selected=tuple(label for label in settings.selected if label in labels))
        shares = own
    return settings, shares


def _run(outcome: Outcome, shares: Sequence[Share], workers: int) -> None:
    """The run; whatever ends it is noted in its outcome, for which reports are written then."""
    from tallystick.fuzz.processes import execute_shares
    from tallystick.fuzz.settings import require_server

    line = ProgressLine()

    def show(progress: Progress) -> None:
        if line.is_watched:
            line.show(line_of(progress))

    try:
        with _termination_noted(outcome):
            if outcome.settings.application is None and outcome.settings.run is None:
                require_server(outcome.settings)
            execute = _engine()  # imports Schemathesis, which is slow: only after everything else was right
            if shares:
                execute_shares(outcome, shares, workers, execute, show)
            else:
                execute(outcome.contract, outcome.settings, show, outcome)
    except KeyboardInterrupt:
        outcome.stopped = outcome.stopped or "interrupted"
    except TallystickError as error:
        outcome.error = error
    finally:
        line.clear()


@contextmanager
def _termination_noted(outcome: Outcome) -> Iterator[None]:
    """Has SIGTERM end the run as Ctrl-C does, so that its reports are written."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def note(*_: object) -> None:
        outcome.stopped = "terminated"
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _settings(contract: Contract, options: _Options, configuration: Configuration) -> Settings:
    """The settings of the run; raises `UsageError` for options that cannot be used, before anything is sent."""
    from tallystick.fuzz.cases import Phase
    from tallystick.fuzz.credentials import credentials_for
    from tallystick.fuzz.settings import Settings, expected_statuses, select_operations
    from tallystick.nouns.expectation import parse_expectation

    given = given_credentials(options)
    selected = select_operations(contract, options["include"], options["exclude"])
    if options["changed_since"] is not None:
        touched = touched_since(contract, options["changed_since"], configuration)
        selected = tuple(label for label in selected if label in touched)
    asked = [parse_expectation("--expect", text) for text in options["expect"]]
    expected = expected_statuses(contract, asked, configuration.expect)
    run, tier = command_of(options, options["workers"] or 1), tier_of(options)
    origin, base_path = target(contract, options["url"], options["app"], run)
    require_writable(options)
    return Settings(
        origin=origin,
        base_path=base_path,
        seed=tier.seed or 0,
        phases=tuple(map(Phase, tier.phases)),
        selected=selected,
        application=application(options["app"]),
        credentials=credentials_for(contract, given),
        max_seconds=tier.max_seconds,
        allow_partial=options["allow_partial"],
        max_examples=tier.max_examples,
        settle_seconds=options["settle"],
        max_response_seconds=options["max_response_time"],
        closed_world=options["closed_world"],
        timeout_seconds=options["timeout"],
        verify=not options["insecure"],
        expected=expected,
        schemathesis_file=schemathesis_file(options),
        schemathesis_flags=options["st_args"],
        run=run,
        login=login_of(contract, options),
        reset=reset_of(options),
        grades=grades_of(configuration, options["rules"]),
        values=_values(contract, options["given"], configuration),
        recorded=_recorded(contract, options["recordings"]),
        min_coverage=least_coverages(options),
    )


def _values(contract: Contract, texts: Sequence[str], configuration: Configuration) -> tuple[GivenValue, ...]:
    """The values that the configuration and the flags give; those of flags count where both are for one thing."""
    from tallystick.fuzz.known_values import given_values

    where, configured = texts_of(configuration, "set")
    general = given_values(contract, where, configured, is_general=True)
    return (*general, *given_values(contract, "--set", texts))


def _recorded(contract: Contract, files: Sequence[str]) -> RecordedValues:
    """The values of parameters in recorded traffic; `UnreadableError` where it cannot be read."""
    if not files:
        return {}
    from tallystick.exchanges.reading import read_traffic
    from tallystick.fuzz.known_values import recorded_values

    recordings = [read_traffic(file) for file in files]
    for recording in recordings:
        for error in recording.broken:
            raise error
    return recorded_values(contract, recordings)


def _engine() -> Callable[[Contract, Settings, Callable[[Progress], None], Outcome], Outcome]:
    """The function that executes a run.

    Raises `UnreachableError` if the installed Schemathesis cannot be imported, or lacks a name that every run needs.
    """
    try:
        with uncollected():
            from tallystick.fuzz.engine import execute
    except (ImportError, AttributeError) as error:
        if isinstance(error, ImportError) and (error.name or "").partition(".")[0] == "tallystick":
            raise  # a fault of ours
        from importlib.metadata import PackageNotFoundError, version

        try:
            installed = f"the installed Schemathesis {version('schemathesis')} does not fit"
        except PackageNotFoundError:
            line = f"type: {install_line('fuzz')}"
            raise UnreachableError(f"Schemathesis is not installed: {error}; {line}") from error
        works = f"tallystick fuzz works with schemathesis{SCHEMATHESIS_RANGE}"
        raise UnreachableError(f"{installed}: {error}; {works}") from error
    return execute
