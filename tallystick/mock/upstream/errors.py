"""Why an upstream gave no reply, or no whole one."""

from __future__ import annotations

DOWN, SLOW = "down", "slow"
"""The words of `--remock` for an upstream that cannot be reached, and for one whose reply does not come in time."""


class UpstreamError(Exception):
    """An upstream gave no reply, or no whole one; the message is a fact, `word` is that of `--remock`."""

    word = DOWN


class DownError(UpstreamError):
    """It cannot be reached."""


class SlowError(UpstreamError):
    """The head of its reply did not come in time."""

    word = SLOW


class BrokenError(UpstreamError):
    """It closed the connection before its reply was there as a whole, or sent what is no HTTP.

    `is_untouched` says that no byte of a reply had come.
    """

    def __init__(self, fact: str, is_untouched: bool = False) -> None:
        super().__init__(fact)
        self.is_untouched = is_untouched


class ClientLeftError(UpstreamError):
    """Nobody waits for the reply any more."""
