"""Verifies what was called: counts the calls that a pattern means, or looks for calls in an order.

Where that fails, it shows the calls that come nearest, and what differs in them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, cast

from tallystick.exchanges.secrets import MASK, Secrets
from tallystick.mock.journal.record import Record
from tallystick.mock.json_members import Members, WrongMemberError
from tallystick.mock.patterns.differences import Call, Difference, differences, is_meant
from tallystick.mock.patterns.pattern import RequestPattern, pattern_of
from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON
from tallystick.nouns.words import counted
from tallystick.wire.values import MISSING

NAMES = ("match", "times", "at_least", "at_most", "in_order", "since")

_NEAREST, _CALLS, _SHOWN = 3, 20, 200


@dataclass(frozen=True, slots=True)
class Expectation:
    """Which calls are expected: how many of those that a pattern means, or some calls one after the other."""

    pattern: RequestPattern = field(default_factory=RequestPattern)
    least: int = 0
    most: int | None = None
    in_order: tuple[RequestPattern, ...] = ()
    since: object = None
    """The mark after which calls count, as it was given; None for all."""

    def text(self, secrets: Secrets) -> str:
        """What is expected, in words."""
        if self.in_order:
            return f"{', then '.join(each.label for each in self.in_order)}, in this order"
        return f"{_times(self.least, self.most)} {_described(self.pattern, secrets)}"

    def allows(self, count: int) -> bool:
        """Whether so many calls are expected."""
        return self.least <= count and (self.most is None or count <= self.most)


def expectation_of(value: object) -> Expectation:
    """The expectation in a JSON value; raises `WrongMemberError`."""
    members = Members(value, "", NAMES)
    since = members.value("since")
    if since is not None and (isinstance(since, bool) or not isinstance(since, str | int | float)):
        raise WrongMemberError("since", "a mark, a time such as 2030-01-31T09:00:00Z, or a Unix time was expected")
    if members.one_of("match", "in_order") == "in_order":
        rows = members.value("in_order")
        if not isinstance(rows, list) or not 1 <= len(rows) <= budgets.VERIFIED_CALLS:
            raise WrongMemberError("in_order", f"a list of 1 to {budgets.VERIFIED_CALLS} patterns was expected")
        if name := members.one_of("times", "at_least", "at_most"):
            raise WrongMemberError(name, "it cannot stand beside 'in_order', where each call is expected once")
        patterns = tuple(pattern_of(row, f"in_order[{index}]") for index, row in enumerate(rows))
        return Expectation(in_order=patterns, since=since)
    if "match" not in members:
        raise WrongMemberError("match", 'which calls count is missing; expected such as {"operation": "createPet"}')
    least, most = _bounds(members)
    return Expectation(pattern_of(members.value("match"), "match"), least, most, since=since)


def _bounds(members: Members) -> tuple[int, int | None]:
    """How many calls are expected at least and at most: at least one where nothing is said."""
    times, least, most = (members.count(name, 0, 1_000_000_000) for name in ("times", "at_least", "at_most"))
    if times is not None:
        if least is not None or most is not None:
            raise WrongMemberError("times", "it cannot stand beside 'at_least' or 'at_most'; leave one of them out")
        return times, times
    if least is None and most is None:
        return 1, None
    if least is not None and most is not None and least > most:
        raise WrongMemberError("at_most", f"it is less than at_least, which is {least}")
    return least or 0, most


class Near(NamedTuple):
    """A call that is not the expected one, and what differs in it."""

    record: Record
    differences: Sequence[Difference]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether what was called is what is expected; `calls` are the calls that count, `nearest` others."""

    is_met: bool
    expectation: Expectation
    calls: Sequence[Record]
    nearest: Sequence[Near] = ()
    fact: str = ""
    """What is wrong, in words."""

    def value(self, secrets: Secrets) -> dict[str, JSON]:
        """The verdict as JSON."""
        return {
            "verified": self.is_met,
            "count": len(self.calls),
            "expected": self.expectation.text(secrets),
            "message": self.text(secrets),
            "calls": [_call_value(record, secrets) for record in self.calls[-_CALLS:]],
            "nearest": [
                {
                    **_call_value(near.record, secrets),
                    "differences": [_difference_value(each, secrets) for each in near.differences],
                }
                for near in self.nearest
            ],
        }

    def text(self, secrets: Secrets) -> str:
        """The verdict for people, in lines."""
        if self.is_met:
            return f"verified: {self.expectation.text(secrets)}"
        lines = [f"expected {self.expectation.text(secrets)}; {secrets.in_urls(self.fact)}"]
        if self.calls and not self.expectation.in_order:
            lines += ["calls that count:", *(f"  {_line(record, secrets)}" for record in self.calls[-_CALLS:])]
        if self.nearest:
            lines.append("nearest calls:")
            for near in self.nearest:
                lines.append(f"  {_line(near.record, secrets)}")
                lines += [f"    {_difference_line(each, secrets)}" for each in near.differences]
        return "\n".join(lines)


