"""A contract as one document that refers to nothing outside itself, as Schemathesis and the reference want it.

The document says what we read in the contract: YAML 1.2, and references under the contract's own folder only. A
reference that leads elsewhere, or nowhere, is left out, so that nobody can follow it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from urllib.parse import quote, unquote

from tallystick.documents.dialect import dialect_of
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract
from tallystick.nouns.dialect import Dialect
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_pointer import to_keys
from tallystick.nouns.keywords import SUBSCHEMA
from tallystick.nouns.node import Node
from tallystick.nouns.path_templates import template_names

ELSEWHERE = "x-elsewhere"
"""The member of the root under which schemas of other files stand."""

_BY_NAME = frozenset(
    (
        *("properties", "patternProperties", "dependentSchemas", "$defs", "definitions", "schemas", "paths"),
        *("pathItems", "webhooks", "callbacks", "responses", "requestBodies", "parameters", "headers", "content"),
        *("mediaTypes", "encoding", "links", "examples", "securitySchemes", "securityDefinitions", "scopes"),
        "variables",
    )
)
"""Members whose own members are named by the contract's author."""
_VALUES = frozenset(("example", "default", "enum", "const", "value", "dataValue", "examples"))
"""Members that are plain values, in which `$ref` is a word like any other."""
_REFERENCES = {"$ref": "$ref", "$dynamicRef": "$ref", "operationRef": "operationRef"}
"""Members that are references, and their names in the copy: a `$dynamicRef` becomes a `$ref` to its default target."""
_LEFT_OUT = frozenset(("$id", "$self", "servers", "externalValue"))
"""Members that would change where the copy's pointers start, or lead to the network."""
_LEFT_OUT_UNREAD = frozenset(("parameters", "requestBody"))
"""Members that are left out where their reference cannot be followed."""
_SCHEMAS = frozenset(("schema", "itemSchema", "schemas", "definitions"))
"""Members that are schemas or maps of them; a schema's own members count as schemas too."""
_COMPONENTS = (("components",), ("parameters",), ("responses",))
"""Where reusable parts stand in a document: below `components`, in Swagger 2.0 at the root."""
_DEPTHS = {"components": 3, "definitions": 2, "parameters": 2, "responses": 2, "paths": 2, "webhooks": 2}
"""Members of the root of which a copy for some operations has only what they need, and how deep its parts are."""


def self_contained(contract: Contract, selected: Collection[str] | None = None) -> dict[str, Any]:
    """A copy of a contract's document, with the schemas of other files under `x-elsewhere`.

    It declares every path parameter, and leaves out values that are no operation where there has to be one. With the
    labels of `selected` operations, it has what these need alone: it takes time for them, not for all others.
    """
    paths = None if selected is None else needed_paths(contract, selected)
    document = _Copy(contract.root, contract.dialect, paths).document()
    copied_paths = document.get("paths")
    items = copied_paths if isinstance(copied_paths, dict) else {}
    for path in [path for path, item in items.items() if not isinstance(item, dict)]:
        del items[path]
    for item in items.values():
        for method in [key for key in contract.dialect.methods if key in item and not isinstance(item[key], dict)]:
            del item[method]
    for operation in contract:
        declared = {parameter.name for parameter in operation.parameters if parameter.location == "path"}
        copy = items.get(operation.path, {}).get(operation.method.lower())
        missing = [name for name in dict.fromkeys(template_names(operation.path)) if name not in declared]
        if missing and isinstance(copy, dict):
            string = {"type": "string"}
            kind = string if contract.dialect.parameters_are_schemas else {"schema": string}
            added = [{"name": name, "in": "path", "required": True, **kind} for name in missing]
            parameters = copy.get("parameters")
            copy["parameters"] = [*(parameters if isinstance(parameters, list) else []), *added]
    return document


def needed_paths(contract: Contract, selected: Collection[str]) -> set[str] | None:
    """The paths whose operations have to be known to test some operations; None where all are to be tested.

    They are their own, those that their links lead to, and those that a request to them may be meant for as well, such
    as `/pets/{id}` where `/pets/mine` is tested.
    """
    operations = [operation for operation in contract if operation.label in selected]
    if len(operations) == len(contract.operations):
        return None
    path_by_id = {operation.operation_id: operation.path for operation in contract if operation.operation_id}
    links = (link for operation in operations for response in operation.responses for link in response.links)
    paths = {operation.path for operation in operations}
    alike: dict[int, list[list[str]]] = {}
    for path in paths:
        segments = path.split("/")
        alike.setdefault(len(segments), []).append(segments)
    for path in {operation.path for operation in contract} - paths:
        segments = path.split("/")
        if any(_may_be_one(segments, others) for others in alike.get(len(segments), ())):
            paths.add(path)
    return paths | {path_by_id[link.operation_id] for link in links if link.operation_id in path_by_id}


