"""Names for the objects, enums and bounded values that a contract writes in place, so that a user can name them too.

What is written in several places in the same words is one class: properties that take the same values then have the
same type, and a large contract has half the classes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tallystick.models.keywords import ANNOTATIONS, Schema
from tallystick.models.named_schemas import POINTER
from tallystick.models.python_names import Names, bounded_name, class_name, singular

_ITEM, _VALUE = "Item", "Value"
_TITLE_WORDS = 4
_BESIDE = frozenset((*ANNOTATIONS, "title"))

_BOUNDS = {
    "string": frozenset(("minLength", "maxLength", "pattern")),
    "integer": frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")),
    "number": frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")),
    "array": frozenset(("minItems", "maxItems", "uniqueItems")),
}
"""The keywords that make a type of a value one of its own."""

Path = tuple[str | int, ...]


def with_names(schemas: Mapping[str, Schema]) -> tuple[Schema, frozenset[str]]:
    """The named schemas with every object and enum in them named too, and the names of those that take null besides.

    A schema that takes null besides what its class takes is given as the class, and each reference to it takes null.
    """
    namer = _Namer(schemas)
    return namer.schemas, frozenset(namer.nullable)


class _Namer:
    """Tells which schemas are the same (`identify`, `count`), then names them on a walk from the top (`replace`)."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self.given = Names(schemas)
        self.numbers: dict[Any, int] = {}
        self.whole: dict[int, int] = {}
        self.own: dict[int, int] = {}
        self.places: dict[int, set[tuple[int, str]]] = {}
        self.descriptions: dict[int, set[str | None]] = {}
        self.names: dict[int, str] = {}
        self.schemas: Schema = {}
        self.nullable = {name for name, schema in schemas.items() if _class_beside_null(schema) is not None}
        for schema in schemas.values():
            self.identify(schema)
        for schema in schemas.values():
            self.count(schema)
        for name, schema in schemas.items():
            self.schemas[name] = None  # keeps its place before those that are found in it
            if name in self.nullable:
                schema = {**_class_beside_null(schema), **{k: v for k, v in schema.items() if k in ANNOTATIONS}}
            self.schemas[name] = self.inside(schema, name)

    def identify(self, value: Any) -> int:
        """A number that two JSON values share if they are the same, whatever the order of their keys."""
        if isinstance(value, dict):
            pairs = sorted((name, self.identify(item)) for name, item in value.items())
            number = self.number(("{", *pairs))
            self.whole[id(value)] = number
            self.own[id(value)] = self.number(("{", *(pair for pair in pairs if pair[0] not in _BESIDE)))
            return number
        if isinstance(value, list):
            return self.number(("[", *map(self.identify, value)))
        return self.number((type(value), value))

    def number(self, key: Any) -> int:
        return self.numbers.setdefault(key, len(self.numbers))

    def count(self, schema: Any) -> None:
        """Notes in what, and how it is called there, each schema that will be named stands."""
        for path, word, child in _children(schema):
            if _is_named(child, path):
                number = self.own[id(child)]
                self.places.setdefault(number, set()).add((self.whole[id(schema)], word or str(path[0])))
                self.descriptions.setdefault(number, set()).add(child.get("description"))
            self.count(child)

    def inside(self, schema: Any, owner: str, words: str = "") -> Any:
        """The schema with what is in it named, or referred to."""
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            return self.reference(schema)
        replaced = dict(schema)
        for path, word, child in _children(schema):
            if path[0] == "allOf":
                new = child if "$ref" in child else self.inside(child, owner, words)
            elif _is_named(child, path):
                new = self.named(child, owner, _joined(words, word))
            else:
                new = self.inside(child, owner, _joined(words, word))
            _put(replaced, path, new)
        return replaced

    def reference(self, schema: Schema) -> Schema:
        """A reference, which takes null where what it leads to does."""
        if schema["$ref"].removeprefix(POINTER) not in self.nullable:
            return schema
        beside = {key: item for key, item in schema.items() if key != "$ref"}
        return {**beside, "anyOf": [{"$ref": schema["$ref"]}, {"type": "null"}]}

    def named(self, schema: Schema, owner: str, words: str) -> Schema:
        """A reference to a schema that was written in place, with what that place says of it."""
        number = self.own[id(schema)]
        own = {key: item for key, item in schema.items() if key not in _BESIDE}
        beside = {key: item for key, item in schema.items() if key in ANNOTATIONS}
        if is_class(schema) and len(self.descriptions[number]) == 1 and "description" in beside:
            own["description"] = beside.pop("description")
        name = self.names.get(number)
        if name is None:
            name = self.names[number] = self.given.claim(*self.wishes(schema, number, owner, words))
            self.schemas[name] = None
            self.schemas[name] = self.inside(own, name)
        return {"$ref": POINTER + name, **beside}

    def wishes(self, schema: Schema, number: int, owner: str, words: str) -> Iterator[str]:
        """What to call a schema: its title if that is a name, its property's name if it stands in several classes,
        else its owner's and its property's."""
        if bounded := bounded_name(schema):
            yield bounded
        title = schema.get("title", "")
        if 0 < len(title.split()) <= _TITLE_WORDS and class_name(title).isascii():
            yield class_name(title)
        if words == _ITEM:
            yield class_name(singular(owner))
        elif len(self.places[number]) > 1 and words not in ("", _VALUE) and not words[-1].isdecimal():
            yield class_name(words)
        yield class_name(owner, words)


