"""A valid request for an operation, from its contract: with its examples where it has some, else from its schemas."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from tallystick.examples.draws import FEW, Style
from tallystick.examples.media_files import file_of
from tallystick.examples.samples import GENERATED, Sample, Unsatisfiable, body_sample, parameter_sample
from tallystick.examples.tables import is_table, table_of
from tallystick.nouns.contract import BodyFormat, Operation, Parameter, RequestBody, SecurityScheme
from tallystick.nouns.exchange import Request
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind, MediaType
from tallystick.nouns.schema import Direction
from tallystick.wire.negotiation import concrete_type, preferred_format
from tallystick.wire.write import no_file, write_body, write_path, write_query, write_querystring, write_text

_TEMPLATE_NAME = re.compile(r"\{([^{}]*)\}")
_KEPT_IN_PATH = "/:@!$&'()*+,;=-._~%"
"""The characters of a path template that are not percent-encoded: all that a path may contain, and the percent sign of
what is encoded already."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a request is to have in place of its examples.

    `values` are those of parameters, by location and name; `body` are the bytes of the body and their `Content-Type`.
    `requirement` is the index of the security requirement whose credentials it brings; `credentials` are those that it
    brings in place of them, each as its scheme wants it: a key, a token, or `user:password`.
    """

    values: Mapping[tuple[str, str], JSON] = field(default_factory=dict)
    left_out: frozenset[tuple[str, str]] = frozenset()
    body: tuple[bytes, str] | None = None
    requirement: int = 0
    credentials: tuple[tuple[SecurityScheme, str], ...] | None = None


NOTHING_GIVEN = Given()


def example_request(operation: Operation, every: bool = False, seed: int = 0, given: Given = NOTHING_GIVEN) -> Request:
    """A request in which `judge` finds no violation; its path has no server's base path.

    It has the required parameters and those with an example; with `every`, all parameters. Raises
    `tallystick.examples.samples.Unsatisfiable` where the contract allows no value for something that is required.
    """
    draft, style = _Draft(), Style(seed, FEW)  # so that the curl lines at start need no Faker
    for parameter in operation.parameters:
        key = parameter.location, parameter.name
        if key in given.values:
            draft.add(parameter, given.values[key])
            continue
        if key in given.left_out:
            continue
        if not parameter.required and (not (every or parameter.examples) or _is_coding(parameter)):
            continue
        try:
            sample = parameter_sample(parameter, style)
        except Unsatisfiable:
            if parameter.required:
                raise
            continue
        draft.add(parameter, sample.value if sample is not None else "value")
    if given.credentials is not None:
        for scheme, credentials in given.credentials:
            draft.add_credentials(scheme, credentials)
    else:
        for scheme in operation.security[given.requirement] if operation.security else ():
            draft.add_credentials(scheme, example_credentials(scheme))
    if draft.cookies:
        draft.headers.append(("cookie", "; ".join(f"{name}={value}" for name, value in draft.cookies)))
    body, content_type = given.body if given.body is not None else _example_body(operation.request_body, style)
    if content_type:
        draft.headers.append(("content-type", content_type))
    if operation.mark.startswith("?"):
        draft.query = [*_marks_left(operation, draft.query), *draft.query]
    path = draft.path(operation.path)
    return Request(operation.method, path, draft.query_string(), tuple(draft.headers), body)


def _marks_left(operation: Operation, query: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """What the path asks for in the query, percent-encoded, but for what is there already."""
    names = {name for name, _ in query}
    return [(quote(name), quote(value)) for name, value in operation.marks if quote(name) not in names]


def _is_coding(parameter: Parameter) -> bool:
    """Whether a parameter says how the body is coded, which it is not here."""
    return parameter.location == "header" and parameter.name.lower() == "content-encoding"


@dataclass
class _Draft:
    """The values of a request's parameters, by where they are sent; all but those of headers are percent-encoded."""

    path_values: dict[str, str] = field(default_factory=dict)
    query: list[tuple[str, str]] = field(default_factory=list)
    whole_query: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    cookies: list[tuple[str, str]] = field(default_factory=list)

    def add(self, parameter: Parameter, value: JSON) -> None:
        """Add a parameter with a value."""
        match parameter.location:
            case "path":
                self.path_values[parameter.name] = write_path(parameter, value)
            case "query":
                self.query += write_query(parameter, value)
            case "querystring":
                self.whole_query = write_querystring(parameter, value)
            case "header":
                self.headers.append((parameter.name.lower(), write_text(parameter, value)))
            case "cookie":
                self.cookies.append((parameter.name, write_text(parameter, value)))

    def add_credentials(self, scheme: SecurityScheme, credentials: str) -> None:
        """Add credentials; where a parameter has the name of an API key, that is the key."""
        if scheme.kind == "apiKey":
            self.add_api_key(scheme, credentials)
        elif scheme.kind == "http" and scheme.scheme == "basic":
            self.headers.append(("authorization", "Basic " + base64.b64encode(credentials.encode()).decode()))
        elif scheme.kind in ("http", "oauth2", "openIdConnect"):
            name = scheme.scheme.capitalize() if scheme.kind == "http" else "Bearer"
            self.headers.append(("authorization", f"{name} {credentials}"))

    def add_api_key(self, scheme: SecurityScheme, key: str) -> None:
        """Add an API key where its scheme says, unless it is there already."""
        if scheme.location == "query":
            fields, name = self.query, quote(scheme.name, safe="")
        elif scheme.location == "cookie":
            fields, name = self.cookies, scheme.name
        else:
            fields, name = self.headers, scheme.name.lower()
        if all(other_name != name for other_name, _ in fields):
            fields.append((name, key))

    def path(self, template: str) -> str:
        """The path of a template, its names replaced by the values of the path parameters."""
        pieces: list[str] = []
        for index, piece in enumerate(_TEMPLATE_NAME.split(template)):
            is_name = index % 2 == 1
            if is_name:
                pieces.append(self.path_values.get(piece) or quote(piece, safe=""))
            else:
                pieces.append(quote(piece, safe=_KEPT_IN_PATH))
        return "".join(pieces)

    def query_string(self) -> str:
        """The query without its question mark."""
        fields = [self.whole_query] if self.whole_query else []
        fields += [f"{name}={value}" for name, value in self.query]
        return "&".join(fields)


