"""Examples that are the text of a body: they are read and judged as a body of their media type would be.

Imported where there is such an example: the readers of bodies cost the start of a check a tenth.
"""

from __future__ import annotations

from collections.abc import Sequence

from tallystick.nouns.media_type import MediaKind
from tallystick.nouns.schema import Direction, SchemaError
from tallystick.rules.contract.documented_values import DocumentedValue
from tallystick.wire.bodies import UNJUDGED, judged_items, read_body
from tallystick.wire.values import MISSING

_BOTH = (Direction.RESPONSE, Direction.REQUEST)


def read_text(documented: DocumentedValue) -> tuple[str, list[tuple[str, Sequence[SchemaError]]]]:
    """The fault of a text, "" if it can be read; the errors of each value in it that has a schema, with its pointer.

    A multipart text is not read, since its boundary is known from the header only.
    """
    text, body_format = documented.value, documented.body_format
    if not isinstance(text, str) or body_format is None or body_format.media_type.kind is MediaKind.MULTIPART:
        return "", []
    value, fault = read_body(text.encode("utf-8", "surrogatepass"), body_format, body_format.media_type)
    if value is UNJUDGED or value is MISSING:
        return fault, []
    directions = _BOTH if documented.direction is None else (documented.direction,)
    return fault, [
        (pointer, min((schema.errors(item, direction) for direction in directions), key=len))
        for pointer, item, schema in judged_items(value, body_format, body_format.media_type)
    ]
