"""Times on the command line, as errors of click where they are wrong."""

from __future__ import annotations

import click

from tallystick.nouns.durations import seconds_of


def seconds_given(text: str, most_seconds: float) -> float:
    """The seconds of a time with its unit, up to a limit; 0 for an empty text."""
    if not text:
        return 0.0
    try:
        seconds = seconds_of(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r}: {error}") from error
    if seconds > most_seconds:
        raise click.BadParameter(f"{text!r} is more than {most_seconds:g}s")
    return seconds
