"""The second half of the gate: a reply is judged as its request was."""

from __future__ import annotations

from tallystick.nouns.exchange import Exchange, Response
from tallystick.nouns.violation import Violation
from tallystick.rules.judge import judge_reading
from tallystick.wire.reading import Reading

FRAMING = frozenset(("content-length", "transfer-encoding", "connection"))
"""Header fields that say how a response is sent; the server writes them."""


def violations_of_reply(reading: Reading, response: Response) -> tuple[Violation, ...]:
    """The violations of the response to a request; those of the request itself are left out."""
    sent = response._replace(headers=(*response.headers, ("content-length", str(len(response.body)))))
    whole = Reading(reading.operation, Exchange(reading.request, sent), reading.path_values, reading.headers)
    return tuple(violation for violation in judge_reading(whole) if violation.where.startswith("response."))
