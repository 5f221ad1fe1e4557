"""One value grown from a schema: a first try by construction, then repairs where the judge finds fault with it.

Each part of the value can be made in several ways (which branch of a `oneOf`, with or without what is optional). A
part that the judge faults takes its next way, until the value fits or no part has a way left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from jsonschema_rs import ValidationError, canonical
from jsonschema_rs.canonical.schema import clone

from tallystick import realistic, scalars
from tallystick.conjunction import Branches, Conjunction, definition_name
from tallystick.conjunction import canonical as same
from tallystick.errors import UnreadableError
from tallystick.load import Node
from tallystick.model import Direction
from tallystick.schema import Bundle, message

Path = tuple[str | int, ...]

_ATTEMPTS = 80
_PARTS = 20_000
_DEPTH = 48
_BUDGET = 500
"""About how many parts a value has at most, what is required not counted."""
_MANNERS = 3
"""With the documented values and all that is optional; with neither documented values; with what is required only."""


class DeadEnd(Exception):
    """A part for which no value was found."""


class _Ways:
    """The choices that lead to one way of making a part, read off a number digit by digit."""

    def __init__(self, number: int) -> None:
        self.manner = number % _MANNERS
        self.left = number // _MANNERS
        self.total = _MANNERS

    def pick(self, options: int) -> int:
        digit = self.left % options
        self.left //= options
        self.total *= options
        return digit


class Growth:
    """The making of one value; `value` is it once `grow` says that it fits, else `reason` says why there is none."""

    def __init__(self, bundle: Bundle, direction: Direction, seed: int, name: str) -> None:
        self.bundle = bundle
        self.hidden = "readOnly" if direction is Direction.REQUEST else "writeOnly"
        self.seed = seed
        self.name = name
        self.value: Any = None
        self.reason = ""
        self.parts = 0
        self.ways: dict[Path, int] = {}
        self.totals: dict[Path, int] = {}
        self.chosen: dict[tuple[Path, str], int] = {}
        self.banned: dict[Path, set[str]] = {}
        self.wanted: dict[Path, set[str]] = {}
        self.salts: dict[Path, int] = {}

    def grow(self) -> bool:
        """Whether a value was found that fits."""
        root = {"$ref": self.bundle.name(self.bundle.parts[0])}
        for _ in range(_ATTEMPTS):
            self.parts = 0
            try:
                self.value = self.part([root], (), self.name, _BUDGET, ())
            except DeadEnd as end:
                self.reason = str(end)
                if not self.next_way(()):
                    break
                continue
            if self.bundle.is_valid(self.value):
                return True
            if not self.learn():
                break
        self.reason = self.impossible() or self.reason
        return False

    def impossible(self) -> str:
        """Why no value at all fits, where that can be shown."""
        root = {"$ref": self.bundle.name(self.bundle.parts[0]), "$defs": self.bundle.definitions}
        found = canonical.find_unsatisfiable(root, validate_formats=True, offline=True)
        if not {"", "/$ref", "/$defs/s0"} & set(found):
            return ""
        pointer = max((one for one in found if one.startswith("/$defs/")), key=len, default="")
        place = self.bundle.source(pointer.split("/")[1:])
        return f"no value fits {place.pointer or 'it'} ({place})"

    def part(self, schemas: Sequence[Any], path: Path, name: str, budget: float, stack: tuple[str, ...]) -> Any:
        """A value for the part at a path that fits all of the schemas, made in the first way that leads to one."""
        self.parts += 1
        if self.parts > _PARTS or len(path) > _DEPTH:
            raise DeadEnd("its values are too deep or too many")
        number = self.ways.get(path, 0)
        while True:
            ways = _Ways(number)
            try:
                value = self.made(schemas, path, name, budget, stack, ways)
            except DeadEnd:
                number = (number // _MANNERS + 1) * _MANNERS
                if number >= ways.total:
                    self.totals[path] = ways.total
                    raise
            else:
                self.ways[path], self.totals[path] = number, ways.total
                return value

    def made(
        self, schemas: Sequence[Any], path: Path, name: str, budget: float, stack: tuple[str, ...], ways: _Ways
    ) -> Any:
        form = Conjunction(self.bundle, schemas)
        preferred: dict[str, Any] = {}
        lean = budget < 1 or ways.manner == _MANNERS - 1 or not set(form.refs).isdisjoint(stack)
        before = stack + tuple(form.refs)
        while form.open:
            self.choose(form, path, form.open.pop(0), ways, stack, preferred)
            lean = lean or not set(form.refs).isdisjoint(stack)
        if not form.possible:
            raise DeadEnd(f"nothing is allowed at {_shown(path)}")
        self.name_itself(form, preferred)
        turn = self.seed + sum(step for step in path if isinstance(step, int)) + (ways.manner > 0)
        if ways.manner == 0:
            for value in self.documented(form, path, name):
                if form.allows(value):
                    return value
        enumerated = form.enumerated()
        if enumerated is not None:
            fitting = [value for value in enumerated if form.allows(value)]
            fitting.sort(key=lambda value: value is None)
            if not fitting:
                raise DeadEnd(f"no value of the enum fits at {_shown(path)}")
            return fitting[(self.seed + ways.pick(len(fitting))) % len(fitting)]
        kinds = form.kinds()
        if not kinds:
            raise DeadEnd(f"no type is left at {_shown(path)}")
        kind = kinds[ways.pick(len(kinds))]
        stack = before + tuple(form.refs)
        if kind == "object":
            return self.an_object(form, path, 0 if lean else budget, stack, preferred, ways)
        if kind == "array":
            return self.an_array(form, path, name, 0 if lean else budget, stack)
        return self.scalar(form, path, kind, name, turn)

    def choose(
        self,
        form: Conjunction,
        path: Path,
        branches: Branches,
        ways: _Ways,
        stack: tuple[str, ...],
        preferred: dict[str, Any],
    ) -> None:
        """Lets one branch hold: the likeliest first, those that can be nothing, null or endless last."""
        kinds = set(form.kinds())

        def rank(index: int) -> tuple[bool, bool, bool, int]:
            probe = Conjunction(self.bundle, branches.options[index])
            left = kinds & set(probe.kinds()) if "number" not in kinds else set(probe.kinds())
            return (not probe.possible or not left, left == {"null"}, self.recurs(branches.options[index], stack), index)

        order = sorted(range(len(branches.options)), key=rank)
        index = order[ways.pick(len(order))]
        self.chosen[path, branches.keyword] = index
        for schema in branches.options[index]:
            form.add(schema)
        self.name_branch(branches, index, preferred)

    def recurs(self, schemas: Sequence[Any], stack: tuple[str, ...]) -> bool:
        """Whether the schemas lead back to one that is being made, whichever branch is taken."""
        if not stack:
            return False
        probe = Conjunction(self.bundle, schemas)
        if not set(probe.refs).isdisjoint(stack):
            return True
        return any(
            all(self.recurs(option, stack) for option in branches.options if option[0] != {"type": "null"})
            for branches in probe.open
            if branches.keyword != "if"
        )

    def documented(self, form: Conjunction, path: Path, name: str) -> Iterator[Any]:
        """The values that the contract itself gives for the part; not the same identity for one item and the next."""
        later = any(isinstance(step, int) and step > 0 for step in path)
        if later and realistic.is_identity(name):
            return
        for node in form.origins():
            listed = node.value.get("examples")
            found = [node.value[key] for key in ("example",) if key in node.value]
            found += listed if isinstance(listed, list) else []
            found += [node.value["default"]] if node.value.get("default") not in (None, "", [], {}) else []
            for value in found:
                if value is not None:
                    yield clone(value)

    def an_array(self, form: Conjunction, path: Path, name: str, budget: float, stack: tuple[str, ...]) -> list[Any]:
        least, most = form.least("minItems"), form.most("maxItems")
        contained = [part for part in form.sources if part.get("contains", False) is not False]
        needed = max((int(part.get("minContains", 1)) for part in contained), default=0)
        prefix = max(map(len, form.values("prefixItems")), default=0)
        usual = prefix if prefix else 2 if budget >= _BUDGET / 8 else 1
        plain = form.item_schemas(prefix)
        if budget < 1 or self.recurs(plain, stack) or not plain:
            usual = min(prefix, usual)
        count = max(least, needed, usual if budget >= 1 else 0)
        count = max(least, min(count, most)) if most is not None else count
        unique = True in form.values("uniqueItems")
        items: list[Any] = []
        for index in range(count):
            schemas = form.item_schemas(index)
            schemas += [one["contains"] for one in contained if index < int(one.get("minContains", 1))]
            try:
                item = self.item(schemas, (*path, index), realistic.singular(name), budget / count, stack, unique, items)
            except DeadEnd:
                if index < max(least, needed):
                    raise
                break
            items.append(item)
        return items

    def item(
        self,
        schemas: Sequence[Any],
        path: Path,
        name: str,
        budget: float,
        stack: tuple[str, ...],
        unique: bool,
        others: Sequence[Any],
    ) -> Any:
        """One item of an array, another one than those before it where each may stand once."""
        item = self.part(schemas, path, name, budget, stack)
        if not unique:
            return item
        known = {same(other) for other in others}
        for salt in range(_ATTEMPTS):
            if same(item) not in known:
                return item
            if salt % 2 == 0 and self.ways[path] + 1 < self.totals[path]:
                self.ways[path] += 1
            else:
                self.ways[path] = 1
                self.salts[path] = salt + len(others)
            item = self.part(schemas, path, name, budget, stack)
        raise DeadEnd(f"the items at {_shown(path[:-1])} cannot all be different")

    def an_object(
        self,
        form: Conjunction,
        path: Path,
        budget: float,
        stack: tuple[str, ...],
        preferred: dict[str, Any],
        ways: _Ways,
    ) -> dict[str, Any]:
        names = self.names(form, path, budget, stack)
        while self.depend(form, names, path, ways, stack, preferred):
            names = self.names(form, path, budget, stack)
        required = self.required(form, path)
        schemas = {name: self.property(form, name, preferred) for name in names}
        heavy = sum(1 for name in names if not self.is_scalar(schemas[name])) or 1
        share = (budget - len(names)) / heavy
        value: dict[str, Any] = {}
        for name in names:
            try:
                value[name] = self.part(schemas[name], (*path, name), name, share, stack)
            except DeadEnd:
                if name in required:
                    raise
        self.fill(form, value, path, share, stack)
        return value

    def required(self, form: Conjunction, path: Path) -> dict[str, None]:
        """The names that must be there, in order."""
        names = dict.fromkeys(name for listed in form.values("required") for name in listed)
        names.update(dict.fromkeys(sorted(self.wanted.get(path, ()))))
        dependent = form.values("dependentRequired")
        before = -1
        while dependent and len(names) > before:
            before = len(names)
            for listed in dependent:
                names.update(dict.fromkeys(one for name in list(names) for one in listed.get(name, ())))
        return names

    def names(self, form: Conjunction, path: Path, budget: float, stack: tuple[str, ...]) -> list[str]:
        """The properties that the object is to have, in the order in which they are declared."""
        required = self.required(form, path)
        dependent = form.values("dependentRequired")
        most, least = form.most("maxProperties"), form.least("minProperties")
        allowed = Conjunction(self.bundle, form.values("propertyNames")) if form.values("propertyNames") else None
        declared = form.property_names()
        optional = [
            name
            for name in declared
            if name not in required
            and name not in self.banned.get(path, ())
            and (allowed is None or allowed.allows(name))
            and self.may_be_shown(form.property_schemas(name), stack)
        ]
        for group in form.banned_names():
            if group <= {*required, *optional}:
                given_up = next((name for name in reversed(optional) if name in group), None)
                optional = [name for name in optional if name != given_up]
        room = len(optional) if most is None else max(most - len(required), 0)
        if budget < 1:
            room = min(room, max(least - len(required), 0))
        chosen = {*required}
        for name in optional:
            wanted = {name, *(one for listed in dependent for one in listed.get(name, ()))} - chosen
            if len(wanted) <= room and wanted <= {*optional}:
                chosen |= wanted
                room -= len(wanted)
        return [name for name in declared if name in chosen] + [name for name in required if name not in declared]

    def may_be_shown(self, schemas: Sequence[Any], stack: tuple[str, ...]) -> bool:
        """Whether an optional property is put in: not where it goes the other way only, or leads round in a circle."""
        for schema in schemas:
            node = self.bundle.origins.get(id(schema))
            if schema is False or (node is not None and (node.flag(self.hidden) or _followed_flag(node, self.hidden))):
                return False
        return not self.recurs(schemas, stack)

    def depend(
        self,
        form: Conjunction,
        names: Sequence[str],
        path: Path,
        ways: _Ways,
        stack: tuple[str, ...],
        preferred: dict[str, Any],
    ) -> bool:
        """Lets the schemas hold that the presence of properties brings; whether there were any new ones."""
        before = len(form.sources)
        for listed in form.values("dependentSchemas"):
            for name in names:
                if name in listed:
                    form.add(listed[name])
        while form.open:
            self.choose(form, path, form.open.pop(0), ways, stack, preferred)
        return len(form.sources) > before

    def property(self, form: Conjunction, name: str, preferred: dict[str, Any]) -> list[Any]:
        """The schemas of a property, and for a discriminator the value that names its branch."""
        schemas = form.property_schemas(name)
        if name in preferred:
            wanted = Conjunction(self.bundle, schemas)
            listed = wanted.enumerated()
            if wanted.allows(preferred[name]) and (listed is None or preferred[name] in listed):
                schemas.append({"const": preferred[name]})
        return schemas

    def fill(self, form: Conjunction, value: dict[str, Any], path: Path, budget: float, stack: tuple[str, ...]) -> None:
        """Adds properties that are not declared: as many as there must be, and one where the object is a map."""
        least = form.least("minProperties")
        open_to = [one for one in form.values("additionalProperties") if isinstance(one, dict) and one]
        patterns = [pattern for listed in form.values("patternProperties") for pattern in listed]
        if budget >= 1 and not form.property_names() and (open_to or patterns) and not self.recurs(open_to, stack):
            least = max(least, 1)
        most = form.most("maxProperties")
        least = least if most is None else min(least, most)
        tries = 0
        while len(value) < least:
            tries += 1
            if tries > _ATTEMPTS + least:
                raise DeadEnd(f"no more properties can be added at {_shown(path)}")
            name = self.key(form, patterns, tries - 1)
            if name is None or name in value or name in self.banned.get(path, ()):
                continue
            schemas = form.property_schemas(name)
            if False in [one for one in schemas if isinstance(one, bool)]:
                continue
            value[name] = self.part(schemas, (*path, name), name, budget, stack)

    def key(self, form: Conjunction, patterns: Sequence[str], turn: int) -> str | None:
        """A name for a property that is not declared, as `propertyNames` and `patternProperties` have it."""
        names = Conjunction(self.bundle, form.values("propertyNames"))
        listed = names.enumerated()
        if listed:
            return str(listed[turn % len(listed)])
        if patterns and False in [one for one in form.values("additionalProperties") if isinstance(one, bool)]:
            names.add({"pattern": patterns[turn % len(patterns)]})
        return scalars.string(names, "key", turn + self.seed)

    def is_scalar(self, schemas: Sequence[Any]) -> bool:
        probe = Conjunction(self.bundle, schemas)
        return probe.enumerated() is not None or (not probe.open and {"object", "array"}.isdisjoint(probe.kinds()))

    def scalar(self, form: Conjunction, path: Path, kind: str, name: str, turn: int) -> Any:
        turn += self.salts.get(path, 0)
        found: Any = None
        if kind == "string":
            found = scalars.string(form, name, turn)
        elif kind in ("integer", "number"):
            found = scalars.number(form, name, turn, whole=kind == "integer")
        elif kind == "boolean":
            usual = realistic.boolean(name, turn)
            found = next((value for value in (usual, not usual) if form.allows(value)), None)
        elif form.allows(None):
            return None
        if found is None:
            raise DeadEnd(f"no {kind} was found that fits at {_shown(path)}")
        return found

    def name_branch(self, branches: Branches, index: int, preferred: dict[str, Any]) -> None:
        """Notes the value that the discriminator of a `oneOf` or `anyOf` has for a branch."""
        node = self.bundle.origins.get(id(branches.source))
        option = branches.options[index][0]
        if node is None or branches.keyword == "if" or not isinstance(option, dict) or "$ref" not in option:
            return
        self.note(node, definition_name(option["$ref"]), preferred)

    def name_itself(self, form: Conjunction, preferred: dict[str, Any]) -> None:
        """Notes the value of a discriminator that a schema inherits through `allOf`: the name of the heir."""
        for node in form.origins():
            if "discriminator" in node.value and not {"oneOf", "anyOf"} & set(node.value) and form.refs:
                self.note(node, form.refs[0], preferred)

    def note(self, node: Node, name: str, preferred: dict[str, Any]) -> None:
        discriminator = node.value.get("discriminator")
        if not isinstance(discriminator, dict) or not isinstance(discriminator.get("propertyName"), str):
            return
        target = self.bundle.parts[int(name[1:])]
        mapping = discriminator.get("mapping")
        value = target.path[-1] if target.path else name
        for key, ref in mapping.items() if isinstance(mapping, dict) else ():
            if isinstance(ref, str) and _leads_to(node, ref, target):
                value = key
                break
        preferred.setdefault(discriminator["propertyName"], value)

    def learn(self) -> bool:
        """Whether something can be changed about what the judge faults, and the change noted for the next attempt."""
        changed: set[Path] = set()
        moved = False
        for error in islice(self.bundle.validator.iter_errors(self.value), 40):
            self.reason = f"{_shown(tuple(error.instance_path))}: {message(error)}"
            moved = self.blame(error, changed) or moved
        return moved

    def blame(self, error: ValidationError, changed: set[Path]) -> bool:
        kind, path = error.kind, tuple(error.instance_path)
        if path in changed:
            return False
        match kind.name:
            case "additionalProperties" | "unevaluatedProperties":
                names = set(kind.unexpected) - self.banned.setdefault(path, set())
                self.banned[path] |= names
                if names:
                    return True
            case "required" if kind.property not in self.wanted.setdefault(path, set()):
                self.wanted[path].add(kind.property)
                return True
            case "oneOf" | "anyOf" if hasattr(kind, "context"):
                index = self.chosen.get((path, kind.name), -1)
                inner = kind.context[index] if 0 <= index < len(kind.context) else []
                if any([self.blame(one, changed) for one in inner if tuple(one.instance_path) != path]):
                    return True
        changed.add(path)
        return self.next_way(path)

    def next_way(self, path: Path) -> bool:
        """Whether the part at a path, or one that it is in, can be made in another way; that one is next."""
        for length in range(len(path), -1, -1):
            above = path[:length]
            if self.ways.get(above, 0) + 1 < self.totals.get(above, 0):
                self.ways[above] = self.ways.get(above, 0) + 1
                self.forget_below(above)
                return True
        return False

    def forget_below(self, path: Path) -> None:
        for table in (self.ways, self.totals, self.banned, self.wanted):
            for known in [known for known in table if len(known) > len(path) and known[: len(path)] == path]:
                del table[known]


def _shown(path: Path) -> str:
    return "".join(f"/{step}" for step in path) or "the top"


def _followed_flag(node: Node, flag: str) -> bool:
    try:
        return node.follow().flag(flag)
    except UnreadableError:
        return False


def _leads_to(node: Node, ref: str, target: Node) -> bool:
    """Whether a value of a discriminator's mapping means a schema: a reference, or a bare name of one."""
    for form in (ref, f"#/components/schemas/{ref}"):
        try:
            if node.target(form).key == target.key:
                return True
        except UnreadableError:
            continue
    return False
