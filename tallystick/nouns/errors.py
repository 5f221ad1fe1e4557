"""The errors that stop a command: one class and one exit code for each kind of cause."""

from __future__ import annotations

import enum


class Exit(enum.IntEnum):
    """The exit code of every command."""

    CLEAN = 0
    """The work was done, and nothing is wrong."""
    VIOLATIONS = 1
    """The work was done, and it found violations (or drift, or findings)."""
    USAGE = 2
    """A flag, an argument or the configuration is wrong; nothing was done."""
    UNREACHABLE = 3
    """A file, a reference, a port or a server could not be read or reached."""
    PARTIAL = 4
    """A part of the work was done, and nothing is wrong there; the time was up before the rest."""
    FAULT = 70
    """tallystick itself has a fault (`EX_SOFTWARE` of sysexits.h)."""


class TallystickError(Exception):
    """An error that a user can mend: one message that says where and what would have worked.

    `code` is the exit code with which a command ends when nobody catches it.
    """

    code: Exit = Exit.USAGE


class UsageError(TallystickError):
    """The command line or the configuration asks for something that cannot be done."""

    code = Exit.USAGE


class UnreachableError(TallystickError):
    """A server, a port or an application cannot be reached, or a library that a command needs cannot be used."""

    code = Exit.UNREACHABLE


class UnreadableError(TallystickError):
    """A file or a reference cannot be read, or is not what it should be.

    `file` is the path as the user knows it; `line` counts from 1, and 0 means the file as a whole.
    """

    code = Exit.UNREACHABLE

    def __init__(self, file: str, line: int, fact: str) -> None:
        self.file = file
        self.line = line
        self.fact = fact
        super().__init__(f"{file}:{line}: {fact}" if line else f"{file}: {fact}")


class NotFollowedError(UnreadableError):
    """A reference leads where the user has not allowed it to go: another folder, or a host."""


class WrongReferenceError(UnreadableError):
    """A reference that is wrong in itself, whatever other files there are.

    It is no URI, names no file, or leads nowhere (or back to itself) within its own document.
    """
