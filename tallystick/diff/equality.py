"""Whether two schemas mean the same: told once for each pair, whatever refers to them, cycles included.

Two schemas are equal unless a difference is reached from them: pairs that are being compared count as equal meanwhile.
"""

from __future__ import annotations

from tallystick.diff.views import Conjunction, ConjunctionKey, View, Views, key_of

Pair = tuple[ConjunctionKey, ConjunctionKey]


class Equality:
    """Compares the schemas of two contracts, for values of one direction."""

    def __init__(self, old: Views, new: Views) -> None:
        self.old = old
        self.new = new
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
            inner = self.inner(self.old.view(one), self.new.view(other))
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

    def inner(self, old: View, new: View) -> list[tuple[Conjunction, Conjunction]] | None:
        """The pairs inside two schemas that have to be equal; None where the schemas differ themselves."""
        if old.keywords != new.keywords or old.notes != new.notes or old.children.keys() != new.children.keys():
            return None
        pairs = [(child, new.children[key]) for key, child in old.children.items()]
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

    def aligned(
        self, old: tuple[Conjunction, ...], new: tuple[Conjunction, ...]
    ) -> list[tuple[Conjunction, Conjunction]] | None:
        """The branches of two lists in pairs that look alike; None where some have no partner."""
        left = list(new)
        pairs = []
        for branch in old:
            view = self.old.view(branch)
            partner = next((each for each in left if _alike(view, self.new.view(each))), None)
            if partner is None:
                return None
            left.remove(partner)
            pairs.append((branch, partner))
        return pairs


def _alike(old: View, new: View) -> bool:
    return (
        old.keywords == new.keywords
        and old.children.keys() == new.children.keys()
        and old.branches.keys() == new.branches.keys()
    )
