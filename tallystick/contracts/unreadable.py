"""The rule and the violations for parts of a document that cannot be read into the nouns of a contract."""

from __future__ import annotations

from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.node import Node
from tallystick.nouns.rule import Rule, Scope
from tallystick.nouns.violation import Severity, Violation

UNREADABLE_PART = Rule("unreadable-part", Severity.ERROR, Scope.CONTRACT, "Every operation can be read.")


def unreadable_part(error: UnreadableError, node: Node) -> Violation:
    """The violation for a node whose references cannot be followed: it stands at the last one that can be read."""
    *_, last = node.chain()
    return UNREADABLE_PART.at(last.place, error.fact if error.file == last.document.file else str(error))
