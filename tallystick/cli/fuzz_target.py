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
    from tallystick.fuzz.server_process import ServerCommand
    from tallystick.nouns.contract import Contract


class TargetOptions(TypedDict):
    """The options of this module, by click's names."""

    url: str | None
    app: str | None
    run: str | None
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
        "--run",
        metavar="COMMAND",
        help="Start the server with it, as in 'uvicorn app:app --port {port}'; again when it dies; end it at the end.",
    ),
    click.option(
        "--reset", metavar="'METHOD PATH BODY'", help="A call that brings the server back to its first state."
    ),
    click.option("--timeout", type=click.FloatRange(0.1), default=10, metavar="SECONDS", help="Time for a response."),
    click.option("-k", "--insecure", is_flag=True, help="Do not look at the server's certificate."),
)


def command_of(options: TargetOptions, workers: int) -> ServerCommand | None:
    """The command that starts the server, with the port of the URL, else a free one; None where it runs already."""
    from urllib.parse import urlsplit

    from tallystick.fuzz.server_process import free_port, server_command
    from tallystick.fuzz.settings import split_url

    command, url = options["run"], options["url"]
    if command is None:
        return None
    if options["app"] is not None:
        raise UsageError("--run starts a server, and --app calls an application in this process: give one of both")
    if workers > 1:
        raise UsageError("--run starts one server for one worker: leave out --workers, or start the server beforehand")
    port = urlsplit(split_url(url)[0]).port if url is not None else None
    return server_command(command, port or free_port())


def target(contract: Contract, url: str | None, app: str | None, run: ServerCommand | None) -> tuple[str, str]:
    """The origin and the base path that are fuzzed."""
    from urllib.parse import urljoin, urlsplit

    from tallystick.documents.sources import is_address
    from tallystick.fuzz.settings import IN_PROCESS, split_url

    server = contract.servers[0] if contract.servers else None
    if url is not None:
        return split_url(url)
    if run is not None:
        return f"http://127.0.0.1:{run.port}", server.base_path if server is not None else ""
    if app is not None:
        return IN_PROCESS, server.base_path if server is not None else ""
    named = server.url if server is not None else ""
    if is_address(contract.file):
        named = urljoin(contract.file, named or "/")  # OpenAPI 3.1, section 4.8.5: relative to where the document is
        if urlsplit(named).netloc == urlsplit(contract.file).netloc:
            return split_url(named.partition("?")[0])  # the API serves its own document
    hint = f" (the contract names {named})" if "//" in named else ""
    raise UsageError(f"what is to be fuzzed? give --url URL{hint}, --app MODULE:ATTRIBUTE or --run COMMAND")


def reset_of(options: TargetOptions) -> Call | None:
    """The call that brings the server back to its first state; raises `UsageError` for what is no call."""
    from tallystick.fuzz.calls import parse_call

    return parse_call("--reset", options["reset"], "POST /reset") if options["reset"] is not None else None


def application(spec: str | None) -> Application | None:
    """The application that a text names; None where there is no text."""
    from tallystick.fuzz.application import load_application

    with uncollected():
        return load_application(spec) if spec is not None else None
