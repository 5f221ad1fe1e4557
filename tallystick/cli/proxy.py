"""`tallystick proxy`: a mock with an upstream behind it, which answers what it can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import click
from click.core import ParameterSource

from tallystick.cli import mock
from tallystick.nouns.errors import UsageError

if TYPE_CHECKING:
    from tallystick.cli.mock_start import StartOptions


@click.command(cls=mock.MockCommand, groups=mock.GROUPS, params=[*mock.command.params])
def command(**options: Unpack[StartOptions]) -> int:
    """Pass on requests to the server behind it, byte for byte, and judge both ways by contracts.

    PATH is a contract, as with `tallystick mock`, whose options hold here, too. The last PATH may be the URL of the
    upstream.

    A request or a reply that breaks the contract is told, by the header `Tallystick-Violations` and in a line here;
    with `--errors` it is refused.
    """
    from tallystick.config import load_configuration  # `--help` does not need it

    context = click.get_current_context()
    paths = options["paths"]
    if not context.params["upstream"] and len(paths) > 1 and paths[-1].startswith(("http://", "https://")):
        context.params["upstream"] = mock.upstream_given(paths[-1:])
        context.set_parameter_source("upstream", ParameterSource.COMMANDLINE)
        options["paths"] = paths[:-1]
    elif not context.params["upstream"] and "upstream" not in load_configuration().mock:
        raise UsageError("a proxy has a server behind it: name it with --upstream http://127.0.0.1:8000")
    return mock.serve(options)
