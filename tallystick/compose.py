"""A valid request for an operation, made from its contract: its examples where it has them, else its schemas."""

from __future__ import annotations

import base64
import re
from urllib.parse import quote

from tallystick import media
from tallystick.examples import Sample, parameter_sample, sample
from tallystick.model import Direction, MediaType, Operation, Request, SecurityScheme
from tallystick.wire import write_body, write_path, write_query, write_text

_TEMPLATE = re.compile(r"\{([^{}]*)\}")


def compose(operation: Operation, every: bool = False, seed: int = 0) -> Request:
    """A request that `judge` finds no violation in, its path below no server.

    It has the required parameters and those with an example, every one where `every` is set. Raises
    `tallystick.examples.Unsatisfiable` where the contract allows no value for something that is required.
    """
    path = operation.path
    query: list[tuple[str, str]] = []
    headers: list[tuple[str, str]] = []
    cookies: list[tuple[str, str]] = []
    texts: dict[str, str] = {}
    for parameter in operation.parameters:
        if not (parameter.required or every or parameter.examples):
            continue
        found = parameter_sample(parameter, seed)
        value = found.value if found is not None else "value"
        if parameter.location == "path":
            texts[parameter.name] = write_path(parameter, value)
        elif parameter.location == "query":
            query += write_query(parameter, value)
        elif parameter.location == "header":
            headers.append((parameter.name.lower(), write_text(parameter, value)))
        elif parameter.location == "cookie":
            cookies.append((parameter.name, write_text(parameter, value)))
    path = _TEMPLATE.sub(lambda found: texts.get(found[1]) or quote(found[1], safe=""), path)
    for scheme in operation.security[0] if operation.security else ():
        _prove(scheme, query, headers, cookies)
    if cookies:
        headers.append(("cookie", "; ".join(f"{name}={value}" for name, value in cookies)))
    body = b""
    if operation.request_body is not None and operation.request_body.content:
        media_type = media.preferred(operation.request_body.content)
        name = media_type.name if "*" not in media_type.name else "application/octet-stream"
        chosen = sample(media_type, Direction.REQUEST, seed)
        body, content_type = write_sample(chosen, media_type, name)
        headers.append(("content-type", content_type))
    return Request(operation.method, path, "&".join(f"{n}={v}" for n, v in query), tuple(headers), body)


def write_sample(chosen: Sample | None, media_type: MediaType, name: str) -> tuple[bytes, str]:
    """The bytes of a body with a sampled value, and their `Content-Type`; some text where a contract asks for none."""
    if chosen is None:
        return (b"{}" if media.is_json(name) else b"content"), name
    if chosen.serialized is not None:
        return chosen.serialized.encode(), name
    return write_body(chosen.value, media_type, name)


def _prove(
    scheme: SecurityScheme,
    query: list[tuple[str, str]],
    headers: list[tuple[str, str]],
    cookies: list[tuple[str, str]],
) -> None:
    """Adds credentials that are well formed, and no more than that."""
    if scheme.kind == "apiKey":
        if scheme.location == "query":
            query.append((quote(scheme.name, safe=""), "key"))
        elif scheme.location == "cookie":
            cookies.append((scheme.name, "key"))
        else:
            headers.append((scheme.name.lower(), "key"))
    elif scheme.kind == "http" and scheme.scheme == "basic":
        headers.append(("authorization", "Basic " + base64.b64encode(b"user:password").decode()))
    elif scheme.kind in ("http", "oauth2", "openIdConnect"):
        name = scheme.scheme.capitalize() if scheme.kind == "http" else "Bearer"
        headers.append(("authorization", f"{name} token"))
