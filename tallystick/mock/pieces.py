"""Sends a reply that is a stream item by item, with a time between them (`--stream-delay`)."""

from __future__ import annotations

import asyncio
import re

from starlette.types import Message, Send

from tallystick.mock.roles import Reply
from tallystick.nouns.exchange import Response
from tallystick.nouns.media_type import MediaKind, parse_media_type

_EVENT = re.compile(rb".+?(?:\r\n\r\n|\n\n|\r\r|\Z)", re.DOTALL)


async def send_pieces(send: Send, content: Message, reply: Reply, delay_seconds: float) -> bool:
    """Send the body of a reply item by item, if it is a stream; return whether it was sent."""
    pieces = pieces_of(reply.response) if content["body"] else []
    for index, piece in enumerate(pieces, 1):
        await send({"type": "http.response.body", "body": piece, "more_body": index < len(pieces)})
        if index < len(pieces):
            await asyncio.sleep(delay_seconds)
    return bool(pieces)


def pieces_of(response: Response) -> list[bytes]:
    """The items of a response that is a stream, in the bytes that they are sent in; none of any other response."""
    content_type = next((value for name, value in response.headers if name == "content-type"), "")
    media_type = parse_media_type(content_type)
    if not media_type.is_sequence or any(name == "content-encoding" for name, _ in response.headers):
        return []
    if media_type.kind is MediaKind.EVENT_STREAM:
        return _EVENT.findall(response.body)
    if media_type.kind is MediaKind.JSON_SEQUENCE:
        return [b"\x1e" + item for item in response.body.split(b"\x1e") if item]
    return response.body.splitlines(keepends=True)