CallOf = Callable[[Record], Call]


def verify(expectation: Expectation, records: Sequence[Record], call_of: CallOf) -> Verdict:
    """Whether the calls of some records, in order, are as expected; those of before the mark are left out already."""
    calls = [(record, call_of(record)) for record in records]
    if expectation.in_order:
        return _verify_order(expectation, calls)
    meant = [record for record, call in calls if is_meant(expectation.pattern, call)]
    if expectation.allows(len(meant)):
        return Verdict(True, expectation, meant)
    fact = f"there {'was' if len(meant) == 1 else 'were'} {counted(len(meant), 'call')} like that"
    if not calls:
        fact = "nothing was called"
    nearest = _nearest(expectation.pattern, calls) if len(meant) < expectation.least else ()
    return Verdict(False, expectation, meant, nearest, fact)


def _verify_order(expectation: Expectation, calls: Sequence[tuple[Record, Call]]) -> Verdict:
    met: list[Record] = []
    at = 0
    for pattern in expectation.in_order:
        index = next((index for index in range(at, len(calls)) if is_meant(pattern, calls[index][1])), None)
        if index is None:
            place = f"call {len(met) + 1} ({pattern.label})"
            after = f" after {_target(met[-1])}" if met else ""
            earlier = next((record for record, call in calls[:at] if is_meant(pattern, call)), None)
            hint = f"; it came before that, as {_target(earlier)}" if earlier is not None and met else ""
            fact = f"there was no {place}{after}{hint}"
            return Verdict(False, expectation, met, _nearest(pattern, calls[at:]), fact)
        met.append(calls[index][0])
        at = index + 1
    return Verdict(True, expectation, met)


def _nearest(pattern: RequestPattern, calls: Sequence[tuple[Record, Call]]) -> list[Near]:
    """The calls of the operation of a pattern that differ least, the newest first; of others where there is none."""
    near = [Near(record, list(differences(pattern, call))) for record, call in calls]
    near = [each for each in near if each.differences]
    same = [each for each in near if each.differences[0].where != "operation"]
    near = same or [Near(record, different[:1]) for record, different in near]
    near.reverse()
    near.sort(key=lambda each: len(each.differences))
    return near[:_NEAREST]


def _times(least: int, most: int | None) -> str:
    if most == 0:
        return "no call of"
    if least == most:
        return f"exactly {counted(least, 'call')} of"
    if most is None:
        return f"at least {counted(least, 'call')} of"
    return f"{least} to {counted(most, 'call')} of" if least else f"at most {counted(most, 'call')} of"


def _described(pattern: RequestPattern, secrets: Secrets) -> str:
    values = {name: value for name, value in pattern.value().items() if name != "operation"}
    for part, location in (("headers", "header"), ("query", "query"), ("cookies", "cookie")):
        if isinstance(members := values.get(part), dict):
            hidden = {name: MASK for name in members if secrets.hides(f"{location}.{name}")}
            values[part] = {**members, **hidden}
    shown = ", ".join(f"{name} {_shown(value)}" for name, value in values.items())
    return f"{pattern.label} with {shown}" if shown else pattern.label


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _target(record: Record) -> str:
    return f"{record.request.method} {record.request.path}"


def _summary(record: Record, secrets: Secrets) -> str:
    request = record.request
    return secrets.in_url(f"{_target(record)}?{request.query}" if request.query else _target(record))


def _line(record: Record, secrets: Secrets) -> str:
    return f"{_summary(record, secrets)} -> {record.response.status} ({record.id})"


def _call_value(record: Record, secrets: Secrets) -> dict[str, JSON]:
    return {
        "id": record.id,
        "request": _summary(record, secrets),
        "operation": record.label,
        "status": record.response.status,
    }


def _difference_value(difference: Difference, secrets: Secrets) -> dict[str, JSON]:
    """A difference as JSON; a value that is not there is left out."""
    members: dict[str, JSON] = {"where": difference.where}
    for name, value in (("expected", difference.expected), ("actual", difference.actual)):
        if value is not MISSING:
            members[name] = MASK if secrets.hides(difference.where) else cast("JSON", value)
    return members


def _difference_line(difference: Difference, secrets: Secrets) -> str:
    shown = [
        "nothing" if value is MISSING else MASK if secrets.hides(difference.where) else _shown(value)
        for value in (difference.expected, difference.actual)
    ]
    return f"{difference.where}: expected {shown[0]}, not {shown[1]}"
