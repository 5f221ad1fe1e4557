"""One call of the control API, as the function of its operation sees it, and the replies that it can give."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tallystick.mock.memory import Memory
from tallystick.mock.problem import Problem
from tallystick.mock.roles import Reply
from tallystick.nouns.contract import Contract
from tallystick.nouns.exchange import Headers, Response
from tallystick.nouns.json_value import JSON
from tallystick.nouns.moment import moment
from tallystick.nouns.violation import Violation
from tallystick.wire.reading import Reading, reader_of
from tallystick.wire.values import MISSING
from tallystick.wire.write import write_json

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """A request that keeps the contract of the control API: the memory that it is about, and what it says."""

    memory: Memory
    reading: Reading
    contract: Contract
    """The contract of the control API."""

    @property
    def session(self) -> str:
        """The session that the request is for."""
        return self.reading.session

    @property
    def body(self) -> JSON:
        """The body, which the gate has judged; None where there is none."""
        value = self.reading.body.value
        return None if value is MISSING else value  # type: ignore[return-value]  # its media type is JSON

    def text(self, name: str) -> str:
        """The value of a parameter that is a text; "" where it is not given."""
        return self._value(name, "")

    def number(self, name: str, default: int) -> int:
        """The value of a parameter that is a whole number."""
        return self._value(name, default)

    def flag(self, name: str) -> bool:
        """The value of a parameter that is true or false."""
        return self._value(name, False)

    def _value(self, name: str, default: T) -> T:
        for parameter, read in reader_of(self.reading.operation).parameters:
            if parameter.name == name:
                value, _ = read(self.reading)
                return default if value is MISSING else value  # type: ignore[return-value]  # the gate has judged it
        raise KeyError(f"{self.reading.operation.label} has no parameter {name}")


class RefusedError(Exception):
    """A call cannot be answered as it stands; the problem says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


Function = Callable[[Call], Awaitable[Reply]]
"""Answers the calls of one operation; it may raise `RefusedError`, and the errors of stores."""


def told(value: JSON, status: int = 200, headers: Headers = ()) -> Reply:
    """A reply with a value as JSON."""
    return Reply(Response(status, (("content-type", "application/json"), *headers), write_json(value)), "control")


def done() -> Reply:
    """The reply to a call that has nothing to say."""
    return Reply(Response(204), "control")


def refused(status: int, detail: str, violations: Sequence[Violation] = ()) -> RefusedError:
    """The error that refuses a call which keeps the contract of the control API.

    404: there is no such thing; 409: it contradicts the contracts that are mocked, or what is there.
    """
    return RefusedError(Problem(status, detail, violations))


def instant(seconds: float) -> str:
    """A Unix time as JSON has it: `2030-01-31T09:00:00.000Z`."""
    try:
        return moment(seconds)
    except (ValueError, OverflowError, OSError):  # of a snapshot that somebody wrote
        return moment(0)
