"""What differs between a request and a request pattern: nothing where the pattern means the request."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from tallystick.mock.patterns.pattern import RequestPattern
from tallystick.mock.responders.matching import is_part, is_same_value
from tallystick.nouns.contract import Operation
from tallystick.nouns.exchange import Request
from tallystick.nouns.json_pointer import to_pointer
from tallystick.nouns.json_value import JSON
from tallystick.nouns.path_templates import template_names
from tallystick.wire.fields import fields_of
from tallystick.wire.reading import Reading, headers_by_name, reader_of
from tallystick.wire.values import MISSING, decode, decode_field
from tallystick.wire.write import text_of


class Difference(NamedTuple):
    """One value that is not as it is expected; MISSING stands for one that is not there, or must not be there."""

    where: str
    """`operation`, `path.id`, `query.limit`, `header.X-Tenant`, `cookie.a`, `body/name`."""
    expected: object
    actual: object


class Call:
    """A request as a request pattern looks at it; `reading` is None where the request reached no operation."""

    def __init__(self, request: Request, reading: Reading | None, contract: str, prefix: str = "") -> None:
        self.request = request
        self.reading = reading
        self.contract = contract
        self.prefix = prefix

    @property
    def operation(self) -> Operation | None:
        """The operation that the request reached."""
        return self.reading.operation if self.reading is not None else None

    @cached_property
    def targets(self) -> Sequence[str]:
        """The path of the request, as it was sent and below the prefix, with the method and without."""
        method, path = self.request.method, self.request.path
        raw = (path, self.prefix + path) if self.prefix else (path,)
        paths = dict.fromkeys(each for text in raw for each in (text, decode(text)[0]))
        return [*(f"{method} {each}" for each in paths), *paths]

    @cached_property
    def headers(self) -> Mapping[str, str]:
        return self.reading.headers if self.reading is not None else headers_by_name(self.request.headers)

    @cached_property
    def query(self) -> Mapping[str, Sequence[str]]:
        return self.reading.query if self.reading is not None else fields_of(self.request.query)

    @cached_property
    def cookies(self) -> Mapping[str, Sequence[str]]:
        return self.reading.cookies if self.reading is not None else {}

    @cached_property
    def documented(self) -> Mapping[tuple[str, str], object]:
        """The values of the documented parameters that were sent and can be read, by location and name."""
        if self.reading is None:
            return {}
        values: dict[tuple[str, str], object] = {}
        for parameter, read in reader_of(self.reading.operation).parameters:
            value, fault = read(self.reading)
            if value is not MISSING and not fault:
                name = parameter.name.lower() if parameter.location == "header" else parameter.name
                values[parameter.location, name] = value
        return values

    @cached_property
    def path_texts(self) -> Mapping[str, str]:
        """The decoded texts in the path, by the names of the template."""
        if self.reading is None or self.reading.path_values is None:
            return {}
        names = template_names(self.reading.operation.path)
        return {name: decode(raw)[0] for name, raw in zip(names, self.reading.path_values, strict=False)}

    @cached_property
    def body(self) -> object:
        """The value of the body: as the contract reads it, else as JSON, else its text; MISSING where there is none."""
        if not self.request.body:
            return MISSING
        if self.reading is not None:
            body = self.reading.body
            if body.format is not None and not body.fault and body.value is not MISSING:
                return body.value
        try:
            return json.loads(self.request.body)
        except (ValueError, RecursionError):
            return self.request.body.decode("utf-8", "replace")

    def texts(self, location: str, name: str) -> Sequence[str]:
        """The decoded texts that were sent under a name; none where nothing was."""
        if location == "path":
            return [self.path_texts[name]] if name in self.path_texts else []
        if location == "query":
            return [decode_field(raw)[0] for raw in self.query.get(name, ())]
        if location == "header":
            return [self.headers[name]] if name in self.headers else []
        return list(self.cookies.get(name, ()))

    def value(self, location: str, name: str) -> object:
        """What was sent under a name: as the contract reads it, else its text (or texts); MISSING for nothing."""
        value = self.documented.get((location, name), MISSING)
        if value is not MISSING:
            return value
        texts = self.texts(location, name)
        return MISSING if not texts else texts[0] if len(texts) == 1 else list(texts)


def differences(pattern: RequestPattern, call: Call) -> Iterator[Difference]:
    """Each value of a request that is not as a pattern expects it."""
    if not pattern.names(call.operation, call.targets):
        yield Difference("operation", pattern.label, call.operation.label if call.operation else call.targets[0])
    if pattern.contract and pattern.contract != call.contract:
        yield Difference("contract", pattern.contract, call.contract or MISSING)
    for location, values in (
        ("path", pattern.path),
        ("query", pattern.query),
        ("header", pattern.headers),
        ("cookie", pattern.cookies),
    ):
        for name, expected in values.items():
            if not _is_sent(expected, call, location, name):
                where = f"{location}.{_title(name) if location == 'header' else name}"
                yield Difference(where, MISSING if expected is None else expected, call.value(location, name))
    if pattern.body is not MISSING:
        yield from _in_body(pattern.body, call.body, ())


def is_meant(pattern: RequestPattern, call: Call) -> bool:
    """Whether a pattern means a request."""
    return next(differences(pattern, call), None) is None


def _is_sent(expected: JSON, call: Call, location: str, name: str) -> bool:
    """Whether an expected value was sent: as the contract reads it, or as its text. Null expects nothing."""
    texts = call.texts(location, name)
    documented = call.documented.get((location, name), MISSING)
    if expected is None:
        return not texts and documented is MISSING
    if documented is not MISSING and is_same_value(expected, documented):
        return True
    return list(texts) == [text_of(each) for each in (expected if isinstance(expected, list) else [expected])]


def _in_body(expected: object, actual: object, way: tuple[str, ...]) -> Iterator[Difference]:
    """The differences in a part of a body."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for name, member in expected.items():
            yield from _in_body(member, actual.get(name, MISSING), (*way, name))
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, pair in enumerate(zip(expected, actual, strict=True)):
            yield from _in_body(*pair, (*way, str(index)))
    elif actual is MISSING or not is_part(expected, actual):  # type: ignore[arg-type]  # it is JSON
        yield Difference(f"body{to_pointer(way)}", expected, actual)


def _title(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))
