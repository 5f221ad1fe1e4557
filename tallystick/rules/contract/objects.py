"""Every object of a contract by its kind, and every reference: the result of one walk, which all rules share.

The walk begins at the root and follows references, also into other files. It visits each object once.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from tallystick.documents.dialect import version_of
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract, DocumentedOperation
from tallystick.nouns.dialect import Dialect
from tallystick.nouns.errors import UnreadableError, WrongReferenceError
from tallystick.nouns.json_value import JSON
from tallystick.nouns.keywords import DEFINITIONS, PLAIN, SUBSCHEMA, SUBSCHEMA_MAP, SUBSCHEMAS
from tallystick.nouns.node import Key, Node, Path
from tallystick.nouns.schema import Direction
from tallystick.schemas.messages import shown

ONE, LIST, MAP, PATTERNED = "", "[]", "{}", "{^x-}"
"""How a field holds objects: it is one, a list of them, a map of them, or a map whose `x-` members are extensions."""

_TABLE = """
document: info:info servers:server[] paths:paths webhooks:path-item{} components:components tags:tag[] \
    security:security-requirement[] externalDocs:external-documentation \
    definitions:schema{} parameters:parameter{} responses:response{} securityDefinitions:security-scheme{}
info: contact:contact license:license
tag: externalDocs:external-documentation
server: variables:server-variable{}
components: schemas:schema{} responses:response{} parameters:parameter{} examples:example{} \
    requestBodies:request-body{} headers:header{} securitySchemes:security-scheme{} links:link{} callbacks:callback{} \
    pathItems:path-item{} mediaTypes:media-type{}
paths: *:path-item{^x-}
callback: *:path-item{^x-}
path-item: parameters:parameter[] servers:server[] additionalOperations:operation{}
operation: parameters:parameter[] requestBody:request-body responses:responses callbacks:callback{} \
    security:security-requirement[] servers:server[] externalDocs:external-documentation
responses: *:response{^x-}
response: headers:header{} content:media-type{} links:link{} schema:schema
request-body: content:media-type{}
parameter: schema:schema content:media-type{} examples:example{} items:items
header: schema:schema content:media-type{} examples:example{} items:items
items: items:items
media-type: schema:schema itemSchema:schema examples:example{} encoding:encoding{} prefixEncoding:encoding[] \
    itemEncoding:encoding
encoding: headers:header{} encoding:encoding{} prefixEncoding:encoding[] itemEncoding:encoding
link: server:server
security-scheme: flows:oauth-flows
oauth-flows: implicit:oauth-flow password:oauth-flow clientCredentials:oauth-flow authorizationCode:oauth-flow \
    deviceAuthorization:oauth-flow
