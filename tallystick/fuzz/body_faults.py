"""Why the bodies of some responses are not judged."""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

import requests

from tallystick.fuzz.rules import RESPONSE_CODING, RESPONSE_UNREAD
from tallystick.nouns import budgets
from tallystick.nouns.rule import Rule


class BodyFault(NamedTuple):
    """Why the body of a response is not judged: it cannot be decoded, or is too large or too deep."""

    message: str
    is_of_server: bool
    """Whether the server is to blame, and not what is installed or asked for here."""
    rule: Rule = RESPONSE_CODING


BodyFaults = WeakKeyDictionary[requests.PreparedRequest, BodyFault]
"""The faults of a run, by the request whose response has one."""


def too_large() -> BodyFault:
    """The fault of a body that has more bytes than are judged."""
    fact = f"the body is larger than {budgets.FUZZ_BODY_BYTES:,} bytes, and is not judged"
    return BodyFault(fact, is_of_server=False, rule=RESPONSE_UNREAD)


def too_deep() -> BodyFault:
    """The fault of a body that is nested deeper than Schemathesis could walk through."""
    fact = f"the body is nested more than {budgets.FUZZ_VALUE_DEPTH} levels deep, and is not judged"
    return BodyFault(fact, is_of_server=False, rule=RESPONSE_UNREAD)


def no_whole_event(size: int) -> BodyFault:
    """The fault of a stream of events of which so many bytes were read, and no event was whole."""
    return BodyFault(f"no event of the stream is whole in {size:,} bytes", is_of_server=False, rule=RESPONSE_UNREAD)
