"""The properties that a schema requires, and those among them that it excuses in one direction.

A required property is excused (need not be there) if it is `readOnly` in a request, or `writeOnly` in a response.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from tallystick.nouns import budgets
from tallystick.nouns.dialect import Dialect
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Node
from tallystick.nouns.schema import Direction
from tallystick.schemas.passing import hidden_flag

Names = frozenset[str]
NO_NAMES: Names = frozenset()

_JOINING = frozenset(("$ref", "allOf"))
_CONCERNED = frozenset(("required", "allOf", "properties"))


class Excuses:
    """Finds the excused properties of schemas, for one direction.

    A schema counts as a whole, with its `$ref` and `allOf`: one part may require a property and another declare it.
    """

    def __init__(self, dialect: Dialect, direction: Direction) -> None:
        self.dialect = dialect
        self.flag = hidden_flag(direction)

    def excused(self, node: Node) -> Names:
        """The properties that the schema of a node requires and excuses."""
        value = node.value
        if not isinstance(value, dict) or _CONCERNED.isdisjoint(value) or not self.is_used(node):
            return NO_NAMES
        whole = self.whole(node)
        required = required_by(whole)
        if not required:
            return NO_NAMES
        return frozenset(
            name
            for part in whole
            for name, child in part.members_of("properties").items()
            if name in required and isinstance(child, dict) and self._is_flagged(part, name, child)
        )

    def is_used(self, node: Node) -> bool:
        """Whether the flag may be in a document."""
        return any(self.flag in document.hidden_flags for document in node.document.family)

    def excused_in(self, node: Node, names: Names) -> Names:
        """The given names that the schema of a node requires and does not excuse itself."""
        return names & required_by(self.whole(node)) - self.excused(node)

    def _is_flagged(self, node: Node, name: str, child: dict[str, JSON]) -> bool:
        """Whether a property has the flag of this direction, in its own schema or in a part of that."""
        if _JOINING.isdisjoint(child):
            return child.get(self.flag) is True
        return any(part.flag(self.flag) for part in self.whole(node.raw("properties", name)))

    def whole(self, node: Node) -> list[Node]:
        """The parts of a schema, each once: itself, the target of its `$ref`, its `allOf`, and the parts of these.

        What is more than `budgets.SCHEMA_STEPS` steps away is left out; no value is judged by such a schema.
        """
        if isinstance(node.value, dict) and _JOINING.isdisjoint(node.value):
            return [node]
        whole: list[Node] = []
        waiting, passed = [(node, 0)], set[int]()
        while waiting:
            part, steps = waiting.pop()
            if id(part.value) in passed or not isinstance(part.value, dict) or steps > budgets.SCHEMA_STEPS:
                continue
            passed.add(id(part.value))
            whole.append(part)
            if part.reference is not None:
                with suppress(UnreadableError):
                    waiting.append((part.target(part.reference), steps + 1))
                if not self.dialect.ref_siblings:
                    continue
            if isinstance(part.value.get("allOf"), list):
                waiting += ((branch, steps + 1) for _, branch in part.raw("allOf").raw_items())
        return whole


def required_by(nodes: Iterable[Node]) -> Names:
    """The names that any of some parts of a schema requires."""
    return frozenset(name for node in nodes for name in node.items_of("required") if isinstance(name, str))
