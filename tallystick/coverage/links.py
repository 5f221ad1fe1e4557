"""Which links of a contract were followed: a later request has the values that the link takes from a response."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import NamedTuple, cast
from urllib.parse import unquote

from tallystick.coverage.parts import Part
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract, Link, Operation
from tallystick.nouns.json_pointer import part_at, to_keys
from tallystick.nouns.json_value import JSON
from tallystick.wire.bodies import UNJUDGED
from tallystick.wire.reading import Reading, reader_of
from tallystick.wire.values import MISSING


class _Offer(NamedTuple):
    """A link in a response: the values that a request has which follows it, by parameter."""

    part: Part
    values: Mapping[str, str]


class Links:
    """The links that responses had, until they are followed; several threads may use it."""

    def __init__(self, contract: Contract) -> None:
        self.by_id = {operation.operation_id: operation for operation in contract if operation.operation_id}
        self.by_pointer = {operation.place.pointer: operation for operation in contract}
        self._lock = threading.Lock()
        self._offers: dict[str, OrderedDict[tuple[Part, frozenset[tuple[str, str]]], _Offer]] = {}

    def target(self, link: Link) -> Operation | None:
        """The operation that a link leads to; None for one of another document, and for none."""
        if link.operation_id is not None:
            return self.by_id.get(link.operation_id)
        return self.by_pointer.get(unquote((link.operation_ref or "").partition("#")[2]))

    def offer(self, part: Part, link: Link, reading: Reading) -> None:
        """Keep what a link in a response leads to."""
        target = self.target(link)
        if target is None:
            return
        values = {name: value for name, expression in link.parameters.items() if (value := _value(expression, reading))}
        key = part, frozenset(values.items())
        with self._lock:
            offers = self._offers.setdefault(target.label, OrderedDict())
            offers[key] = _Offer(part, values)
            if len(offers) > budgets.COVERAGE_LINKS:
                offers.popitem(last=False)

    def follow(self, reading: Reading, seen: set[Part]) -> None:
        """Add the links that an accepted request follows to what was seen."""
        offers = self._offers.get(reading.operation.label)
        if not offers:
            return
        sent = dict(_sent(reading))
        with self._lock:
            for key, offer in list(offers.items()):
                if offer.part in seen:
                    del offers[key]
                elif all(sent.get(name) == value for name, value in offer.values.items()):
                    seen.add(offer.part)
                    del offers[key]


def _sent(reading: Reading) -> Iterator[tuple[str, str]]:
    """The values of the parameters of a request, by name, and by place and name."""
    for parameter, read in reader_of(reading.operation).parameters:
        value, _ = read(reading)
        if value is not MISSING:
            yield parameter.where, _text(value)
            yield parameter.name, _text(value)


def _value(expression: JSON, reading: Reading) -> str:
    """The value that a parameter of a link gets (OpenAPI 3.1, section 4.8.20.4), as a text; "" for none."""
    if not isinstance(expression, str) or not expression.startswith("$"):
        return _text(expression)
    source, _, rest = expression[1:].partition(".")
    match source, rest.partition(".")[0].partition("#")[0]:
        case "response", "body":
            return _part(reading.response_body.value, rest)
        case "response", "header":
            return reading.response_headers.get(rest.partition(".")[2].lower(), "")
        case "request", "body":
            return _part(reading.body.value, rest)
        case "request", "path" | "query" | "header":
            return dict(_sent(reading)).get(rest, "")
    return ""


def _part(value: object, rest: str) -> str:
    """The part of a body that an expression points to."""
    if value is MISSING or value is UNJUDGED:
        return ""
    try:
        return _text(part_at(cast("JSON", value), to_keys(rest.partition("#")[2])))
    except KeyError:
        return ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
