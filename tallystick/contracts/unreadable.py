"""The rule and the violations for parts of a document that cannot be read into the nouns of a contract."""

from __future__ import annotations

from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.node import Node
from tallystick.nouns.rule import Rule, Scope
from tallystick.nouns.violation import Place, Severity, Violation

UNREADABLE_PART = Rule("unreadable-part", Severity.ERROR, Scope.CONTRACT, "Every operation can be read.")


def unreadable_part(error: UnreadableError, node: Node) -> Violation:
    """The violation for an error that was raised while a node was read."""
    place = node.place
    if error.file != place.file or error.line != place.line:
        place = Place(error.file, node.path, lambda _: error.line)
    return UNREADABLE_PART.at(place, error.fact)
