"""Sends the probes of a run within their bounds, and keeps what was answered in order."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from tallystick.fuzz.clock import Clock
from tallystick.fuzz.sending import NoResponseError, Sender, Sent
from tallystick.fuzz.verdicts import exchange_below
from tallystick.nouns.exchange import Exchange, Request
from tallystick.rules.sequence.relations import relations


class Hearer(Protocol):
    """What hears of the probes of a run."""

    def hear(self, sent: Sent, is_judged: bool = True, is_forged: bool = False) -> None:
        """Takes in an exchange, which is judged as every other one; else only a server error counts.

        `is_forged` says that nobody issued the credentials of its request.
        """

    def hear_none(self, error: NoResponseError) -> None:
        """Takes in that a request was not answered."""

    def hear_sequence(self, exchanges: Sequence[Exchange]) -> None:
        """Takes in the exchanges of one sequence, to which the rules on sequences apply."""


class OutOfProbesError(Exception):
    """The time, or the number of requests, that the probes may take is used up, or the server is gone."""


class Prober:
    """Sends requests below a base path; its sequence has their exchanges as they are on the wire."""

    def __init__(self, sender: Sender, clock: Clock, base_path: str, hearer: Hearer, most: int) -> None:
        self.sender, self.clock, self.base_path, self.hearer = sender, clock, base_path, hearer
        self.contract, self.settle_seconds = sender.contract, sender.settings.settle_seconds
        self.left = most
        self.sent = 0
        self.lost = 0
        """How many requests in a row were not answered."""
        self.sequence: list[Exchange] = []
        self.seconds = 0.0
        """How long all responses took together."""
        self.asked = set[str]()
        """The labels of the operations that were asked."""

    def send(self, request: Request, is_judged: bool = True) -> Exchange:
        """Sends a request; the exchange as the contract has it, without the base path.

        It has no response where there was none. Raises `OutOfProbesError`.
        """
        if self.left <= 0 or self.clock.is_over or self.lost >= _MOST_LOST:
            raise OutOfProbesError
        self.left -= 1
        self.sent += 1
        future: Future[Sent] = Future()
        try:
            future.set_result(self.sender.send(self._on_wire(request)))
        except NoResponseError as error:
            future.set_exception(error)
        return self._heard(request, future, is_judged)

    def send_as_is(self, request: Request, is_forged: bool = False) -> None:
        """Sends a request to which no credentials are added; it is no part of a sequence. Raises `OutOfProbesError`."""
        if self.left <= 0 or self.clock.is_over or self.lost >= _MOST_LOST:
            raise OutOfProbesError
        self.left -= 1
        self.sent += 1
        try:
            sent = self.sender.send_as_is(self._on_wire(request))
        except NoResponseError as error:
            if error.is_time_up:
                raise OutOfProbesError from error
            self.lost += 1
            self.hearer.hear_none(error)
            return
        self.lost = 0
        self.hearer.hear(sent, is_forged=is_forged)

    def send_settled(self, request: Request) -> Exchange:
        """Sends a request that reads, again while it does not show what was written, as long as that may take.

        Only the last one stays in the sequence. Raises `OutOfProbesError`.
        """
        exchange, end = self.send(request), time.monotonic() + self.settle_seconds
        while time.monotonic() < end and self._is_unsettled():
            self.sequence.pop()
            time.sleep(min(_POLL_SECONDS, self.clock.left()))
            exchange = self.send(request)
        return exchange

    def _is_unsettled(self) -> bool:
        """Whether the last exchange shows something with those before it that a server whose reads lag may show."""
        below = [exchange_below(each, self.base_path) for each in self.sequence]
        last = len(below) - 1
        return any(last in each.steps and len(each.steps) > 1 for each in relations(self.contract, below))

    def send_at_once(self, requests: Sequence[Request]) -> list[Exchange]:
        """Sends requests at the same time, each over a connection of its own; the exchanges in the order of requests.

        Raises `OutOfProbesError`.
        """
        if self.left < len(requests) or self.clock.is_over:
            raise OutOfProbesError
        self.left -= len(requests)
        self.sent += len(requests)
        with ThreadPoolExecutor(len(requests)) as pool:
            waiting = [pool.submit(self.sender.send, self._on_wire(each)) for each in requests]
        return [self._heard(request, future) for request, future in zip(requests, waiting, strict=True)]

    def _on_wire(self, request: Request) -> Request:
        operation = self.sender.operation_of(request)
        if operation is not None:
            self.asked.add(operation.label)
        return request._replace(path=self.base_path + request.path)

    def _heard(self, request: Request, future: Future[Sent], is_judged: bool = True) -> Exchange:
        """Takes in what came of a request; the exchange as the contract has it."""
        try:
            sent = future.result()
        except NoResponseError as error:
            if error.is_time_up:
                raise OutOfProbesError from error
            self.lost += 1
            self.hearer.hear_none(error)
            self.sequence.append(Exchange(error.request))
            return Exchange(request)
        self.lost = 0
        self.seconds += sent.seconds
        self.hearer.hear(sent, is_judged)
        self.sequence.append(sent.exchange)
        return Exchange(sent.exchange.request._replace(path=request.path), sent.exchange.response)

    def end_sequence(self) -> None:
        """Has the rules applied to what was sent since the last sequence ended."""
        if self.sequence:
            self.hearer.hear_sequence(self.sequence)
        self.sequence = []


_POLL_SECONDS = 0.2
"""How long to wait before something is read again."""
_MOST_LOST = 3
"""After how many requests in a row without a response no more are sent."""
