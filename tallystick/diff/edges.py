"""Values at the edge of a change: they may fit one of two schemas and not the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from tallystick.diff.spots import Spot
from tallystick.diff.views import Conjunction, View
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Node
from tallystick.schemas.formats import WHOLE_NUMBERS

Make = Callable[[Conjunction, JSON], "JSON | None"]
"""Makes a value that fits schemas and, where a second schema is given, does not fit that one; None where it cannot."""

_LONGEST = 100_000
_MOST_ITEMS = 2_000
_MOST_PARTS = 200
_OF_TYPE: dict[str, tuple[JSON, ...]] = {
    "string": ("text", "", "a", "A b-C_9", "0", "2024-02-30"),
    "integer": (1, 0, -1, 2**31, 2**63),
    "number": (1.5, -0.5, 1e300),
    "boolean": (True, False),
    "null": (None,),
    "array": ([], ["text"], [1], [None], [{}]),
    "object": ({}, {"extraProperty": "text"}, {"extraProperty": 1}, {"extraProperty": None}),
}
_JUNK: tuple[JSON, ...] = ("text", 1, 1.5, True, None, [], {}, ["text"], [1], {"extraProperty": 1}, "")
_AVOIDED = frozenset("pattern format multipleOf enum type minLength maxLength minimum maximum".split())
"""Keywords for which a value can be made on purpose that does not fit."""
_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")


def edges(spot: Spot, allows: View, refuses: View, around: Conjunction, make: Make) -> Iterator[JSON]:
    """Values at a spot that one side may allow and the other refuse, the plainest first; most are neither.

    `around` are the schemas of the side that allows them.
    """
    usual = make(around, None)
    keyword = spot.keyword
    if keyword in ("minLength", "maxLength"):
        yield from _texts(allows, refuses, usual)
    elif keyword in _NUMBERS or keyword == "minimum":
        yield from _numbers(allows, refuses)
    elif keyword in ("minItems", "maxItems", "uniqueItems", "contains", "items", "prefixItems", "unevaluatedItems"):
        yield from _arrays(allows, refuses, usual)
    elif keyword == "enum":
        yield from _of_enum(allows, refuses)
    elif keyword == "required":
        yield from _without(usual, spot.detail)
    yield from _of_types(allows, refuses, usual)
    branch = spot.added if spot.new_view is allows else spot.removed
    if branch is not None:
        yield make((*around, *branch), None)
        yield make(branch, None)
    yield from _not_refused(spot, refuses, around, make)
    yield usual
    if isinstance(usual, dict):
        yield from _objects(allows, refuses, {**usual, **_members(allows, refuses, usual, make)})
        yield from _named_by_pattern(allows, refuses, usual, make)
        yield from _refused_names(allows, refuses, usual, make)
        yield from _objects(allows, refuses, usual)
    elif isinstance(usual, list):
        yield from _arrays(allows, refuses, usual)
    yield from _numbers(allows, refuses)
    yield from _texts(allows, refuses, usual)
    yield from _of_enum(allows, refuses)
    yield from islice(_hints(refuses), _MOST_PARTS)
    yield from _JUNK


def _texts(allows: View, refuses: View, usual: JSON) -> Iterator[JSON]:
    text = usual if isinstance(usual, str) and usual else "x"
    for bound in _bounds((allows, refuses), ("minLength", "maxLength")):
        for length in (bound, bound + 1, bound - 1):
            if 0 <= length <= _LONGEST:
                yield (text * (length // len(text) + 1))[:length]
                yield text[:1] * length


def _bounds(views: tuple[View, ...], keywords: tuple[str, ...]) -> Iterator[int]:
    for view in views:
        for keyword in keywords:
            value = view.keywords.get(keyword)
            if isinstance(value, (int, float)):
                yield int(value)


def _numbers(allows: View, refuses: View) -> Iterator[JSON]:
    steps = [
        value
        for view in (allows, refuses)
        if isinstance(value := view.keywords.get("multipleOf"), (int, float)) and value > 0
    ]
    for view in (allows, refuses):
        for keyword in _NUMBERS:
            bound = view.keywords.get(keyword)
            if isinstance(bound, (int, float)):
                yield bound
                for step in (*steps, 1, 0.5):
                    yield bound + step
                    yield bound - step
    for step in steps:
        yield from (step, step * 2, step * 3, step * 5, step * 7)
    for bound in WHOLE_NUMBERS.values():
        yield from (bound, bound + 1)
    yield from (0, 1, -1, 1.5, -1e9, 1e9)


def _arrays(allows: View, refuses: View, usual: JSON) -> Iterator[JSON]:
    items: list[JSON] = usual if isinstance(usual, list) and usual else ["text"]
    yield []
    yield [items[0], items[0]]
    lengths = [
        length + change
        for length in (*_bounds((allows, refuses), ("minItems", "maxItems", "minContains", "maxContains")), 1)
        for change in (0, 1, -1)
    ]
    for length in lengths:
        if 0 <= length <= _MOST_ITEMS:
            yield [items[index % len(items)] for index in range(length)]
            yield _distinct(items, length)
    for junk in _JUNK:
        yield [junk]
        yield [*items, junk]
        yield [junk, *items[1:]]


def _distinct(items: Sequence[JSON], length: int) -> JSON:
    """As many items, made different where they are texts, numbers or objects without a text."""
    first = items[0]
    if isinstance(first, str):
        return [f"{first}{index}" for index in range(length)]
    if isinstance(first, (int, float)) and not isinstance(first, bool):
        return [first + index for index in range(length)]
    return [items[index % len(items)] for index in range(length)]


def _of_enum(allows: View, refuses: View) -> Iterator[JSON]:
    ours, theirs = allows.keywords.get("enum"), refuses.keywords.get("enum")
    if isinstance(ours, list):
        yield from (value for value in ours if not isinstance(theirs, list) or value not in theirs)
    else:
        yield from ("another value", "another", 1_000_003, 1.5, True)


def _of_types(allows: View, refuses: View, usual: JSON) -> Iterator[JSON]:
    ours, theirs = allows.types, refuses.types
    if ours == theirs:
        return
    for name in ours or _OF_TYPE:
        if name not in theirs:
            if usual is not None:
                yield usual
            yield from _OF_TYPE.get(name, ())


def _without(usual: JSON, name: str) -> Iterator[JSON]:
    if isinstance(usual, dict):
        yield {key: value for key, value in usual.items() if key != name}


def _not_refused(spot: Spot, refuses: View, around: Conjunction, make: Make) -> Iterator[JSON]:
    """Values that were made on purpose not to fit what the other side says in the keyword."""
    unfit = refuses.keywords.get(spot.keyword)
    if spot.keyword in _AVOIDED and unfit is not None and not isinstance(unfit, dict):
        yield make(around, {spot.keyword: unfit})


def _objects(allows: View, refuses: View, usual: dict[str, JSON]) -> Iterator[JSON]:
    """An object with a member less, or with one more that one of the sides speaks of."""
    for name in usual:
        yield {key: value for key, value in usual.items() if key != name}
    yield {}
    yield {key: usual[key] for key in allows.required if key in usual}
    names = dict.fromkeys([*allows.properties, *refuses.properties, *_names(refuses), *_names(allows), "extraProperty"])
    for name in islice(names, _MOST_PARTS):
        yield from ({**usual, name: junk} for junk in _JUNK[:7])
    for bound in _bounds((allows, refuses), ("minProperties", "maxProperties")):
        for count in (bound, bound + 1, bound - 1):
            if 0 <= count <= _MOST_ITEMS:
                more = {f"property{index}": "text" for index in range(max(count - len(usual), 0))}
                yield {**dict(list(usual.items())[:count]), **more}
    dependents = [(key[1], child) for key, child in refuses.children.items() if key[0] == "dependentSchemas"]
    for name, child in dependents:
        for member in (each for node in child for each in node.members_of("properties")):
            for junk in _JUNK:
                yield {**usual, name: usual.get(name, "text"), member: junk}
        yield {key: value for key, value in {**usual, name: usual.get(name, "text")}.items() if key in (name,)}
    for names_left in ({**usual}, {key: value for key, value in usual.items() if key in allows.required}):
        for name in ("x-a", "a", "A", "0", "a b", ""):
            yield {**names_left, name: "text"}


def _members(allows: View, refuses: View, usual: dict[str, JSON], make: Make) -> dict[str, JSON]:
    """A value for each property that an object lacks."""
    members: dict[str, JSON] = {}
    for view in (allows, refuses):
        for name in islice(view.properties, _MOST_PARTS):
            if name not in usual and name not in members:
                member = make(view.children["properties", name], None) if view is allows else "text"
                members[name] = "text" if member is None else member
    return members


def _named_by_pattern(allows: View, refuses: View, usual: dict[str, JSON], make: Make) -> Iterator[JSON]:
    """An object with a member whose name matches a pattern of one of the sides."""
    around = allows.nodes[0]
    for view in (refuses, allows):
        for key in [key for key in view.children if key[0] == "patternProperties"]:
            schema: JSON = {"type": "string", "pattern": key[1]}
            name = make((Node(around.document, (*around.path, "name", key[1]), schema),), None)
            if isinstance(name, str):
                for junk in _JUNK:
                    yield {**usual, name: junk}


def _names(view: View) -> list[str]:
    """The names of members that the keywords of a schema speak of, beside its properties."""
    needed = view.keywords.get("dependentRequired")
    names = [*(needed if isinstance(needed, dict) else ())]
    names += [key[1] for key in view.children if key[0] == "dependentSchemas"]
    for child in view.children.values():
        for node in child:
            names += [
                *node.members_of("properties"),
                *(name for name in node.items_of("required") if isinstance(name, str)),
            ]
    return names


def _refused_names(allows: View, refuses: View, usual: dict[str, JSON], make: Make) -> Iterator[JSON]:
    """An object with a member whose name is none that the other side allows."""
    for node in refuses.children.get(("propertyNames",), ()):
        if not isinstance(node.value, dict):
            continue
        longest = node.value.get("maxLength")
        if isinstance(longest, int) and longest < _LONGEST:
            yield {**usual, "x" * (longest + 1): "text"}
        names = allows.children.get(("propertyNames",), ())
        around = allows.nodes[0]
        texts = Node(around.document, (*around.path, "refused"), {"type": "string"})
        name = make((texts, *names), node.value)
        if isinstance(name, str):
            yield from ({**usual, name: junk} for junk in _JUNK)


def _hints(view: View) -> Iterator[JSON]:
    """Objects and arrays made of the constants inside a schema: the conditions of `if` and `not` are met by these."""
    for key, child in view.children.items():
        for node in child:
            yield from _constants(node.value)
            if key[0] in ("if", "not", "then", "else", "dependentSchemas"):
                yield from _as_objects(node.members_of("properties"))


def _as_objects(properties: dict[str, JSON]) -> Iterator[JSON]:
    values = {name: next(_constants(schema), "text") for name, schema in properties.items()}
    yield dict(values)
    for name in values:
        yield {**values, name: 1}
        yield {key: value for key, value in values.items() if key != name}


def _constants(schema: JSON) -> Iterator[JSON]:
    if isinstance(schema, dict):
        if "const" in schema:
            yield schema["const"]
        enum = schema.get("enum")
        yield from enum if isinstance(enum, list) else ()
