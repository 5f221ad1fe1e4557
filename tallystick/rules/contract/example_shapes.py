"""What a schema says of an example in passing: that it is an object, and that a member is never sent back."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Node
from tallystick.nouns.rule import Rule, Scope
from tallystick.nouns.schema import Direction
from tallystick.nouns.violation import Severity, Violation
from tallystick.rules.contract.documented_values import DocumentedValue
from tallystick.rules.contract.objects import Objects
from tallystick.schemas.messages import shown
from tallystick.schemas.passing import applying_parts, is_untyped, schema_under

EXAMPLE_OF_OTHER_SHAPE = Rule(
    "example-of-other-shape",
    Severity.WARNING,
    Scope.CONTRACT,
    "An example or a default is an object where `properties` or `required` speak of one, also where no `type` does.",
)
WRITE_ONLY_IN_RESPONSE = Rule(
    "write-only-in-response", Severity.WARNING, Scope.CONTRACT, "The example of a response has no writeOnly member."
)

Found = dict[int, tuple[Rule, Node, tuple[str, ...], JSON, int]]


class Shapes:
    """Looks through examples for what a schema says in passing, and only where such a schema can be reached.

    Only the parts that always apply are followed: `properties`, `additionalProperties`, `items` and `allOf`.
    """

    def __init__(self, objects: Objects) -> None:
        self._referrers: dict[int, list[Node]] = {}
        self._reaching: set[int] = set()
        """The `id` of each schema, and of all around it, that says something in passing or refers to such a schema."""
        saying = [
            schema.node
            for schema in objects.schemas_with("writeOnly", "properties")
            if _is_write_only(members := schema.node.members) or is_untyped(members)
        ]
        if saying:
            for reference in objects.references:
                if reference.target is not None:
                    self._referrers.setdefault(id(reference.target.value), []).append(reference.node)
        while saying:
            self._mark(saying.pop(), saying)

    def _mark(self, node: Node, waiting: list[Node]) -> None:
        """Mark a node and all around it; what refers to one of them waits to be marked too."""
        value = node.document.root.value
        for key in (None, *node.path):
            if key is not None:
                value = value[int(key)] if isinstance(value, list) else value[key] if isinstance(value, dict) else None
            if id(value) not in self._reaching:
                self._reaching.add(id(value))
                waiting += self._referrers.get(id(value), ())

    def violations(self, documented: DocumentedValue) -> Iterator[Violation]:
        """What the schema of an example or a default says in passing, and the value does not keep."""
        node = documented.schema.compiled_node
        if id(node.value) not in self._reaching:
            return
        found: Found = {}
        self._look(node, documented.value, (), documented.direction is Direction.RESPONSE, found, set())
        for rule, schema, keys, value, count in found.values():
            at = "".join(f"/{key}" for key in keys)
            if rule is WRITE_ONLY_IN_RESPONSE:
                fact = f"{documented.name} has {at}, which is writeOnly ({schema.place}), so that no response has it"
            else:
                subject = f"{documented.name}, {at}" if at else documented.name
                fact = f"{subject}: {shown(value)} is no object, though the schema ({schema.place}) has properties"
                fact += "; give an object, and add `type: object` to the schema"
            more = f"; {count - 1} more likewise" if count > 1 else ""
            yield rule.at(documented.node.place.at(*keys), fact + more)

    def _look(
        self,
        schema: Node,
        value: JSON,
        keys: tuple[str, ...],
        in_response: bool,
        found: Found,
        passed: set[tuple[int, tuple[str, ...]]],
    ) -> None:
        """Look at a value and its schema, then at the members and items; `passed` has what was looked at already."""
        if id(schema.value) not in self._reaching or (id(schema.value), keys) in passed:
            return
        passed.add((id(schema.value), keys))
        members = schema.members
        if in_response and keys and _is_write_only(members):
            _add(found, WRITE_ONLY_IN_RESPONSE, schema, keys, value)
            return
        if is_untyped(members) and value is not None and not isinstance(value, dict):
            _add(found, EXAMPLE_OF_OTHER_SHAPE, schema, keys, value)
        for part in applying_parts(schema):
            self._look(part, value, keys, in_response, found, passed)
        if isinstance(value, dict):
            for key, member in value.items():
                inner = schema_under(schema, "properties", key) or schema_under(schema, "additionalProperties")
                if inner is not None:
                    self._look(inner, member, (*keys, key), in_response, found, passed)
        elif isinstance(value, list):
            items = schema_under(schema, "items")
            if items is not None:
                for index, item in enumerate(value):
                    self._look(items, item, (*keys, str(index)), in_response, found, passed)


def _add(found: Found, rule: Rule, schema: Node, keys: tuple[str, ...], value: JSON) -> None:
    """Count what one schema says of a value; the first place is kept."""
    rule_found, node, first_keys, first_value, count = found.get(id(schema.value), (rule, schema, keys, value, 0))
    found[id(schema.value)] = (rule_found, node, first_keys, first_value, count + 1)


def _is_write_only(members: dict[str, JSON]) -> bool:
    return members.get("writeOnly") is True
