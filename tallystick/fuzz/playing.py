"""Sequences of requests, sent one after the other with the values of earlier responses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tallystick.fuzz.sending import Sent
from tallystick.fuzz.sequences import Step, filled
from tallystick.nouns.exchange import Request

_TRIES = 4
"""How often a request is sent that is refused, each time with other values."""


def play(
    steps: Sequence[Step], send: Callable[[Request, bool], Sent], vary: Callable[[Request], Request]
) -> tuple[list[Step], list[Sent]] | None:
    """Sends the requests of a sequence, each with the values of earlier responses: the steps as they were sent, and
    what came back.

    A request that is refused now and was accepted before may ask for what is there already: it is sent once more with
    other values, as `vary` makes them. None where a response lacks a value that is needed later. `send` is told
    whether to add credentials; what it raises is raised here.
    """
    values: dict[str, str] = {}
    sent_steps: list[Step] = []
    sent: list[Sent] = []
    for step in steps:
        for _ in range(_TRIES):
            last = send(filled(step.request, values), step.is_authorized)
            response = last.exchange.response
            if not step.is_accepted or response is None or not 400 <= response.status < 500:
                break
            varied = vary(step.request)
            if varied == step.request:
                break
            step = replace(step, request=varied)
        sent_steps.append(step)
        sent.append(last)
        for capture in step.captures:
            value = capture.value_in(response) if response is not None else None
            if value is None:
                return None
            values[capture.name] = value
    return sent_steps, sent
