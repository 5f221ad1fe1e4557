"""Times with their unit, as flags, the configuration and headers have them: `200ms`, `1.5s`, `2min`, `24h`."""

from __future__ import annotations

import re

NUMBER = r"(?:\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})"
_DURATION = re.compile(rf"({NUMBER})\s*(ms|s|sec|seconds?|m|min|h)", re.IGNORECASE | re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


def seconds_of(text: str, examples: str = "200ms or 2s") -> float:
    """The seconds of a time; raises `ValueError`, which says what would have worked."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        hint = f"; a unit is missing, as in {text.strip()}ms" if re.fullmatch(NUMBER, text.strip()) else ""
        raise ValueError(f"a time was expected, such as {examples}{hint}")
    return float(match[1]) * _SECONDS[match[2].lower()]
