"""What `tallystick fuzz` is pointed at: a server at a URL, or an application in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import click

from tallystick.cli.option_groups import OptionGroup
from tallystick.documents.garbage_collection import uncollected
from tallystick.nouns.errors import UsageError

if TYPE_CHECKING:
    from tallystick.fuzz.application import Application
    from tallystick.fuzz.calls import Call
    from tallystick.nouns.contract import Contract


class TargetOptions(TypedDict):
    """The options of this module, by click's names."""

    url: str | None
    app: str | None
    reset: str | None
    timeout: float
    insecure: bool


target_options = OptionGroup(
    "What is tested",
    click.option(
        "--url", metavar="URL", help="Base URL of the API; with --app, the URL that it takes itself to be at."
    ),
    click.option("--app", metavar="MODULE:ATTRIBUTE", help="An ASGI or WSGI application, called in this process."),
    click.option(
        "--reset", metavar="'METHOD PATH BODY'", help="A call that brings the server back to its first state."
    ),
    click.option("--timeout", type=click.FloatRange(0.1), default=10, metavar="SECONDS", help="Time for a response."),
    click.option("-k", "--insecure", is_flag=True, help="Do not look at the server's certificate."),
)


def target(contract: Contract, url: str | None, app: str | None) -> tuple[str, str]:
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


def reset_of(options: TargetOptions) -> Call | None:
    """The call that brings the server back to its first state; raises `UsageError` for what is no call."""
    from tallystick.fuzz.calls import parse_call

    return parse_call("--reset", options["reset"], "POST /reset") if options["reset"] is not None else None


def application(spec: str | None) -> Application | None:
    """The application that a text names; None where there is no text."""
    from tallystick.fuzz.application import load_application

    with uncollected():
        return load_application(spec) if spec is not None else None
