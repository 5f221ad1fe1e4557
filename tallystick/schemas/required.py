"""Which properties a schema requires as a whole, and which of these need not be there in one direction."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from tallystick.nouns.dialect import Dialect
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Key, Node
from tallystick.nouns.schema import Direction

Names = frozenset[str]
NO_NAMES: Names = frozenset()

_JOINING = frozenset(("$ref", "allOf"))
_CONCERNED = frozenset(("required", "allOf", "properties"))


class Excuses:
    """Finds the properties that are required and need not be there: `readOnly` ones in a request, `writeOnly` ones in
    a response, wherever in the schema as a whole they are declared and required."""

    def __init__(self, dialect: Dialect, direction: Direction) -> None:
        self.dialect = dialect
        self.flag = "readOnly" if direction is Direction.REQUEST else "writeOnly"

    def excused(self, node: Node) -> Names:
        """The properties that the schema at a node requires and that need not be there."""
        value = node.value
        if not isinstance(value, dict) or _CONCERNED.isdisjoint(value):
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

    def excused_in(self, node: Node, names: Names) -> Names:
        """Those of some names that the schema at a node requires and does not excuse itself."""
        return names & required_by(self.whole(node)) - self.excused(node)

    def _is_flagged(self, node: Node, name: str, child: dict[str, JSON]) -> bool:
        """Whether a property of the schema at a node has the flag of this direction, itself or through its parts."""
        if _JOINING.isdisjoint(child):
            return child.get(self.flag) is True
        return any(part.flag(self.flag) for part in self.whole(node.raw("properties", name)))

    def whole(self, node: Node) -> list[Node]:
        """A schema, what its `$ref` leads to, the branches of its `allOf`, and so on with these; each once."""
        if isinstance(node.value, dict) and _JOINING.isdisjoint(node.value):
            return [node]
        whole: list[Node] = []
        waiting, passed = [node], set[Key]()
        while waiting:
            part = waiting.pop()
            if part.key in passed or not isinstance(part.value, dict):
                continue
            passed.add(part.key)
            whole.append(part)
            if part.reference is not None:
                with suppress(UnreadableError):
                    waiting.append(part.target(part.reference))
                if not self.dialect.ref_siblings:
                    continue
            if isinstance(part.value.get("allOf"), list):
                waiting += (branch for _, branch in part.raw("allOf").raw_items())
        return whole


def required_by(nodes: Iterable[Node]) -> Names:
    """The names that some parts of a schema require."""
    return frozenset(name for node in nodes for name in node.items_of("required") if isinstance(name, str))
