"""What a test of a finding asserts of its last response, where the judge of one exchange does not decide it."""

from __future__ import annotations

from tallystick.fuzz.rules import (
    IGNORED_AUTH,
    NEGATIVE_DATA_REJECTION,
    NOT_A_SERVER_ERROR,
    POSITIVE_DATA_ACCEPTANCE,
    UNSUPPORTED_METHOD,
)
from tallystick.rules.sequence.lives import ENSURE_RESOURCE_AVAILABILITY, USE_AFTER_FREE

ASSERTIONS = {
    NOT_A_SERVER_ERROR.id: "assert response.status_code < 500",
    POSITIVE_DATA_ACCEPTANCE.id: "assert response.ok",
    NEGATIVE_DATA_REJECTION.id: "assert 400 <= response.status_code < 500",
    IGNORED_AUTH.id: "assert response.status_code in (401, 403)",
    UNSUPPORTED_METHOD.id: 'assert response.status_code == 405 and "Allow" in response.headers',
    USE_AFTER_FREE.id: "assert response.status_code in (404, 410)",
    ENSURE_RESOURCE_AVAILABILITY.id: "assert response.ok",
}
"""Statements of Python, by the ids of rules; `response` is one of `requests`."""
