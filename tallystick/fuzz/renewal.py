"""The token of a run's login: where the server takes it no longer, the run logs in again."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection
from typing import TypeVar
from urllib.parse import quote

import requests

from tallystick.nouns.errors import UnreachableError

T = TypeVar("T")

_REFUSED = 401
_MOST_IN_VAIN = 3
"""How often the run logs in again in vain, before it no longer does."""


class Renewal:
    """The token that requests have in some header fields, or in the query; several threads may use it.

    `log_in` gives a new one.
    """

    def __init__(self, token: str, fields: Collection[str], log_in: Callable[[], str]) -> None:
        self.tokens = [token]
        """All tokens so far; the last one is the one that is valid."""
        self.count = 0
        """How often the server took the token no longer, and took a new one."""
        self._fields, self._log_in = frozenset(fields), log_in
        self._lock = threading.Lock()
        self._was_taken = False
        """Whether the server has taken the last token."""
        self._in_vain = 0

    def answer(self, request: requests.PreparedRequest, send: Callable[[], T], status_of: Callable[[T], int]) -> T:
        """The answer to a request, which is sent again where its token is no longer taken."""
        token = self._put(request)
        answer = send()
        if self._is_renewed(token, status_of(answer)):
            token = self._put(request)
            answer = send()
            with self._lock:
                self._note(token, status_of(answer))
        return answer

    def _put(self, request: requests.PreparedRequest) -> str:
        """Puts the token in the place of an older one in a request; the token, or "" for a request that has none."""
        token = self.tokens[-1]
        older = "|".join(re.escape(form) for each in self.tokens for form in {each, quote(each, safe="")})
        whole = re.compile(rf"(?<![^\s=;&?])(?:{older})(?![^\s;&,])")
        found = 0
        for name, value in request.headers.items():
            if name.lower() in self._fields and isinstance(value, str):
                request.headers[name], count = whole.subn(lambda _: token, value)
                found += count
        if request.url is not None and "?" in request.url:
            request.url, count = whole.subn(lambda _: quote(token, safe=""), request.url)
            found += count
        return token if found else ""

    def _is_renewed(self, token: str, status: int) -> bool:
        """Whether a request with a token is to be sent again, with a new token, after it was answered with a status."""
        with self._lock:
            if not token or status != _REFUSED:
                self._note(token, status)
                return False
            if token != self.tokens[-1]:
                return True  # another thread has logged in meanwhile
            if not self._was_taken or self._in_vain >= _MOST_IN_VAIN:
                return False
            self._in_vain += 1
            try:
                new = self._log_in()
            except UnreachableError:
                return False
            self._was_taken = False
            self.tokens.append(new)
            return True

    def _note(self, token: str, status: int) -> None:
        """Notes what became of a token that was not refused."""
        if token == self.tokens[-1] and 200 <= status < 300 and not self._was_taken:
            self._was_taken = True
            self.count += len(self.tokens) > 1
            self._in_vain = 0
