"""A contract as one document that refers to nothing outside itself, for whoever reads documents and not contracts.

It says what the contract says to whoever reads YAML 1.2 and follows references under the contract's own folder only:
a reference that leads elsewhere, or nowhere, is left out, so that nobody after us can follow it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from tallystick.errors import UnreadableError
from tallystick.load import Node

ELSEWHERE = "x-elsewhere"
"""The member of the root under which parts of other files stand."""

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
"""Members that are references, and what stands for them in the copy: where a `$dynamicRef` leads without extension."""
_LEFT_OUT = frozenset(("$id", "$self", "servers", "externalValue"))
"""Members that would move the base of the copy's pointers, or have somebody go to the network."""
_RELEASES = {"3.0": "3.0.4", "3.1": "3.1.1", "3.2": "3.2.0"}


def self_contained(root: Node) -> dict[str, Any]:
    """The document at `root` with the parts of other files put under `x-elsewhere`; its own value stays untouched."""
    return _Copy(root).document()


def served_at(document: dict[str, Any], base_path: str) -> None:
    """Has every operation of a document stand below one base path of whatever serves it, and no other server named."""
    if "swagger" in document:
        for key in ("host", "schemes"):
            document.pop(key, None)
        document["basePath"] = base_path or "/"
    else:
        document["servers"] = [{"url": base_path or "/"}]


def with_bearer_tokens(document: dict[str, Any]) -> None:
    """Has OAuth 2 and OpenID Connect stand as what they are on the wire: a bearer token (RFC 6750, section 2.1)."""
    if "swagger" in document:
        schemes: Any = document.get("securityDefinitions")
        bearer = {"type": "apiKey", "in": "header", "name": "Authorization"}
    else:
        components = document.get("components")
        schemes = components.get("securitySchemes") if isinstance(components, dict) else None
        bearer = {"type": "http", "scheme": "bearer"}
    for name, scheme in (schemes if isinstance(schemes, dict) else {}).items():
        if isinstance(scheme, dict) and scheme.get("type") in ("oauth2", "openIdConnect"):
            schemes[name] = dict(bearer)


class _Copy:
    """Copies a document and, part by part, what it refers to in other files."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.names: dict[tuple[str, tuple[str, ...]], str] = {}
        self.parts: list[Node] = []

    def document(self) -> dict[str, Any]:
        copied = self.part(self.root, ())
        assert isinstance(copied, dict)
        elsewhere: dict[str, Any] = {}
        for node in self.parts:  # grows while it is walked
            elsewhere[self.names[node.key]] = self.part(node, ())
        if elsewhere:
            copied[ELSEWHERE] = elsewhere
        version = copied.get("openapi")
        if version is not None:
            copied["openapi"] = _RELEASES.get(str(version), str(version))
        return copied

    def part(self, node: Node, keys: tuple[str, ...]) -> Any:
        """A part with its own parts; `keys` leads from the node that has a place to the one that is copied."""
        return self.value(node, node.value, keys, named=False)

    def value(self, node: Node, value: Any, keys: tuple[str, ...], named: bool) -> Any:
        if isinstance(value, list):
            return [self.value(node, item, (*keys, str(index)), False) for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if named:
            return {key: self.value(node, item, (*keys, key), False) for key, item in value.items()}
        copied: dict[str, Any] = {}
        for key, item in value.items():
            if key in _REFERENCES and isinstance(item, str):
                pointer = self.reference(node, keys, item)
                if pointer is not None:
                    copied[_REFERENCES[key]] = pointer
            elif key == "mapping" and isinstance(item, dict):
                copied[key] = {name: self.mapped(node, keys, ref) for name, ref in item.items()}
            elif key in _LEFT_OUT and isinstance(item, (str, list)):
                continue
            elif key.startswith("x-") or (key in _VALUES and not (key == "examples" and isinstance(item, dict))):
                copied[key] = item
            else:
                copied[key] = self.value(node, item, (*keys, key), key in _BY_NAME and isinstance(item, dict))
        return copied

    def mapped(self, node: Node, keys: tuple[str, ...], ref: Any) -> Any:
        """A discriminator's schema in the copy: a name of a component stays, a reference becomes a pointer."""
        if not isinstance(ref, str) or not any(mark in ref for mark in "#/."):
            return ref
        return self.reference(node, keys, ref) or ref.rpartition("/")[2]

    def reference(self, node: Node, keys: tuple[str, ...], ref: str) -> str | None:
        """The pointer, in the copy, to what a reference names; None where that is not to be had."""
        if ref.startswith("#/") and node.document is self.root.document and not node.document.resources:
            return ref
        try:
            target = Node(node.library, node.document, node.path + keys, None).target(ref)
        except UnreadableError:
            return None
        if target.document is self.root.document:
            return "#" + quote(target.place.pointer, safe="/~")
        name = self.names.get(target.key)
        if name is None:
            name = self.names[target.key] = f"part{len(self.names) + 1}"
            self.parts.append(target)
        return f"#/{ELSEWHERE}/{name}"
