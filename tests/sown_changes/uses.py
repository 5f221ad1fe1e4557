"""Which schemas of a document are used where: in requests, in responses, in webhooks, and on a way that is sure.

A way is sure where a value of the schema stands in every value around it that has the part: through `properties`,
`items`, `additionalProperties` and references, but not through branches, conditions, or several schemas at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.sown_changes.documents import Path_, Sown

METHODS = ("get", "put", "post", "delete", "options", "patch")
_UNSURE = ("anyOf", "oneOf", "allOf", "prefixItems")
_ALSO_UNSURE = ("not", "if", "then", "else", "contains", "propertyNames", "unevaluatedItems", "unevaluatedProperties")
_MAPS = ("patternProperties", "dependentSchemas")
_NO_BODY = ("204", "205", "304")


@dataclass
class Uses:
    """The uses of each schema by its path: the ways (`request`, `response`, `webhook`), and whether all are sure."""

    ways: dict[Path_, set[str]] = field(default_factory=lambda: defaultdict(set))
    unsure: set[Path_] = field(default_factory=set)
    roots: dict[Path_, list[tuple[str, str, Path_]]] = field(default_factory=lambda: defaultdict(list))
    """For each schema: the way, the operation, and the path of the schema of the body around it."""


@dataclass(frozen=True)
class Body:
    """The schema of a body; of one that is no JSON, nothing is sure."""

    way: str
    operation: str
    path: Path_
    is_json: bool = True


def operations(document: Sown, key: str = "paths") -> Iterator[tuple[str, Path_]]:
    """The label and path of each operation."""
    paths = document.value.get(key)
    for name, item in paths.items() if isinstance(paths, dict) else ():
        if isinstance(item, dict) and "$ref" not in item and (key != "paths" or name.startswith("/")):
            for method in METHODS:
                if isinstance(item.get(method), dict):
                    yield f"{method.upper()} {name}", (key, name, method)


def bodies(document: Sown) -> Iterator[Body]:
    """The schemas of all bodies."""
    if document.is_swagger:
        yield from _swagger_bodies(document)
        return
    for label, path in operations(document):
        yield from _contents(document, "request", label, (*path, "requestBody"))
        responses = document.part(path).get("responses")
        for status in responses if isinstance(responses, dict) else ():
            if status not in _NO_BODY and status[:1] != "1":
                yield from _contents(document, "response", label, (*path, "responses", status))
    for label, path in operations(document, "webhooks"):
        yield from _contents(document, "webhook", label, (*path, "requestBody"))


def _swagger_bodies(document: Sown) -> Iterator[Body]:
    for label, path in operations(document):
        operation = document.part(path)
        consumes = operation.get("consumes", document.value.get("consumes"))
        for number, parameter in enumerate(operation.get("parameters") or ()):
            is_json = any("json" in each or each == "*/*" for each in consumes or ())
            if is_json and isinstance(parameter, dict) and parameter.get("in") == "body" and "schema" in parameter:
                yield Body("request", label, (*path, "parameters", number, "schema"))
        for status, response in (operation.get("responses") or {}).items():
            if isinstance(response, dict) and "schema" in response and str(status) not in _NO_BODY:
                produces = operation.get("produces", document.value.get("produces"))
                if any("json" in each or each == "*/*" for each in produces or ()):
                    yield Body("response", label, (*path, "responses", status, "schema"))


def _contents(document: Sown, way: str, label: str, owner: Path_) -> Iterator[Body]:
    try:
        path = document.followed(owner)
        content = document.part(path).get("content") if path is not None else None
    except (KeyError, TypeError, AttributeError):
        return
    if path is None or not isinstance(content, dict):
        return
    for name, body_format in content.items():
        if isinstance(body_format, dict) and "schema" in body_format:
            is_json = name.partition(";")[0].endswith(("/json", "+json"))
            yield Body(way, label, (*path, "content", name, "schema"), is_json)


def uses_of(document: Sown) -> Uses:
    uses = Uses()
    for body in bodies(document):
        passed: set[tuple[Path_, bool]] = set()
        waiting: list[tuple[Path_, bool]] = [(body.path, body.is_json)]
        while waiting:
            path, is_sure = waiting.pop()
            followed = document.followed(path)
            if followed is None or (followed, is_sure) in passed:
                continue
            passed.add((followed, is_sure))
            schema = document.part(followed)
            if not isinstance(schema, dict):
                continue
            uses.ways[followed].add(body.way)
            if not is_sure:
                uses.unsure.add(followed)
            elif len(uses.roots[followed]) < 3:
                uses.roots[followed].append((body.way, body.operation, body.path))
            if (
                body.path != path
                and "$ref" in document.part(path)
                and len(document.part(path)) > 1
                and document.is_modern
            ):
                uses.unsure.add(followed)  # what stands beside the reference may judge the value too
            waiting += _inner(schema, followed, is_sure)
    return uses


def _inner(schema: dict[str, Any], path: Path_, is_sure: bool) -> Iterator[tuple[Path_, bool]]:
    is_plain = is_sure and not any(
        key in schema for key in (*_UNSURE, *_ALSO_UNSURE, *_MAPS, "const", "enum", "maxProperties")
    )
    properties = schema.get("properties")
    for name, inner in properties.items() if isinstance(properties, dict) else ():
        hidden = isinstance(inner, dict) and bool(inner.get("readOnly") or inner.get("writeOnly"))
        yield (*path, "properties", name), is_plain and not hidden
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield (*path, key), is_plain and "maxItems" not in schema
    for key in _UNSURE:
        branches = schema.get(key)
        for number in range(len(branches)) if isinstance(branches, list) else ():
            yield (*path, key, number), False
    for key in _ALSO_UNSURE:
        if isinstance(schema.get(key), dict):
            yield (*path, key), False
    for key in _MAPS:
        for name in schema.get(key) or ():
            yield (*path, key, name), False
