"""Values that fit some schemas of one contract at once, and, where it is asked for, do not fit another schema."""

from __future__ import annotations

import json
from urllib.parse import quote

from tallystick.diff.views import Conjunction, conjunction, key_of
from tallystick.examples.draws import FEW, Style
from tallystick.examples.value_generator import ValueGenerator
from tallystick.nouns import budgets
from tallystick.nouns.dialect import Dialect
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Node
from tallystick.nouns.schema import Direction
from tallystick.schemas.bundle import Bundle
from tallystick.schemas.table import SchemaTable

_STYLE = Style(0, FEW)


class Maker:
    """Makes values for the schemas of one contract, in one direction; each is made once."""

    def __init__(self, dialect: Dialect, direction: Direction) -> None:
        self.dialect = dialect
        self.direction = direction
        self.values: dict[object, JSON] = {}

    def make(self, schemas: Conjunction, unfit: JSON = None) -> JSON:
        """A value that fits all of some schemas, and not the schema `unfit`; None where none was found."""
        key = key_of(schemas), json.dumps(unfit, sort_keys=True)
        if key not in self.values:
            self.values[key] = self.generated(conjunction(schemas), unfit)
        return self.values[key]

    def generated(self, schemas: Conjunction, unfit: JSON) -> JSON:
        if not schemas:
            return None
        node = schemas[0] if len(schemas) == 1 and unfit is None else _together(schemas, unfit)
        bundle = Bundle(SchemaTable(self.dialect, self.direction), (node,))
        if len(bundle.names) > budgets.DIFF_SCHEMAS:
            return None
        try:
            generator = ValueGenerator(bundle, self.direction, _STYLE, _name_of(schemas[0]))
            return generator.value if generator.generate() else None
        except RecursionError:  # schemas that lead to schemas too often, one after the other
            return None


def _name_of(node: Node) -> str:
    return node.path[-1] if len(node.path) > 1 and node.path[-2] == "properties" else ""


def _together(schemas: Conjunction, unfit: JSON) -> Node:
    """A schema that stands for several, beside the first of them."""
    first = schemas[0]
    parts: list[JSON] = [
        node.value if node.document is first.document else {"$ref": _address(node)} for node in schemas
    ]
    value: dict[str, JSON] = {"allOf": parts}
    if unfit is not None:
        value["not"] = unfit
    return Node(first.document, (*first.path, "allOf and not"), value)


def _address(node: Node) -> str:
    return f"{node.document.uri}#{quote(node.place.pointer, safe='/~')}"
