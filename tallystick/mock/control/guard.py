"""Who may use the control API: whoever brings the token, else this machine alone, and no page of a foreign site."""

from __future__ import annotations

from hmac import compare_digest

from starlette.types import Scope

from tallystick.mock.asgi import ReadHeaders
from tallystick.mock.origins import address_of, is_this_machine, why_refused
from tallystick.mock.problem import Problem


class Guard:
    """Guards the control API of a mock that listens on a host; `token` is "" where none is asked for."""

    def __init__(self, host: str, token: str) -> None:
        self.host = host
        self.token = token.encode()

    @property
    def is_off(self) -> bool:
        """Whether nobody may use it: others can reach the mock, and no token keeps them out."""
        return not self.token and not is_this_machine(self.host)

    def refusal(self, scope: Scope, headers: ReadHeaders) -> Problem | None:
        """The problem with which a request is refused; None where it is let through."""
        if self.token:
            return None if self._has_token(headers) else _NO_TOKEN
        if self.is_off or not _came_from_here(scope):
            return _OFF
        why = why_refused(headers.fields, self.host)
        return Problem(403, f"the control API: {why}") if why else None

    def _has_token(self, headers: ReadHeaders) -> bool:
        kind, _, token = headers.by_name.get("authorization", "").partition(" ")
        return kind.lower() == "bearer" and compare_digest(token.strip().encode("utf-8", "replace"), self.token)


_NO_TOKEN = Problem(
    401,
    "the control API needs the token of --control-token, as in `Authorization: Bearer TOKEN`",
    headers=(("www-authenticate", 'Bearer realm="tallystick control"'),),
)
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
