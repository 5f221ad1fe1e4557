"""A moment as JSON has it."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(seconds: float) -> str:
    """A Unix time as a date-time (RFC 3339): `2030-01-31T09:00:00.000Z`; raises `ValueError` or kin for none."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
