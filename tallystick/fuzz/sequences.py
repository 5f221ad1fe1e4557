"""Sequences of requests, of which later ones have values from earlier responses: written down, and sent again.

A value that one response gives to a later request has a name. In a request, `{{name}}` stands for it: in the path and
the query percent-encoded, in header fields and texts as it is. In a JSON body, the text `"{{name|number}}"` stands for
a number.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from tallystick.nouns.exchange import Request, Response
from tallystick.nouns.json_pointer import part_at, to_keys
from tallystick.nouns.path_templates import template_names

LOCATION, ETAG = "location", "etag"


@dataclass(frozen=True, slots=True)
class Capture:
    """A value that is taken from a response: from a part of its JSON body, or from a header field.

    Of `Location` it is the last segment.
    """

    name: str
    pointer: str = ""
    header: str = ""

    @property
    def token(self) -> str:
        """What stands for the value in a request."""
        return "{{" + self.name + "}}"

    def called(self, name: str) -> Capture:
        """The same value under another name."""
        return replace(self, name=name)

    def value_in(self, response: Response) -> str | None:
        """The value in a response; None where there is none."""
        if self.header:
            text = next((value for name, value in response.headers if name == self.header), None)
            if text is None or self.header != LOCATION:
                return text
            return unquote(text.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]) or None
        try:
            value = part_at(json.loads(response.body), to_keys(self.pointer))
        except (ValueError, RecursionError, LookupError, TypeError):
            return None
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            return None
        return value if isinstance(value, str) else json.dumps(value)


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a sequence, and what its response gives to later ones."""

    request: Request
    captures: tuple[Capture, ...] = ()
    is_accepted: bool = False
    """Whether it was accepted when it was sent first."""
    is_authorized: bool = False
    """Whether credentials are added to it when it is sent."""
    is_needed: bool = False
    """Whether later ones need what it does, though they take no value from its response."""


def as_number(token: str) -> str:
    """The text that stands for a number in a JSON body."""
    return token.replace("}}", "|number}}")


def filled(request: Request, values: Mapping[str, str]) -> Request:
    """A request with values in the places of their names."""
    path, query, headers, body = request.path, request.query, request.headers, request.body
    for name, value in values.items():
        token = "{{" + name + "}}"
        path = path.replace(token, quote(value, safe=""))
        query = query.replace(token, quote(value, safe=""))
        headers = tuple((field, text.replace(token, value)) for field, text in headers)
        if token[:-2].encode() in body:
            body = body.replace(json.dumps(as_number(token)).encode(), value.encode("utf-8", "replace"))
            body = body.replace(token.encode(), json.dumps(value, ensure_ascii=False)[1:-1].encode("utf-8", "replace"))
    return Request(request.method, path, query, headers, body)


def with_path_value(request: Request, template: str, index: int, text: str) -> Request:
    """A request with another text in the place of one of the names of its path template; `index` is that of the name.

    The request stays as it is where the name shares its segment with something else.
    """
    segments, parts = request.path.split("/"), template.split("/")
    first = len(segments) - len(parts)  # a base path may stand before the template
    positions = [position for position, part in enumerate(parts) for _ in template_names(part)]
    position = positions[index]
    if first < 0 or len(template_names(parts[position])) != 1 or parts[position][0] + parts[position][-1] != "{}":
        return request
    segments[first + position] = text
    return request._replace(path="/".join(segments))


def with_member(request: Request, way: Sequence[str | int], token: str) -> Request:
    """A request with a token in the place of one part of its JSON body."""
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return request
    return request._replace(body=json_bytes(_replaced(body, way, token)))


def json_bytes(value: object) -> bytes:
    """A JSON value as the body of a request."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _replaced(value: object, way: Sequence[str | int], token: str) -> object:
    """A copy of a value that has a token in the place at the end of a way."""
    if not way:
        return token if isinstance(value, str) else as_number(token)
    key, *rest = way
    if isinstance(value, dict) and key in value:
        return {**value, key: _replaced(value[key], rest, token)}
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        return [*value[:key], _replaced(value[key], rest, token), *value[key + 1 :]]
    return value


def scalars(value: object, way: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The texts and numbers in a JSON value, as texts, each with the way to it."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from scalars(member, (*way, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from scalars(item, (*way, index))
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield way, value if isinstance(value, str) else json.dumps(value)
