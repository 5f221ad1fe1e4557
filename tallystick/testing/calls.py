"""Calls of the control API of a running mock, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from tallystick.mock.control import PATH
from tallystick.mock.sessions import HEADER as SESSION
from tallystick.nouns.errors import TallystickError, UnreachableError

_SECONDS = 30.0
"""How long a call may take."""


class ControlError(TallystickError):
    """A call was refused; `status` is that of the reply, and `problem` its body (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = problem
        violations = [f"{each['where']}: {each['message']}" for each in problem.get("violations", ())]
        super().__init__("\n  ".join([str(problem.get("detail", f"status {status}")), *violations]))


class Calls:
    """Calls the control API of the mock at an origin (`http://127.0.0.1:4010`)."""

    def __init__(self, origin: str, path: str = PATH, token: str = "") -> None:
        self.origin = origin
        self.path = path.rstrip("/")
        self.token = token

    def call(self, session: str, method: str, path: str, body: object = None, **query: object) -> Any:
        """The value that a call answers, None for none; `path` is that below the control path, already encoded.

        Raises `ControlError` where the call is refused, and `UnreachableError` where nobody answers.
        """
        status, text = self.send(session, method, path, None if body is None else json.dumps(body).encode(), query)
        value = json.loads(text) if text else None
        if status >= 400:
            raise ControlError(status, value if isinstance(value, dict) else {})
        return value

    def send(
        self, session: str, method: str, path: str, body: bytes | None, query: Mapping[str, object]
    ) -> tuple[int, bytes]:
        """The status and the body of the reply to a call."""
        given = {name: _text(value) for name, value in query.items() if value is not None}
        target = self.path + path + (f"?{urlencode(given)}" if given else "")
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if session:
            headers[SESSION] = session
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        connection = HTTPConnection(urlsplit(self.origin).netloc, timeout=_SECONDS)
        try:
            connection.request(method, target, body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, HTTPException) as error:
            raise UnreachableError(f"the mock at {self.origin} does not answer: {error}") from None
        finally:
            connection.close()


def segment(text: object) -> str:
    """A value as one segment of a path."""
    return quote(str(text), safe="")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
