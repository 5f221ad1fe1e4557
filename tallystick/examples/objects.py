"""Arrays and objects that fit what schemas say together, their parts made by whoever asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tallystick.examples import realistic_values, scalars
from tallystick.examples.branch_selection import recurs, take
from tallystick.examples.choices import MANNERS, Against, DeadEnd, Part, Plan
from tallystick.examples.combined_schema import Conjunction, same_text
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.node import Node

Make = Callable[[Sequence[Any], Part], Any]
"""What makes a part: it is given the schemas that hold for it, and raises `DeadEnd`."""

_TRIES = 80
_DEEPER = 3
"""How often each way to keep an object from fitting is tried, with other ways inside of it."""
_ROOMY = 60
"""The budget from which on an array has two items and not one."""


def an_array(plan: Plan, form: Conjunction, part: Part, make: Make) -> list[Any]:
    """An array; with what is optional, two items where there is room for them."""
    least, held = _contained(form, part, make)
    rivals = plan.against.get(part.path, [])
    count = _count(plan, form, part, max(least, 1) if rivals else least)
    surplus = [one for one in form.sources if "contains" in one and "maxContains" in one]
    known: set[str] | None = set() if True in form.values("uniqueItems") else None
    items: list[Any] = []
    for index in range(count):
        schemas = form.item_schemas(index) + held.get(index, [])
        inner = part.under(index, realistic_values.singular(part.name), part.budget / count)
        kept_from = [([one["contains"]], 0) for one in surplus if one["contains"] not in schemas]
        if index == 0:
            kept_from += [(Conjunction(plan.bundle, one.schemas).item_schemas(0), one.turn) for one in rivals]
        if kept_from:
            _pass_on(plan, inner, kept_from)
        try:
            items.append(_item(plan, schemas, inner, make, known))
        except DeadEnd:
            if index < least:
                raise
            break
    return items


def _contained(form: Conjunction, part: Part, make: Make) -> tuple[int, dict[int, list[Any]]]:
    """How many items there must be, and by index what `contains` wants of them: each where it can be had."""
    held: dict[int, list[Any]] = {}
    for source in form.sources:
        if "contains" not in source:
            continue
        index = 0
        for _ in range(int(source.get("minContains", 1))):
            while index < _TRIES and not _can_hold(form, part, make, index, [*held.get(index, ()), source["contains"]]):
                index += 1
            held.setdefault(index, []).append(source["contains"])
            index += 1
    return max([form.least("minItems"), *(index + 1 for index in held)]), held


def _can_hold(form: Conjunction, part: Part, make: Make, index: int, wanted: Sequence[Any]) -> bool:
    """Whether an item can be made that is what is wanted of it."""
    try:
        make([*form.item_schemas(index), *wanted], part.under(index, part.name, 0))
    except DeadEnd:
        return False
    return True


def _count(plan: Plan, form: Conjunction, part: Part, least: int) -> int:
    most = form.most("maxItems")
    prefix = max(map(len, form.values("prefixItems")), default=0)
    others = form.item_schemas(prefix)
    usual = prefix or (2 if part.budget >= _ROOMY else 1)
    if not others and plan.salt(part.path):
        usual = max(usual, 1)  # it is to be another than before
    elif part.lean:
        usual = 0
    elif not others or any(one is False for one in others) or recurs(plan.bundle, others, part.stack):
        usual = prefix
    if most is not None and least > most:
        raise DeadEnd(f"more items are required at {part.where} than may be there")
    return max(least, usual if most is None else min(usual, most))


def _item(plan: Plan, schemas: Sequence[Any], part: Part, make: Make, known: set[str] | None) -> Any:
    """An item of an array; where there are `known` ones, made in other ways, then with other salt, until it is new."""
    for salt in range(_TRIES):
        item = make(schemas, part)
        if known is None:
            return item
        text = same_text(item)
        if text not in known:
            known.add(text)
            return item
        if MANNERS < plan.ways[part.path] + MANNERS < plan.totals[part.path]:
            plan.ways[part.path] += MANNERS  # another branch
        else:
            plan.ways[part.path] = 1
            plan.salts[part.path] = salt + 1
    raise DeadEnd(f"the items that {part.where} is one of cannot all be different")


def an_object(plan: Plan, form: Conjunction, part: Part, make: Make) -> dict[str, Any]:
    """An object; with what is optional, all its declared properties."""
    extra = _spoil(plan, form, part)
    names = _names(plan, form, part)
    while _depend(plan, form, names, part):
        names = _names(plan, form, part)
    required = _required(plan, form, part)
    schemas = {name: _property(plan, form, name, part) for name in names}
    heavy = sum(1 for name in names if not _is_scalar(plan, schemas[name]))
    share = (part.budget - len(names)) / max(heavy, 1)
    value: dict[str, Any] = {}
    for name in names:
        try:
            value[name] = make(schemas[name], part.under(name, name, share))
        except DeadEnd:
            if name in required:
                raise
    for name in extra:
        value[name] = make(form.property_schemas(name), part.under(name, name, share))
    _fill(plan, form, value, part, share, make)
    return value


def _required(plan: Plan, form: Conjunction, part: Part) -> dict[str, None]:
    """The names that must be there, in order."""
    names = dict.fromkeys(name for listed in form.values("required") for name in listed)
    names.update(dict.fromkeys(sorted({*plan.wanted.get(part.path, ()), *part.put_in})))
    dependent = form.values("dependentRequired")
    before = -1
    while dependent and len(names) > before:
        before = len(names)
        for listed in dependent:
            names.update(dict.fromkeys(one for name in list(names) for one in listed.get(name, ())))
    return names


def _names(plan: Plan, form: Conjunction, part: Part) -> list[str]:
    """The properties that the object is to have, in the order in which they are declared."""
    required = _required(plan, form, part)
    declared = form.property_names()
    optional = list(_optional(plan, form, part, required, declared))
    most, least = form.most("maxProperties"), form.least("minProperties")
    room = len(optional) if most is None else most - len(required)
    if room < 0 or (most is not None and least > most):
        raise DeadEnd(f"more properties are required at {part.where} than may be there")
    if part.lean:
        room = min(room, max(least - len(required), 0))
    dependent = form.values("dependentRequired")
    chosen = {*required}
    for name in optional:
        together = {name, *(one for listed in dependent for one in listed.get(name, ()))} - chosen
        if len(together) <= room and together <= {*optional}:
            chosen |= together
            room -= len(together)
    return [name for name in declared if name in chosen] + [name for name in required if name not in declared]


def _optional(
    plan: Plan, form: Conjunction, part: Part, required: dict[str, None], declared: Sequence[str]
) -> Iterator[str]:
    """The declared properties that may be there and need not."""
    banned = {*plan.banned.get(part.path, ()), *part.left_out}
    free = [name for name in declared if name not in required and name not in banned]
    for group in form.banned_names():
        if group <= {*required, *free}:
            banned.update([name for name in reversed(free) if name in group][:1])
    names = form.values("propertyNames")
    allowed = Conjunction(plan.bundle, names) if names else None
    for name in free:
        if name not in banned and (allowed is None or allowed.allows(name)):
            schemas = form.property_schemas(name)
            if not any(_is_out(plan, schema) for schema in schemas) and not recurs(plan.bundle, schemas, part.stack):
                yield name


def _is_out(plan: Plan, schema: Any) -> bool:
    """Whether there is to be no value for a schema: it is false, or what it describes goes the other way only."""
    node = plan.bundle.origins.get(id(schema))
    return schema is False or (node is not None and (node.flag(plan.hidden) or _followed_flag(node, plan.hidden)))


def _followed_flag(node: Node, flag: str) -> bool:
    try:
        return node.reference is not None and node.follow().flag(flag)
    except UnreadableError:
        return False


def _depend(plan: Plan, form: Conjunction, names: Sequence[str], part: Part) -> bool:
    """Lets the schemas hold that the presence of properties brings; whether there were any new ones."""
    before = len(form.sources)
    for listed in form.values("dependentSchemas"):
        for name in names:
            if name in listed:
                form.add(listed[name])
    plan.taken[part.path] += take(plan.bundle, form, part)
    return len(form.sources) > before


def _property(plan: Plan, form: Conjunction, name: str, part: Part) -> list[Any]:
    """The schemas of a property, and for a discriminator the value that names its branch."""
    schemas = form.property_schemas(name)
    if name in part.preferred:
        value = part.preferred[name]
        wanted = Conjunction(plan.bundle, schemas)
        listed = wanted.enumerated()
        if wanted.allows(value) and (listed is None or value in listed):
            schemas.append({"const": value})
    return schemas


def _is_scalar(plan: Plan, schemas: Sequence[Any]) -> bool:
    probe = Conjunction(plan.bundle, schemas)
    return probe.enumerated() is not None or (not probe.open and {"object", "array"}.isdisjoint(probe.kinds()))


def _fill(plan: Plan, form: Conjunction, value: dict[str, Any], part: Part, share: float, make: Make) -> None:
    """Adds properties that are not declared: as many as there must be, and one where the object is a map."""
    least, most = form.least("minProperties"), form.most("maxProperties")
    open_to = [one for one in form.values("additionalProperties") if isinstance(one, dict) and one]
    patterns = [pattern for listed in form.values("patternProperties") for pattern in listed]
    if not part.lean and not form.property_names() and (open_to or patterns):
        least = least if recurs(plan.bundle, open_to, part.stack) else max(least, 1)
    least = least if most is None else min(least, most)
    banned = {*plan.banned.get(part.path, ()), *part.left_out}
    for turn in range(_TRIES + least):
        if len(value) >= least:
            return
        name = _key(plan, form, patterns, turn)
        if name is None or name in value or name in banned:
            continue
        schemas = form.property_schemas(name)
        if not any(schema is False for schema in schemas):
            value[name] = make(schemas, part.under(name, name, share))
    if len(value) < form.least("minProperties"):
        raise DeadEnd(f"no more properties can be added at {part.where}")


def _key(plan: Plan, form: Conjunction, patterns: Sequence[str], turn: int) -> str | None:
    """A name for a property that is not declared, as `propertyNames` and `patternProperties` have it."""
    names = Conjunction(plan.bundle, form.values("propertyNames"))
    listed = names.enumerated()
    if listed:
        return str(listed[turn % len(listed)])
    closed = any(one is False for one in form.values("additionalProperties") + form.values("unevaluatedProperties"))
    if patterns and (closed or not form.values("additionalProperties")):
        names.add({"pattern": patterns[turn % len(patterns)]})
    return scalars.string(names, "key", turn)


def _pass_on(plan: Plan, part: Part, rivals: Sequence[tuple[Sequence[Any], int]]) -> None:
    """Lets a part see to it that what it stands in does not fit the rivals: their schemas for it, and the turn."""
    own = [one for one in plan.against.get(part.path, ()) if not one.passed_on]
    plan.against[part.path] = own + [Against(schemas, turn, passed_on=True) for schemas, turn in rivals if schemas]


def _spoil(plan: Plan, form: Conjunction, part: Part) -> list[str]:
    """Sees to it that the object does not fit its rivals, in the way whose turn it is; returns names to be added."""
    added: list[str] = []
    passed: dict[str, list[tuple[Sequence[Any], int]]] = {}
    pending = [(against, against.schemas) for against in plan.against.get(part.path, ())]
    while pending:
        against, schemas = pending.pop(0)
        rival = Conjunction(plan.bundle, schemas)
        means = list(_means(form, rival))
        if not means:
            pending += [(against, option) for option in (rival.open[0].options if rival.open else ())]
            continue
        against.turns = max(against.turns, len(means) * _DEEPER)
        turn = against.turn
        action, name = means[turn % len(means)]
        if action == "leave out":
            part.left_out.add(name)
        elif action == "put in":
            part.put_in.add(name)
        else:
            passed.setdefault(name, []).append((rival.property_schemas(name), turn // len(means)))
            if action == "change":
                part.put_in.add(name)
            else:
                added.append(name)
    for name, rivals in passed.items():
        _pass_on(plan, part.under(name, name, 0), rivals)
    return added


def _means(form: Conjunction, rival: Conjunction) -> Iterator[tuple[str, str]]:
    """The ways to make an object that does not fit a rival, the least strange first."""
    required = {name for listed in form.values("required") for name in listed}
    declared, known = form.property_names(), rival.property_names()
    for name in dict.fromkeys(name for listed in rival.values("required") for name in listed):
        if name not in required:
            yield "leave out", name
    closed = any(one is False for one in rival.values("additionalProperties"))
    for name in declared:
        if name not in known and closed:
            yield "put in", name
    for name in declared:
        if name in known and rival.property_schemas(name) != form.property_schemas(name):
            yield "change", name
    for name in [*known, "extra"] if closed else known:
        if name not in declared and not any(one is False for one in form.property_schemas(name)):
            yield "add", name
