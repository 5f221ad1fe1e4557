"""Calls that a user names on a command line, such as `POST /token {"user": "ada"}`, and the login that is one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from http.cookies import CookieError, SimpleCookie
from typing import NamedTuple

from tallystick.fuzz.credentials import Credentials, kind_of
from tallystick.fuzz.renewal import Renewal
from tallystick.fuzz.sending import NoResponseError, Sender
from tallystick.fuzz.settings import Settings
from tallystick.nouns.contract import Contract, SecurityScheme
from tallystick.nouns.errors import UnreachableError, UsageError
from tallystick.nouns.exchange import Request, Response
from tallystick.nouns.json_pointer import part_at, to_keys
from tallystick.nouns.printing import visible

_CALL = re.compile(r"(?P<method>[A-Za-z]+)\s+(?P<path>/\S*)(?:\s+(?P<body>.*))?", re.DOTALL)
_TOKEN_NAMES = ("access_token", "accesstoken", "token", "id_token", "jwt", "auth_token", "authtoken", "bearer", "key")
"""The members that hold a token, the likeliest first, without regard to case."""
_DEEPEST = 3
_SHOWN = 200


class Call(NamedTuple):
    """A request below the base path; its body is JSON where it begins like an object or a list, else a form."""

    method: str
    path: str
    body: str = ""

    def __str__(self) -> str:
        """The call as a message names it; its body may hold a password."""
        return f"{self.method} {self.path}"

    def request(self, base_path: str) -> Request:
        """The request on the wire."""
        path, _, query = self.path.partition("?")
        is_json = self.body.lstrip().startswith(("{", "["))
        media_type = "application/json" if is_json else "application/x-www-form-urlencoded"
        headers = (("accept", "*/*"), *([("content-type", media_type)] if self.body else []))
        below = path if base_path and path.startswith(f"{base_path}/") else base_path + path
        return Request(self.method, below, query, headers, self.body.encode("utf-8", "surrogateescape"))


def parse_call(where: str, text: str, example: str) -> Call:
    """The call in a text; raises `UsageError`, which names `where`, for what is none."""
    match = _CALL.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"{where} {text!r}: expected METHOD PATH [BODY], as in '{example}'")
    body = (match["body"] or "").strip()
    if body.startswith(("{", "[")):
        try:
            json.loads(body)
        except ValueError as error:
            raise UsageError(f"{where}: the body of {match['method']} {match['path']} is not JSON: {error}") from None
    return Call(match["method"].upper(), match["path"], body)


def answered(sender: Sender, call: Call, flag: str) -> Response:
    """The response to a call, which has to succeed; raises `UnreachableError`, which names the flag."""
    try:
        response = sender.send_as_is(call.request(sender.settings.base_path)).exchange.response
    except NoResponseError as error:
        raise UnreachableError(f"{flag}: {call} got no response: {error}") from error
    assert response is not None  # else it was not sent
    if not 200 <= response.status < 400:
        text = visible(" ".join(response.body.decode("utf-8", "replace").split()))
        said = f": {text[:_SHOWN]}" if text else ""
        raise UnreachableError(f"{flag}: {call} was answered with {response.status}{said}")
    return response


@dataclass(frozen=True, slots=True)
class Login:
    """A call whose response has a token, and what the token is for."""

    call: Call
    token: str = ""
    """The JSON Pointer of the token in the body, or the name of the header or cookie; "" for the likeliest place."""
    scheme: str = ""
    """The security scheme that the token feeds; "" for every bearer scheme."""


def parse_login(contract: Contract, text: str, token: str, scheme: str) -> Login:
    """The login that a command line asks for; raises `UsageError` where it cannot be used with the contract."""
    call = parse_call("--login", text, 'POST /token {"user": "ada", "password": "..."}')
    if scheme and scheme not in contract.security_schemes:
        names = ", ".join(contract.security_schemes) or "none"
        raise UsageError(f"--login-scheme {scheme}: the contract has no security scheme of that name; it has {names}")
    return Login(call, token, scheme)


def logged_in(login: Login, sender: Sender, settings: Settings) -> Settings:
    """The settings with the token that a login gives; raises `UnreachableError` where it gives none."""
    schemes = _fed(sender.contract, login)
    token = _given_token(login, sender, schemes)

    def log_in() -> str:
        with Sender(sender.contract, settings, sender.clock, sender.served) as again:
            return _given_token(login, again, schemes)

    names = {"authorization", "cookie", *(scheme.name.lower() for scheme in schemes if scheme.location == "header")}
    credentials = _with_token(settings.credentials, token, schemes)
    return replace(settings, credentials=credentials, renewal=Renewal(token, names, log_in))


def _given_token(login: Login, sender: Sender, schemes: Sequence[SecurityScheme]) -> str:
    """The token that a login gives; raises `UnreachableError` where it gives none."""
    response = answered(sender, login.call, "--login")
    token = _token(response, login, [scheme.name for scheme in schemes if scheme.location == "cookie"])
    if token is None:
        where = f"at {login.token}" if login.token else "under a name that one usually has"
        fact = f"the answer of {login.call} ({response.status}) has no token {where}"
        raise UnreachableError(f"--login: {fact}; --login-token says where it is, as in /data/token")
    return token


def with_renewed_tokens(settings: Settings) -> Settings:
    """The settings with all tokens of a run as its secrets, and with the last one for its schemes."""
    renewal, known = settings.renewal, settings.credentials
    if renewal is None or len(renewal.tokens) == 1:
        return settings
    first, last = renewal.tokens[0], renewal.tokens[-1]
    schemes = {name: last if value == first else value for name, value in known.schemes.items()}
    headers = {name: value.replace(first, last) for name, value in known.headers.items()}
    secrets = {**known.secrets, **dict.fromkeys(renewal.tokens, known.secrets[first])}
    return replace(settings, credentials=replace(known, schemes=schemes, headers=headers, secrets=secrets))


def _fed(contract: Contract, login: Login) -> list[SecurityScheme]:
    schemes = contract.security_schemes.values()
    if login.scheme:
        return [contract.security_schemes[login.scheme]]
    bearer = [scheme for scheme in schemes if kind_of(scheme) == "bearer"]
    return bearer or [scheme for scheme in schemes if kind_of(scheme) == "apiKey"]


def _with_token(credentials: Credentials, token: str, schemes: Sequence[SecurityScheme]) -> Credentials:
    """The credentials with a token for some schemes; where there are none, every request has it."""
    variable = "TALLYSTICK_BEARER" if not schemes or kind_of(schemes[0]) == "bearer" else "TALLYSTICK_API_KEY"
    headers = dict(credentials.headers)
    if not schemes:
        headers["Authorization"] = f"Bearer {token}"
    return Credentials(
        {**credentials.schemes, **{scheme.id: token for scheme in schemes}},
        headers,
        {**credentials.secrets, token: variable},
        credentials.given | {scheme.id for scheme in schemes},
    )


def _token(response: Response, login: Login, cookies: Sequence[str]) -> str | None:
    fields = dict(response.headers)
    if login.token and not login.token.startswith("/"):
        return fields.get(login.token.lower()) or _cookie(response, [login.token])
    try:
        value = json.loads(response.body)
    except (ValueError, RecursionError):
        value = None
    if login.token:
        try:
            return _text(part_at(value, to_keys(login.token)))
        except KeyError:
            return None
    if isinstance(value, str):
        return value
    named = {name.lower(): text for name, text in reversed(list(_members(value, _DEEPEST)))}
    in_body = next((named[name] for name in _TOKEN_NAMES if name in named), None)
    bearer = fields.get("authorization", "").removeprefix("Bearer ")
    return _cookie(response, cookies) or in_body or bearer or None


def _cookie(response: Response, names: Sequence[str]) -> str | None:
    for field, line in response.headers:
        if field == "set-cookie":
            cookies: SimpleCookie = SimpleCookie()
            try:
                cookies.load(line)
            except CookieError:
                continue
            for name in names:
                if name in cookies:
                    return cookies[name].value
    return None


def _members(value: object, depth: int) -> Iterator[tuple[str, str]]:
    """The members of an object that are texts, then those of the objects in it."""
    if isinstance(value, dict) and depth:
        for name, member in value.items():
            if isinstance(member, str) and member:
                yield name, member
        for member in value.values():
            yield from _members(member, depth - 1)


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) and value != "" else None
