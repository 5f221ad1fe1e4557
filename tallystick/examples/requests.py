"""A valid request for an operation, made from its contract: its examples where it has them, else its schemas."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from urllib.parse import quote

from tallystick.examples.samples import Sample, Unsatisfiable, body_sample, parameter_sample
from tallystick.nouns.contract import BodyFormat, Operation, RequestBody, SecurityScheme
from tallystick.nouns.exchange import Request
from tallystick.nouns.media_type import MediaKind, MediaType
from tallystick.nouns.schema import Direction
from tallystick.wire.negotiation import concrete_type, preferred_format
from tallystick.wire.write import write_body, write_path, write_query, write_querystring, write_text

_TEMPLATE = re.compile(r"\{([^{}]*)\}")
_LITERAL = "/:@!$&'()*+,;=-._~%"
"""What stands in a path template as it is: all that a path may hold, and what is percent-encoded already."""


def example_request(operation: Operation, every: bool = False, seed: int = 0) -> Request:
    """A request that `judge` finds no violation in, its path below no server.

    It has the required parameters and those with an example, every one where `every` is set. Raises
    `tallystick.examples.samples.Unsatisfiable` where the contract allows no value for something that is required.
    """
    query: list[tuple[str, str]] = []
    headers: list[tuple[str, str]] = []
    cookies: list[tuple[str, str]] = []
    texts: dict[str, str] = {}
    whole_query = ""
    for parameter in operation.parameters:
        if not (parameter.required or every or parameter.examples):
            continue
        try:
            found = parameter_sample(parameter, seed)
        except Unsatisfiable:
            if parameter.required:
                raise
            continue
        value = found.value if found is not None else "value"
        if parameter.location == "path":
            texts[parameter.name] = write_path(parameter, value)
        elif parameter.location == "query":
            query += write_query(parameter, value)
        elif parameter.location == "querystring":
            whole_query = write_querystring(parameter, value)
        elif parameter.location == "header":
            headers.append((parameter.name.lower(), write_text(parameter, value)))
        elif parameter.location == "cookie":
            cookies.append((parameter.name, write_text(parameter, value)))
    path = "".join(
        texts.get(name) or quote(name, safe="") if is_name else quote(name, safe=_LITERAL)
        for is_name, name in _pieces(operation.path)
    )
    for scheme in operation.security[0] if operation.security else ():
        _prove(scheme, query, headers, cookies)
    if cookies:
        headers.append(("cookie", "; ".join(f"{name}={value}" for name, value in cookies)))
    body, content_type = _body(operation.request_body, seed)
    if content_type:
        headers.append(("content-type", content_type))
    fields = [whole_query] if whole_query else []
    fields += [f"{name}={value}" for name, value in query]
    return Request(operation.method, path, "&".join(fields), tuple(headers), body)


def _body(documented: RequestBody | None, seed: int) -> tuple[bytes, str]:
    """A body and its `Content-Type`, of the first media type that a value can be made for, JSON before others."""
    content = documented.content if documented is not None else ()
    for body_format in sorted(content, key=lambda each: each is not preferred_format(content)):
        try:
            chosen = body_sample(body_format, Direction.REQUEST, seed)
        except Unsatisfiable as error:
            failed = error
        else:
            return write_sample(chosen, body_format, concrete_type(body_format.media_type))
    if content and documented is not None and documented.required:
        raise failed
    return b"", ""


def _pieces(template: str) -> Iterator[tuple[bool, str]]:
    """The names of a path template and the text between them, in order, each with whether it is a name."""
    for index, piece in enumerate(_TEMPLATE.split(template)):
        yield index % 2 == 1, piece


def write_sample(chosen: Sample | None, body_format: BodyFormat, media_type: MediaType) -> tuple[bytes, str]:
    """The bytes of a body with a sampled value, and their `Content-Type`; some text where a contract asks for none."""
    if chosen is None:
        return (b"{}" if media_type.kind is MediaKind.JSON else b"content"), media_type.text
    if chosen.serialized is not None:
        return chosen.serialized.encode(), media_type.text
    return write_body(chosen.value, body_format, media_type)


def _prove(
    scheme: SecurityScheme,
    query: list[tuple[str, str]],
    headers: list[tuple[str, str]],
    cookies: list[tuple[str, str]],
) -> None:
    """Adds credentials that are well formed, and no more than that; a parameter of a key's name is the key."""
    if scheme.kind == "apiKey":
        fields = {"query": query, "cookie": cookies}.get(scheme.location, headers)
        name = {"query": quote(scheme.name, safe=""), "cookie": scheme.name}.get(scheme.location, scheme.name.lower())
        if all(known != name for known, _ in fields):
            fields.append((name, "key"))
    elif scheme.kind == "http" and scheme.scheme == "basic":
        headers.append(("authorization", "Basic " + base64.b64encode(b"user:password").decode()))
    elif scheme.kind in ("http", "oauth2", "openIdConnect"):
        name = scheme.scheme.capitalize() if scheme.kind == "http" else "Bearer"
        headers.append(("authorization", f"{name} token"))
