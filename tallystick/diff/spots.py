"""The places at which two schemas differ, each with the way to it through a value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from tallystick.diff.equality import Equality, is_another_schema, name_of
from tallystick.diff.value_types import effective_types
from tallystick.diff.views import ChildKey, Conjunction, View, conjunction, key_of
from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON

Step = str | int
_DEEPEST = 40
_EXTRA = "extraProperty"
_KEYS_OF_OBJECTS = ("properties", "patternProperties", "additionalProperties", "unevaluatedProperties")
_SAME_VALUE = frozenset(("if", "then", "else", "not", "dependentSchemas"))
"""Keywords whose schema judges the same value as the schema that they stand in."""
TOGETHER = {
    **dict.fromkeys(("then", "else"), "if"),
    **dict.fromkeys(("minContains", "maxContains"), "contains"),
    "exclusiveMinimum": "minimum",
    "exclusiveMaximum": "maximum",
}
"""Keywords that are told under the name of another one."""


@dataclass(frozen=True, slots=True)
class Level:
    """An object or array on the way to a spot: the schemas of both sides for it, and the step into it."""

    old: Conjunction
    new: Conjunction
    step: Step
    name_pattern: str = ""
    """The pattern that the name of the step has to match, "" where any name will do."""


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """A place at which two schemas differ in one keyword, or in a note.

    `old` and `new` are the schemas around the place, with the branches that lead to it; `old_view` and `new_view` say
    what differs. `detail` is the property or the branch that was added or removed.
    """

    levels: tuple[Level, ...]
    old: Conjunction
    new: Conjunction
    old_view: View
    new_view: View
    keyword: str
    detail: str = ""
    added: Conjunction | None = None
    """A branch that only the new side has."""
    removed: Conjunction | None = None
    """A branch that only the old side has."""

    @property
    def pointer(self) -> str:
        """The way to the value, as the `where` of a violation has it."""
        return "".join(f"/{level.step}" for level in self.levels)


@dataclass(frozen=True, slots=True)
class _Walk:
    """A pair of schemas to be compared, and with them the schemas that a value of theirs must fit."""

    levels: tuple[Level, ...]
    old: Conjunction
    new: Conjunction
    old_around: Conjunction
    new_around: Conjunction


class Spots:
    """Finds the spots of one pair of schemas."""

    def __init__(self, equality: Equality) -> None:
        self.equality = equality

    def of(self, old: Conjunction, new: Conjunction) -> Iterator[Spot]:
        """Each place at which two schemas differ, the outer ones first; each pair of schemas is looked at once."""
        waiting, passed = [_Walk((), old, new, old, new)], set[object]()
        while waiting and len(passed) < budgets.DIFF_PAIRS:
            walk = waiting.pop(0)
            pair = key_of(walk.old), key_of(walk.new)
            if pair in passed or len(walk.levels) > _DEEPEST or self.equality.same(walk.old, walk.new):
                continue
            passed.add(pair)
            old_view, new_view = self.equality.old.view(walk.old), self.equality.new.view(walk.new)
            yield from self.own(walk, old_view, new_view)
            waiting += self.inner(walk, old_view, new_view)
            for found in self.branches(walk, old_view, new_view):
                if isinstance(found, Spot):
                    yield found
                else:
                    waiting.append(found)

    def own(self, walk: _Walk, old: View, new: View) -> Iterator[Spot]:
        """The spots in the keywords of two schemas themselves."""

        def spot(keyword: str, detail: str = "") -> Spot:
            return Spot(walk.levels, walk.old_around, walk.new_around, old, new, keyword, detail)

        told: set[str] = set()
        for keyword in {**old.keywords, **new.keywords}:
            if old.keywords.get(keyword) != new.keywords.get(keyword):
                if keyword == "type" and effective_types(old) == effective_types(new):
                    continue  # its enum says so too
                name = TOGETHER.get(keyword, keyword)
                if name == "required":
                    for each in sorted({*old.required} ^ {*new.required}):
                        yield spot("required", each)
                elif name not in told:
                    told.add(name)
                    yield spot(name)
        for keyword in {**old.notes, **new.notes}:
            if old.notes.get(keyword) != new.notes.get(keyword):
                yield spot(keyword)
        yield from (spot("discriminator", detail) for detail in self.discriminators(old, new))
        for key in {**old.children, **new.children}:
            if (key in old.children) != (key in new.children) or self.is_whole(key, old, new):
                name = TOGETHER.get(key[0], key[0])
                if name == "properties":
                    yield spot("properties", key[1])
                elif name not in told:
                    told.add(name)
                    yield spot(name, key[1] if len(key) > 1 else "")

    def discriminators(self, old: View, new: View) -> Iterator[str]:
        """The values that lead to another schema than before, and "" where the properties themselves differ."""
        if old.discriminators.keys() != new.discriminators.keys():
            yield ""
            return
        for name, mapped in old.discriminators.items():
            others = new.discriminators[name]
            for key in {**mapped, **others}:
                one, other = mapped.get(key), others.get(key)
                if (key in mapped) is not (key in others):
                    yield key
                elif one is None or other is None or one.path[-1:] == other.path[-1:]:
                    continue
                elif not self.equality.same((one,), (other,)):
                    yield key

    def is_whole(self, key: ChildKey, old: View, new: View) -> bool:
        """Whether a changed schema inside is told as a whole: one of names, and one that allows nothing on one side."""
        one, other = old.children[key], new.children[key]
        if key[0] == "propertyNames":
            return not self.equality.same(one, other)
        return key[0] != "properties" and _is_nothing(one) is not _is_nothing(other)

    def inner(self, walk: _Walk, old: View, new: View) -> Iterator[_Walk]:
        """The pairs of schemas for the members and items of a value."""
        for key, old_child in old.children.items():
            new_child = new.children.get(key)
            if new_child is None or self.is_whole(key, old, new):
                continue
            if key[0] in _SAME_VALUE or key[0] == "contentSchema":
                yield _Walk(walk.levels, old_child, new_child, walk.old_around, walk.new_around)
            else:
                level = Level(walk.old_around, walk.new_around, _step(key, old, new), _pattern(key))
                yield _Walk((*walk.levels, level), old_child, new_child, old_child, new_child)
        for name in {*old.properties} ^ {*new.properties}:
            yield from self.one_sided(walk, old, new, name)

    def one_sided(self, walk: _Walk, old: View, new: View, name: str) -> Iterator[_Walk]:
        """A property that one side declares, where the other has a schema for all other properties."""
        key = ("properties", name)
        others = ("additionalProperties",)
        rest: list[Conjunction | None] = [view.children.get(others) for view in (old, new)]
        old_child, new_child = old.children.get(key, rest[0]), new.children.get(key, rest[1])
        if old_child is None or new_child is None:
            return
        if _is_nothing(old_child) or _is_nothing(new_child):
            return  # told as a property that was added or removed
        level = Level(walk.old_around, walk.new_around, name)
        yield _Walk((*walk.levels, level), old_child, new_child, old_child, new_child)

    def branches(self, walk: _Walk, old: View, new: View) -> Iterator[Spot | _Walk]:
        """The branches that one side alone has, and the pairs of those that were changed."""
        keywords = {**old.branches, **new.branches}
        for keyword in keywords:
            left = [branch for group in old.branches.get(keyword, ()) for branch in group]
            right: list[Conjunction] = []
            for branch in (branch for group in new.branches.get(keyword, ()) for branch in group):
                equals = [
                    each for each in left if self.equality.same(each, branch) and not is_another_schema(each, branch)
                ]
                equal = next((each for each in equals if name_of(each) == name_of(branch)), next(iter(equals), None))
                if equal is None:
                    right.append(branch)
                else:
                    left.remove(equal)
            while left and right and (pair := self.partners(left, right)) is not None:
                one, other = pair
                left.remove(one)
                right.remove(other)
                around = conjunction((*walk.old_around, *one)), conjunction((*walk.new_around, *other))
                yield _Walk(walk.levels, one, other, *around)
            for side, is_new in ((left, False), (right, True)):
                for branch in side:
                    yield Spot(
                        walk.levels,
                        walk.old_around,
                        walk.new_around,
                        old,
                        new,
                        keyword,
                        name_of(branch),
                        branch if is_new else None,
                        None if is_new else branch,
                    )

    def partners(self, left: list[Conjunction], right: list[Conjunction]) -> tuple[Conjunction, Conjunction] | None:
        """A branch of the old side and one of the new that are the same schema, changed: by name, else by shape."""
        for one in left:
            for other in right:
                if name_of(one) and name_of(one) == name_of(other):
                    return one, other
        for one in left:
            old = self.equality.old.view(one)
            for other in right:
                new = self.equality.new.view(other)
                if not (name_of(one) and name_of(other)) and old.types == new.types and _overlap(old, new):
                    return one, other
        return None


def _is_nothing(schemas: Conjunction) -> bool:
    return any(node.value is False for node in schemas)


def _overlap(old: View, new: View) -> bool:
    left, right = {*old.properties}, {*new.properties}
    return (not left and not right) or len(left & right) * 2 >= max(len(left), len(right))


def _step(key: ChildKey, old: View, new: View) -> Step:
    """The step from a value to a part that a schema inside judges."""
    keyword = key[0]
    if keyword == "properties":
        return key[1]
    if keyword == "prefixItems":
        return int(key[1])
    if keyword in _KEYS_OF_OBJECTS:
        return _EXTRA
    return sum(1 for each in {**old.children, **new.children} if each[0] == "prefixItems")


def _pattern(key: ChildKey) -> str:
    return key[1] if key[0] == "patternProperties" else ""


def shown(value: JSON) -> str:
    """The value of a keyword as messages show it."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "..."
