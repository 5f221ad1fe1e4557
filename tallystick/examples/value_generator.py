"""One value grown from a schema: made by construction, judged as a whole, and mended where it is faulted.

Each part of the value can be made in several ways (which branch of a `oneOf`, with or without what is optional). A
part that is faulted takes its next way, until the value fits or no part has a way left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from jsonschema_rs import canonical
from jsonschema_rs.canonical.schema import clone

from tallystick.examples import realistic_values, scalars
from tallystick.examples.branch_selection import take
from tallystick.examples.choices import MANNERS, DeadEnd, Part, Plan, Ways
from tallystick.examples.combined_schema import Conjunction
from tallystick.examples.objects import an_array, an_object
from tallystick.nouns.json_pointer import to_keys
from tallystick.nouns.schema import Direction
from tallystick.schemas.compiled import Bundle

_ATTEMPTS = 100
_PARTS = 20_000
_DEPTH = 48
_OTHERS = 12
"""How many strings or numbers are tried for one that does not fit a schema that it must not fit."""
_WAYS = 200
"""How many ways to take branches are tried for one part."""
_BUDGET = 500
"""About how many parts a value has at most, what is required not counted."""


class Growth:
    """The making of one value; `value` is it once `grow` says that it fits, else `reason` says why there is none."""

    def __init__(self, bundle: Bundle, direction: Direction, seed: int, name: str) -> None:
        self.plan = Plan(bundle, "readOnly" if direction is Direction.REQUEST else "writeOnly")
        self.bundle = bundle
        self.seed = seed
        self.name = name
        self.value: Any = None
        self.reason = ""
        self.parts = 0

    def grow(self) -> bool:
        """Whether a value was found that fits."""
        root = {"$ref": self.bundle.name(self.bundle.parts[0])}
        for _ in range(_ATTEMPTS):
            self.parts = 0
            try:
                self.value = self.part([root], Part(name=self.name, budget=_BUDGET))
            except DeadEnd as end:
                self.plan.reason = str(end)
                if self.plan.next_way(()) is None:
                    break
            else:
                if self.bundle.is_valid(self.value):
                    return True
                if not self.plan.learn(self.value):
                    break
        self.reason = self.impossible() or self.plan.reason
        return False

    def impossible(self) -> str:
        """Why no value at all fits, where that can be shown."""
        root = {"$ref": self.bundle.name(self.bundle.parts[0]), "$defs": self.bundle.definitions}
        found = canonical.find_unsatisfiable(root, validate_formats=True, offline=True)
        if not {"", "/$ref", "/$defs/s0"} & set(found):
            return ""
        pointer = max((one for one in found if one.startswith("/$defs/")), key=len, default="")
        place = self.bundle.source(to_keys(pointer))
        return f"what {place.pointer or 'it'} says ({place}) leaves no value at all"

    def part(self, schemas: Sequence[Any], part: Part) -> Any:
        """A value for a part that fits all of the schemas, made in the first way that leads to one."""
        self.parts += 1
        if self.parts > _PARTS or len(part.path) > _DEPTH:
            raise DeadEnd(f"what is required at {part.where} has no end")
        plan, path = self.plan, part.path
        number, total = plan.ways.get(path, 0), plan.totals.get(path, 0)
        while True:
            part.ways, part.preferred = Ways(number), {}
            try:
                value = self.made(schemas, part)
            except DeadEnd:
                total = max(total, part.ways.total)
                number = (number // MANNERS + 1) * MANNERS
                if number >= min(total, _WAYS * MANNERS):
                    raise
                plan.forget_below(path)
            else:
                plan.ways[path], plan.totals[path] = number, max(total, part.ways.total)
                return value

    def made(self, schemas: Sequence[Any], part: Part) -> Any:
        form = Conjunction(self.bundle, schemas)
        plan, path, ways = self.plan, part.path, part.ways
        plan.taken[path] = take(self.bundle, form, part)
        plan.forms[path] = form
        for rival in plan.against.get(path, ()):
            form.oppose(rival.schemas)
        if not form.possible:
            raise DeadEnd(f"nothing is allowed at {part.where}")
        circular = not set(form.refs).isdisjoint(part.stack)
        inside = Part(path, part.name, part.budget, part.stack + tuple(form.refs), ways, part.preferred)
        if circular or ways.manner == MANNERS - 1:
            inside.budget = 0
        if ways.manner == 0:
            for value in self.documented(form, part):
                if form.allows(value):
                    return value
        enumerated = form.enumerated()
        if enumerated is not None:
            return self.one_of(form, enumerated, part)
        kinds = form.kinds()
        if not kinds:
            raise DeadEnd(f"no type is left at {part.where}")
        kind = kinds[ways.pick(len(kinds))]
        if kind == "object":
            return an_object(plan, form, inside, self.part)
        if kind == "array":
            return an_array(plan, form, inside, self.part)
        return self.scalar(form, kind, part)

    def documented(self, form: Conjunction, part: Part) -> Iterator[Any]:
        """The values that the contract itself gives for the part; not the same identity for one item and the next."""
        later = any(isinstance(step, int) and step > 0 for step in part.path)
        if (later and realistic_values.is_identity(part.name)) or self.plan.salt(part.path):
            return
        for node in form.origins():
            listed = node.members.get("examples")
            found = [node.members.get("example"), *(listed if isinstance(listed, list) else ())]
            default = node.members.get("default")
            for value in (*found, default if default not in ("", [], {}) else None):
                if value is not None:
                    yield clone(value)

    def one_of(self, form: Conjunction, listed: Sequence[Any], part: Part) -> Any:
        fitting = sorted((value for value in listed if form.allows(value)), key=lambda value: value is None)
        if not fitting:
            raise DeadEnd(f"no value of the enum fits at {part.where}")
        turn = self.seed + self.plan.salt(part.path) + part.ways.pick(len(fitting))
        return clone(fitting[turn % len(fitting)])

    def scalar(self, form: Conjunction, kind: str, part: Part) -> Any:
        """A string, number, boolean or null: another one for each item of a list, seed and salt."""
        position = sum(step for step in part.path if isinstance(step, int))
        turn = self.seed + position + (part.ways.manner > 0) + self.plan.salt(part.path)
        nth = 0
        for rival in self.plan.against.get(part.path, ()):  # another one may do where the rival is not told apart
            rival.turns = max(rival.turns, _OTHERS)
            nth += rival.turn
        found: Any = None
        if kind == "string":
            found = scalars.string(form, part.name, turn, nth)
        elif kind in ("integer", "number"):
            found = scalars.number(form, part.name, turn, kind == "integer", nth)
        elif kind == "boolean":
            usual = realistic_values.boolean(part.name, turn)
            found = next((value for value in (usual, not usual) if form.allows(value)), None)
        elif form.allows(None):
            return None
        if found is None:
            raise DeadEnd(f"no {kind} was found that fits at {part.where}")
        return found
