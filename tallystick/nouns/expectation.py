"""The refusals and server errors that a user expects of an API, as the command line and the configuration say them."""

from __future__ import annotations

import re
from typing import NamedTuple

from tallystick.nouns.errors import UsageError

_STATUSES = r"(?P<hundred>[45])[xX]{2}|(?P<first>[45][0-9]{2})(?:-(?P<last>[45][0-9]{2}))?"
_EXPECTED = "expected [OPERATION:]STATUS, as in 4xx, 404,410, 500-503 or createPet:409"


class Expectation(NamedTuple):
    """Statuses from 400 to 599 that are expected of the operations that `pattern` names; of all where it is ""."""

    pattern: str
    statuses: frozenset[int]


def parse_expectation(where: str, text: str) -> Expectation:
    """The expectation in a text such as `4xx` or `createPet:409,423`; raises `UsageError`, which names `where`."""
    pattern, colon, listed = (part.strip() for part in text.rpartition(":"))
    if colon and not pattern:
        raise UsageError(f"{where} {text!r}: there is no operation before the colon; {_EXPECTED}")
    statuses: set[int] = set()
    for part in listed.split(","):
        named = _statuses(part.strip())
        if not named:
            raise UsageError(f"{where} {text!r}: {part.strip()!r} is no refusal or server error; {_EXPECTED}")
        statuses.update(named)
    return Expectation(pattern, frozenset(statuses))


def _statuses(text: str) -> range:
    """The statuses that `4xx`, `404` or `404-410` names; none where it is nothing of the kind."""
    match = re.fullmatch(_STATUSES, text)
    if match is None:
        return range(0)
    if match["hundred"]:
        first = int(match["hundred"]) * 100
        return range(first, first + 100)
    return range(int(match["first"]), int(match["last"] or match["first"]) + 1)
