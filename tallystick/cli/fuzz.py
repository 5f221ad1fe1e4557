"""`tallystick fuzz`: a server, or an application in this process, held to its contract."""

from __future__ import annotations

import os
import random
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tallystick.cli import allow_references
from tallystick.documents.garbage_collection import uncollected
from tallystick.nouns.errors import UnreachableError, UsageError

if TYPE_CHECKING:
    from tallystick.fuzz.run import Progress

_TELL_EVERY = 0.1


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
@click.option("--seed", type=click.IntRange(0), help="Repeats a run: the same cases in the same order.")
@click.option("--max-examples", type=click.IntRange(1), metavar="N", help="Cases made up per operation (100).")
@click.option("--max-time", type=click.IntRange(1), metavar="SECONDS", help="Stop after that long.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, help="Operations tested at the same time.")
@click.option("--timeout", type=click.FloatRange(0.1), default=10, metavar="SECONDS", help="Time for a response.")
@click.option("-k", "--insecure", is_flag=True, help="Do not look at the server's certificate.")
@click.option("--junit", type=click.Path(dir_okay=False), metavar="FILE", help="Write JUnit XML there, too.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the result.")
@click.option("--strict", is_flag=True, help="Fail also for what could not be tested, and undocumented refusals.")
@allow_references
def command(contract: str, url: str | None, app: str | None, form: str, junit: str | None, **options: Any) -> int:
    """Hold whoever serves CONTRACT to it.

    Schemathesis makes valid and invalid requests, and sequences of them; every response is judged by the contract,
    and all of Schemathesis's own checks are on. Each finding comes with the shortest request that shows it, as a curl
    line. Secrets are never printed: curl lines name the environment variable that holds them.

    Without credentials, made-up ones of the right shape are sent. A run that nothing was accepted in is not green.
    """
    from tallystick.config import load_configuration
    from tallystick.contracts.read import read_contract
    from tallystick.fuzz.application import load_application
    from tallystick.fuzz.credentials import Given, credentials_for, header_fields
    from tallystick.fuzz.run import IN_PROCESS, Settings, reach, select, split_url

    given = Given(options["auth"], options["bearer"], options["api_keys"], header_fields(options["headers"]))
    known = read_contract(Path(contract), (*load_configuration().allow_refs, *options["allow"]))
    selected = select(known, options["include"], options["exclude"])
    servers = known.servers[:1]
    if url is not None:
        origin, base_path = split_url(url)
    elif app is not None:
        origin, base_path = IN_PROCESS, servers[0].base_path if servers else ""
    else:
        named = f" (the contract names {servers[0].url})" if servers and servers[0].host else ""
        raise UsageError(f"what is to be fuzzed? give --url URL{named} or --app MODULE:ATTRIBUTE")
    if junit is not None and not Path(junit).resolve().parent.is_dir():
        raise UsageError(f"--junit {junit}: there is no such folder")
    seed = options["seed"] if options["seed"] is not None else random.SystemRandom().randrange(2**32)
    with uncollected():
        application = load_application(app) if app is not None else None
    if application is None:
        reach(origin)
    settings = Settings(
        origin=origin,
        base_path=base_path,
        seed=seed,
        selected=selected,
        application=application,
        credentials=credentials_for(known, given),
        max_time=options["max_time"],
        max_examples=options["max_examples"],
        workers=options["workers"],
        timeout=options["timeout"],
        verify=not options["insecure"],
    )
    with uncollected():
        from tallystick.fuzz.engine import execute  # imports Schemathesis: once all that can be wrong before is right
        from tallystick.fuzz.report import result_of
        from tallystick.reports.colours import wants_colour
        from tallystick.reports.formats import FUZZ_FORMATS
        from tallystick.reports.junit import fuzz as write_junit

    told, clear = _teller()
    try:
        outcome = execute(known, settings, told)
    finally:
        clear()
    with uncollected(for_good=True):  # the process ends then
        colour = form == "text" and wants_colour(sys.stdout, os.environ)
        result = result_of(outcome, colour)
        if junit is not None:
            try:
                Path(junit).write_text(write_junit(result), encoding="utf-8")
            except OSError as error:
                raise UnreachableError(f"--junit {junit}: cannot be written: {error.strerror or error}") from None
        click.echo(FUZZ_FORMATS[form](result), nl=False, color=colour)
        return outcome.code(options["strict"])


def _teller() -> tuple[Callable[[Progress], None], Callable[[], None]]:
    """What writes the progress line, and what takes it away; neither does anything where no one watches."""
    watched = sys.stderr.isatty()
    last = 0.0

    def told(progress: Progress) -> None:
        nonlocal last
        now = time.monotonic()
        if not watched or now - last < _TELL_EVERY:
            return
        last = now
        counts = f"{progress.requests:,} requests, {progress.findings:,} findings, {progress.seconds:.0f} s"
        line = f"{counts}: {progress.label}"[: shutil.get_terminal_size().columns - 1]
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()

    def clear() -> None:
        if last:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    return told, clear
