"""Reads recorded traffic from a file or a folder, whichever program wrote it."""

from __future__ import annotations

import codecs
import json
import os
from pathlib import Path

from tallystick.exchanges.har import is_archive, read_archive
from tallystick.exchanges.journal import is_journal, read_journal
from tallystick.exchanges.mitmproxy import is_flows, read_flows
from tallystick.exchanges.recorded import OddEntryError, Recording
from tallystick.exchanges.recording.folder import read_recording
from tallystick.files.kinds import reason
from tallystick.files.reading import read_whole
from tallystick.nouns import budgets
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_value import JSON
from tallystick.wire.values import read_json

TRAFFIC = "a recording, a HAR file, a journal of tallystick mock or flows of mitmproxy was expected"
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
"""Byte order marks, with the encoding that each stands for."""


def read_traffic(file: str) -> Recording:
    """The exchanges in a file; raises `UnreadableError` where it has none that can be read."""
    found = read_source(file)
    if isinstance(found, Recording):
        return found
    raise no_traffic(file, found)


def read_source(file: str, expected: str = TRAFFIC) -> Recording | JSON:
    """The exchanges in a file or a folder, or the JSON value of a file that has none; raises `UnreadableError`."""
    if os.path.isdir(file):
        return read_recording(file)
    octets = bytes_of(file)
    try:
        if is_flows(octets):
            return read_flows(file, octets)
        value = json_in(file, octets, expected)
        if is_archive(value) and isinstance(value, dict):
            return read_archive(file, value)
        if is_journal(value) and isinstance(value, dict):
            return read_journal(file, value)
    except OddEntryError as error:
        raise UnreadableError(file, 0, f"{error}; {expected}") from None
    return value


def no_traffic(file: str, value: JSON, expected: str = TRAFFIC) -> UnreadableError:
    """The error for a JSON value that is no traffic."""
    return UnreadableError(file, 0, f"{_what(value)}; {expected}")


def bytes_of(file: str) -> bytes:
    """The bytes of a file that a user names; raises `UnreadableError`."""
    try:
        return read_whole(Path(file), is_named=True, most=budgets.TRAFFIC_BYTES)
    except (OSError, ValueError) as error:
        raise UnreadableError(file, 0, f"cannot be read: {reason(error)}") from None


def json_in(file: str, octets: bytes, expected: str) -> JSON:
    """The JSON value in a file, whatever its byte order mark; raises `UnreadableError` where it is none."""
    if not octets.strip():
        raise UnreadableError(file, 0, f"it is empty; {expected}")
    for mark, encoding in _MARKS:
        if octets.startswith(mark):
            octets = octets[len(mark) :].decode(encoding, "replace").encode("utf-8", "replace")
            break
    value, fault = read_json(octets)
    if not fault:
        return value  # type: ignore[return-value] # what orjson reads is JSON
    try:
        loaded: JSON = json.loads(octets)  # browsers write halves of surrogate pairs
    except (ValueError, RecursionError):
        raise UnreadableError(file, 0, f"{fault}; {expected}") from None
    return loaded


def _what(value: JSON) -> str:
    """What a JSON value is that is no traffic."""
    if isinstance(value, dict):
        names = ", ".join(map(repr, list(value)[:3]))
        kind = "an OpenAPI document" if "openapi" in value or "swagger" in value else "JSON"
        return f"it is {kind} with {names or 'no member'} at its top"
    return "it is JSON, and no object"
