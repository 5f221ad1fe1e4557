"""Reads scenario files: a contract, exchanges, and what in each of them breaks the contract."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tallystick.documents.text import parse
from tallystick.exchanges.members import list_at, object_at, status_at, text_at
from tallystick.exchanges.recorded import OddEntryError
from tallystick.files.kinds import reason
from tallystick.files.reading import read_whole
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.exchange import Exchange, Headers, Request, Response
from tallystick.nouns.json_value import JSON
from tallystick.nouns.violation import Violation
from tallystick.rules.judge import judge
from tallystick.wire.reading import operation_for

END = ".scenario.yaml"
"""What the names of scenario files end in."""
_BODIES = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "text": "text/plain",
    "base64": "application/octet-stream",
}
"""The members that a body may stand in, with the media type that goes with each."""


@dataclass(frozen=True, slots=True)
class Described:
    """An exchange of a scenario, and the lines that say what breaks the contract in it; its response may be missing."""

    exchange: Exchange
    violations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario; `contract` is the name of a file as seen from the folder of the scenario, or a URL."""

    file: str
    sentence: str
    contract: str
    exchanges: tuple[Described, ...]


def read_scenario(file: Path) -> Scenario:
    """The scenario in a file; raises `UnreadableError`."""
    try:
        text = read_whole(file, is_named=True).decode()
    except (OSError, ValueError) as error:
        raise UnreadableError(str(file), 0, f"cannot be read: {reason(error)}") from None
    value = parse(text, str(file))
    try:
        if not isinstance(value, dict):
            raise OddEntryError("an object with `sentence`, `contract` and `exchanges` was expected")
        exchanges = [_described(each) for each in list_at(value, "exchanges")]
        return Scenario(str(file), text_at(value, "sentence"), text_at(value, "contract"), tuple(exchanges))
    except OddEntryError as error:
        raise UnreadableError(str(file), 0, f"is no scenario: {error}") from None


def violation_lines(contract: Contract, exchange: Exchange) -> list[str]:
    """What breaks the contract in an exchange, a line each, as scenarios have it; none where no operation is for it."""
    found = operation_for(contract, exchange.request.method, exchange.request.path, exchange.request)
    return [violation_line(each) for each in judge(found[0], exchange)] if found is not None else []


def violation_line(violation: Violation) -> str:
    """A violation as scenarios have it."""
    return f"{violation.where} | {violation.rule} | {violation.message}"


def _described(value: JSON) -> Described:
    if not isinstance(value, dict):
        raise OddEntryError("exchanges: an object with `send` was expected")
    method, _, target = text_at(value, "send").partition(" ")
    path, _, query = target.partition("?")
    request = Request(method.upper(), path, query, *_message(value))
    response = None
    if "response" in value:
        answered = object_at(value, "response")
        response = Response(status_at(answered, "status"), *_message(answered))
    lines = tuple(str(line) for line in list_at(value, "violations"))
    return Described(Exchange(request, response), lines)


def _message(holder: Mapping[str, JSON]) -> tuple[Headers, bytes]:
    """The header fields and the body of a message."""
    body, content_type = b"", ""
    for name, media_type in _BODIES.items():
        if name in holder:
            body, content_type = _body(holder, name), media_type
    described = {name.lower(): value for name, value in object_at({"headers": {}, **holder}, "headers").items()}
    if content_type:
        described.setdefault("content-type", content_type)
    fields = [
        (name, str(each).encode().decode("latin-1"))
        for name, values in described.items()
        for each in (values if isinstance(values, list) else [values])
    ]
    return tuple(fields), body


def _body(holder: Mapping[str, JSON], name: str) -> bytes:
    if name == "json":
        return json.dumps(holder[name], ensure_ascii=False).encode("utf-8", "backslashreplace")
    text = text_at(holder, name)
    if name != "base64":
        return text.encode()
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise OddEntryError("base64: a text in base64 was expected") from None
