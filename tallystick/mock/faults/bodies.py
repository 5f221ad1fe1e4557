"""A reply whose body is at the edge of what its schema allows."""

from __future__ import annotations

import json
from dataclasses import replace

from tallystick.examples.extremes import extreme
from tallystick.mock.faults.fault import BodyKind
from tallystick.mock.judging import violations_of_reply
from tallystick.mock.roles import Reply
from tallystick.nouns.contract import BodyFormat
from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.nouns.schema import Direction
from tallystick.wire.reading import Reading
from tallystick.wire.write import write_json


def with_extreme_body(reading: Reading, reply: Reply, kind: BodyKind) -> Reply:
    """The reply with a body of some kind, judged; one whose body is no JSON, or has no schema, stays as it is."""
    response = reply.response
    body_format = _format_of(reading, reply)
    if body_format is None or body_format.schema is None or not response.body:
        return reply
    try:
        value = json.loads(response.body)
    except ValueError:  # it is coded, or a stream
        return reply
    body = write_json(extreme(body_format.schema, value, kind, Direction.RESPONSE))
    changed = response._replace(body=body)
    return replace(reply, response=changed, violations=violations_of_reply(reading, changed))


def _format_of(reading: Reading, reply: Reply) -> BodyFormat | None:
    """The documented format of a reply's body, where that is JSON."""
    fields = dict(reply.response.headers)
    definition = reading.operation.response_for(reply.response.status)
    name = parse_media_type(fields.get("content-type", "")).name
    if definition is None:
        return None
    formats = [each for each in definition.content if each.media_type.kind is MediaKind.JSON]
    return next((each for each in formats if each.media_type.name == name), formats[0] if formats else None)
