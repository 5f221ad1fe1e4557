"""Whom a change hits: recordings of what consumers send are looked at, and judged by the new contract."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote_plus

from tallystick.exchanges.reading import read_traffic
from tallystick.exchanges.recorded import Recording
from tallystick.exchanges.recording.folder import is_recording
from tallystick.exchanges.traffic import OwnExchange, traffic_of
from tallystick.nouns.change import Change, Consumer
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.exchange import Exchange, Headers, Request
from tallystick.nouns.violation import Severity
from tallystick.reports.results import Compared
from tallystick.rules.judge import judge
from tallystick.wire.reading import operation_for
from tallystick.wire.values import read_json

_SUFFIXES = (".har", ".json", ".jsonl", ".flow", ".flows", ".mitm")
_WHOLE = ("", "path", "security")
"""What a change names that concerns each request of an operation."""

Recordings = Mapping[str, Sequence[Recording]]
"""What was recorded of each consumer, by its name."""


def read_consumers(paths: Sequence[str]) -> dict[str, list[Recording]]:
    """The recordings in files and folders, by consumer: the name of the file, or of its folder below the one given.

    Raises `UnreadableError` for the first that cannot be read.
    """
    consumers: dict[str, list[Recording]] = {}
    for path in paths:
        for name, file in _files(Path(path)):
            recording = read_traffic(str(file))
            for error in recording.broken:
                raise error
            consumers.setdefault(name, []).append(recording)
    return consumers


def _files(path: Path) -> Iterator[tuple[str, Path]]:
    if not path.is_dir():
        yield path.stem, path
        return
    if is_recording(path):
        yield path.name, path
        return
    below = sorted(path.rglob("*"))
    folders = [folder for folder in below if folder.is_dir() and is_recording(folder)]
    files = [file for file in below if file.suffix in _SUFFIXES and file.is_file() and file.parent not in folders]
    files = sorted([*folders, *files])
    if not files:
        expected = f"folders of `tallystick mock --record`, or files that end in {', '.join(_SUFFIXES)}"
        raise UnreadableError(str(path), 0, f"has no recordings; expected {expected}")
    for file in files:
        parts = file.relative_to(path).parts
        yield parts[0] if len(parts) > 1 else os.path.splitext(parts[0])[0], file


@dataclass(frozen=True, slots=True)
class _Seen:
    """A recorded exchange: the labels of its operation in both contracts, and what the new one refuses of it alone."""

    own: OwnExchange
    labels: frozenset[str]
    refused_at: frozenset[str]
    value: object
    """The body of the request, or None."""
    answered: object
    """The body of the response, or None."""


def with_consumers(pair: Compared, recordings: Recordings) -> Compared:
    """A compared contract whose changes say who was seen to use what has changed."""
    if pair.old is None:
        return replace(pair, changes=[replace(change, consumers=()) for change in pair.changes])
    seen = {
        name: [_seen(own, pair.new) for own in traffic_of(pair.old, recorded).own]
        for name, recorded in recordings.items()
    }
    changes = []
    for change in pair.changes:
        found = (_consumer(name, change, exchanges) for name, exchanges in seen.items())
        changes.append(replace(change, consumers=tuple(each for each in found if each is not None)))
    return replace(pair, changes=changes)


def _seen(own: OwnExchange, new: Contract | None) -> _Seen:
    request, response = own.exchange
    found = operation_for(new, request.method, request.path, request) if new is not None else None
    refused: frozenset[str] = frozenset(_WHOLE)
    labels = {own.operation.label}
    if found is not None:
        labels.add(found[0].label)
        sent = Exchange(request)
        before = {each.where for each in judge(own.operation, sent)}
        refused = frozenset(
            "security" if each.rule.startswith("credentials-") else each.where
            for each in judge(found[0], sent)
            if each.severity is Severity.ERROR and each.where not in before
        )
    values = [_json(own.recorded.has_whole_request, request.body)]
    values.append(_json(own.recorded.has_whole_response, response.body) if response is not None else None)
    return _Seen(own, frozenset(labels), refused, *values)


def _json(is_whole: bool, octets: bytes) -> object:
    if not is_whole or not octets:
        return None
    value, fault = read_json(octets)
    return None if fault else value


def _consumer(name: str, change: Change, exchanges: Sequence[_Seen]) -> Consumer | None:
    used = refused = 0
    last = 0.0
    labels = {change.operation, *change.others} - {""}
    for seen in exchanges:
        if labels and labels.isdisjoint(seen.labels):
            continue
        is_refused = any(_is_around(where, change.where) for where in seen.refused_at)
        if is_refused or _uses(seen, change):
            used += seen.own.recorded.count
            refused += seen.own.recorded.count if is_refused else 0
            last = max(last, seen.own.recorded.started)
    return Consumer(name, used, refused, last) if used else None


def _is_around(where: str, part: str) -> bool:
    """Whether a violation is about the part that has changed, or something around or in it; an index is any index."""
    if where == part:
        return True
    one, other = (tuple("0" if step.isdigit() else step for step in text.split("/")) for text in (where, part))
    shorter = min(len(one), len(other))
    return bool(where) and bool(part) and one[:shorter] == other[:shorter]


def _uses(seen: _Seen, change: Change) -> bool:
    """Whether an exchange has the part that has changed."""
    where = change.where
    if where in _WHOLE or change.rule.endswith(("-parameter-added", "-became-required")):
        return True
    head, _, pointer = where.partition("/")
    steps = pointer.split("/") if pointer else []
    request, response = seen.own.exchange
    location, _, name = head.partition(".")
    if location == "response":
        status, _, part = name.partition(".")
        if response is None or not _covers(status, response.status):
            return False
        if part.startswith("header."):
            return _has_header(response.headers, part.removeprefix("header."))
        return not steps or _has(seen.answered, steps)
    if location == "body":
        return bool(request.body) and (not steps or _has(seen.value, steps))
    return location == "path" or _has_parameter(request, location, name)


def _covers(key: str, status: int) -> bool:
    return key in (str(status), "default") or (key[1:].upper() == "XX" and key[:1] == str(status)[:1])


def _has_parameter(request: Request, location: str, name: str) -> bool:
    if location == "header":
        return _has_header(request.headers, name)
    if location == "cookie":
        cookies = (value for field, value in request.headers if field == "cookie")
        return any(pair.strip().partition("=")[0] == name for value in cookies for pair in value.split(";"))
    names = (unquote_plus(field.partition("=")[0]) for field in request.query.split("&"))
    return any(field == name or field.startswith(f"{name}[") for field in names)


def _has_header(headers: Headers, name: str) -> bool:
    return any(field == name.lower() for field, _ in headers)


def _has(value: object, steps: Sequence[str]) -> bool:
    """Whether a value has a part at the end of some steps; each item of an array is looked at."""
    if not steps:
        return True
    if isinstance(value, list):
        return any(_has(item, steps[1:]) for item in value)
    if isinstance(value, dict):
        if steps[0] in value:
            return _has(value[steps[0]], steps[1:])
        return steps[0] == "extraProperty" and any(_has(item, steps[1:]) for item in value.values())
    return False
