"""Who `tallystick fuzz` says that it is: the credentials and header fields of its requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import click

from tallystick.cli.option_groups import OptionGroup
from tallystick.nouns.errors import UsageError

if TYPE_CHECKING:
    from tallystick.fuzz.calls import Login
    from tallystick.fuzz.credentials import GivenCredentials
    from tallystick.nouns.contract import Contract


class CredentialOptions(TypedDict):
    """The options of this module, by click's names."""

    bearer: str | None
    auth: str | None
    api_keys: tuple[str, ...]
    headers: tuple[str, ...]
    login: str | None
    login_token: str
    login_scheme: str


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
    click.option(
        "--login",
        metavar="'METHOD PATH BODY'",
        envvar="TALLYSTICK_LOGIN",
        show_envvar=True,
        help="A call that gives the token: 'POST /token {\"user\": ...}', or with a form: 'POST /token user=ada'.",
    ),
    click.option(
        "--login-token",
        metavar="POINTER",
        default="",
        help="Where the token is in the answer: a JSON Pointer, or the name of a header or a cookie.",
    ),
    click.option(
        "--login-scheme", metavar="SCHEME", default="", help="The security scheme that gets it; else all of bearer."
    ),
)


def login_of(contract: Contract, options: CredentialOptions) -> Login | None:
    """The login that the options ask for; raises `UsageError` where it cannot be used."""
    from tallystick.fuzz.calls import parse_login

    text, token, scheme = options["login"], options["login_token"], options["login_scheme"]
    if text is None:
        if token or scheme:
            raise UsageError(f"--login-{'token' if token else 'scheme'} says something of --login, which is not given")
        return None
    return parse_login(contract, text, token, scheme)


def given_credentials(options: CredentialOptions) -> GivenCredentials:
    """The credentials on the command line; raises `UsageError` for a header that is none."""
    from tallystick.fuzz.credentials import GivenCredentials, header_fields

    fields = header_fields(options["headers"])
    return GivenCredentials(options["auth"], options["bearer"], options["api_keys"], fields)
