"""Every object of a contract by its name in the specification, and every reference: one walk that all rules share.

The walk begins at the root and goes through references into whatever file they lead to; an object that is reached in
several ways is met once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tallystick.documents.dialect import Dialect, dialect_of
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.node import Node
from tallystick.nouns.schema import Direction
from tallystick.rules.contract.path_operations import PathOperation, path_operations
from tallystick.schemas.compiled import SUBSCHEMA, SUBSCHEMA_MAP, SUBSCHEMAS, Compiler

ONE, LIST, MAP, PATTERNED = "", "[]", "{}", "{^x-}"
"""How a field holds objects: itself, in a list, by any name, or by any name that is no extension."""

_TABLE = """
openapi: info:info servers:server[] paths:paths webhooks:path-item{} components:components tags:tag[] \
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
        kind, _, listed = row.partition(": ")
        rows[kind] = {}
        for field in listed.split():
            name, _, target = field.partition(":")
            holds = next((suffix for suffix in (PATTERNED, MAP, LIST) if target.endswith(suffix)), ONE)
            rows[kind][name] = (target.removesuffix(holds), holds)
    return rows


FIELDS = _fields(_TABLE)
"""For each kind of object, the fields that hold other objects: what kind, and how. Every version of OpenAPI in one."""
FIELDS["schema"] = {
    **dict.fromkeys(SUBSCHEMA, ("schema", ONE)),
    **dict.fromkeys(SUBSCHEMAS, ("schema", LIST)),
    **dict.fromkeys((*SUBSCHEMA_MAP, "$defs", "definitions"), ("schema", MAP)),
    **_fields("schema: discriminator:discriminator xml:xml externalDocs:external-documentation")["schema"],
}
_NAMES = {"openapi": "OpenAPI document", "xml": "XML object", "info": "info object", "oauth-flows": "flows object"}
_DIRECTIONS = {
    "request-body": Direction.REQUEST,
    "parameter": Direction.REQUEST,
    "response": Direction.RESPONSE,
}


def path_item_fields(dialect: Dialect) -> Fields:
    """The fields of a path item in one version of OpenAPI: its operations and what it shares among them."""
    return {**FIELDS["path-item"], **dict.fromkeys(dialect.methods, ("operation", ONE))}


def kinds_along(path: tuple[str, ...], start: str, dialect: Dialect) -> list[str]:
    """The kind of object at each step of a path of keys from an object of the kind `start`; "" where there is none."""
    kinds, held, holds = [start], start, ONE
    for key in path:
        if holds != ONE:  # the list or map itself, which is no object, has been passed
            kinds.append(held)
            holds = ONE
            continue
        fields = path_item_fields(dialect) if kinds[-1] == "path-item" else FIELDS.get(kinds[-1], {})
        held, holds = (fields["*"][0], ONE) if "*" in fields else fields.get(key, ("", ONE))
        kinds.append(held if holds == ONE else "")
    return kinds


def declared_kind(node: Node) -> str:
    """The kind of object that a document's components hold where a node stands, "" where it stands elsewhere."""
    path = node.path
    if len(path) == 3 and path[0] == "components" and path[1] in FIELDS["components"]:
        return FIELDS["components"][path[1]][0]
    if (
        len(path) == 2
        and path[0] in ("definitions", "parameters", "responses")
        and "swagger" in node.document.root.members
    ):
        return FIELDS["openapi"][path[0]][0]
    return ""


def named(kind: str) -> str:
    """A kind of object as messages name it, with its article: "an operation", "a media type"."""
    name = _NAMES.get(kind, kind.replace("-", " "))
    if kind in ("paths", "responses", "components"):
        return f"`{kind}`"
    return f"{'an' if name[0] in 'aeioOX' else 'a'} {name}"


@dataclass(slots=True, eq=False)  # not frozen, for the same reason as a node
class Part:
    """An object of a kind (`operation`, `media-type`, `schema`, ...), not a reference to one.

    `direction` is the way that values go through it, None where both or either is meant; `is_root` says that no
    object of the same kind is around it.
    """

    kind: str
    node: Node
    direction: Direction | None
    is_root: bool


