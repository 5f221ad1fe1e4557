"""`tallystick fuzz`: a server, or an application in this process, held to its contract."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from tallystick.cli import allow_references
from tallystick.documents.garbage_collection import uncollected
from tallystick.files.kinds import reason
from tallystick.files.writing import why_not_writable, write_whole
from tallystick.nouns.errors import TallystickError, UnreachableError, UsageError
from tallystick.nouns.printing import print_error, print_text, printable

if TYPE_CHECKING:
    from tallystick.fuzz.application import Application
    from tallystick.fuzz.outcome import Outcome, Progress
    from tallystick.fuzz.settings import Settings
    from tallystick.nouns.contract import Contract
    from tallystick.nouns.expectation import Expectation

_SECONDS_BETWEEN_REPORTS = 0.1
_LINE_START = "\r\x1b[K"
"""Has a terminal clear its line."""
SCHEMATHESIS_RANGE = ">=4.32.4,<5"
"""The releases of Schemathesis that a run works with, as in pyproject.toml."""


class _Options(TypedDict):
    """The options of the command line, by click's names."""

    contract: str
    url: str | None
    app: str | None
    bearer: str | None
    auth: str | None
    api_keys: tuple[str, ...]
    headers: tuple[str, ...]
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    expect: tuple[str, ...]
    seed: int | None
    max_examples: int | None
    max_time: int | None
    workers: int
    timeout: float
    insecure: bool
    junit: str | None
    format_name: str
    strict: bool
    allow: tuple[str, ...]