"""

Fields = dict[str, tuple[str, str]]


def _fields(table: str) -> dict[str, Fields]:
    rows: dict[str, Fields] = {}
    for row in table.strip().splitlines():
        kind, _, fields = row.partition(": ")
        rows[kind] = {}
        for field in fields.split():
            name, _, target = field.partition(":")
            holds = next((suffix for suffix in (PATTERNED, MAP, LIST) if target.endswith(suffix)), ONE)
            rows[kind][name] = (target.removesuffix(holds), holds)
    return rows


FIELDS = _fields(_TABLE)
"""For each kind of object, the fields that hold other objects: their kind, and how. All versions of OpenAPI in one."""
FIELDS["schema"] = {
    **dict.fromkeys(SUBSCHEMA, ("schema", ONE)),
    **dict.fromkeys(SUBSCHEMAS, ("schema", LIST)),
    **dict.fromkeys((*SUBSCHEMA_MAP, *DEFINITIONS, "dependencies"), ("schema", MAP)),
    **_fields("schema: discriminator:discriminator xml:xml externalDocs:external-documentation")["schema"],
}
_KINDS = (*FIELDS, *{held for fields in FIELDS.values() for held, _ in fields.values() if held not in FIELDS})
_SCHEMA_FIELDS = frozenset(
    (
        *PLAIN,
        *FIELDS["schema"],
        *"title description default example examples nullable readOnly writeOnly deprecated dependencies id".split(),
        *"$id $schema $ref $anchor $dynamicRef $dynamicAnchor $recursiveRef $recursiveAnchor $vocabulary".split(),
        *"$comment contentEncoding contentMediaType contentSchema".split(),
    )
)
"""Every keyword of a schema, in any version."""
_NAMES = {"document": "OpenAPI document", "xml": "XML object", "info": "info object", "oauth-flows": "flows object"}
_FIRST_TOO_FAR, _ENDLESS = budgets.REFERENCE_CHAIN + 1, math.inf
"""The lengths of the chains of references that are told where they begin."""
_DIRECTIONS = {
    "request-body": Direction.REQUEST,
    "parameter": Direction.REQUEST,
    "response": Direction.RESPONSE,
}


def path_item_fields(dialect: Dialect) -> Fields:
    """The fields of a path item in one version of OpenAPI: its operations, and the fields that they share."""
    return {**FIELDS["path-item"], **dict.fromkeys(dialect.methods, ("operation", ONE))}


def kinds_along(path: tuple[str, ...], start: str, dialect: Dialect) -> list[str]:
    """The kind of object at each step of a path from an object of the kind `start`; "" where there is none."""
    kinds, held, holds = [start], start, ONE
    for key in path:
        if holds != ONE:  # the step before was the list or map itself, which is no object
            kinds.append(held)
            holds = ONE
            continue
        fields = path_item_fields(dialect) if kinds[-1] == "path-item" else FIELDS.get(kinds[-1], {})
        held, holds = fields.get(key, fields.get("*", ("", ONE)))
        if holds == PATTERNED and "*" in fields:
            held, holds = "" if key.startswith("x-") else held, ONE
        kinds.append(held if holds == ONE else "")
    return kinds


def component_kinds(dialect: Dialect) -> dict[Path, str]:
    """The kinds of reusable objects, by the paths of their sections."""
    fields = FIELDS["components" if dialect.components_at else "document"]
    return {(*dialect.components_at, section): fields[section][0] for section in dialect.component_sections}


def named(kind: str) -> str:
    """A kind of object as messages name it, with its article: "an operation", "a media type"."""
    name = _NAMES.get(kind, kind.replace("-", " "))
    if kind in ("paths", "responses", "components"):
        return f"`{kind}`"
    return f"{'an' if name[0] in 'aeioOX' else 'a'} {name}"


@dataclass(slots=True, eq=False)  # not frozen, because frozen objects are made more slowly (see Node)
class SpecObject:
    """An object of a kind that the specification names (`operation`, `media-type`, `schema`); not a reference to one.

    `direction` is the direction of its values, None if they may go in both; `is_root` is false if the object directly
    around it is of the same kind.
    """

    kind: str
    node: Node
    direction: Direction | None
    is_root: bool


@dataclass(frozen=True, slots=True)
class Reference:
    """A `$ref`: where it stands, the kind of object expected there, and its target, or the error if it has none."""

    kind: str
    node: Node
    ref: str
    direction: Direction | None
    target: Node | None
    error: UnreadableError | None = None


class Objects:
    """The objects and references of one contract."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.root = contract.root
        self.dialect = contract.dialect
        self.compiler = contract.compiler
        self.references: list[Reference] = []
        self.mistaken: list[tuple[Reference, str]] = []
        """The references to no object of the expected kind, with what stands there as messages name it."""
        self.detached: list[SpecObject] = []
        """The objects inside no other: in another file, or where the specification has no such object."""
        self._by_kind: dict[str, list[SpecObject]] = {kind: [] for kind in FIELDS}
        self._walked: set[tuple[int, str]] = set()
        self._targets: dict[tuple[str, str], Node | UnreadableError] = {}
        self._steps: dict[Key, float] = {}
        """How many references in a row begin with a node."""
        self._circling: set[Key] = set()
        """The nodes whose references lead back to themselves."""
        self._ahead: dict[Key, int] = {}
        """How many nodes there are in a chain of references without an end, by the node that it begins with."""
        self._path_item_fields = path_item_fields(self.dialect)
        self._walk(SpecObject("document", self.root, None, is_root=True))
        for reference in self.references:  # grows while it is walked
            target, kind = reference.target, reference.kind
            if target is None or (id(target.value), kind) in self._walked:
                continue
            instead = self.instead_of(kind, target)
            if instead:
                self.mistaken.append((reference, instead))
                continue
            detached = SpecObject(kind, target, reference.direction, is_root=True)
            if target.reference is None or kind in ("schema", "path-item"):
                self.detached.append(detached)
            self._walk(detached)

    def instead_of(self, kind: str, target: Node) -> str:
        """What stands where a reference leads, as messages name it, if it is not of the expected kind; else ""."""
        value = target.value
        if (id(value), kind) in self._walked:
            return ""
        if not isinstance(value, dict):
            return "" if kind == "schema" and isinstance(value, bool) else shown(value)
        kinds = [other for other in _KINDS if (id(value), other) in self._walked] or self._kinds_by_place(target)
        if not kinds:
            is_other = kind == "schema" and value and not any(key in _SCHEMA_FIELDS or key[:2] == "x-" for key in value)
            return "an object that has no field of a schema" if is_other else ""
        if kind in kinds or {*kinds, kind} == {"items", "schema"}:
            return ""
        return named(kinds[0]) if kinds[0] else f"`{target.path[-1]}`"

    def _kinds_by_place(self, node: Node) -> list[str]:
        """The kind of an object by its place in its document; "" if it only holds objects; empty if that is unknown."""
        path = node.path
        if version_of(node.document.root.members) is None:
            # in a file that is no whole document, a member of any name may hold anything
            declared = FIELDS["components"].get(path[1]) if len(path) == 3 and path[0] == "components" else None
            return [declared[0]] if declared is not None else []
        kind = kinds_along(path, "document", self.dialect)[-1]
        holds_objects = kinds_along((*path, "any"), "document", self.dialect)[-1] != ""
        return [kind] if kind or holds_objects else []

    @cached_property
    def schema_names(self) -> Collection[str]:
        """The names of the document's reusable schemas."""
        try:
            return self.root.raw(*self.dialect.schemas_at).members
        except KeyError:
            return ()

    @staticmethod
    def target_of(node: Node) -> Node | None:
        """What the reference of a node leads to; None where it leads nowhere."""
        try:
            return node.target(node.reference) if node.reference is not None else None
        except UnreadableError:
            return None

    def of(self, *kinds: str) -> Iterator[SpecObject]:
        """The objects of these kinds."""
        for kind in kinds:
            yield from self._by_kind.get(kind, ())

    def nodes(self, *kinds: str) -> Iterator[Node]:
        """The nodes of the objects of these kinds."""
        for kind in kinds:
            for spec_object in self._by_kind.get(kind, ()):
                yield spec_object.node

    def schemas_with(self, *keywords: str) -> Iterator[SpecObject]:
        """The Schema Objects that have any of some keywords, each once."""
        by_keyword = self._schemas_by_keyword
        if len(keywords) == 1:
            return iter(by_keyword.get(keywords[0], ()))
        return iter({id(schema): schema for word in keywords for schema in by_keyword.get(word, ())}.values())

    @cached_property
    def _schemas_by_keyword(self) -> dict[str, list[SpecObject]]:
        """Most rules are about a few of the schemas of a document, and there may be tens of thousands."""
        by_keyword: dict[str, list[SpecObject]] = {}
        for schema in self._by_kind.get("schema", ()):
            for keyword in schema.node.members:
                by_keyword.setdefault(keyword, []).append(schema)
        return by_keyword

    def has(self, kind: str) -> bool:
        """Whether there is an object of a kind."""
        return bool(self._by_kind.get(kind))

    @property
    def operations(self) -> Sequence[DocumentedOperation]:
        """The operations of the document's paths."""
        return self.contract.documented_operations

    def _walk(self, start: SpecObject) -> None:
        waiting = [start]
        while waiting:
            spec_object = waiting.pop()
            kind, node = spec_object.kind, spec_object.node
            value = node.value
            if not isinstance(value, dict):
                continue
            identity = (id(value), kind)
            if identity in self._walked:
                continue
            self._walked.add(identity)
            ref = value.get("$ref")
            if isinstance(ref, str):
                self._refer(kind, node, ref, spec_object.direction)
                if kind != "path-item" and not (kind == "schema" and self.dialect.ref_siblings and len(value) > 1):
                    continue
            self._by_kind.setdefault(kind, []).append(spec_object)
            held = self._held_by(spec_object, value)
            held.reverse()
            waiting += held

    def _held_by(self, owner: SpecObject, value: dict[str, JSON]) -> list[SpecObject]:
        """The objects that an object holds, references to them too."""
        fields = self._path_item_fields if owner.kind == "path-item" else FIELDS.get(owner.kind)
        held: list[SpecObject] = []
        if fields is None:
            return held
        if "*" in fields:
            self._add_all(owner, owner.node, *fields["*"], held)
            return held
        node = owner.node
        for name, item in value.items():
            field = fields.get(name)
            if field is not None and isinstance(item, (dict, list)):
                kind, holds = field
                child = Node(node.document, (*node.path, name), item)
                if holds == ONE and isinstance(item, list) and kind == "schema":
                    self._add_all(owner, child, kind, LIST, held)  # draft 4: `items` with a schema for each position
                elif holds == ONE:
                    held.append(_held(owner, kind, child))
                else:
                    self._add_all(owner, child, kind, holds, held)
        return held

    @staticmethod
    def _add_all(owner: SpecObject, holder: Node, kind: str, holds: str, held: list[SpecObject]) -> None:
        """Add the objects of a list or a map to `held`."""
        if isinstance(holder.value, list) == (holds == LIST):
            for name, node in holder.raw_items():
                if holds != PATTERNED or not name.startswith("x-"):
                    held.append(_held(owner, kind, node))

    def _refer(self, kind: str, node: Node, ref: str, direction: Direction | None) -> None:
        """Add a reference and its target, or the error if it has none."""
        key = (node.document.resource_of(node.path)[0], ref)
        target = self._targets.get(key)
        if target is None:
            try:
                target = node.target(ref)
            except UnreadableError as error:
                target = error
            self._targets[key] = target
        if isinstance(target, Node) and target.reference is not None:
            target = self._error_of_chain(node, target) or target
        if isinstance(target, Node):
            self.references.append(Reference(kind, node, ref, direction, target))
        else:
            self.references.append(Reference(kind, node, ref, direction, None, target))

    def _error_of_chain(self, node: Node, target: Node) -> UnreadableError | None:
        """The error of a reference that leads back to itself, or to one other too many before there is something else.

        A chain that breaks is told where it does, and the references before one that is told are not.
        """
        steps = self._steps_from(node)
        if steps == _ENDLESS:
            if node.key in self._circling or self._ahead[target.key] > budgets.REFERENCE_CHAIN:
                return WrongReferenceError(node.document.file, node.place.line, "the reference has no end")
        elif steps == _FIRST_TOO_FAR:
            try:
                node.follow()
            except UnreadableError as error:
                return error
        return None

    def _steps_from(self, node: Node) -> float:
        """How many references in a row begin with a node."""
        route: list[Key] = []
        onward: Node | None = node
        while onward is not None and onward.key not in self._steps:
            self._steps[onward.key] = _ENDLESS  # unless the end is reached
            route.append(onward.key)
            onward = self.target_of(onward)
        steps = self._steps[onward.key] if onward is not None else -1
        ahead = 0
        if onward is not None and steps == _ENDLESS:
            if onward.key not in self._ahead:  # it is in the route, which leads back to it
                circle = route[route.index(onward.key) :]
                self._circling.update(circle)
                self._ahead.update(dict.fromkeys(circle, len(circle)))
                del route[-len(circle) :]
            ahead = self._ahead[onward.key]
        for key in reversed(route):
            steps, ahead = steps + 1, ahead + 1
            self._steps[key] = steps
            if steps == _ENDLESS:
                self._ahead[key] = ahead
        return self._steps[node.key]


def _held(owner: SpecObject, kind: str, node: Node) -> SpecObject:
    return SpecObject(kind, node, _DIRECTIONS.get(kind, owner.direction), kind != owner.kind)
