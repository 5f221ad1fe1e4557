"""`tallystick replay`: the findings of an earlier fuzz run, sent again."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from tallystick.cli import allow_references
from tallystick.cli.fuzz_credentials import CredentialOptions, credential_options, given_credentials
from tallystick.nouns.errors import Exit, UnreachableError
from tallystick.nouns.printing import print_text, printable
from tallystick.nouns.words import counted

if TYPE_CHECKING:
    from tallystick.fuzz.replay import Replayed
    from tallystick.fuzz.settings import Settings


class _OwnOptions(TypedDict):
    report: Path
    contract: str | None
    url: str | None
    app: str | None
    timeout: float
    insecure: bool
    format_name: str
    allow: tuple[str, ...]


class _Options(CredentialOptions, _OwnOptions):
    """The options of the command line, by click's names."""


@click.command(context_settings={"show_default": True})
@click.argument("report", metavar="FILE", type=click.Path(path_type=Path, readable=False))
@click.option("--contract", metavar="CONTRACT", help="The contract, if it is not where the report says.")
@click.option("--url", metavar="URL", help="Base URL of the API; that of the report if not given.")
@click.option("--app", metavar="MODULE:ATTRIBUTE", help="An ASGI or WSGI application, called in this process.")
@click.option("--timeout", type=click.FloatRange(0.1), default=10, metavar="SECONDS", help="Time for a response.")
@click.option("-k", "--insecure", is_flag=True, help="Do not look at the server's certificate.")
@credential_options
@click.option("--format", "format_name", type=click.Choice(["text", "json"]), default="text", help="How to report.")
@allow_references
def command(**options: Unpack[_Options]) -> int:
    """Send the findings in FILE again, and tell which are fixed. `tallystick fuzz --format json` writes such a file.

    What a finding needs is created first, as in the run. The exit code is 0 where all are fixed, and 1 where one is
    still there, or where that cannot be told.
    """
    from contextlib import ExitStack, redirect_stdout

    from tallystick.config import load_configuration
    from tallystick.contracts.files import read_only
    from tallystick.fuzz.application import load_application, with_error_responses
    from tallystick.fuzz.clock import Clock
    from tallystick.fuzz.credentials import credentials_for
    from tallystick.fuzz.in_process import ServedApplication
    from tallystick.fuzz.replay import read_report, replayed
    from tallystick.fuzz.sending import Sender
    from tallystick.fuzz.settings import Settings, require_server, split_url

    report = read_report(options["report"])
    contract = read_only(options["contract"] or report.contract, (*load_configuration().allow_refs, *options["allow"]))
    origin, base_path = split_url(options["url"] or report.url)
    with ExitStack() as stack:
        stack.enter_context(redirect_stdout(sys.stderr))
        settings = Settings(
            origin=origin,
            base_path=base_path,
            seed=1,
            selected=(),
            application=load_application(options["app"]) if options["app"] is not None else None,
            credentials=credentials_for(contract, given_credentials(options)),
            timeout_seconds=options["timeout"],
            verify=not options["insecure"],
        )
        clock, served = Clock(), None
        if settings.application is not None:
            served = stack.enter_context(ServedApplication(with_error_responses(settings.application), clock))
        else:
            require_server(settings)
        sender = stack.enter_context(Sender(contract, settings, clock, served))
        results = [*replayed(contract, settings, sender, report)]
    if results and all(result.exchanges and result.exchanges[-1].response is None for result in results):
        raise UnreachableError(f"{origin} answers no request")
    print_text(_json(results, settings) if options["format_name"] == "json" else _text(results))
    return _code(results)


def _code(results: Sequence[Replayed]) -> Exit:
    return Exit.CLEAN if all(result.state == "fixed" for result in results) else Exit.VIOLATIONS


def _text(results: Sequence[Replayed]) -> str:
    lines = [
        f"{result.state}: {result.finding.defect.rule}  {result.finding.defect.subject}: {result.why}"
        for result in results
    ]
    counts = {
        state: sum(result.state == state for result in results) for state in ("fixed", "still there", "not known")
    }
    told = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    lines.append(f"{counted(len(results), 'finding', ',')}{f': {told}' if told else ''}")
    return "".join(f"{printable(line)}\n" for line in lines)


def _json(results: Sequence[Replayed], settings: Settings) -> str:
    from tallystick.fuzz.hiding import hidden_text
    from tallystick.reports.json import written

    secrets = settings.credentials.secrets
    rows = [
        {
            "rule": result.finding.defect.rule,
            "operation": result.finding.defect.subject,
            "message": result.finding.defect.message,
            "state": result.state,
            "why": hidden_text(result.why, secrets),
            "statuses": [each.response.status if each.response else None for each in result.exchanges],
        }
        for result in results
    ]
    return written({"findings": rows})
