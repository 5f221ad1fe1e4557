"""Streams of items: how the body of a request asks for one, and how one ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tallystick.nouns.contract import BodyFormat, Operation, ResponseDefinition
from tallystick.nouns.media_type import MediaKind
from tallystick.nouns.schema import Schema
from tallystick.schemas.shapes import properties_of
from tallystick.wire.reading import Reading
from tallystick.wire.sequences import event_schema

StreamWish = Callable[[Reading], str]
"""A function from a request to the media type of the stream that its body asks for, "" where it asks for none."""

_FLAG = "stream"
"""The member of a body with which a client asks for a stream: OpenAI has it, and many have it from there."""
_END = b"data: [DONE]\n\n"


def stream_wish(operation: Operation, definition: ResponseDefinition) -> StreamWish | None:
    """How requests ask for the stream of a response; None where it documents no stream beside something else."""
    content = definition.content
    streamed = next((each.media_type.text for each in content if each.media_type.is_sequence), "")
    flag = _flag_of(operation)
    if not streamed or flag is None or all(each.media_type.is_sequence for each in content):
        return None
    is_usual = flag.resolved.get("default") is True

    def asked(reading: Reading) -> str:
        value = reading.body.value
        wished = value.get(_FLAG) if isinstance(value, Mapping) else None
        if wished is None and is_usual and "json" not in reading.headers.get("accept", ""):
            return streamed
        return streamed if wished is True else ""

    return asked


def _flag_of(operation: Operation) -> Schema | None:
    """The schema of the member of a request's body that asks for a stream."""
    content = operation.request_body.content if operation.request_body is not None else ()
    return next((flag for each in content if (flag := properties_of(each.schema).get(_FLAG)) is not None), None)


def ended(body: bytes, operation: Operation, body_format: BodyFormat) -> bytes:
    """A stream of events with its end (`data: [DONE]`), where clients who ask for it in a body wait for one.

    Events with names of their own end by these.
    """
    if body_format.media_type.kind is not MediaKind.EVENT_STREAM or b"[DONE]" in body or _flag_of(operation) is None:
        return body
    names = properties_of(event_schema(body_format.schema, body_format.item_schema))
    is_named = "event" in names or b"\nevent:" in body or body.startswith(b"event:")
    return body if is_named else body + _END
