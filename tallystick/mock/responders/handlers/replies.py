"""The response that a handler's result stands for: all that connexion allows, written as the contract documents it."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from connexion.datastructures import NoContent
from connexion.frameworks.starlette import Starlette
from connexion.jsonifier import Jsonifier
from connexion.lifecycle import ConnexionResponse
from starlette.responses import Response as StarletteResponse
from starlette.types import Message, Receive, Scope

from tallystick.mock.judging import FRAMING
from tallystick.nouns import budgets
from tallystick.nouns.contract import BodyFormat
from tallystick.nouns.exchange import Headers, Response
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind, MediaType, parse_media_type
from tallystick.wire.negotiation import concrete_type, documented_format, negotiate, preferred_format
from tallystick.wire.reading import Reading
from tallystick.wire.write import write_body

_JSON = parse_media_type("application/json")
_NAME_OF_CONTENT_TYPE = "content-type"


async def response_of(result: object, reading: Reading, scope: Scope, receive: Receive) -> Response:
    """The response that a handler's result stands for.

    That is a value, (value, status), (value, headers), (value, status, headers), or a response of connexion or
    Starlette. A streamed response is read to its end, since it is judged as a whole. Raises `TypeError` or
    `ValueError` where the result cannot be sent, or is streamed beyond its
    budgets.
    """
    if isinstance(result, ConnexionResponse):
        result = Starlette.connexion_to_framework_response(result)
    if isinstance(result, StarletteResponse):
        return await _whole(result, scope, receive)
    value, status, fields = _unpacked(result)
    if not 200 <= status <= 599:
        raise ValueError(f"{status} is no status of a final response")
    headers = _headers(fields)
    body, content_type = _written(value, status, dict(headers).get(_NAME_OF_CONTENT_TYPE, ""), reading)
    others = tuple(field for field in headers if field[0] != _NAME_OF_CONTENT_TYPE)
    return Response(status, ((_NAME_OF_CONTENT_TYPE, content_type), *others) if content_type else others, body)


async def _whole(response: StarletteResponse, scope: Scope, receive: Receive) -> Response:
    """Read a Starlette response to its end; raises `ValueError` for one that is too large or takes too long."""
    start: Message = {}
    body = bytearray()
    too_slow = f"its streamed reply did not end within {budgets.STREAM_SECONDS:g} seconds"

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
            return
        body.extend(message.get("body", b""))
        if not message.get("more_body", False):
            timeout.reschedule(None)  # a background task may follow, and take its time
        elif len(body) > budgets.BODY_BYTES:
            raise ValueError(f"its streamed reply is larger than {budgets.BODY_BYTES:,} bytes")
        elif asyncio.get_running_loop().time() > deadline:  # a generator that never waits lets no timer run
            raise ValueError(too_slow)

    deadline = asyncio.get_running_loop().time() + budgets.STREAM_SECONDS
    try:
        async with asyncio.timeout_at(deadline) as timeout:
            await response(scope, receive, send)
    except TimeoutError:
        if timeout.expired():
            raise ValueError(too_slow) from None
        raise
    headers = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in start["headers"])
    return Response(start["status"], tuple(field for field in headers if field[0] not in FRAMING), bytes(body))


def _unpacked(result: object) -> tuple[object, int, Iterable[tuple[object, object]]]:
    """The value, status and header fields of a result; connexion's status is 200, and 204 for nothing."""
    value: object = result
    status: object = None
    fields: Iterable[tuple[object, object]] = ()
    if isinstance(result, tuple):
        if not 1 <= len(result) <= 3:
            raise TypeError(f"a tuple of {len(result)} is no response; return (value, status, headers) or less of it")
        value, *rest = result
        for extra in rest:
            if isinstance(extra, Mapping):
                fields = tuple(extra.items())
            elif isinstance(extra, list):
                fields = tuple(extra)
            elif extra is not None:
                status = extra.value if isinstance(extra, enum.Enum) else extra
    if status is None:
        status = 204 if value is None else 200
    if not isinstance(status, int):
        raise TypeError(f"a status is an integer, not {status!r}")
    return None if value is NoContent else value, status, fields


def _headers(fields: Iterable[tuple[object, object]]) -> Headers:
    headers = tuple((str(name).lower(), str(value)) for name, value in fields)
    for name, value in headers:
        if not (name + value).isprintable():
            raise ValueError(f"the header field {name!r} has a character that cannot be sent")
    return tuple(field for field in headers if field[0] not in FRAMING)


def _written(value: object, status: int, content_type: str, reading: Reading) -> tuple[bytes, str]:
    """The bytes of a value, and their `Content-Type`: the handler's own, else a documented one of the status."""
    if value is None:
        return b"", content_type
    definition = reading.operation.response_for(status)
    content = definition.content if definition is not None else ()
    if content_type:
        media_type = parse_media_type(content_type)
        body_format = documented_format(content, media_type)
    else:
        accept = reading.headers.get("accept", "")
        body_format = _format_for(value, content, accept)
        media_type = concrete_type(body_format.media_type, accept) if body_format is not None else _JSON
    return _encoded(value, media_type, body_format)


def _format_for(value: object, content: Sequence[BodyFormat], accept: str) -> BodyFormat | None:
    """The documented format that a value is written in: text and bytes in one that is no JSON where there is one."""
    is_text = isinstance(value, str | bytes)
    fitting = [each for each in content if (each.media_type.kind is MediaKind.JSON) is not is_text] or content
    return (negotiate(fitting, accept) or preferred_format(fitting)) if fitting else None


def _encoded(value: object, media_type: MediaType, body_format: BodyFormat | None) -> tuple[bytes, str]:
    if isinstance(value, bytes):
        return value, media_type.text
    if media_type.kind is MediaKind.JSON:
        return Jsonifier().dumps(value).encode(), media_type.text
    if isinstance(value, str):
        return value.encode(), media_type.text
    if body_format is None:
        raise TypeError(f"a {type(value).__name__} cannot be written as {media_type.text}")
    return write_body(cast(JSON, value), body_format, media_type)  # whatever it is, it is judged as it is written