def is_class(schema: Any) -> bool:
    """Whether a schema is an object with properties or an enum of several values: what Python has classes for."""
    if not isinstance(schema, dict) or "$ref" in schema:
        return False
    if schema.get("properties"):
        return True
    if "enum" in schema:
        return len(schema["enum"]) > 1 and not all(isinstance(value, (bool, list, dict)) for value in schema["enum"])
    return any(is_class(branch) or "$ref" in branch for branch in schema.get("allOf", ()))


def _is_named(schema: Schema, path: Path) -> bool:
    """Whether a schema at this path in another is to have a name; a bounded value has one where it is no property."""
    if is_class(schema):
        return True
    kind = schema.get("type")
    bounds = _BOUNDS.get(kind, frozenset()) if isinstance(kind, str) else frozenset()
    return path[0] not in ("properties", "allOf") and not bounds.isdisjoint(schema)


def _class_beside_null(schema: Any) -> Any:
    """What is a class of a schema that takes that or null, and says nothing else."""
    branches = schema.get("anyOf") if isinstance(schema, dict) else None
    if not branches or len(branches) != 2 or not set(schema) <= {"anyOf", *_BESIDE}:
        return None
    others = [branch for branch in branches if branch != {"type": "null"}]
    return others[0] if len(others) == 1 and is_class(others[0]) else None


def _children(schema: Any) -> Iterator[tuple[Path, str, Schema]]:
    """The schemas that stand directly in a schema and that Python types are made of: where, and what to call them."""
    if not isinstance(schema, dict):
        return
    for key in ("properties", "patternProperties"):
        for name, child in schema.get(key, {}).items():
            if isinstance(child, dict):
                yield (key, name), name if key == "properties" else _VALUE, child
    for key, word in (("items", _ITEM), ("additionalProperties", _VALUE)):
        if isinstance(schema.get(key), dict):
            yield (key,), word, schema[key]
    for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        branches = schema.get(key, ())
        alone = key == "allOf" or sum(map(is_class, branches)) == 1
        for index, child in enumerate(branches):
            if isinstance(child, dict):
                yield (key, index), "" if alone else _tag(child) or str(index + 1), child


def _tag(branch: Schema) -> str:
    """The value by which one branch of a union is told from the others, where a required property has only one."""
    for name in branch.get("required", ()):
        value = branch.get("properties", {}).get(name, {})
        values = [value["const"]] if "const" in value else value.get("enum", ())
        if len(values) == 1 and isinstance(values[0], str):
            return values[0]
    return ""


def _joined(words: str, word: str) -> str:
    """The words for a schema inside another: an item of `tags` is a `tag`."""
    if word in (_ITEM, _VALUE) and words:
        return singular(words)
    return f"{words} {word}".strip()


def _put(schema: Schema, path: Path, value: Any) -> None:
    """Sets a part of a schema of which only the top is a copy so far."""
    if len(path) == 1:
        schema[str(path[0])] = value
        return
    key, step = str(path[0]), path[1]
    members = schema[key].copy()
    members[step] = value
    schema[key] = members
