"""The member of a resource that is its id, by what the contract says of it: the best evidence decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tallystick.examples.choices import ValuePath
from tallystick.mock.state.resources import Role
from tallystick.mock.state.views import View
from tallystick.mock.tailoring.names import PathName, spelled
from tallystick.nouns.contract import Operation
from tallystick.schemas.shapes import types_of

_NUMBERS = frozenset(("integer", "number"))
_PARTS = ("metadata", "meta", "info", "attributes", "properties", "spec", "summary", "identity")
"""The members of a resource that may hold its id, where it has none itself."""
_ANY = ("id", "uuid", "uid", "guid", "sid", "slug", "name", "key", "login", "username", "code", "number", "identifier")
"""Members that may be an id whatever the parameter is called."""


@dataclass(frozen=True, slots=True)
class Identified:
    """What is known of a resource whose id is looked for: the name of its path, its operations, its members."""

    name: PathName
    operations: Mapping[Role, Operation]
    whole: View | None

    @property
    def is_number(self) -> bool | None:
        """Whether the parameter in the path is a number; None where that is open."""
        for operation in self.operations.values():
            for parameter in operation.parameters:
                if parameter.location == "path" and parameter.name == self.name.name:
                    types = types_of(parameter.described)
                    return None if len(types) > 2 else not types.isdisjoint(_NUMBERS)
        return None


Evidence = Callable[[Identified], ValuePath | None]
"""Finds the way to the id by one kind of evidence, None where there is none of it."""


def _exact_name(known: Identified) -> ValuePath | None:
    """The member has the name of the parameter."""
    own = spelled(known.name.name)
    return next((way for way, member in _members(known) if spelled(str(way[-1])) == own and member.is_scalar), None)


def _usual_name(known: Identified) -> ValuePath | None:
    """The member has a name that goes with that of the parameter, and is of its type."""
    return _first(known, known.name.own_names, known.is_number)


def _usual_name_of_another_type(known: Identified) -> ValuePath | None:
    """The member has a name that goes with that of the parameter."""
    return _first(known, known.name.own_names, None)


def _any_identifying_name(known: Identified) -> ValuePath | None:
    """The member is named as ids are, and of the type of the parameter."""
    return _first(known, _ANY, known.is_number)


EVIDENCE: tuple[Evidence, ...] = (_exact_name, _usual_name, _usual_name_of_another_type, _any_identifying_name)
"""What tells the id, the surest first."""


def id_way_of(known: Identified) -> ValuePath:
    """The way from a resource to its id; () where no member of it is one."""
    if known.whole is None:
        return ()
    return next((way for evidence in EVIDENCE if (way := evidence(known)) is not None), ())


def _members(known: Identified) -> Iterator[tuple[ValuePath, View]]:
    """The members of a resource, then those of the parts that may hold its id."""
    members = known.whole.members if known.whole is not None else {}
    yield from (((key,), member) for key, member in members.items())
    for key, member in members.items():
        if spelled(key) in _PARTS and member.is_object:
            yield from (((key, inner), part) for inner, part in member.members.items())


def _first(known: Identified, names: tuple[str, ...], is_number: bool | None) -> ValuePath | None:
    """The member with the first of some names that is of a type."""
    by_name: dict[str, list[tuple[ValuePath, View]]] = {}
    for way, member in _members(known):
        by_name.setdefault(spelled(str(way[-1])), []).append((way, member))
    for name in names:
        for way, member in by_name.get(name, ()):
            if member.is_scalar and (is_number is None or _is_number(member) is is_number):
                return way
    return None


def _is_number(member: View) -> bool:
    if member.schema is None:
        return isinstance(member.example, int)
    return not member.types.isdisjoint(_NUMBERS)
