"""`tallystick proxy`: a mock with an upstream behind it, which answers what it can."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click
from click.core import ParameterSource

from tallystick.cli import mock
from tallystick.nouns.errors import UsageError
from tallystick.nouns.printing import serving_as

if TYPE_CHECKING:
    from tallystick.cli.mock_start import StartOptions

GROUPS = {
    "What answers behind it": mock.GROUPS["What answers behind it"],
    "How a run is reported": ("junit", "sarif", "reports"),
    **mock.GROUPS,
}


@click.command(cls=mock.MockCommand, groups=GROUPS, params=[*mock.command.params])
@click.option("--junit", default="", metavar="FILE", help="Write JUnit XML there at the end.")
@click.option("--sarif", default="", metavar="FILE", help="Write SARIF there at the end.")
@click.option(
    "--report",
    "reports",
    metavar="FORMAT=FILE",
    multiple=True,
    help="Write a report there at the end: text, json, junit, sarif, github.",
)
def command(**options: object) -> int:
    """Pass on requests to the server behind it, byte for byte, and judge both ways by contracts.

    PATH is a contract, as with `tallystick mock`, whose options hold here, too. The last PATH may be the URL of the
    upstream.

    A request or a reply that breaks the contract is told, by the header `Tallystick-Violations` and in a line here;
    with `--errors` it is refused. At the end, the exit code is 1 if anything broke the contract.
    """
    from tallystick.cli.proxy_reports import Run, report_files  # `--help` does not need these

    start = cast("StartOptions", options)
    files = report_files(str(options["junit"]), str(options["sarif"]), cast("tuple[str, ...]", options["reports"]))
    start["paths"] = _paths(start["paths"])
    run = Run(files, start["workers"])
    with serving_as("proxy"):
        return mock.serve(start, (run.tally.hear,), lambda started: run.tell(started.terminal.contracts), run.hand_over)


def _paths(paths: tuple[str, ...]) -> tuple[str, ...]:
    """The contracts among the PATHs; a last one may be the upstream. Raises `UsageError` where none is named."""
    from tallystick.config import load_configuration  # as above

    context = click.get_current_context()
    if context.params["upstream"]:
        return paths
    if len(paths) > 1 and paths[-1].startswith(("http://", "https://")):
        context.params["upstream"] = mock.upstream_given(paths[-1:])
        context.set_parameter_source("upstream", ParameterSource.COMMANDLINE)
        return paths[:-1]
    if "upstream" not in load_configuration().mock:
        raise UsageError("a proxy has a server behind it: name it with --upstream http://127.0.0.1:8000")
    return paths