def _may_be_one(segments: Iterable[str], others: Iterable[str]) -> bool:
    """Whether a concrete path may be one of two templates."""
    pairs = zip(segments, others, strict=True)
    return all(segment == other or "{" in segment or "{" in other for segment, other in pairs)


def served_at(document: dict[str, Any], base_path: str) -> None:
    """Puts every operation of a document below one base path, and names no other server."""
    if dialect_of(document, "").has_servers:
        document["servers"] = [{"url": base_path or "/"}]
    else:
        for key in ("host", "schemes"):
            document.pop(key, None)
        document["basePath"] = base_path or "/"


def with_bearer_tokens(document: dict[str, Any]) -> None:
    """Turns OAuth 2 and OpenID Connect into what they are on the wire: a bearer token (RFC 6750, section 2.1)."""
    dialect = dialect_of(document, "")
    bearer = (
        {"type": "http", "scheme": "bearer"}
        if dialect.has_bearer_scheme
        else {"type": "apiKey", "in": "header", "name": "Authorization"}
    )
    schemes: Any = document
    for key in dialect.security_schemes_at:
        schemes = schemes.get(key) if isinstance(schemes, dict) else None
    for name, scheme in (schemes if isinstance(schemes, dict) else {}).items():
        if isinstance(scheme, dict) and scheme.get("type") in ("oauth2", "openIdConnect"):
            described = {"description": scheme["description"]} if isinstance(scheme.get("description"), str) else {}
            schemes[name] = {**bearer, **described}


