"""The second half of the gate: a reply is judged as its request was."""

from __future__ import annotations

from tallystick.mock.problem import KIND
from tallystick.nouns import budgets
from tallystick.nouns.exchange import Exchange, Response
from tallystick.nouns.violation import Violation
from tallystick.rules.exchange.headers import RESPONSE_HEADER_MISSING
from tallystick.rules.judge import judge_reading
from tallystick.wire.codings import CodingError, decode_body
from tallystick.wire.reading import Reading

FRAMING = frozenset(
    ("content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection", "trailer", "date")
)
"""Header fields that say how and when a response is sent; the server writes them."""
_OF_BYTES = (
    "content-encoding",
    "content-range",
    "accept-ranges",
    "content-md5",
    "digest",
    "content-digest",
    "repr-digest",
)
NOT_FROM_EXAMPLES = FRAMING | {*_OF_BYTES, "upgrade", "te", "alt-svc", KIND}
"""Header fields that are true of a response only if something was done for them, which an example cannot do."""

_ADDED_LATER = frozenset(f"response.header.{name}" for name in ("date", KIND))


def violations_of_reply(reading: Reading, response: Response) -> tuple[Violation, ...]:
    """The violations of the response to a request; those of the request itself are left out."""
    sent = response._replace(headers=(*response.headers, ("content-length", str(len(response.body)))))
    coding = next((value for name, value in response.headers if name == "content-encoding"), "")
    if coding:
        sent = sent._replace(body=_decoded(response.body, coding))
    whole = Reading(reading.operation, Exchange(reading.request, sent), reading.path_values, reading.headers)
    return tuple(
        violation
        for violation in judge_reading(whole)
        if violation.where.startswith("response.") and not _is_added_later(violation)
    )


def _decoded(body: bytes, coding: str) -> bytes:
    """The body of a reply without its coding; as it is where that cannot be undone."""
    try:
        return decode_body(body, coding, budgets.BODY_BYTES)
    except CodingError:
        return body


def _is_added_later(violation: Violation) -> bool:
    """Whether a header is missing that is added after a reply is judged."""
    return violation.rule == RESPONSE_HEADER_MISSING.id and violation.where.lower() in _ADDED_LATER