@dataclass(frozen=True, slots=True)
class Reference:
    """A `$ref`: where it stands, the kind of object expected there, and what it leads to (or why to nothing)."""

    kind: str
    node: Node
    ref: str
    direction: Direction | None
    target: Node | None
    error: UnreadableError | None = None


class Parts:
    """The objects and references of one contract."""

    def __init__(self, contract: Contract) -> None:
        root: Node = contract.root
        self.contract = contract
        self.root = root
        self.dialect: Dialect = dialect_of(root.members, root.document.file)
        self.compiler = Compiler(self.dialect)
        self.references: list[Reference] = []
        self.fragments: list[Part] = []
        """The objects that stand in no other: in further files, or where the specification has no place for them."""
        self._by_kind: dict[str, list[Part]] = {kind: [] for kind in FIELDS}
        self._met: set[tuple[int, str]] = set()
        self._targets: dict[tuple[str, str], Node | UnreadableError] = {}
        self._path_item_fields = path_item_fields(self.dialect)
        self._walk(Part("openapi", root, None, is_root=True))
        for reference in self.references:  # grows while it is walked
            target, kind = reference.target, reference.kind
            if target is None or (id(target.value), kind) in self._met or declared_kind(target) not in ("", kind):
                continue
            fragment = Part(kind, target, reference.direction, is_root=True)
            if target.reference is None or kind in ("schema", "path-item"):
                self.fragments.append(fragment)
            self._walk(fragment)

    def of(self, *kinds: str) -> Iterator[Part]:
        """The objects of these kinds."""
        for kind in kinds:
            yield from self._by_kind.get(kind, ())

    @cached_property
    def operations(self) -> Sequence[PathOperation]:
        """The operations of the document's paths."""
        return tuple(path_operations(self.root, self.dialect))

    def _walk(self, start: Part) -> None:
        waiting = [start]
        while waiting:
            part = waiting.pop()
            kind, node = part.kind, part.node
            value = node.value
            if not isinstance(value, dict):
                continue
            mark = (id(value), kind)
            if mark in self._met:
                continue
            self._met.add(mark)
            ref = value.get("$ref")
            if isinstance(ref, str):
                self._refer(kind, node, ref, part.direction)
                if kind != "path-item" and not (kind == "schema" and self.dialect.ref_siblings and len(value) > 1):
                    continue
            self._by_kind.setdefault(kind, []).append(part)
            inside = self._inside(part, value)
            inside.reverse()
            waiting += inside

    def _inside(self, part: Part, value: dict[str, Any]) -> list[Part]:
        """The objects that an object holds, references to them too."""
        fields = self._path_item_fields if part.kind == "path-item" else FIELDS.get(part.kind)
        found: list[Part] = []
        if fields is None:
            return found
        if "*" in fields:
            self._hold(part, part.node, *fields["*"], found)
            return found
        node = part.node
        for name, item in value.items():
            field = fields.get(name)
            if field is not None and isinstance(item, (dict, list)):
                kind, holds = field
                child = Node(node.document, (*node.path, name), item)
                if holds == ONE:
                    found.append(self._part(part, kind, child))
                else:
                    self._hold(part, child, kind, holds, found)
        return found

    def _hold(self, part: Part, holder: Node, kind: str, holds: str, found: list[Part]) -> None:
        if isinstance(holder.value, list) == (holds == LIST):
            for name, node in holder.raw_items():
                if holds != PATTERNED or not name.startswith("x-"):
                    found.append(self._part(part, kind, node))

    @staticmethod
    def _part(parent: Part, kind: str, node: Node) -> Part:
        return Part(kind, node, _DIRECTIONS.get(kind, parent.direction), kind != parent.kind)

    def _refer(self, kind: str, node: Node, ref: str, direction: Direction | None) -> None:
        key = (node.document.resource_of(node.path)[0], ref)
        found = self._targets.get(key)
        if found is None:
            try:
                found = node.target(ref)
                if found.reference is not None:
                    found.follow()  # a chain may lead back to itself
            except UnreadableError as error:
                found = error
            self._targets[key] = found
        if isinstance(found, Node):
            self.references.append(Reference(kind, node, ref, direction, found))
        else:
            self.references.append(Reference(kind, node, ref, direction, None, found))
