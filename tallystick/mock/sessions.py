"""Sessions: which of them a request is for, by its headers or by the beginning of its path.

A session has state, overrides, a journal and a clock of its own. A request that names none is of the session "".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import unquote

from tallystick.mock.problem import Problem
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract

HEADER = "tallystick-session"
"""The request header that names a session, and the cookie by the same name, in upper case or in lower case."""
OWN_PREFIX = "tallystick.own_prefix"
"""The key in a scope of what stands before a path that names a session: `/~name`, and the base path of the mock."""
MARK = "/~"
"""What a path begins with that names a session (`/~name/pets`)."""

_NAME = re.compile(r"[A-Za-z0-9._~:@+=-]+")
_SHOWN = 60


class Target(NamedTuple):
    """What a request is for: a session, and the path without its name.

    `mark` is what named the session in the path, if that did, and `before` what stood there before it.
    """

    session: str
    path: str
    mark: str = ""
    before: str = ""


def session_of(headers: Mapping[str, str]) -> str:
    """The session that header fields name, as it stands there; the header goes before the cookie."""
    name = headers.get(HEADER)
    if name is not None:
        return name.strip()
    cookies = headers.get("cookie", "")
    if HEADER not in cookies.lower():
        return ""
    pairs = (cookie.partition("=") for cookie in cookies.split(";"))
    return next((value.strip().strip('"') for key, _, value in pairs if key.strip().lower() == HEADER), "")


def target_of(named: str, path: str, bases: Sequence[str]) -> Target | Problem:
    """The target of a request whose headers name a session ("": none); its path may name one behind one of some bases.

    The path goes before the headers: whoever gave a client its address has chosen there.
    """
    for before in bases:
        if path.startswith(before + MARK):
            segment, slash, rest = path[len(before) + 1 :].partition("/")
            name = unquote(segment[1:])
            return _wrong(name) or Target(name, f"{before}{slash}{rest}" or "/", f"/{segment}", before)
    return (_wrong(named) or Target(named, path)) if named else Target("", path)


def without_mark(path: str) -> str:
    """A path that may name a session, without the name."""
    before, mark, rest = path.partition(MARK)
    return f"{before}{''.join(rest.partition('/')[1:])}" or "/" if mark else path


def is_session_name(name: str) -> bool:
    """Whether a text can name a session."""
    return len(name) <= budgets.SESSION_NAME_CHARACTERS and _NAME.fullmatch(name) is not None


def _wrong(name: str) -> Problem | None:
    if is_session_name(name):
        return None
    shown = name if len(name) <= _SHOWN else f"{name[: _SHOWN - 1]}…"
    most = budgets.SESSION_NAME_CHARACTERS
    return Problem(
        400, f"{shown!r} is no name of a session; one has up to {most} characters of A-Z, a-z, 0-9 and . _ ~ : @ + = -"
    )


def are_marks_paths(contracts: Sequence[Contract]) -> bool:
    """Whether a path of some contracts begins as if it named a session: then it is looked for as it is first."""
    operations = [operation for contract in contracts for operation in contract]
    bases = {server.base_path for operation in operations for server in operation.servers}
    return any(path.startswith(MARK) for path in (*bases, *(operation.path for operation in operations)))
