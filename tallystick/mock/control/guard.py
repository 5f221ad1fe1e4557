"""Who may use the control API: whoever brings the token, else this machine alone, and no page of a foreign site."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from hmac import compare_digest

from starlette.types import Scope

from tallystick.mock.asgi import ReadHeaders
from tallystick.mock.origins import address_of, is_link_from_elsewhere, is_of_same_origin, is_this_machine, why_refused
from tallystick.mock.problem import Problem

_COOKIE = "tallystick-page"
"""What the name of the cookie begins with that a browser keeps whose user has given the token.

Name and value are made of the token and are not the token itself. A browser sends the mocks of all ports of a machine
the same cookies, so those of two tokens have two names.
"""


class Guard:
    """Guards the control API of a mock that listens on a host; `token` is "" where none is asked for."""

    def __init__(self, host: str, token: str) -> None:
        self.host = host
        self.token = token.encode()

    @property
    def is_off(self) -> bool:
        """Whether nobody may use it: others can reach the mock, and no token keeps them out."""
        return not self.token and not is_this_machine(self.host)

    def refusal(self, scope: Scope, headers: ReadHeaders, is_for_page: bool = False) -> Problem | None:
        """The problem with which a request is refused; None where it is let through.

        A link may lead to the page from any site: no GET changes anything, and nobody can frame the page.
        """
        if is_for_page and is_link_from_elsewhere(scope["method"], headers.fields):
            headers = replace(headers, fields=tuple(each for each in headers.fields if each[0] != "sec-fetch-site"))
        if self.token:
            if self._has_token(headers):
                return None
            if not self._has_cookie(headers):
                return _NO_TOKEN
            return None if self.is_of_own_page(headers) else _FOREIGN
        if self.is_off or not _came_from_here(scope):
            return _OFF
        why = why_refused(headers.fields, self.host)
        return Problem(403, f"the control API: {why}") if why else None

    def is_token(self, text: str) -> bool:
        """Whether a text is the token."""
        return bool(self.token) and compare_digest(text.strip().encode("utf-8", "replace"), self.token)

    def is_of_own_page(self, headers: ReadHeaders) -> bool:
        """Whether a request may be let in by its cookie, which the browser sends for pages of other ports, too."""
        return is_of_same_origin(headers.fields)

    def cookie(self, path: str, is_secure: bool) -> str:
        """The `Set-Cookie` that lets a browser in below a path until it is closed.

        The path keeps it from the operations of the mock, and so from an upstream.
        """
        secure = "; Secure" if is_secure else ""
        return f"{self._cookie_name}={self._cookie_value}; Path={path}; HttpOnly; SameSite=Strict{secure}"

    @property
    def _cookie_name(self) -> str:
        return f"{_COOKIE}-{self._made_of_token(b'the name of the cookie')[:8]}"

    @property
    def _cookie_value(self) -> str:
        return self._made_of_token(b"the page of tallystick")

    def _made_of_token(self, purpose: bytes) -> str:
        return hmac.new(self.token, purpose, hashlib.sha256).hexdigest()

    def _has_cookie(self, headers: ReadHeaders) -> bool:
        cookies = (cookie.partition("=") for cookie in headers.by_name.get("cookie", "").split(";"))
        values = [value.strip() for name, _, value in cookies if name.strip() == self._cookie_name]
        return any(compare_digest(value.encode("utf-8", "replace"), self._cookie_value.encode()) for value in values)

    def _has_token(self, headers: ReadHeaders) -> bool:
        kind, _, token = headers.by_name.get("authorization", "").partition(" ")
        return kind.lower() == "bearer" and self.is_token(token)


_NO_TOKEN = Problem(
    401,
    "the control API needs the token of --control-token, as in `Authorization: Bearer TOKEN`",
    headers=(("www-authenticate", 'Bearer realm="tallystick control"'),),
)
_FOREIGN = Problem(403, "the control API: the request comes from a page of another origin")
_OFF = Problem(
    403,
    "the control API is off here, since others can reach the mock; --control-token TOKEN turns it on for whoever sends "
    "that, and --host 127.0.0.1 keeps the mock to this machine",
)


def _came_from_here(scope: Scope) -> bool:
    """Whether a request came to this machine's own address, as far as the server says."""
    server = scope.get("server")
    address = address_of(server[0]) if server else None
    return address is None or address.is_loopback
