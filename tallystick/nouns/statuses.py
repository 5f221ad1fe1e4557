"""The phrases of HTTP's status codes, the same on every Python."""

from __future__ import annotations

from http import HTTPStatus

_PHRASES = {status.value: status.phrase for status in HTTPStatus} | {
    # Python 3.13 took the words of RFC 9110 for these; what we print must not depend on the Python that runs us.
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    416: "Requested Range Not Satisfiable",
    422: "Unprocessable Entity",
}


def phrase_of(status: int) -> str:
    """The phrase of a status code; "" where HTTP knows none."""
    return _PHRASES.get(status, "")
