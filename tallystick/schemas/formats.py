"""The formats of the OpenAPI Format Registry beside those of JSON Schema."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Collection

from tallystick.nouns.json_value import JSON


def _is_base64(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def narrow_to_format(schema: dict[str, JSON], open_formats: Collection[str]) -> None:
    """Narrow the bounds of a schema to those of its format, if the format is a range of integers.

    A format whose meaning a version of OpenAPI leaves open is removed: it is not judged.
    """
    kind = schema.get("format")
    if not isinstance(kind, str) or kind not in WHOLE_NUMBERS:
        if isinstance(kind, str) and kind in open_formats:
            del schema["format"]
        return
    most = WHOLE_NUMBERS[kind]
    for key, narrower_of, bound in (("minimum", max, -most - 1), ("maximum", min, most)):
        own = schema.get(key, bound)
        schema[key] = narrower_of(own, bound) if isinstance(own, (int, float)) else own


WHOLE_NUMBERS = {"int8": 2**7 - 1, "int16": 2**15 - 1, "int32": 2**31 - 1, "int64": 2**63 - 1}
"""The largest value of each integer format; these become bounds, because the engine checks formats of strings only."""

FORMATS: dict[str, Callable[[object], bool]] = {"byte": _is_base64}
"""A check for each format that JSON Schema lacks; a format that is in neither is not judged."""
