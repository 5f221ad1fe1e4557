"""The members that schemas declare, and those of them that a value has.

A member belongs to the schema that declares it, wherever that is referred to: `Pet.tag` is one part of a contract for
requests and one for responses, however many operations have pets.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from tallystick.coverage.parts import Kind, Part
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract
from tallystick.nouns.schema import Direction, Schema
from tallystick.nouns.violation import Place

_HIDDEN = {Direction.REQUEST: "readOnly", Direction.RESPONSE: "writeOnly"}
_KINDS = {Direction.REQUEST: Kind.REQUEST_MEMBER, Direction.RESPONSE: Kind.RESPONSE_MEMBER}


class Members:
    """The members that the schemas of a contract declare for values of one direction."""

    def __init__(self, contract: Contract, direction: Direction) -> None:
        self.direction = direction
        self.kind = _KINDS[direction]
        self.folder = posixpath.dirname(contract.file)
        self.file = contract.file
        self._shapes: dict[Place, Shape] = {}

    def shape(self, schema: Schema | None) -> Shape | None:
        """The shape of a schema; None where there is no schema, or its reference leads nowhere."""
        followed = schema.child() if schema is not None else None
        if followed is None:
            return None
        place = followed.place
        if place not in self._shapes:
            self._shapes[place] = Shape(self, followed)
        return self._shapes[place]

    def subject(self, place: Place) -> str:
        """How a schema is called: `Pet`, `Pet.owner`, `GET /pets 200[]`."""
        name = _name(place.path)
        if place.file == self.file:
            return name
        file = place.file.removeprefix(f"{self.folder}/") if self.folder else place.file
        return f"{posixpath.splitext(file)[0]} {name}".rstrip()

    def declared(self, schema: Schema | None, passed: set[Shape]) -> Iterator[tuple[Part, Place]]:
        """Every member that a schema and the schemas inside of it declare, without those that were passed before."""
        waiting = [self.shape(schema)]
        while waiting:
            shape = waiting.pop()
            if shape is not None and shape not in passed:
                passed.add(shape)
                yield from ((part, shape.place.at("properties", part.name)) for part, _ in shape.members.values())
                waiting += shape.inner()

    def touch(self, shape: Shape, value: object, seen: set[Part]) -> None:
        """Add the members that a value has to those that were seen."""
        waiting = [(shape, value, budgets.REFERENCE_CHAIN)]
        while waiting:
            shape, value, steps = waiting.pop()
            if isinstance(value, dict):
                waiting += shape.touched(value, seen)
            elif isinstance(value, list):
                waiting += shape.items(value)
            else:
                continue
            if steps and shape.is_composed:
                waiting += [(branch, value, steps - 1) for branch in shape.branches(value)]


Step = tuple["Shape", object, int]


class Shape:
    """The members of one schema, and the shapes of the schemas inside of it; each made when it is first asked for."""

    def __init__(self, room: Members, schema: Schema) -> None:
        self.room = room
        self.schema = schema
        self.place = schema.place

    @cached_property
    def members(self) -> Mapping[str, tuple[Part, Shape | None]]:
        """The members that the schema itself declares, by name, each with the shape of its value."""
        declared: dict[str, tuple[Part, Shape | None]] = {}
        subject = self.room.subject(self.place)
        for name in self._names("properties"):
            schema = self.schema.child("properties", name)
            if schema is None or schema.resolved.get(_HIDDEN[self.room.direction]) is not True:
                declared[name] = Part(self.room.kind, subject, name), self.room.shape(schema)
        return declared

    @cached_property
    def others(self) -> Shape | None:
        """The shape of the members that are not declared."""
        return self._child("additionalProperties")

    @cached_property
    def first_items(self) -> list[Shape | None]:
        """The shapes of the items that have a schema by their position."""
        return [self._child("prefixItems", str(index)) for index in range(self._count("prefixItems"))]

    @cached_property
    def other_items(self) -> Shape | None:
        return self._child("items")

    @cached_property
    def always(self) -> list[Shape]:
        """The shapes that a value has, too."""
        return self._branches("allOf")

    @cached_property
    def perhaps(self) -> list[Shape]:
        """The shapes that a value may have, too."""
        return [*self._branches("anyOf"), *self._branches("oneOf")]

    @cached_property
    def is_composed(self) -> bool:
        return bool(self.always or self.perhaps)

    def touched(self, value: Mapping[str, object], seen: set[Part]) -> Iterator[Step]:
        """Add the members of an object to those that were seen; yields what to look at next."""
        members, others = self.members, self.others
        for name, member in value.items():
            declared = members.get(name)
            if declared is not None:
                seen.add(declared[0])
            shape = declared[1] if declared is not None else others
            if shape is not None and isinstance(member, dict | list):
                yield shape, member, budgets.REFERENCE_CHAIN

    def items(self, value: list[object]) -> Iterator[Step]:
        """The items of an array that have a shape."""
        first = self.first_items
        for index, item in enumerate(value):
            shape = first[index] if index < len(first) else self.other_items
            if shape is not None:
                yield shape, item, budgets.REFERENCE_CHAIN

    def branches(self, value: object) -> Iterator[Shape]:
        """The shapes of the branches that a value fits."""
        yield from self.always
        for shape in self.perhaps:
            if shape.schema.is_valid(value, self.room.direction):
                yield shape

    def inner(self) -> list[Shape | None]:
        """The shapes of all schemas inside, as far as they have one."""
        members = [shape for _, shape in self.members.values()]
        return [*members, self.others, *self.first_items, self.other_items, *self.always, *self.perhaps]

    def _child(self, *keys: str) -> Shape | None:
        value = self.schema.resolved.get(keys[0])
        return self.room.shape(self.schema.child(*keys)) if isinstance(value, dict | list) else None

    def _branches(self, keyword: str) -> list[Shape]:
        shapes = [self._child(keyword, str(index)) for index in range(self._count(keyword))]
        return [shape for shape in shapes if shape is not None]

    def _count(self, keyword: str) -> int:
        branches = self.schema.resolved.get(keyword)
        return len(branches) if isinstance(branches, list) else 0

    def _names(self, keyword: str) -> list[str]:
        members = self.schema.resolved.get(keyword)
        return list(members) if isinstance(members, dict) else []


def _name(path: tuple[str, ...]) -> str:
    """A name for the schema at a path, as short as it can be and tell which one it is."""
    match path:
        case ("components", "schemas", name, *rest) | ("definitions", name, *rest):
            return name + _inside(rest)
        case ("paths", template, method, "requestBody", "content", _, "schema", *rest):
            return f"{method.upper()} {template} body" + _inside(rest)
        case ("paths", template, method, "responses", status, "content", _, "schema", *rest):
            return f"{method.upper()} {template} {status}" + _inside(rest)
        case ("paths", template, method, "responses", status, "schema", *rest):
            return f"{method.upper()} {template} {status}" + _inside(rest)
        case ("components", ("requestBodies" | "responses"), name, "content", _, "schema", *rest):
            return name + _inside(rest)
    return " ".join(path)


def _inside(keys: Sequence[str]) -> str:
    """What the keys of a schema inside of another one add to its name: `.owner`, `[]`; branches add nothing."""
    name, rest = "", iter(keys)
    for key in rest:
        match key:
            case "properties":
                name += f".{next(rest, '')}"
            case "additionalProperties":
                name += ".*"
            case "items":
                name += "[]"
            case "prefixItems":
                name += f"[{next(rest, '')}]"
    return name
