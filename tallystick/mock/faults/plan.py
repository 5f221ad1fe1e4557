"""Which of an operation's faults a request meets: the same for the same seed and the same order of requests."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b

from tallystick.mock.faults.fault import (
    Drop,
    Expired,
    ExtremeBody,
    Fault,
    Faults,
    Latency,
    Refusal,
    SlowBody,
    Truncate,
)
from tallystick.mock.faults.grammar import EXAMPLES, FaultError, read_faults
from tallystick.mock.problem import Problem
from tallystick.mock.settings import MockSettings
from tallystick.nouns import budgets
from tallystick.nouns.contract import Operation
from tallystick.nouns.errors import UsageError
from tallystick.nouns.exchange import Headers
from tallystick.nouns.statuses import phrase_of
from tallystick.rules.exchange.security import challenge
from tallystick.wire.choosing import own_status

_STEPS = tuple(math.sqrt(prime) % 1 for prime in (5, 2, 3, 7, 11, 13, 17, 19, 23, 29))
"""By how much the draw of each fault grows from one request to the next; multiples of these fill a range evenly."""
_RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Mishap:
    """What goes wrong with one request; `text` is what asked for it."""

    text: str
    seconds: float = 0.0
    """How long the reply takes at least."""
    problem: Problem | None = None
    """Why the request is refused."""
    body: ExtremeBody | None = None
    delivery: Drop | Truncate | SlowBody | None = None
    override: str = ""
    """The id of the override that asks for it; "" for none."""


class Plan:
    """The faults of one operation, and the draws that decide which of them its next request meets.

    A fault with a rate is met evenly: with 10% by one request of ten, and by which is a matter of the seed.
    """

    def __init__(self, operation: Operation, faults: Faults, seed: int = 0) -> None:
        self.operation = operation
        self.faults = faults.faults
        self.count = 0
        seed = seed if faults.seed is None else faults.seed
        self.starts = [
            _start(f"{seed} {operation.label} {number} {fault.text}") for number, fault in enumerate(self.faults)
        ]

    def next(self) -> Mishap | None:
        """What the next request meets; None where nothing goes wrong."""
        number, self.count = self.count, self.count + 1
        met: list[Fault] = []
        seconds, problem, body, delivery = 0.0, None, None, None
        for index, (fault, start) in enumerate(zip(self.faults, self.starts, strict=True)):
            draw = (start + number * _STEPS[index % len(_STEPS)]) % 1
            if draw >= fault.chance:
                continue
            action = fault.action
            if isinstance(action, Latency):
                seconds += action.seconds(draw / fault.chance)
            elif isinstance(action, Refusal | Expired):
                problem = problem or _problem(self.operation, action, fault, draw / fault.chance)
            elif isinstance(action, ExtremeBody):
                body = body or action
            else:
                delivery = delivery or action
            met.append(fault)
        if not met:
            return None
        seconds = min(seconds, budgets.FAULT_SECONDS)
        return Mishap("; ".join(fault.text for fault in met), seconds, problem, body, delivery)


class Plans:
    """The plans of one operation: that of the settings, None where they ask for no fault, and those of requests."""

    def __init__(self, operation: Operation, settings: MockSettings) -> None:
        self.operation = operation
        self.seed = settings.seed
        latency = (f"latency={settings.latency}",) if settings.latency else ()
        try:
            faults = read_faults("; ".join((*latency, *settings.fault)))
        except FaultError as error:
            raise UsageError(f"--fault: {error}") from None
        self.own = Plan(operation, faults, self.seed) if faults.faults else None
        self.asked_for: OrderedDict[str, Plan] = OrderedDict()

    def next(self) -> Mishap | None:
        """What the next request meets that asks for nothing."""
        return self.own.next() if self.own is not None else None

    def asked(self, text: str) -> Mishap | Problem | None:
        """What a request meets that asks for faults itself, or the problem with its text."""
        plan = self.asked_for.get(text)
        if plan is None:
            try:
                plan = self.asked_for[text] = Plan(self.operation, read_faults(text), self.seed)
            except FaultError as error:
                return Problem(400, f"the header Tallystick-Fault: {error}", members={"expected": EXAMPLES})
            if len(self.asked_for) > budgets.FAULT_TEXTS:
                self.asked_for.popitem(last=False)
        return plan.next()


def _start(text: str) -> float:
    """A number from 0 to 1 that a text decides."""
    return int.from_bytes(blake2b(text.encode(), digest_size=6).digest()) / 2**48


def _problem(operation: Operation, action: Refusal | Expired, fault: Fault, draw: float) -> Problem:
    if isinstance(action, Expired):
        expired = 'error="invalid_token", error_description="The access token expired"'
        return Problem(401, "the access token has expired", headers=(("www-authenticate", _with(operation, expired)),))
    status = action.status or _documented(operation, action.digits, draw)
    headers: Headers = ()
    if action.retry_after is not None or status == 429:
        headers = (("retry-after", str(_RETRY_SECONDS if action.retry_after is None else action.retry_after)),)
    return Problem(status, f"{phrase_of(status) or status}: asked for by the fault `{fault.text}`", headers=headers)


def _documented(operation: Operation, digits: str, draw: float) -> int:
    """One of the documented errors that begin with some digits, by a draw; the first of the class if there is none."""
    statuses = sorted(
        {own_status(operation, response) for response in operation.responses if response.status[0] != "d"}
    )
    errors = [status for status in statuses if str(status)[0] in digits]
    if not errors:
        return int(digits[-1]) * 100
    return errors[min(int(draw * len(errors)), len(errors) - 1)]


def _with(operation: Operation, parameters: str) -> str:
    """The challenge of an operation with parameters (RFC 6750, section 3)."""
    plain = challenge(operation.security) if operation.security else "Bearer"
    scheme, blank, others = plain.partition(" ")
    if scheme.lower() != "bearer":
        return plain
    return f"{scheme} {others}, {parameters}" if blank else f"{scheme} {parameters}"
