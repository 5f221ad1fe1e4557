"""Writes a changed text back into the file that a document was read from, in the encoding that the file has."""

from __future__ import annotations

from pathlib import Path

from tallystick.documents.encoding import encoded_as
from tallystick.documents.sources import decoded
from tallystick.files.kinds import reason
from tallystick.files.reading import read_whole
from tallystick.files.writing import write_whole
from tallystick.nouns.errors import UnreadableError


def has_text(file: str, text: str) -> bool:
    """Whether a file has just this text: not where it is an address, standard input, or was changed since."""
    return _octets_with(file, text) is not None


def rewrite(file: str, before: str, after: str) -> None:
    """Give a file another text; raises `UnreadableError` where it has another one than before, or cannot be written."""
    octets = _octets_with(file, before)
    if octets is None:
        raise UnreadableError(file, 0, "cannot be written: it is no file, or was changed since it was read; try again")
    try:
        write_whole(Path(file), encoded_as(octets, after))
    except (OSError, ValueError) as error:
        raise UnreadableError(file, 0, f"cannot be written: {reason(error)}") from None


def _octets_with(file: str, text: str) -> bytes | None:
    """The bytes of a file that has a text; None where it has another one."""
    try:
        octets = read_whole(Path(file))
        return octets if decoded(octets, file) == text else None
    except (OSError, ValueError, UnreadableError):
        return None
