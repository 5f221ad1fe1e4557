"""Facts of HTTP's status codes: their phrases, the same on every Python, and which of them speak of circumstances."""

from __future__ import annotations

from http import HTTPStatus

_PHRASES = {status.value: status.phrase for status in HTTPStatus} | {
    # Python 3.13 took the words of RFC 9110 for these; what we print must not depend on the Python that runs us.
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    416: "Requested Range Not Satisfiable",
    422: "Unprocessable Entity",
}

CIRCUMSTANCES = frozenset(
    (
        *(401, 402, 403, 407, 451),  # who asks, and what they may
        *(404, 409, 410, 412, 416, 423, 424, 428),  # the state of the resource
        *(408, 421, 425, 426, 429),  # the moment, and the connection
        *(503, 504, 507, 511),  # the state of the server, and of what is around it
    )
)
"""The statuses that refuse a request for circumstances, not for what it says: it may succeed at another time.

RFC 9110, sections 15.5 and 15.6; RFC 6585; RFC 4918, section 11; RFC 7725; RFC 8470, section 5.2.
"""


def phrase_of(status: int) -> str:
    """The phrase of a status code; "" where HTTP knows none."""
    return _PHRASES.get(status, "")