@click.command(context_settings={"show_default": True})
@click.argument("contract", metavar="CONTRACT")
@click.option("--url", metavar="URL", help="Base URL of the API; with --app, the URL that it takes itself to be at.")
@click.option("--app", metavar="MODULE:ATTRIBUTE", help="An ASGI or WSGI application, called in this process.")
@click.option("--bearer", metavar="TOKEN", envvar="TALLYSTICK_BEARER", show_envvar=True, help="Bearer token.")
@click.option("--auth", metavar="USER:PASSWORD", envvar="TALLYSTICK_AUTH", show_envvar=True, help="Basic credentials.")
@click.option(
    "--api-key",
    "api_keys",
    metavar="[SCHEME=]KEY",
    multiple=True,
    envvar="TALLYSTICK_API_KEY",
    show_envvar=True,
    help="Key for the security schemes of the type apiKey, or for one of them.",
)
@click.option("-H", "--header", "headers", metavar="'NAME: VALUE'", multiple=True, help="Sent with every request.")
@click.option("--include", metavar="PATTERN", multiple=True, help="Only operations whose id, path or label matches.")
@click.option("--exclude", metavar="PATTERN", multiple=True, help="No operation whose id, path or label matches.")
@click.option(
    "--expect",
    metavar="[OPERATION:]STATUS",
    multiple=True,
    help="A refusal or server error that is no finding: 4xx, 503, 'createPet:409' or 'POST /pets:409,423'.",
)
@click.option("--seed", type=click.IntRange(0), help="Repeats a run: the same cases in the same order.")
@click.option("--max-examples", type=click.IntRange(1), metavar="N", help="Cases made up per operation (100).")
@click.option("--max-time", type=click.IntRange(1), metavar="SECONDS", help="Stop after that long.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, help="Operations tested at the same time.")
@click.option("--timeout", type=click.FloatRange(0.1), default=10, metavar="SECONDS", help="Time for a response.")
@click.option("-k", "--insecure", is_flag=True, help="Do not look at the server's certificate.")
@click.option(
    "--junit", type=click.Path(dir_okay=False, readable=False), metavar="FILE", help="Write JUnit XML there, too."
)
@click.option("--format", "format_name", type=click.Choice(["text", "json"]), default="text", help="How to report.")
@click.option("--strict", is_flag=True, help="Fail also for what could not be tested, and undocumented refusals.")
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
    settings = _settings(contract, options, configuration.expect)
    outcome = Outcome.begun(contract, settings)
    _run(outcome)
    with uncollected(for_good=True):  # the process ends then
        outcome.left_out = configuration.graded(left_out(contract))
        _write(outcome, options["format_name"], options["junit"])
        if outcome.error is not None:
            raise outcome.error
        return outcome.code(options["strict"])


def _run(outcome: Outcome) -> None:
    """The run; whatever ends it is noted in its outcome, for which reports are written then."""
    from tallystick.fuzz.settings import require_server

    line = _ProgressLine()
    try:
        with _termination_noted(outcome):
            if outcome.settings.application is None:
                require_server(outcome.settings)
            execute = _engine()  # imports Schemathesis, which is slow: only after everything else was right
            execute(outcome.contract, outcome.settings, line.show, outcome)
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


def _settings(contract: Contract, options: _Options, configured: tuple[Expectation, ...]) -> Settings:
    """The settings of the run; raises `UsageError` for options that cannot be used, before anything is sent."""
    from tallystick.fuzz.credentials import GivenCredentials, credentials_for, header_fields
    from tallystick.fuzz.settings import Settings, expected_statuses, select_operations
    from tallystick.nouns.expectation import parse_expectation

    headers = header_fields(options["headers"])
    given = GivenCredentials(options["auth"], options["bearer"], options["api_keys"], headers)
    selected = select_operations(contract, options["include"], options["exclude"])
    asked = [parse_expectation("--expect", text) for text in options["expect"]]
    expected = expected_statuses(contract, asked, configured)
    origin, base_path = _target(contract, options["url"], options["app"])
    junit = options["junit"]
    if junit is not None and (obstacle := why_not_writable(Path(junit))):
        raise UsageError(f"--junit {junit}: {obstacle}")
    return Settings(
        origin=origin,
        base_path=base_path,
        seed=options["seed"] if options["seed"] is not None else random.SystemRandom().randrange(2**32),
        selected=selected,
        application=_application(options["app"]),
        credentials=credentials_for(contract, given),
        max_seconds=options["max_time"],
        max_examples=options["max_examples"],
        workers=options["workers"],
        timeout_seconds=options["timeout"],
        verify=not options["insecure"],
        expected=expected,
    )


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
            installed = "Schemathesis is not installed"
        works = f"tallystick fuzz works with schemathesis{SCHEMATHESIS_RANGE}"
        raise UnreachableError(f"{installed}: {error}; {works}") from error
    return execute


def _target(contract: Contract, url: str | None, app: str | None) -> tuple[str, str]:
    """The origin and the base path that are fuzzed."""
    from urllib.parse import urljoin

    from tallystick.documents.sources import is_address
    from tallystick.fuzz.settings import IN_PROCESS, split_url

    server = contract.servers[0] if contract.servers else None
    if url is not None:
        return split_url(url)
    if app is not None:
        return IN_PROCESS, server.base_path if server is not None else ""
    named = server.url if server is not None else ""
    if is_address(contract.file):
        named = urljoin(contract.file, named or "/")  # OpenAPI 3.1, section 4.8.5: relative to where the document is
    hint = f" (the contract names {named})" if "//" in named else ""
    raise UsageError(f"what is to be fuzzed? give --url URL{hint} or --app MODULE:ATTRIBUTE")


def _application(spec: str | None) -> Application | None:
    from tallystick.fuzz.application import load_application

    with uncollected():
        return load_application(spec) if spec is not None else None


def _write(outcome: Outcome, format_name: str, junit: str | None) -> None:
    from tallystick.fuzz.report import result_of
    from tallystick.reports.colours import wants_colour
    from tallystick.reports.formats import fuzz_report

    has_colours = format_name == "text" and wants_colour(sys.stdout, os.environ)
    result = result_of(outcome, has_colours)
    if junit is not None:
        try:
            write_whole(Path(junit), fuzz_report("junit", result).encode("utf-8"))
        except (OSError, ValueError) as error:
            outcome.error = UnreachableError(f"--junit {junit}: cannot be written: {reason(error)}")
    if format_name != "text" or outcome.error is None or outcome.has_begun:
        print_text(fuzz_report(format_name, result))


class _ProgressLine:
    """A line on the terminal that shows the progress of the run; nothing if standard error is no terminal."""

    def __init__(self) -> None:
        self.is_watched = sys.stderr.isatty()
        self.last_shown = 0.0

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        if not self.is_watched or now - self.last_shown < _SECONDS_BETWEEN_REPORTS:
            return
        self.last_shown = now
        counts = f"{progress.requests:,} requests, {progress.findings:,} findings, {progress.seconds:.0f} s"
        line = printable(f"{counts}: {progress.label}")[: shutil.get_terminal_size().columns - 1]
        print_text(f"{_LINE_START}{line}", sys.stderr)
        sys.stderr.flush()

    def clear(self) -> None:
        if self.last_shown:
            print_text(_LINE_START, sys.stderr)
            sys.stderr.flush()
