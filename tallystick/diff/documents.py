"""What stands at a place of a contract: for fields that the nouns of a contract leave out."""

from __future__ import annotations

from collections.abc import Mapping

from tallystick.nouns.contract import Contract
from tallystick.nouns.json_pointer import part_at
from tallystick.nouns.json_value import JSON
from tallystick.nouns.violation import Place

_NOTHING: Mapping[str, JSON] = {}


def members_at(contract: Contract, place: Place) -> Mapping[str, JSON]:
    """The members of the object at a place, references not followed; none where no object stands there."""
    for document in contract.root.document.family:
        if document.file == place.file:
            try:
                value = part_at(document.value, place.path)
            except (KeyError, IndexError, ValueError, TypeError):
                return _NOTHING
            return value if isinstance(value, dict) else _NOTHING
    return _NOTHING
