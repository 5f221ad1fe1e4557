"""What an email address is, to both servers: RFC 5321 has more of them than a pattern that a person would write."""

from __future__ import annotations

import jsonschema_rs

_EMAIL = jsonschema_rs.validator_for({"type": "string", "format": "email"}, validate_formats=True)


def is_email(value: object) -> bool:
    """Whether a value is an email address."""
    return _EMAIL.is_valid(value)