class _Copy:
    """Copies a document and what it refers to in other files.

    A schema of another file gets a place of its own, since it may refer to itself. Everything else, down to the path
    items and operations that real documents split off, replaces the reference to it.
    """

    def __init__(self, root: Node, dialect: Dialect, paths: Collection[str] | None) -> None:
        self.root = root
        self.dialect = dialect
        self.paths = paths
        """The paths that are needed; None for all of the document."""
        self.needed: dict[tuple[str, ...], None] = {}
        """The parts of the document that are needed, as far as is known, in the order in which they were met."""
        self.names: dict[tuple[str, tuple[str, ...]], str] = {}
        self.parts: list[Node] = []
        self.open: list[tuple[str, tuple[str, ...]]] = []
        self.room = budgets.INLINED_PARTS
        """How many more objects and arrays may stand in place of references: some lead to two that lead to two."""

    def document(self) -> dict[str, Any]:
        """The copy; what it needs is added until it refers to nothing that it has not."""
        copied: dict[str, Any] = {}
        elsewhere: dict[str, Any] = {}
        whole: Any = self.root.value  # an object: it was read as a contract
        wanted = whole if self.paths is None else self.at_first(whole, self.paths)
        copied_parts = copied_needs = 0
        while wanted or copied_parts < len(self.parts):
            _add(copied, self.value(self.root, wanted, (), named=False, schema=False))
            for node in self.parts[copied_parts:]:
                elsewhere[self.names[node.key]] = self.value(node, node.value, (), named=False, schema=True)
                copied_parts += 1
            wanted = {}
            for keys in [*self.needed][copied_needs:] if self.paths is not None else ():
                _add(wanted, _alone(whole, keys))
                copied_needs += 1
        if elsewhere:
            copied[ELSEWHERE] = elsewhere
        version = str(copied.get(self.dialect.version_field))
        is_release = self.dialect.covers(version) and version != self.dialect.name
        copied[self.dialect.version_field] = version if is_release else self.dialect.example_version
        return copied

    @staticmethod
    def at_first(whole: dict[str, Any], paths: Collection[str]) -> dict[str, Any]:
        """The parts of the document that are needed whatever is referred to."""
        wanted = {key: item for key, item in whole.items() if key not in _DEPTHS and not key.startswith("x-")}
        items = whole.get("paths")
        if isinstance(items, dict):
            wanted["paths"] = {path: item for path, item in items.items() if path in paths}
        _add(wanted, _alone(whole, ("components", "securitySchemes")))
        return wanted

    def need(self, keys: tuple[str, ...]) -> None:
        """Note that a part of the document is referred to."""
        if self.paths is not None:
            part = keys[: _DEPTHS.get(keys[0], 1)] if keys else ()
            self.needed.setdefault(part)

    def value(self, node: Node, value: Any, keys: tuple[str, ...], named: bool, schema: bool) -> Any:
        """A copy of the part of `node` that `keys` lead to; its own members are `named` by the contract's author."""
        if self.open and isinstance(value, dict | list):
            self.room -= 1
        if isinstance(value, list):
            return [
                self.value(node, item, (*keys, str(index)), False, schema)
                for index, item in enumerate(value)
                if schema or not self.is_unread(node, (*keys, str(index)), item)
            ]
        if not isinstance(value, dict):
            return value
        if not schema and isinstance(value.get("$ref"), str):
            return self.inlined(node, value, keys, named)
        copied: dict[str, Any] = {}
        for key, item in value.items():
            if schema and not isinstance(item, (dict, bool, list)) and (named or key in SUBSCHEMA):
                continue  # a value that is no schema where one has to be: treat it as missing
            if not schema and self.is_unread(node, (*keys, key), item, named):
                continue
            if named:
                copied[key] = self.value(node, item, (*keys, key), False, schema)
            elif key in _REFERENCES and isinstance(item, str):
                pointer = self.pointer(node, keys, item)
                if pointer is not None:
                    copied[_REFERENCES[key]] = pointer
            elif key == "mapping" and isinstance(item, dict):
                copied[key] = {name: self.mapped(node, keys, ref) for name, ref in item.items()}
            elif key in _LEFT_OUT and isinstance(item, (str, list)):
                continue
            elif key.startswith("x-") or (key in _VALUES and not (key == "examples" and isinstance(item, dict))):
                copied[key] = item
            else:
                is_map = key in _BY_NAME and isinstance(item, dict)
                copied[key] = self.value(node, item, (*keys, key), is_map, schema or key in _SCHEMAS)
        return copied

    def inlined(self, node: Node, value: dict[str, Any], keys: tuple[str, ...], named: bool) -> Any:
        """The target of a reference outside schemas; a reference to a component of the document stays one."""
        ref = value["$ref"]
        target = self.target(node, keys, ref)
        if target is None:
            beside = {key: item for key, item in value.items() if key != "$ref"}  # of a path item, its operations
            return self.value(node, beside, keys, named=False, schema=False)
        if target.document is self.root.document and target.path[:1] in _COMPONENTS:
            self.need(target.path)
            return {"$ref": "#" + quote(target.place.pointer, safe="/~")}
        if target.key in self.open or self.room <= 0:
            return {}
        self.open.append(target.key)
        copied = self.value(target, target.value, (), named, False)
        self.open.pop()
        return copied

    @staticmethod
    def is_unread(node: Node, keys: tuple[str, ...], value: Any, named: bool = False) -> bool:
        """Whether a part outside schemas is left out because its reference cannot be followed to its end.

        Parameters, request bodies and links are, and items of lists. Of others an empty object stays: a response
        still has its status, and a body its media type.
        """
        is_optional = keys[-2:-1] == ("links",) if named else keys[-1] in _LEFT_OUT_UNREAD or keys[-1].isdecimal()
        if not is_optional:
            return False
        try:
            Node(node.document, node.path + keys, value).follow()
        except UnreadableError:
            return True
        return False

    def target(self, node: Node, keys: tuple[str, ...], ref: str) -> Node | None:
        try:
            return Node(node.document, node.path + keys, None).target(ref)
        except UnreadableError:
            return None

    def mapped(self, node: Node, keys: tuple[str, ...], ref: Any) -> Any:
        """A discriminator's schema in the copy: a name of a component stays, a reference becomes a pointer."""
        if not isinstance(ref, str) or not any(mark in ref for mark in "#/."):
            for keys in (("components", "schemas"), ("definitions",)):
                self.need((*keys, str(ref)))
            return ref
        return self.pointer(node, keys, ref) or ref.rpartition("/")[2]

    def pointer(self, node: Node, keys: tuple[str, ...], ref: str) -> str | None:
        """The pointer, in the copy, to the target of a reference; None if it cannot be read."""
        if ref.startswith("#/") and node.document is self.root.document and not node.document.resources:
            self.need(to_keys(unquote(ref[1:])))
            return ref
        target = self.target(node, keys, ref)
        if target is None:
            return None
        if target.document is self.root.document:
            self.need(target.path)
            return "#" + quote(target.place.pointer, safe="/~")
        name = self.names.get(target.key)
        if name is None:
            name = self.names[target.key] = f"part{len(self.names) + 1}"
            self.parts.append(target)
        return f"#/{ELSEWHERE}/{name}"


def _alone(whole: Any, keys: tuple[str, ...]) -> dict[str, Any]:
    """A document with one part of a whole one; with none where there is no such part."""
    if not keys:
        return dict(whole)
    key, *rest = keys
    if not isinstance(whole, dict) or key not in whole:
        return {}
    return {key: _alone(whole[key], tuple(rest)) if rest else whole[key]}


def _add(document: dict[str, Any], parts: dict[str, Any], depth: int = 3) -> None:
    """Add parts to a document; a part of it is at most so deep."""
    for key, item in parts.items():
        before = document.get(key)
        if depth > 1 and isinstance(before, dict) and isinstance(item, dict):
            _add(before, item, depth - 1)
        else:
            document[key] = item
