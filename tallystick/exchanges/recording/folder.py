"""Reads the folder of a recording: its exchanges, in the order in which they were recorded."""

from __future__ import annotations

import os
import re
from functools import partial
from pathlib import Path

from tallystick.documents.text import read
from tallystick.exchanges.recorded import OddEntryError, Recorded, Recording
from tallystick.exchanges.recording.layout import recorded_in
from tallystick.files.kinds import reason
from tallystick.files.reading import read_whole
from tallystick.nouns import budgets
from tallystick.nouns.errors import UnreadableError

_EXCHANGE = re.compile(r"(?!\.).*(?<!\.request)(?<!\.response)\.ya?ml")
"""The names of files that have an exchange; those of bodies beside them end in `.request.yaml`, too."""
_NUMBERED = re.compile(r"(\d{1,9})-")
_EXPECTED = "a file of a recording has the members `request` and `response`"


def number_of(name: str) -> int:
    """The number that the name of a file begins with, 0 for none."""
    match = _NUMBERED.match(name)
    return int(match[1]) if match else 0


def exchange_files(folder: Path) -> list[str]:
    """The names of the files in a folder that have exchanges, in their order; raises `OSError`."""
    names = [name for name in os.listdir(folder) if _EXCHANGE.fullmatch(name)]
    return sorted(names, key=lambda name: (number_of(name), name))


def is_recording(folder: Path) -> bool:
    """Whether a folder has files with the names of recorded exchanges."""
    try:
        return any(_NUMBERED.match(name) for name in exchange_files(folder))
    except OSError:
        return False


def read_recording(folder: str) -> Recording:
    """The exchanges of a recording; those that cannot be read are told by `Recording.broken`.

    Raises `UnreadableError` where the folder cannot be read, has no exchange, or has more than the budgets allow.
    """
    try:
        names = exchange_files(Path(folder))
    except (OSError, ValueError) as error:
        raise UnreadableError(folder, 0, f"cannot be read: {reason(error)}") from None
    if not names:
        raise UnreadableError(folder, 0, "is no recording: it has no file such as 0001-GET-pets.yaml")
    if len(names) > budgets.RECORDED_EXCHANGES:
        raise UnreadableError(
            folder, 0, f"has {len(names):,} exchanges; at most {budgets.RECORDED_EXCHANGES:,} are read"
        )
    recording, left = Recording(folder), [budgets.TRAFFIC_BYTES]
    for name in names:
        try:
            recording.exchanges.append(_read_exchange(Path(folder), name, left))
        except UnreadableError as error:
            if left[0] < 0:
                raise
            recording.broken.append(error)
    if not recording.exchanges and recording.broken:
        raise recording.broken[0]
    return recording


def _read_exchange(folder: Path, name: str, left: list[int]) -> Recorded:
    """The exchange of a file; `left` is how many bytes may be read still. Raises `UnreadableError`."""
    file = str(folder / name)
    octets = _octets(folder, name, left)
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        raise UnreadableError(file, line, "it is not UTF-8") from None
    value, line_of = read(text, file)
    if not isinstance(value, dict) or "request" not in value or "response" not in value:
        raise UnreadableError(file, 1, f"no exchange; {_EXPECTED}")
    try:
        return recorded_in(value, file, partial(_beside, folder, left=left))
    except OddEntryError as error:
        way = str(error).partition(":")[0]
        raise UnreadableError(file, line_of(tuple(way.split("."))), str(error)) from None


def _beside(folder: Path, name: str, left: list[int]) -> bytes:
    """The bytes of a body beside its exchange; one of another folder is never read."""
    if name in ("", ".", "..") or os.path.basename(name) != name or (folder / name).is_symlink():
        raise OddEntryError(f"file: {name!r} is no name of a file in this folder")
    try:
        return _octets(folder, name, left)
    except UnreadableError as error:
        if left[0] < 0:
            raise
        raise OddEntryError(f"file: {name}: {error.fact}") from None


def _octets(folder: Path, name: str, left: list[int]) -> bytes:
    try:
        octets = read_whole(folder / name)
    except (OSError, ValueError) as error:
        raise UnreadableError(str(folder / name), 0, f"cannot be read: {reason(error)}") from None
    left[0] -= len(octets)
    if left[0] < 0:
        raise UnreadableError(
            str(folder), 0, f"is larger than {budgets.TRAFFIC_BYTES >> 20} MiB; record less into one folder"
        )
    return octets
