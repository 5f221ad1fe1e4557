"""Whether two schemas mean the same: told once for each pair, whatever refers to them, cycles included.

Two schemas are equal unless a difference is reached from them: pairs that are being compared count as equal meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.diff.value_types import as_types, effective_keywords
from tallystick.diff.views import Conjunction, ConjunctionKey, View, Views, key_of
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_value import JSON

Pair = tuple[ConjunctionKey, ConjunctionKey]


class Equality:
    """Compares the schemas of two contracts, for values of one direction."""

    def __init__(self, old: Views, new: Views) -> None:
        self.old = old
        self.new = new
        self.references: dict[int, tuple[JSON, tuple[str, ...]]] = {}
        """The references in a value, by its `id`; the value is kept, so that no other gets the same."""
        self.equal: set[Pair] = set()
        self.different: set[Pair] = set()

    def same(self, old: Conjunction, new: Conjunction) -> bool:
        """Whether two conjunctions mean the same."""
        pair = key_of(old), key_of(new)
        if pair in self.equal or pair in self.different:
            return pair in self.equal
        assumed = {pair}
        waiting = [(old, new)]
        while waiting:
            one, other = waiting.pop()
            inner = self.as_written(one, other)
            if inner is None:
                inner = self.inner(*self.in_one_form(self.old.view(one), self.new.view(other)))
            if inner is None:
                self.different.add((key_of(one), key_of(other)))
                self.different.add(pair)
                return False
            for children in inner:
                child_pair = key_of(children[0]), key_of(children[1])
                if child_pair in self.different:
                    self.different.add(pair)
                    return False
                if child_pair not in self.equal and child_pair not in assumed:
                    assumed.add(child_pair)
                    waiting.append(children)
        self.equal |= assumed
        return True

    def as_written(self, old: Conjunction, new: Conjunction) -> list[tuple[Conjunction, Conjunction]] | None:
        """The targets of the references in two schemas that are written alike, in pairs.

        None where they are written in different ways, or where schemas have URIs of their own.
        """
        if len(old) != 1 or len(new) != 1 or self.old.dialect is not self.new.dialect:
            return None
        one, other = old[0], new[0]
        if one.document.resources or other.document.resources or one.value != other.value:
            return None
        refs = self.references.get(id(one.value))
        if refs is None:
            refs = self.references[id(one.value)] = one.value, tuple(_references(one.value))
        try:
            return [((one.target(ref),), (other.target(ref),)) for ref in refs[1]]
        except UnreadableError:
            return None

    def in_one_form(self, old: View, new: View) -> tuple[View, View]:
        """Two views, where one has branches that the other writes as a list of types: both as lists of types."""
        if not old.branches and not new.branches:
            return old, new
        flat = as_types(self.old, old), as_types(self.new, new)
        if old.branches and new.branches and None in flat:
            return old, new
        return flat[0] or old, flat[1] or new

    def inner(self, old: View, new: View) -> list[tuple[Conjunction, Conjunction]] | None:
        """The pairs inside two schemas that have to be equal; None where the schemas differ themselves."""
        if effective_keywords(old) != effective_keywords(new) or old.notes != new.notes:
            return None
        if old.children.keys() != new.children.keys():
            return None
        targets = self.targets(old, new)
        if targets is None:
            return None
        pairs = targets + [(child, new.children[key]) for key, child in old.children.items()]
        if old.branches.keys() != new.branches.keys():
            return None
        for keyword, groups in old.branches.items():
            others = new.branches[keyword]
            if [len(group) for group in groups] != [len(group) for group in others]:
                return None
            for group, other in zip(groups, others, strict=True):
                aligned = self.aligned(group, other)
                if aligned is None:
                    return None
                pairs += aligned
        return pairs

    def targets(self, old: View, new: View) -> list[tuple[Conjunction, Conjunction]] | None:
        """The schemas that the same values of discriminators lead to; None where the discriminators differ."""
        if old.discriminators.keys() != new.discriminators.keys():
            return None
        pairs: list[tuple[Conjunction, Conjunction]] = []
        for name, mapped in old.discriminators.items():
            others = new.discriminators[name]
            if mapped.keys() != others.keys():
                return None
            pairs += [
                ((target,), (other,))
                for key, target in mapped.items()
                if target is not None and (other := others[key]) is not None
            ]
        return pairs

    def aligned(
        self, old: tuple[Conjunction, ...], new: tuple[Conjunction, ...]
    ) -> list[tuple[Conjunction, Conjunction]] | None:
        """The branches of two lists in pairs that look alike; None where some have no partner."""
        left = list(new)
        pairs = []
        for branch in old:
            view = self.old.view(branch)
            alike = [each for each in left if _alike(view, self.new.view(each)) and not is_another_schema(branch, each)]
            if not alike:
                return None
            partner = next((each for each in alike if name_of(each) == name_of(branch)), alike[0])
            left.remove(partner)
            pairs.append((branch, partner))
        return pairs


def name_of(branch: Conjunction) -> str:
    """The last part of the reference that a branch is, "" where it is none."""
    ref = branch[0].reference if branch else None
    return ref.rpartition("/")[2] if ref else ""


def is_another_schema(old: Conjunction, new: Conjunction) -> bool:
    """Whether a branch refers to a schema by another name, though both contracts have schemas of both names.

    Then the schema was not renamed, but another one was put in its place: generated clients have a class for each.
    """
    if not name_of(old) or not name_of(new) or name_of(old) == name_of(new):
        return False
    try:
        new[0].target(str(old[0].reference))
        old[0].target(str(new[0].reference))
    except UnreadableError:
        return False
    return True


def _alike(old: View, new: View) -> bool:
    return (
        effective_keywords(old) == effective_keywords(new)
        and old.children.keys() == new.children.keys()
        and old.branches.keys() == new.branches.keys()
    )


def _references(value: JSON) -> Iterator[str]:
    """Each text that may be a reference in a value, once."""
    passed: set[str] = set()
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            for keyword in ("$ref", "$dynamicRef"):
                ref = part.get(keyword)
                if isinstance(ref, str) and ref not in passed:
                    passed.add(ref)
                    yield ref
            waiting += [item for item in part.values() if isinstance(item, (dict, list))]
        elif isinstance(part, list):
            waiting += [item for item in part if isinstance(item, (dict, list))]
