"""Violations that say the same: a report for a person tells them in one line, with their count and first places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from tallystick.nouns.rule import Rule, by_message
from tallystick.nouns.violation import Severity, Violation

Alike = Sequence[Violation]
"""Violations of one rule in one file that are alike, in the order of their places."""

MOST_PLACES = 3


def folded(violations: Iterable[Violation], rules: Iterable[Rule]) -> list[Alike]:
    """The violations, those that are alike together, in the order of the first one of each."""
    likeness = {rule.id: rule.likeness for rule in rules}
    groups: dict[tuple[str, str, Severity, str], list[Violation]] = {}
    for violation in violations:
        text = likeness.get(violation.rule, by_message)(violation)
        groups.setdefault((violation.contract.file, violation.rule, violation.severity, text), []).append(violation)
    return list(groups.values())


def example_of(alike: Alike) -> Violation:
    """The violation that stands for all of them: the first one with the most frequent message."""
    messages = Counter(violation.message for violation in alike)
    message = messages.most_common(1)[0][0]
    return next(violation for violation in alike if violation.message == message)


def likewise(alike: Alike, most: int) -> str:
    """The end of the line for violations that are alike: how many more there are, and where; "" for a single one.

    All places are named where `most` is 0, else the first few.
    """
    if len(alike) == 1:
        return ""
    example = example_of(alike)
    places = [violation.contract for violation in alike if violation is not example and violation.contract.line]
    others = list(dict.fromkeys(place.in_file.removeprefix("line ") for place in places))
    named = others if most == 0 else others[:MOST_PLACES]
    rest = f" and {len(others) - len(named)} more" if len(named) < len(others) else ""
    where = f": {'line' if len(others) == 1 else 'lines'} {', '.join(named)}{rest}" if others else ""
    return f" (and {len(alike) - 1} more likewise{where})"
