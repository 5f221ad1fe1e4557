"""The OpenAPI document of what was learned.

It is OpenAPI 3.1: a type that may be null is one list there, and a schema is one of JSON Schema.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from tallystick.documents.dialect import OPENAPI_3_1
from tallystick.learn.fields import Field
from tallystick.learn.operations import LEAST_REQUESTS, LearnedBody, LearnedOperation, LearnedResponse
from tallystick.learn.shapes import Members, Named, Shape
from tallystick.learn.traffic import Learned
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind
from tallystick.nouns.statuses import phrase_of
from tallystick.resources.names import singular, words_of
from tallystick.wire.values import MISSING

_LEAST_MEMBERS, _LEAST_PLACES = 2, 2
"""How many members a schema has that is named, and at how many places it stands."""
_KNOWN, _COMPARED_LEVELS = 5, 3
"""From how many objects on it is known what all of them have; how deep two schemas are compared."""
_EXAMPLE_ITEMS = 2
_PROBLEM = "application/problem+json"


def document_of(learned: Learned) -> dict[str, JSON]:
    """The document of an API."""
    named = names_of(learned.operations)
    paths: dict[str, JSON] = {}
    ids: set[str] = set()
    for operation in learned.operations:
        item = paths.setdefault(operation.template, {})
        assert isinstance(item, dict)
        item[operation.method.lower()] = operation_value(operation, named.reference, ids)
    host = urlsplit(learned.origins[0]).netloc if learned.origins else ""
    document: dict[str, JSON] = {
        OPENAPI_3_1.version_field: OPENAPI_3_1.example_version,
        "info": {"title": host or "An API", "version": "0.1.0"},
    }
    if learned.origins:
        document["servers"] = [{"url": f"{origin}{learned.base}"} for origin in learned.origins]
    document["paths"] = paths
    components = {"schemas": named.schemas(), "securitySchemes": security_schemes(learned.operations)}
    if any(components.values()):
        document["components"] = {name: value for name, value in components.items() if value}
    return document


class NamedObjects:
    """The objects that stand at several places, by their names."""

    def __init__(self, names: Mapping[str, Members]) -> None:
        self.names = names
        self._by_id = {id(objects): name for name, objects in names.items()}

    def reference(self, objects: Members) -> str:
        """The reference to objects, "" where they have no name."""
        name = self._by_id.get(id(objects))
        return f"#/components/schemas/{name}" if name is not None else ""

    def schemas(self) -> dict[str, JSON]:
        """The schemas of all of them."""
        own: dict[str, JSON] = {}
        for name, objects in sorted(self.names.items()):
            shape = Shape(Counter({"object": objects.count}), objects)
            own[name] = shape.schema(lambda inner, objects=objects: "" if inner is objects else self.reference(inner))  # type: ignore[misc] # a default keeps the loop's value
        return own


def names_of(operations: list[LearnedOperation]) -> NamedObjects:
    """Bring together what has the same members at several places, and give it a name."""
    groups: dict[tuple[str, frozenset[str]], list[tuple[str, Shape]]] = {}
    for side, noun, shape in _bodies(operations):
        for member, inner in shape.inside():
            objects = inner.objects
            if objects is not None and len(objects.shapes) >= _LEAST_MEMBERS and not objects.is_map:
                name = pascal(singular(member)) if member else noun
                groups.setdefault((side, frozenset(objects.shapes)), []).append((name, inner))
    names: dict[str, Members] = {}
    for (side, _), places in groups.items():
        for alike in _alike(places):
            if len(alike) < _LEAST_PLACES:
                continue
            together = _together(alike)
            for _, shape in alike:
                shape.objects = together
            (usual, _), *_ = [*Counter(name for name, _ in alike if name).most_common(1), ("Thing", 0)]
            names[_free(f"{usual}{side}", names)] = together
    return NamedObjects(names)


Places = list[tuple[str, Shape]]
"""Shapes of objects, each with a name that its place gives it."""


def _alike(places: Places) -> list[Places]:
    """Places whose objects have members of the same names, in groups that may be of one schema."""
    groups: list[Places] = []
    for place in places:
        for group in groups:
            if _are_same(group[0][1].objects, place[1].objects):
                group.append(place)
                break
        else:
            groups.append([place])
    return groups


def _are_same(one: Members | None, other: Members | None, level: int = 0) -> bool:
    """Whether objects of two places may be of one schema: the types of their members, and what is always there."""
    if one is None or other is None or one is other:
        return True
    is_known = min(one.count, other.count) >= _KNOWN
    if is_known and set(one.required) != set(other.required):
        return False
    both = one.shapes.keys() & other.shapes.keys()
    if level and 2 * len(both) < max(len(one.shapes), len(other.shapes)):
        return False
    for name in both:
        types = [
            {"number" if each == "integer" else each for each in shape.types} - {"null"}
            for shape in (one.shapes[name], other.shapes[name])
        ]
        if all(types) and types[0] != types[1]:
            return False
        if level < _COMPARED_LEVELS and not _are_same(one.shapes[name].objects, other.shapes[name].objects, level + 1):
            return False
    return True


def _together(places: Places) -> Members:
    """The objects of some places in one."""
    together = Members()
    for _, shape in places:
        if shape.objects is not None and shape.objects is not together:
            together = together.merged(shape.objects) if together.count else shape.objects
    return together


def _bodies(operations: list[LearnedOperation]) -> Iterator[tuple[str, str, Shape]]:
    """The side, a name and the shape of each body that is JSON."""
    for operation in operations:
        noun = _noun(operation.template)
        for status, response in operation.responses.items():
            for body in response.bodies.values():
                if body.kind is MediaKind.JSON:
                    is_problem = body.content_type == _PROBLEM
                    yield "", ("Problem" if is_problem else "Error") if status >= 400 else noun, body.shape
        for body in operation.bodies.values():
            if body.kind is MediaKind.JSON:
                yield "Input", noun, body.shape


def _noun(template: str) -> str:
    """What an operation is about, from the last word of its path."""
    words = [segment for segment in template.split("/") if segment and "{" not in segment]
    return pascal(singular(words[-1])) if words else "Thing"


def pascal(text: str) -> str:
    """A name as those of schemas are written: `PetOwner`."""
    words = [re.sub(r"[^A-Za-z0-9]", "", word) for word in words_of(text)] or re.findall(r"[A-Za-z0-9]+", text)
    name = "".join(word[:1].upper() + word[1:] for word in words)
    return name if name[:1].isalpha() else f"N{name}" if name else ""


def _free(name: str, taken: Mapping[str, object]) -> str:
    number, free = 2, name
    while free in taken:
        free, number = f"{name}{number}", number + 1
    return free


def operation_value(operation: LearnedOperation, named: Named, ids: set[str]) -> dict[str, JSON]:
    """The Operation Object of an operation; its id is none of `ids`, and is added there."""
    own = operation_id(operation)
    number, free = 2, own
    while free in ids:
        free, number = f"{own}{number}", number + 1
    ids.add(free)
    value: dict[str, JSON] = {"operationId": free}
    parameters = [*parameters_of(operation)]
    if parameters:
        value["parameters"] = [*parameters]
    if operation.bodies:
        content = {name: body_value(body, named) for name, body in operation.bodies.items()}
        is_required = operation.with_body == operation.requests
        value["requestBody"] = {**({"required": True} if is_required else {}), "content": {**content}}
    responses: dict[str, JSON] = {
        str(status): response_value(status, response, named) for status, response in sorted(operation.responses.items())
    }
    value["responses"] = responses
    security = security_of(operation)
    if security:
        value["security"] = security
    return value


def operation_id(operation: LearnedOperation) -> str:
    """A name for an operation, from its method and path: `getPetsById`."""
    words: list[str] = [operation.method.lower()]
    for segment in operation.template.split("/"):
        if "{" in segment and words[-1] != "ById":
            words.append("ById")
        elif segment and "{" not in segment:
            words.append(pascal(segment))
    return "".join(words)


def parameters_of(operation: LearnedOperation) -> Iterator[dict[str, JSON]]:
    """The Parameter Objects of an operation."""
    for name, each in zip(operation.names, operation.path, strict=False):
        yield {"name": name, "in": "path", "required": True, "schema": each.schema, "example": each.example}
    for location, fields in (("query", operation.query), ("header", operation.headers)):
        for name, each in fields.items():
            yield parameter_value(name, location, each, operation.requests)


def parameter_value(name: str, location: str, each: Field, requests: int) -> dict[str, JSON]:
    """The Parameter Object of a field of a query or a header."""
    is_required = each.requests == requests >= LEAST_REQUESTS
    required: dict[str, JSON] = {"required": True} if is_required else {}
    return {"name": name, "in": location, **required, "schema": each.schema, "example": each.example}


def response_value(status: int, response: LearnedResponse, named: Named) -> dict[str, JSON]:
    """The Response Object of a status."""
    value: dict[str, JSON] = {"description": phrase_of(status) or f"Status {status}"}
    if response.headers:
        value["headers"] = {name: {"schema": each.schema} for name, each in sorted(response.headers.items())}
    if response.bodies:
        value["content"] = {name: body_value(body, named) for name, body in response.bodies.items()}
    return value


def body_value(body: LearnedBody, named: Named) -> dict[str, JSON]:
    """The Media Type Object of a body."""
    value: dict[str, JSON] = {}
    if body.kind is MediaKind.JSON and body.shape.types:
        value["schema"] = body.shape.schema(named)
    elif body.kind in (MediaKind.FORM, MediaKind.MULTIPART):
        required: list[JSON] = [name for name, each in body.fields.items() if each.requests == body.count]
        value["schema"] = {
            "type": "object",
            **({"required": required} if required else {}),
            "properties": {name: each.schema for name, each in body.fields.items()},
        }
    elif body.kind is MediaKind.TEXT:
        value["schema"] = {"type": "string"}
    if body.example is not MISSING and body.kind in (MediaKind.JSON, MediaKind.TEXT):
        value["example"] = _shortened(body.example)
    return value


def _shortened(value: object) -> JSON:
    """An example with at most two items in each list."""
    if isinstance(value, dict):
        return {name: _shortened(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_shortened(item) for item in value[:_EXAMPLE_ITEMS]]
    return value  # type: ignore[return-value] # a JSON value, or a text


_SCHEMES: Mapping[str, tuple[str, dict[str, JSON]]] = {
    "bearer": ("bearer", {"type": "http", "scheme": "bearer"}),
    "basic": ("basic", {"type": "http", "scheme": "basic"}),
    "digest": ("digest", {"type": "http", "scheme": "digest"}),
}


def _scheme(kind: str) -> tuple[str, dict[str, JSON]]:
    """The name and the Security Scheme Object of a kind of credentials."""
    if kind in _SCHEMES:
        return _SCHEMES[kind]
    location, _, name = kind.partition(":")
    words = words_of(name) or ("key",)
    return "".join((words[0], *map(str.capitalize, words[1:]))), {"type": "apiKey", "in": location, "name": name}


def security_schemes(operations: list[LearnedOperation]) -> dict[str, JSON]:
    """The security schemes that requests have used."""
    kinds = sorted({kind for operation in operations for kinds in operation.credentials for kind in kinds})
    return dict(map(_scheme, kinds))


def security_of(operation: LearnedOperation) -> list[JSON]:
    """The security requirements of an operation: one for each set of credentials that it was called with."""
    kinds = sorted(operation.credentials, key=lambda each: (-len(each), each))
    if kinds in ([], [()]):
        return []
    return [{_scheme(kind)[0]: [] for kind in each} for each in kinds]
