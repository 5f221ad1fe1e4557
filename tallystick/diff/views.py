"""Schemas as they are compared: references followed, `allOf` merged, every version of OpenAPI in one form.

A conjunction is a tuple of schemas that apply at once. Its view has the keywords of all of them.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from tallystick.nouns import budgets
from tallystick.nouns.dialect import Dialect
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_value import JSON
from tallystick.nouns.keywords import PLAIN, SUBSCHEMA, SUBSCHEMA_MAP, SUBSCHEMAS
from tallystick.nouns.node import Key, Node
from tallystick.nouns.schema import Direction
from tallystick.nouns.violation import Place
from tallystick.schemas.formats import WHOLE_NUMBERS, narrow_to_format
from tallystick.schemas.required import Excuses

Conjunction = tuple[Node, ...]
ConjunctionKey = tuple[tuple[Key, int], ...]
Mapped = dict[str, Node | None]
"""The schema that each value in a discriminator's `mapping` leads to, None where it cannot be read."""
ChildKey = tuple[str, ...]
"""The keyword that holds a schema, and its name or index there."""

EXTENSIBLE = "x-extensible-enum"
"""The values that are known, of a text that may be another one: an extension that many contracts have."""
NOTES = ("default", "contentMediaType", "contentEncoding", "deprecated", "readOnly", "writeOnly", EXTENSIBLE)
"""Keywords that judge no value, and still mean something to a reader of the contract."""
_LEAST = frozenset(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"))
_MOST = frozenset(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"))
_NOTHING: dict[str, JSON] = {"minLength": 0, "minItems": 0, "minProperties": 0, "uniqueItems": False}
"""Keywords with the value that says nothing."""
_DEFAULTED = frozenset(("additionalProperties", "items", "unevaluatedItems", "unevaluatedProperties", "propertyNames"))
"""Keywords that say nothing where their schema allows everything."""
_BRANCHES = ("anyOf", "oneOf")
_OPEN = frozenset("description title summary example examples externalDocs xml $comment default deprecated".split())
"""Keywords that a schema may have and still allow everything."""


@dataclass(slots=True, eq=False)
class View:
    """The keywords of a conjunction, and the conjunctions inside it."""

    nodes: Conjunction
    keywords: dict[str, JSON] = field(default_factory=dict)
    """Plain keywords. `type` is a sorted list; `enum` stands for `const` too."""
    children: dict[ChildKey, Conjunction] = field(default_factory=dict)
    branches: dict[str, list[tuple[Conjunction, ...]]] = field(default_factory=dict)
    """The branches of each `anyOf` and `oneOf`."""
    notes: dict[str, JSON] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    """The place of each keyword."""
    is_constant: bool = False
    """Whether its `enum` is a `const`."""
    discriminators: dict[str, Mapped] = field(default_factory=dict)
    """By the name of the property that tells the branches apart, the schema that each of its values leads to."""

    def place(self, keyword: str) -> Place | None:
        """The place of a keyword; of the schema where it has none."""
        if keyword in self.places:
            return self.places[keyword]
        return self.nodes[0].place if self.nodes else None

    @property
    def properties(self) -> list[str]:
        return [key[1] for key in self.children if key[0] == "properties"]

    @property
    def required(self) -> list[str]:
        names = self.keywords.get("required")
        return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []

    @property
    def types(self) -> list[str]:
        """The types that it allows by name; none where it names none."""
        types = self.keywords.get("type")
        return [name for name in types if isinstance(name, str)] if isinstance(types, list) else []


class Views:
    """The views of the schemas of one contract, for values of one direction."""

    def __init__(self, dialect: Dialect, direction: Direction) -> None:
        self.dialect = dialect
        self.direction = direction
        self.excuses = Excuses(dialect, direction)
        self.views: dict[ConjunctionKey, View] = {}

    def view(self, conjunction: Conjunction) -> View:
        key = key_of(conjunction)
        view = self.views.get(key)
        if view is None:
            view = self.views[key] = self.made(conjunction)
        return view

    def made(self, conjunction: Conjunction) -> View:
        parts = list(self.parts(conjunction))
        view = View(tuple(node for node, schema in parts if schema) or conjunction)
        excused = frozenset(name for node, _ in parts for name in self.excuses.excused(node))
        names = {name for _, schema in parts for name in _names_in(schema)}
        for node, schema in parts:
            for keyword, value in schema.items():
                if keyword == "required" and isinstance(value, list):
                    value = [name for name in value if name not in excused]
                if keyword in PLAIN:
                    self.plain(view, node, keyword, value)
                elif keyword in _BRANCHES and isinstance(value, list):
                    self.branch(view, node, keyword, value)
                elif keyword in NOTES:
                    view.notes.setdefault(keyword, value)
                    view.places.setdefault(keyword, node.place.at(keyword))
                elif keyword == "discriminator":
                    self.discriminator(view, node, value)
                else:
                    self.child(view, node, schema, names, keyword, value)
        _tidy(view)
        return view

    def parts(self, conjunction: Conjunction) -> Iterator[tuple[Node, dict[str, JSON]]]:
        """The schemas of a conjunction, those in their `$ref` and `allOf` too, each as JSON Schema 2020-12."""
        waiting, passed = list(reversed(conjunction)), set[tuple[Key, int]]()
        while waiting and len(passed) < budgets.SCHEMA_STEPS:
            node = waiting.pop()
            identity = node.key, id(node.value)
            if identity in passed:
                continue
            passed.add(identity)
            value = node.value
            if value is False:
                yield node, {"enum": []}
            if not isinstance(value, dict):
                continue
            ref = value.get("$ref")
            if isinstance(ref, str):
                with suppress(UnreadableError):  # nothing is judged by it, and `check` says so
                    waiting.append(node.target(ref))
                if not self.dialect.ref_siblings:
                    continue
            schema = self.dialect.modern(value)
            schema.pop("$ref", None)
            for keyword in ("allOf", *_BRANCHES):
                inner = schema.get(keyword)
                if isinstance(inner, list) and (keyword == "allOf" or len(inner) == 1):
                    del schema[keyword]
                    waiting += [
                        Node(node.document, (*node.path, keyword, str(index)), item)
                        for index, item in reversed(list(enumerate(inner)))
                    ]
            if "format" in schema and schema["format"] not in WHOLE_NUMBERS:
                narrow_to_format(schema, self.dialect.open_formats)
            yield node, schema

    def plain(self, view: View, node: Node, keyword: str, value: JSON) -> None:
        if keyword in _NOTHING and value == _NOTHING[keyword]:
            return
        place = node.place.at(keyword)
        if keyword == "const":
            keyword, value, view.is_constant = "enum", [value], True
        elif keyword == "type":
            value = _sorted_types(value)
        elif keyword == "required":
            names = {name for name in value if isinstance(name, str)} if isinstance(value, list) else set[str]()
            value = [*sorted(names)]
            if not value:
                return
        before = view.keywords.get(keyword)
        view.keywords[keyword] = value if before is None else _merged(keyword, before, value)
        if before is None or view.keywords[keyword] != before:
            view.places[keyword] = place

    def branch(self, view: View, node: Node, keyword: str, items: list[JSON]) -> None:
        place = node.place.at(keyword)
        own = [Node(node.document, (*node.path, keyword, str(index)), item) for index, item in enumerate(items)]
        if len(own) == 2 and any(item.value == {"type": "null"} for item in own):
            keyword = "anyOf"  # with null aside it makes no difference
        view.branches.setdefault(keyword, []).append(tuple((item,) for item in own))
        view.places.setdefault(keyword, place)

    def discriminator(self, view: View, node: Node, value: JSON) -> None:
        """Add a discriminator; in Swagger 2.0 it is the name of its property alone."""
        members: dict[str, JSON] = value if isinstance(value, dict) else {"propertyName": value}
        name, mapping = members.get("propertyName"), members.get("mapping")
        if isinstance(name, str):
            targets = mapping if isinstance(mapping, dict) else {}
            if "defaultMapping" in members:
                targets = {**targets, "any other value": members["defaultMapping"]}
            view.discriminators[name] = {key: self.target(node, ref) for key, ref in targets.items()}
            view.places.setdefault("discriminator", node.place.at("discriminator"))

    def target(self, node: Node, ref: JSON) -> Node | None:
        """The schema that a value of a mapping names: by a reference, or by its name in the components."""
        if not isinstance(ref, str):
            return None
        named = "/".join(("#", *self.dialect.components_at, self.dialect.schemas_section, ref))
        for reference in (named, ref) if "/" not in ref and "#" not in ref else (ref,):
            with suppress(UnreadableError):
                return node.target(reference)
        return None

    def child(
        self, view: View, node: Node, schema: dict[str, JSON], names: set[str], keyword: str, value: JSON
    ) -> None:
        at = (*node.path, self.dialect.written(node.members, keyword))
        if keyword in SUBSCHEMA:
            if keyword in _DEFAULTED and allows_everything(Node(node.document, at, value)):
                return
            own = _names_in(schema)
            beside = tuple(sorted(own)) if keyword == "additionalProperties" and own != names else ()
            _join(view, (keyword, *beside), Node(node.document, at, value))
        elif keyword in SUBSCHEMAS and isinstance(value, list):
            for index, item in enumerate(value):
                _join(view, (keyword, str(index)), Node(node.document, (*at, str(index)), item))
        elif keyword in SUBSCHEMA_MAP and isinstance(value, dict):
            for name, item in value.items():
                _join(view, (keyword, name), Node(node.document, (*at, name), item))
        elif keyword == "dependencies" and isinstance(value, dict):
            for name, item in value.items():
                if isinstance(item, (dict, bool)):
                    _join(view, ("dependentSchemas", name), Node(node.document, (*at, name), item))
                else:
                    needed: JSON = {name: item if isinstance(item, list) else [item]}
                    self.plain(view, node, "dependentRequired", needed)
        elif keyword == "contentSchema":
            _join(view, (keyword,), Node(node.document, at, value))


def key_of(conjunction: Conjunction) -> ConjunctionKey:
    """The identity of a conjunction."""
    return tuple((node.key, id(node.value)) for node in conjunction)


def allows_everything(node: Node) -> bool:
    """Whether a schema, or what its `$ref` leads to, refuses no value, as far as its own keywords say."""
    if node.reference is not None and len(node.members) == 1:
        with suppress(UnreadableError):
            node = node.follow()
    return node.value is True or (isinstance(node.value, dict) and _OPEN.issuperset(node.value))


def _join(view: View, key: ChildKey, node: Node) -> None:
    before = view.children.get(key, ())
    view.children[key] = (*before, node)
    view.places.setdefault("/".join(key), node.place)


def _names_in(schema: dict[str, JSON]) -> set[str]:
    names: set[str] = set()
    for keyword in ("properties", "patternProperties"):
        members = schema.get(keyword)
        names.update(members if isinstance(members, dict) else ())
    return names


def _sorted_types(value: JSON) -> list[JSON]:
    types = {name for name in value if isinstance(name, str)} if isinstance(value, list) else {str(value)}
    if "number" in types:
        types.discard("integer")
    return [*sorted(types)]


def _merged(keyword: str, before: JSON, value: JSON) -> JSON:
    """What two values of one keyword say together."""
    if before == value:
        return before
    if isinstance(before, list) and isinstance(value, list):
        if keyword == "required":
            return [*sorted({*map(str, before), *map(str, value)})]
        if keyword == "type":
            both = {str(name) for name in before} & {str(name) for name in value}
            if "integer" in before + value and "number" in before + value:
                both.add("integer")
            return [*sorted(both)]
        if keyword == "enum":
            return [item for item in before if item in value]
    if isinstance(before, (int, float)) and isinstance(value, (int, float)):
        if keyword in _LEAST:
            return max(before, value)
        if keyword in _MOST:
            return min(before, value)
    if keyword == "dependentRequired" and isinstance(before, dict) and isinstance(value, dict):
        return {**before, **value}
    return {"both": sorted([before, value], key=lambda item: json.dumps(item, sort_keys=True))}


def _tidy(view: View) -> None:
    """Remove what says nothing beside the rest."""
    enum = view.keywords.get("enum")
    if isinstance(enum, list):
        view.keywords["enum"] = sorted(enum, key=lambda item: json.dumps(item, sort_keys=True))
    for exclusive, bound, nearer in (
        ("exclusiveMinimum", "minimum", operator.ge),
        ("exclusiveMaximum", "maximum", operator.le),
    ):
        one, other = view.keywords.get(exclusive), view.keywords.get(bound)
        if isinstance(one, (int, float)) and isinstance(other, (int, float)):
            del view.keywords[bound if nearer(one, other) else exclusive]


def conjunction(nodes: Sequence[Node]) -> Conjunction:
    """A conjunction of schemas, each once."""
    return tuple({(node.key, id(node.value)): node for node in nodes}.values())
