"""Times on the command line and in the configuration: `200ms`, `1.5s`."""

from __future__ import annotations

import re

import click

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*(ms|s)", re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1.0}


def seconds_of(text: str, most_seconds: float) -> float:
    """The seconds of a time with its unit, up to a limit; 0 for an empty text."""
    if not text:
        return 0.0
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise click.BadParameter(f"{text!r} is no time; write it with its unit, as in 200ms or 1.5s")
    seconds = float(match[1]) * _SECONDS[match[2]]
    if seconds > most_seconds:
        raise click.BadParameter(f"{text!r} is more than {most_seconds:g}s")
    return seconds
