"""Who `tallystick fuzz` says that it is: the credentials and header fields of its requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import click

from tallystick.cli.option_groups import OptionGroup

if TYPE_CHECKING:
    from tallystick.fuzz.credentials import GivenCredentials


class CredentialOptions(TypedDict):
    """The options of this module, by click's names."""

    bearer: str | None
    auth: str | None
    api_keys: tuple[str, ...]
    headers: tuple[str, ...]


credential_options = OptionGroup(
    "What every request has",
    click.option("--bearer", metavar="TOKEN", envvar="TALLYSTICK_BEARER", show_envvar=True, help="Bearer token."),
    click.option(
        "--auth", metavar="USER:PASSWORD", envvar="TALLYSTICK_AUTH", show_envvar=True, help="Basic credentials."
    ),
    click.option(
        "--api-key",
        "api_keys",
        metavar="[SCHEME=]KEY",
        multiple=True,
        envvar="TALLYSTICK_API_KEY",
        show_envvar=True,
        help="Key for the security schemes of the type apiKey, or for one of them.",
    ),
    click.option("-H", "--header", "headers", metavar="'NAME: VALUE'", multiple=True, help="Sent with every request."),
)


def given_credentials(options: CredentialOptions) -> GivenCredentials:
    """The credentials on the command line; raises `UsageError` for a header that is none."""
    from tallystick.fuzz.credentials import GivenCredentials, header_fields

    fields = header_fields(options["headers"])
    return GivenCredentials(options["auth"], options["bearer"], options["api_keys"], fields)
