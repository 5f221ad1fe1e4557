"""Documented values for the rows of a list: one example serves them all, so what tells rows apart is varied."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tallystick.contracts.x_examples import x_examples
from tallystick.examples.draws import Draw
from tallystick.examples.identifiers import like
from tallystick.examples.moments import shifted
from tallystick.examples.realistic_values import is_identity
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Node

_OF_ITS_OWN = re.compile(
    r"(.* )?(name|title|headline|subject|caption|label|first|last|street|address|city|phone|mobile|avatar|photo|image"
    r"|picture|thumbnail|description|summary|sentence|text|comment|message|author|artist|phone number|postal code)"
)
"""Names whose values differ from row to row, as a rule."""
_ADDRESS = re.compile(r"(.* )?(ur[nil]|href|links?|website|self|next|slug)")


def documented_examples(schema: Node) -> Iterator[JSON]:
    """The examples that a schema gives: `example`, `examples`, and `x-examples`, which Prism reads."""
    if "example" in schema.members:
        yield schema.members["example"]
    yield from schema.items_of("examples")
    yield from (example.value for example in x_examples(schema))


def for_row(value: JSON, draw: Draw) -> JSON:
    """A documented value for a later row: an identity or moment of its own in the form of the documented one.

    None where it is better to make a new value; other values are as documented.
    """
    if is_identity(draw.name) or _ADDRESS.fullmatch(draw.name):
        varied = like(value, draw) if isinstance(value, str) else None
        return varied if varied != value else None
    if isinstance(value, str) and _OF_ITS_OWN.fullmatch(draw.name):
        return None
    earlier = shifted(value, draw.turn) if isinstance(value, str) else None
    return value if earlier is None else earlier
