"""Odd requests: values at the edges, texts for numbers, undeclared media types, and several requests at once."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from tallystick.fuzz.probes.drafts import Drafts, format_of, with_headers
from tallystick.fuzz.probes.prober import Prober
from tallystick.nouns.contract import Operation, Parameter
from tallystick.nouns.exchange import Request
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.nouns.schema import Direction, Schema
from tallystick.rules.sequence.declared import members
from tallystick.schemas.shapes import types_of
from tallystick.wire.negotiation import documented_format

_RIGHT_TO_LEFT = "\u202edlrow\u202c \u05e9\u05dc\u05d5\u05dd"
_TEXTS = ("\x00", _RIGHT_TO_LEFT, "\U0001f40d" * 3, "a" * 20_000, "' OR 1=1 --", "")
"""NUL, right-to-left, beyond the basic plane, very long, for a database, and nothing."""
_HALF = "\ud800"
"""Half of a character, which is no JSON for some readers, and is for others (RFC 8259, section 8.2)."""
_NUMBERS = (2**31, 2**53 + 1, 2**63, -(2**63) - 1, 0, -1)
_FRACTIONS = (1e308, -1e308)
_NESTED = 300
"""How deep the deepest body is: less than what usual readers take."""
_MOST_MEMBERS, _MOST_PARAMETERS = 4, 6
_UNDECLARED = ("text/plain", "application/xml", "application/x-tallystick")


class OddRequests:
    """The odd requests to one operation, made from one that was accepted."""

    def __init__(self, prober: Prober, drafts: Drafts, operation: Operation, path_values: Sequence[str]) -> None:
        self.prober, self.drafts, self.operation, self.path_values = prober, drafts, operation, path_values
        self.draw = random.Random(f"{drafts.settings.seed} odd {operation.label}")

    def send(self, body: JSON) -> None:
        """Sends all of them; `body` is one that was accepted, None for none."""
        base = self.drafts.request(self.operation, self.path_values, body=body)
        if base is None:
            return
        for request in self.requests(base, body):
            self.prober.send(request)

    def requests(self, base: Request, body: JSON) -> Iterator[Request]:
        """The odd requests."""
        body_format = format_of(self.operation)
        if body is not None and body_format is not None and body_format.media_type.kind is MediaKind.JSON:
            yield from self.undeclared(base)
            if isinstance(body, dict):
                yield from self.bodies(base, body, members(body_format.schema))
            yield base._replace(body=b"[" * _NESTED + b"]" * _NESTED)
        if self.operation.method == "GET":
            parameters = [each for each in self.operation.parameters if each.location in ("path", "query")]
            for parameter in parameters[:_MOST_PARAMETERS]:
                yield from self.parameters(base, parameter)

    def undeclared(self, base: Request) -> Iterator[Request]:
        """The same body as a media type that the contract does not declare."""
        content = self.operation.request_body.content if self.operation.request_body is not None else ()
        for name in _UNDECLARED:
            if documented_format(content, parse_media_type(name)) is None:
                yield with_headers(base, {"content-type": name})
                return

    def bodies(self, base: Request, body: dict[str, JSON], schemas: Mapping[str, Schema | None]) -> Iterator[Request]:
        """Bodies with one odd member each."""
        names = [name for name, schema in schemas.items() if schema is not None and not is_read_only(schema)]
        for name in self.draw.sample(names, min(len(names), _MOST_MEMBERS)):
            schema = schemas[name]
            for value in (*_edges(schema, self.draw), *_coerced(body.get(name), schema)):
                yield base._replace(body=json.dumps({**body, name: value}).encode())

    def parameters(self, base: Request, parameter: Parameter) -> Iterator[Request]:
        """Requests with one odd parameter each."""
        for value in _edges(parameter.described, self.draw):
            text = quote(str(value)[:4_000].encode("utf-8", "surrogatepass"), safe="")
            if parameter.location == "query":
                fields = [each for each in base.query.split("&") if each and each.partition("=")[0] != parameter.name]
                yield base._replace(query="&".join([*fields, f"{quote(parameter.name, safe='[]')}={text}"]))
            elif text and self.operation.path.endswith(f"{{{parameter.name}}}"):
                path = self.operation.path
                names = [each for each in self.operation.parameters if each.location == "path"]
                for each, own in zip(names, self.path_values, strict=False):
                    path = path.replace(f"{{{each.name}}}", text if each is parameter else quote(own, safe=""))
                if "{" not in path:
                    yield base._replace(path=path)


def half_character(base: Request, body: JSON, schema: Schema | None) -> Request | None:
    """A request with half of a character in a text of its body; None where there is none to put it in."""
    if not isinstance(body, dict):
        return None
    declared = members(schema)
    names = [name for name, value in body.items() if isinstance(value, str) and _is_plain_text(declared.get(name))]
    return base._replace(body=json.dumps({**body, names[0]: f"a{_HALF}"}).encode()) if names else None


def _is_plain_text(schema: Schema | None) -> bool:
    said = schema.resolved if schema is not None else {"enum": []}
    return not {"enum", "const", "pattern", "format"} & said.keys()


def is_read_only(schema: Schema) -> bool:
    """Whether a member is the server's to set, so that what a client sends for it may be passed over."""
    return schema.resolved.get("readOnly") is True


def _edges(schema: Schema | None, draw: random.Random) -> Sequence[JSON]:
    """Values at the edges of what a schema's type allows: few, others with each seed."""
    types = types_of(schema)
    values: list[JSON] = []
    if "string" in types:
        values += draw.sample(_TEXTS, 3)
    if types & {"integer", "number"}:
        values += draw.sample(_NUMBERS, 3)
    if "number" in types:
        values += draw.sample(_FRACTIONS, 1)
    return values


def _coerced(value: JSON, schema: Schema | None) -> Iterator[JSON]:
    """A number as a text, and a text as a number, where the schema does not allow that."""
    others: Sequence[JSON] = ()
    if isinstance(value, bool):
        others = (str(value).lower(), int(value))
    elif isinstance(value, (int, float)):
        others = (str(value),)
    elif isinstance(value, str):
        others = (4711,)
    yield from (each for each in others if schema is not None and not schema.is_valid(each, Direction.REQUEST))
