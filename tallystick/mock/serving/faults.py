"""What uvicorn and asyncio log of faults, in one line each: a traceback is for those who ask for it."""

from __future__ import annotations

import asyncio
import logging
import os
import sys

from tallystick.nouns.printing import print_error


class _Lines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is None or isinstance(error, asyncio.CancelledError | OSError):
            return  # a request that was cut off at the end, or a client that has gone
        print_error(f"tallystick: a fault of tallystick itself: {type(error).__name__}: {error}")
        if os.environ.get("TALLYSTICK_DEBUG"):
            sys.excepthook(type(error), error, error.__traceback__)


def tell_faults(*loggers: str) -> None:
    """Print the exceptions that loggers hear of, a line each; all else that they hear of is not for users."""
    for name in loggers:
        logger = logging.getLogger(name)
        logger.handlers = [_Lines()]
        logger.propagate = False
