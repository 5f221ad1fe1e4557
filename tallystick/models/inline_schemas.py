"""Gives names to the objects, enums and bounded values that a contract writes inline, so that users can name them too.

Inline schemas that say the same are one class: properties with the same values then have the same type, and a large
contract has half as many classes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import NamedTuple

from tallystick.models.enumerations import ONE_OF
from tallystick.models.keywords import ANNOTATIONS, NULL, Schema, branches, items, members, strings, text
from tallystick.models.named_schemas import POINTER
from tallystick.models.pattern_properties import is_plain, needs_check
from tallystick.models.python_names import Names, bounded_name, class_name, short, singular, whole_number_name
from tallystick.nouns.json_value import JSON

_ITEM, _VALUE = "Item", "Value"
_MAX_TITLE_WORDS = 4
_BESIDE = frozenset((*ANNOTATIONS, "title"))

_BOUNDS = {
    "string": frozenset(("minLength", "maxLength", "pattern")),
    "integer": frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")),
    "number": frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")),
    "array": frozenset(("minItems", "maxItems", "uniqueItems")),
    "object": frozenset(("minProperties", "maxProperties")),
}
"""By type, the keywords that make a bounded value."""


class _Child(NamedTuple):
    """A schema that stands directly in another one: under a keyword, and there under a name or index if it has one.

    `word` is what to call it there.
    """

    keyword: str
    key: str | int | None
    word: str
    schema: Schema


_APPLYING = frozenset("properties patternProperties items additionalProperties anyOf oneOf allOf prefixItems".split())
"""The keywords whose schemas decide about the Python type of the one around them; most schemas have none."""


def name_inline_schemas(schemas: Mapping[str, Schema]) -> tuple[dict[str, Schema], frozenset[str]]:
    """The named schemas, in which each inline object and enum has a name too, and the names that are nullable.

    A class does not allow null. A schema that allows a class or null is therefore given as the class; its name is
    nullable, and each reference to it allows null.
    """
    namer = _Namer(schemas)
    return namer.schemas, frozenset(namer.nullable)


class _Namer:
    """Finds out which inline schemas are equal (`identify`, `count`), then names them from the top down (`named`).

    Equal schemas share a number. Their `own_numbers` leave out what is said beside the values: descriptions, defaults.
    """

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self.used_names = Names(schemas)
        self.numbers: dict[tuple[object, ...], int] = {}
        self.whole_numbers: dict[int, int] = {}
        self.own_numbers: dict[int, int] = {}
        """The numbers of each schema, by its identity."""
        self.places: dict[int, set[tuple[int, str]]] = {}
        self.descriptions: dict[int, set[str | None]] = {}
        """For each own number: in which schemas it occurs and under which word, and how it is described there."""
        self.names: dict[int, str] = {}
        self.schemas: dict[str, Schema] = {}
        classes = {name: _class_beside_null(schema) for name, schema in schemas.items()}
        self.nullable = {name for name, beside_null in classes.items() if beside_null is not None}
        for schema in schemas.values():
            self.identify(schema)
        for schema in schemas.values():
            self.count(schema)
        for name, schema in schemas.items():
            self.schemas[name] = {}  # keeps its place before the inline schemas in it
            beside_null = classes[name]
            if beside_null is not None:
                schema = {**beside_null, **_annotations(schema)}
            self.schemas[name] = self.with_references(schema, name)

    def identify(self, value: JSON) -> int:
        """A number that equal JSON values share, whatever the order of their keys."""
        if isinstance(value, dict):
            pairs = sorted((name, self.identify(item)) for name, item in value.items())
            number = self.number(("{", *pairs))
            self.whole_numbers[id(value)] = number
            self.own_numbers[id(value)] = self.number(("{", *(pair for pair in pairs if pair[0] not in _BESIDE)))
            return number
        if isinstance(value, list):
            return self.number(("[", *map(self.identify, value)))
        return self.number((type(value), value))

    def number(self, key: tuple[object, ...]) -> int:
        """The number of a key: the next free one where the key is new."""
        return self.numbers.setdefault(key, len(self.numbers))

    def count(self, schema: Schema) -> None:
        """Note where each schema occurs that will be named."""
        for child in _children(schema):
            if _gets_name(child):
                number = self.own_numbers[id(child.schema)]
                place = (self.whole_numbers[id(schema)], child.word or child.keyword)
                self.places.setdefault(number, set()).add(place)
                description = text(child.schema, "description") if "description" in child.schema else None
                self.descriptions.setdefault(number, set()).add(description)
            self.count(child.schema)

    def with_references(self, schema: Schema, owner: str, words: str = "") -> Schema:
        """The schema, in which each inline schema that gets a name is a reference to it."""
        if "$ref" in schema:
            return self.reference(schema)
        result = {keyword: copy(value) for keyword, value in schema.items()}
        for child in _children(schema):
            if child.keyword == "allOf":
                new = child.schema if "$ref" in child.schema else self.with_references(child.schema, owner, words)
            elif _gets_name(child):
                new = self.named(child.schema, owner, _joined(words, child.word))
            else:
                new = self.with_references(child.schema, owner, _joined(words, child.word))
            _replace(result, child, new)
        return result

    def reference(self, schema: Schema) -> Schema:
        """A reference, which allows null if the name that it leads to is nullable."""
        ref = text(schema, "$ref")
        if ref.removeprefix(POINTER) not in self.nullable:
            return schema
        beside = {keyword: value for keyword, value in schema.items() if keyword != "$ref"}
        return {**beside, "anyOf": [{"$ref": ref}, {**NULL}]}

    def named(self, schema: Schema, owner: str, words: str) -> Schema:
        """A reference to an inline schema, which gets a name, with what is said of it at its place."""
        number = self.own_numbers[id(schema)]
        own = {keyword: value for keyword, value in schema.items() if keyword not in _BESIDE}
        beside = _annotations(schema)
        if is_class(schema) and len(self.descriptions[number]) == 1 and "description" in beside:
            own["description"] = beside.pop("description")
        name = self.names.get(number)
        if name is None:
            name = self.names[number] = self.used_names.claim(*self.candidates(schema, number, owner, words))
            self.schemas[name] = {}
            self.schemas[name] = self.with_references(own, name)
        return {"$ref": POINTER + name, **beside}

    def candidates(self, schema: Schema, number: int, owner: str, words: str) -> Iterator[str]:
        """Names for a schema, the best first: its title, its property's name if it occurs in several classes, else
        the name of its owner with that of its property."""
        if bounded := bounded_name(schema):
            yield bounded
        title = text(schema, "title")
        if 0 < len(title.split()) <= _MAX_TITLE_WORDS and class_name(title).isascii():
            yield class_name(title)
        if words == _ITEM:
            yield short(class_name(singular(owner)))
        elif len(self.places[number]) > 1 and words not in ("", _VALUE) and not words[-1].isdecimal():
            yield short(class_name(words))
        yield short(class_name(owner, words))


def _annotations(schema: Schema) -> Schema:
    return {keyword: value for keyword, value in schema.items() if keyword in ANNOTATIONS}


def is_class(schema: JSON) -> bool:
    """Whether Python has a class for a schema: an object with properties, or an enum of several values."""
    if not isinstance(schema, dict) or "$ref" in schema:
        return False
    if schema.get("properties"):
        return True
    if "enum" in schema:
        values = items(schema, "enum")
        return len(values) > 1 and not all(isinstance(value, (bool, list, dict)) for value in values)
    return any(is_class(branch) or "$ref" in branch for branch in branches(schema, "allOf"))


def _gets_name(child: _Child) -> bool:
    """Whether an inline schema gets a name: every class, and a bounded value that is not the value of a property."""
    if is_class(child.schema) or needs_check(child.schema) or whole_number_name(child.schema):
        return True
    if child.keyword == "patternProperties" and not is_plain(child.schema):
        return True
    bounds = _BOUNDS.get(text(child.schema, "type"), frozenset())
    is_closed = child.schema.get("additionalProperties") is False  # an object without a member
    is_bounded = ONE_OF in child.schema or is_closed or not bounds.isdisjoint(child.schema)
    return child.keyword not in ("properties", "allOf") and is_bounded


def _class_beside_null(schema: Schema) -> Schema | None:
    """The class in a schema that allows it or null, and says nothing else; None for any other schema."""
    union = branches(schema, "anyOf")
    if len(union) != 2 or not set(schema) <= {"anyOf", *_BESIDE}:
        return None
    others = [branch for branch in union if branch != NULL]
    return others[0] if len(others) == 1 and is_class(others[0]) else None


def _children(schema: Schema) -> Iterator[_Child]:
    """The schemas that stand directly in a schema and decide about its Python type."""
    if schema.keys().isdisjoint(_APPLYING):
        return
    for keyword in ("properties", "patternProperties"):
        for name, child in members(schema, keyword).items():
            yield _Child(keyword, name, name if keyword == "properties" else _VALUE, child)
    for keyword, word in (("items", _ITEM), ("additionalProperties", _VALUE)):
        only = schema.get(keyword)
        if isinstance(only, dict):
            yield _Child(keyword, None, word, only)
    for keyword in ("anyOf", "oneOf", "allOf", "prefixItems"):
        alternatives = branches(schema, keyword)
        if not alternatives:
            continue
        needs_no_word = keyword == "allOf" or sum(map(is_class, alternatives)) == 1
        own_properties = [""] * len(alternatives) if needs_no_word else _own_properties(alternatives)
        for index, child in enumerate(alternatives):
            word = "" if needs_no_word else _tag(child) or own_properties[index] or str(index + 1)
            yield _Child(keyword, index, word, child)


def _tag(branch: Schema) -> str:
    """The only value of a required property, which tells one branch of a union from the others; "" without one."""
    properties = members(branch, "properties")
    for name in strings(branch, "required"):
        value = properties.get(name, {})
        values = [value["const"]] if "const" in value else items(value, "enum")
        if len(values) == 1 and isinstance(values[0], str):
            return values[0]
    return ""


def _own_properties(alternatives: Sequence[Schema]) -> list[str]:
    """For each branch of a union, a property that it alone requires, or declares; "" without one."""
    references = sum("$ref" in branch for branch in alternatives)
    counts = {
        keyword: Counter(name for branch in alternatives for name in set(_names(branch, keyword)))
        for keyword in ("required", "properties")
    }
    return [
        ""
        if references > ("$ref" in branch)
        else next((name for keyword in counts for name in _names(branch, keyword) if counts[keyword][name] == 1), "")
        for branch in alternatives
    ]


def _names(schema: Schema, keyword: str) -> list[str]:
    """The properties that a schema requires, or declares."""
    return strings(schema, keyword) if keyword == "required" else [*members(schema, keyword)]


def _joined(words: str, word: str) -> str:
    """The words for a schema inside another one: `tag` for an item of `tags`."""
    if word in (_ITEM, _VALUE) and words:
        return singular(words)
    return f"{words} {word}".strip()


def _replace(schema: Schema, child: _Child, new: Schema) -> None:
    """Replace a child in a schema."""
    around = schema[child.keyword]
    if child.key is None:
        schema[child.keyword] = new
    elif isinstance(around, dict):
        around[str(child.key)] = new
    elif isinstance(around, list):
        around[int(child.key)] = new
