"""What is decided about each part of a value that is being made, and what is tried next where the judge finds fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from jsonschema_rs import ValidationError

from tallystick.examples.combined_schema import Branches, Conjunction
from tallystick.schemas.compiled import Bundle
from tallystick.schemas.messages import message

Path = tuple[str | int, ...]

MANNERS = 3
"""With the documented values and all that is optional; with made values in their place; with what is required only."""
_FAULTS = 40
_TURNS = 24


class DeadEnd(Exception):
    """A part for which no value was found; the message says where and why."""


class Ways:
    """The choices that lead to one way of making a part, read off a number digit by digit."""

    def __init__(self, number: int) -> None:
        self.manner = number % MANNERS
        self.left = number // MANNERS
        self.total = MANNERS

    def pick(self, options: int) -> int:
        """The choice among so many options."""
        digit = self.left % options
        self.left //= options
        self.total *= options
        return digit


@dataclass(slots=True)
class Against:
    """Schemas that a part must not fit; each `turn` is another way to see to that."""

    schemas: Sequence[Any]
    turn: int = 0
    turns: int = 1
    """How many ways there are, as far as is known."""
    passed_on: bool = False
    """Whether this is how the part that this one stands in keeps from fitting something."""


@dataclass(slots=True)
class Part:
    """A part of the value: its path and name, about how many parts it may have, and the definitions it stands in."""

    path: Path = ()
    name: str = ""
    budget: float = 0
    stack: tuple[str, ...] = ()
    ways: Ways = field(default_factory=lambda: Ways(0))
    preferred: dict[str, Any] = field(default_factory=dict)
    """The values that discriminators have for the branches taken, by property."""
    left_out: set[str] = field(default_factory=set)
    put_in: set[str] = field(default_factory=set)

    @property
    def lean(self) -> bool:
        """Whether only what is required is made."""
        return self.budget < 1

    @property
    def where(self) -> str:
        return shown(self.path)

    def under(self, step: str | int, name: str, budget: float) -> Part:
        """A part of this part."""
        return Part((*self.path, step), name, budget, self.stack)


class Plan:
    """The decisions for one value, by the path of the part that they are about."""

    def __init__(self, bundle: Bundle, hidden: str) -> None:
        self.bundle = bundle
        self.hidden = hidden
        """The keyword of what does not go this way: `readOnly` in a request, `writeOnly` in a response."""
        self.reason = ""
        self.ways: dict[Path, int] = {}
        """The number of the way in which a part is made."""
        self.totals: dict[Path, int] = {}
        """How many ways there are."""
        self.salts: dict[Path, int] = {}
        self.banned: dict[Path, set[str]] = {}
        self.wanted: dict[Path, set[str]] = {}
        self.against: dict[Path, list[Against]] = {}
        self.forms: dict[Path, Conjunction] = {}
        self.taken: dict[Path, list[tuple[Branches, int]]] = {}

    def learn(self, value: Any) -> bool:
        """Whether something can be changed about what the judge faults; the change is noted for the next attempt."""
        changed: set[Path] = set()
        moved = False
        for error in islice(self.bundle.validator.iter_errors(value), _FAULTS):
            self.reason = f"{shown(tuple(error.instance_path))}: {message(error)}"
            moved = self._blame(error, changed) or moved
        return moved

    def _blame(self, error: ValidationError, changed: set[Path]) -> bool:
        kind: Any = error.kind
        path = tuple(error.instance_path)
        if any(path[:length] in changed for length in range(len(path) + 1)):
            return True
        match type(kind).__name__:
            case "AdditionalProperties" | "UnevaluatedProperties":
                moved = self._note(self.banned, path, kind.unexpected)
            case "Required":
                moved = self._note(self.wanted, path, [kind.property])
            case "OneOfNotValid" | "AnyOf":
                inner = kind.context[self._branch_taken(path, kind)[1]]
                deeper = [one for one in inner if tuple(one.instance_path) != path]
                moved = sum(self._blame(one, changed) for one in deeper) > 0
            case "OneOfMultipleValid":
                branches, index = self._branch_taken(path, kind)
                rivals = [n for n, errors in enumerate(kind.context) if not errors and n != index]
                moved = self._oppose(path, [branches.options[rival] for rival in rivals]) if branches else False
            case "Not":
                form = self.forms.get(path)
                moved = self._oppose(path, [[part] for part in form.values("not")] if form else [])
            case _:
                moved = False
        if not moved:
            above = self.next_way(path, other_branch=type(kind).__name__ == "OneOfMultipleValid")
            if above is None:
                return False
            changed.add(above)
        return True

    def salt(self, path: Path) -> int:
        """What is added to the turn of a part, because it or what it stands in is to be another than before."""
        return sum(self.salts.get(path[:length], 0) for length in range(len(path) + 1)) if self.salts else 0

    @staticmethod
    def _note(table: dict[Path, set[str]], path: Path, names: Sequence[str]) -> bool:
        known = table.setdefault(path, set())
        new = set(names) - known
        known |= new
        return bool(new)

    def _branch_taken(self, path: Path, kind: Any) -> tuple[Branches | None, int]:
        for branches, index in self.taken.get(path, ()):
            if branches.keyword == kind.name and len(branches.options) == len(kind.context):
                return branches, index
        return None, 0

    def _oppose(self, path: Path, rivals: Sequence[Sequence[Any]]) -> bool:
        """Notes what a part must not fit, or that another way to see to it is to be tried."""
        known = self.against.setdefault(path, [])
        moved = False
        for schemas in rivals:  # only those that it fits still: the others are kept from fitting already
            found = next((one for one in known if one.schemas[0] is schemas[0]), None)
            if found is None:
                known.append(Against(schemas))
            elif found.turn + 1 < min(found.turns, _TURNS):
                found.turn += 1
            else:
                continue
            moved = True
        return moved

    def next_way(self, path: Path, other_branch: bool = False) -> Path | None:
        """The part at a path, or the nearest that it is in, that can be made in another way, which is next.

        With `other_branch` the next way is one that takes other branches, as long as there is one.
        """
        for length in range(len(path), -1, -1):
            above = path[:length]
            number, total = self.ways.get(above, 0), self.totals.get(above, 0)
            following = (number // MANNERS + 1) * MANNERS if other_branch else number + 1
            if following < total:
                self.ways[above] = following
                self.forget_below(above)
                return above
        return None

    def forget_below(self, path: Path) -> None:
        """Forgets what was decided about the parts of a part, which is made anew."""
        self.against.pop(path, None)
        for table in (self.ways, self.totals, self.banned, self.wanted, self.against):
            for known in [known for known in table if len(known) > len(path) and known[: len(path)] == path]:
                del table[known]


def shown(path: Path) -> str:
    """A path as messages have it."""
    return "".join(f"/{step}" for step in path) or "the top"