def example_credentials(scheme: SecurityScheme) -> str:
    """Well-formed credentials of a scheme, as an example request has them; "" for those of a connection."""
    if scheme.kind == "apiKey":
        return "key"
    if scheme.kind == "http" and scheme.scheme == "basic":
        return "user:password"
    return "token" if scheme.kind in ("http", "oauth2", "openIdConnect") else ""


def _example_body(documented: RequestBody | None, style: Style) -> tuple[bytes, str]:
    """A body and its `Content-Type`, in the first format for which there is a value, JSON before others."""
    content = documented.content if documented is not None else ()
    for body_format in sorted(content, key=lambda each: each is not preferred_format(content)):
        try:
            return example_body(body_format, style)
        except Unsatisfiable as error:
            failure = error
    if content and documented is not None and documented.required:
        raise failure
    return b"", ""


def example_body(body_format: BodyFormat, style: Style) -> tuple[bytes, str]:
    """A body in one format and its `Content-Type`; raises `Unsatisfiable`."""
    sample = body_sample(body_format, Direction.REQUEST, style)
    return write_sample(sample, body_format, concrete_type(body_format.media_type))


def write_sample(sample: Sample | None, body_format: BodyFormat, media_type: MediaType) -> tuple[bytes, str]:
    """The bytes of a body with a sample's value, and their `Content-Type`; without a sample, some text."""
    if sample is None or sample.origin == GENERATED:
        octets = _file(sample, body_format, media_type)
        if octets is not None:
            return octets, media_type.text
    if sample is None:
        return (b"{}" if media_type.kind is MediaKind.JSON else b"content"), media_type.text
    if sample.serialized is not None:
        return sample.serialized, media_type.text
    return write_body(sample.value, body_format, media_type, file_of if sample.origin == GENERATED else no_file)


def _file(sample: Sample | None, body_format: BodyFormat, media_type: MediaType) -> bytes | None:
    """A small valid file in place of a generated value, where the schema allows it; None where none is known."""
    value = sample.value if sample is not None else ""
    if is_table(media_type.name) and (table := table_of(value, media_type.name)):
        octets: bytes | None = table.encode()
    else:
        octets = file_of(media_type.name)
    if octets is None or sample is None or media_type.kind is MediaKind.OTHER:
        return octets
    if not isinstance(value, str):
        return octets if is_table(media_type.name) else None
    schema = body_format.schema
    text = octets.decode("utf-8", "replace")
    return octets if schema is None or schema.is_valid(text, Direction.RESPONSE) else None
