"""The choices that lead to one value, slot by slot. A slot is a place in the value that gets a value of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tallystick.examples.combined_schema import Alternatives, CombinedSchema
from tallystick.examples.draws import NOBODY, Holder, Style
from tallystick.examples.plain_schemas import Schema
from tallystick.nouns.json_value import JSON
from tallystick.schemas.bundle import Bundle

ValuePath = tuple[str | int, ...]
"""The keys and indices that lead from the whole value to a slot."""

MODES = 3
"""How the value of a slot is made: 0 takes the documented values and all that is optional, 1 makes new values in place
of the documented ones, 2 makes only what is required."""
MINIMAL = MODES - 1

_NESTED = 11
"""How far the positions of items in a list lie from those in the same list of the next row: no list is that long."""


class DeadEnd(Exception):
    """No value was found for a slot. The message says where and why."""


class OutOfSteps(Exception):
    """So much was tried for a value that no more is. The message says how much."""


class TooMuch(DeadEnd):
    """No value was found for a slot with what is optional in it; there may be one with what is required only."""


class Variant:
    """One way to make the value of a slot, as a number: its mode, then one digit for each choice on the way."""

    def __init__(self, number: int) -> None:
        self.mode = number % MODES
        self.remaining = number // MODES
        self.count = MODES
        """How many variants there are, as far as the choices made so far tell."""

    def choose(self, options: int) -> int:
        """The index of the option that the variant takes, from a number of options."""
        digit = self.remaining % options
        self.remaining //= options
        self.count *= options
        return digit


@dataclass(slots=True)
class Exclusion:
    """Schemas that the value of a slot must not fit all at once; each `attempt` is another way to achieve that."""

    schemas: Sequence[Schema]
    attempt: int = 0
    attempts: int = 1
    """How many ways there are, as far as is known."""
    is_inherited: bool = False
    """Whether the slot around this one delegated the exclusion to it."""


@dataclass(slots=True)
class Slot:
    """A place in the value: its path and name, and about how many slots below it may be filled.

    `ancestors` are the names of the definitions whose values are being made around it.
    """

    path: ValuePath = ()
    name: str = ""
    budget: float = 0
    ancestors: tuple[str, ...] = ()
    variant: Variant = field(default_factory=lambda: Variant(0))
    discriminator_values: dict[str, JSON] = field(default_factory=dict)
    """By property, the value with which a discriminator selects the chosen branch."""
    omitted: set[str] = field(default_factory=set)
    added: set[str] = field(default_factory=set)
    """The properties that must be absent, or present, so that an exclusion holds."""
    holder: Holder = NOBODY
    """The object around the slot."""

    @property
    def is_minimal(self) -> bool:
        """Whether only what is required is made."""
        return self.budget < 1

    @property
    def where(self) -> str:
        """The slot as messages name it."""
        return path_text(self.path)

    def below(self, key: str | int, name: str, budget: float, holder: Holder | None = None) -> Slot:
        """The slot of a property or item; the holder of a property is the object that has it."""
        return Slot((*self.path, key), name, budget, self.ancestors, holder=holder or self.holder)


class Choices:
    """What was chosen for each slot of one value, by the slot's path."""

    def __init__(self) -> None:
        self.reason = ""
        """What was wrong with the last attempt."""
        self.variants: dict[ValuePath, int] = {}
        self.variant_counts: dict[ValuePath, int] = {}
        self.salts: dict[ValuePath, int] = {}
        self.forbidden_names: dict[ValuePath, set[str]] = {}
        self.required_names: dict[ValuePath, set[str]] = {}
        """The properties that an object must not have, or must have, beside what its own schema says."""
        self.item_limits: dict[ValuePath, int] = {}
        """The most items that an array must have, beside what its own schema says."""
        self.optional: dict[ValuePath, Callable[[str | int], bool]] = {}
        """For each object and array, whether it can do without a property or item that it has."""
        self.exclusions: dict[ValuePath, list[Exclusion]] = {}
        self.combined: dict[ValuePath, CombinedSchema] = {}
        self.contained: dict[ValuePath, list[tuple[int, Schema]]] = {}
        """For each array, the schemas of `contains`, each with the index of the item that was made for it."""
        self.branches: dict[ValuePath, list[tuple[Alternatives, int]]] = {}
        """The alternatives of a slot, each with the index of the option that was taken."""

    def salt(self, path: ValuePath) -> int:
        """A number to add to the turn of a slot: it is not 0 where the slot must get another value than before."""
        return sum(self.salts.get(path[:length], 0) for length in range(len(path) + 1)) if self.salts else 0

    def next_variant(self, path: ValuePath, other_branch: bool = False) -> ValuePath | None:
        """Advance the slot at a path; where it has no variant left, leave it out, or else advance the slot around it.

        With `other_branch` the next variant takes another branch, as long as there is one. Returns the path of the slot
        that is made anew, or None if there is nothing left to change.
        """
        for length in range(len(path), -1, -1):
            outer = path[:length]
            if self._advance(outer, other_branch and length == len(path)):
                return outer
            if length and self._leave_out(outer[:-1], outer[-1]):
                return outer[:-1]
        return None

    def _advance(self, path: ValuePath, other_branch: bool) -> bool:
        """Take the next variant of a slot; False where there is none."""
        number, count = self.variants.get(path, 0), self.variant_counts.get(path, 0)
        following = (number // MODES + 1) * MODES if other_branch else number + 1
        if following >= count:
            return False
        self.variants[path] = following
        self.forget_below(path)
        return True

    def _leave_out(self, path: ValuePath, key: str | int) -> bool:
        """Do without a property or item from now on; False where its object or array needs it."""
        is_optional = self.optional.get(path)
        if is_optional is None or not is_optional(key):
            return False
        if isinstance(key, int):
            self.item_limits[path] = key
        else:
            self.forbidden_names.setdefault(path, set()).add(key)
        self.forget_below((*path, key))
        return True

    def forget_below(self, path: ValuePath) -> None:
        """Forget the choices for all slots below one that is made anew, and its own exclusions."""
        self.exclusions.pop(path, None)
        for table in (
            self.variants,
            self.variant_counts,
            self.forbidden_names,
            self.required_names,
            self.item_limits,
            self.exclusions,
        ):
            for inner in [inner for inner in table if len(inner) > len(path) and inner[: len(path)] == path]:
                del table[inner]


@dataclass(frozen=True, slots=True)
class Row:
    """Which row of a longer list the first item of an array is: the path of the array, and the row's number from 0."""

    path: ValuePath
    number: int

    def is_at(self, path: ValuePath) -> bool:
        """Whether this is a row of the array at a path."""
        return self.number >= 0 and path == self.path

    def way_from(self, path: ValuePath) -> ValuePath | None:
        """The keys from a slot to the array; None where the array is not in the slot."""
        return self.path[len(path) :] if self.number >= 0 and self.path[: len(path)] == path else None

    def alone_in(self, value: JSON, way: ValuePath) -> JSON:
        """A value with this row as the only item of the array in it, some keys below; None where it has no such row."""
        if not way:
            return value[self.number : self.number + 1] or None if isinstance(value, list) else None
        if not isinstance(value, dict) or way[0] not in value:
            return None
        inner = self.alone_in(value[way[0]], way[1:])
        return None if inner is None else {**value, way[0]: inner}


NO_ROW = Row((), -1)
"""The row of a value that is not made for the sake of one."""


@dataclass(frozen=True, slots=True)
class Generation:
    """The generation of one value: the schemas that it must fit, the choices made so far, and the way into a slot."""

    bundle: Bundle
    choices: Choices
    hidden_flag: str
    """The keyword of properties that are not sent in this direction: `readOnly` in a request, else `writeOnly`."""
    value_of: Callable[[Sequence[Schema], Slot], JSON]
    """Makes the value of a slot so that it fits all of some schemas. Raises `DeadEnd` where there is none."""
    enumerated_value: Callable[[CombinedSchema, Slot], JSON]
    """One of the values that a combined schema enumerates, for a slot. Raises `DeadEnd` where there is none."""
    style: Style
    row: Row = NO_ROW

    def position(self, path: ValuePath) -> int:
        """Which of all things in a value the one around a slot is; 0 for what stands in no list, and in first items."""
        position = 0
        for depth, key in enumerate(path):
            if isinstance(key, int):
                position = position * _NESTED + key + (self.row.number if self.row.is_at(path[:depth]) else 0)
        return position


def path_text(path: ValuePath) -> str:
    """A path as messages show it."""
    return "".join(f"/{key}" for key in path) or "the top"
