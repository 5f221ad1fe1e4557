"""Recorded traffic, judged: each exchange alone, and what several show together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from tallystick.exchanges.secrets import MASK, Secrets
from tallystick.exchanges.traffic import OwnExchange, Traffic
from tallystick.nouns.contract import Contract
from tallystick.nouns.violation import Violation
from tallystick.rules.judge import judge
from tallystick.rules.sequence.relations import relations

Grade = Callable[[Sequence[Violation]], Sequence[Violation]]
"""Gives violations the severities that a user wants, and leaves out those of rules that are off."""


@dataclass(slots=True)
class Flaw:
    """One way in which exchanges break the contract: its first violation, the exchanges that show it, how often."""

    violation: Violation
    subject: str
    steps: Sequence[OwnExchange]
    count: int = 1


@dataclass(slots=True)
class Judged:
    """The flaws of recorded traffic, in the order in which they show, and what a reader has to know of them."""

    flaws: list[Flaw] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def judged(contract: Contract, traffic: Traffic, grade: Grade, sides: str = "", with_relations: bool = True) -> Judged:
    """The flaws in the traffic of a contract; only those of "requests" or "responses" if `sides` says so."""
    result = Judged()
    secrets = Secrets([contract])
    by_cause: dict[tuple[str, str, object], Flaw] = {}
    if any(own.operation.security for own in traffic.own) and not any(
        _brings_credentials(own, secrets) for own in traffic.own
    ):
        contract = _without_security(contract)
        fact = "no request has credentials, as in a recording that was cleaned of them"
        result.notes.append(f"{fact}: whether they were sent is not judged")
    operations = {operation.label: operation for operation in contract}
    for own in traffic.own:
        for violation in grade(judge(operations[own.operation.label], own.exchange)):
            if _is_of(violation, sides) and _is_known(violation, own, secrets):
                _add(by_cause, Flaw(violation, own.operation.label, [own]))
    if with_relations and sides != "requests":
        for flaw in _relations(contract, traffic.own):
            for violation in grade([flaw.violation]):
                flaw.violation = violation
                _add(by_cause, flaw)
    result.flaws = list(by_cause.values())
    unknown = sum(not (own.recorded.has_whole_request and own.recorded.has_whole_response) for own in traffic.own)
    if unknown:
        result.notes.append(f"of {unknown:,} of {len(traffic.own):,} exchanges a body was not recorded, or not whole")
    return result


def _without_security(contract: Contract) -> Contract:
    """A contract that asks for no credentials."""
    return replace(contract, operations=tuple(replace(operation, security=()) for operation in contract))


def _add(by_cause: dict[tuple[str, str, object], Flaw], flaw: Flaw) -> None:
    """Keep a flaw, or count it where the same rule was broken by the same operation at the same place."""
    key = flaw.violation.rule, flaw.subject, flaw.violation.contract
    if key in by_cause:
        by_cause[key].count += 1
    else:
        by_cause[key] = flaw


def _is_of(violation: Violation, sides: str) -> bool:
    return not sides or violation.where.startswith("response.") is (sides == "responses")


def _is_known(violation: Violation, own: OwnExchange, secrets: Secrets) -> bool:
    """Whether the part of the exchange that a violation is about was recorded as it was."""
    where, recorded = violation.where, own.recorded
    if f'"{MASK}"' in violation.message and where.removeprefix("response.").startswith("body"):
        return False
    if where.startswith("response.body"):
        return recorded.has_whole_response
    if where.startswith("body"):
        return recorded.has_whole_request
    return not (secrets.hides(where.removeprefix("response.")) and MASK in violation.message)


def _brings_credentials(own: OwnExchange, secrets: Secrets) -> bool:
    """Whether a request has credentials that a recording did not hide."""
    request = own.exchange.request
    fields = (value for name, value in request.headers if name in secrets.headers or name == "cookie")
    return any(MASK not in value for value in fields) or secrets.in_query(request.query) != request.query


def _relations(contract: Contract, own: Iterable[OwnExchange]) -> Iterator[Flaw]:
    """What several exchanges with one server show together, where none of them was under way during another."""
    by_origin: dict[str, list[OwnExchange]] = {}
    for each in own:
        if not each.recorded.is_cached:
            by_origin.setdefault(each.recorded.origin, []).append(each)
    for sequence in by_origin.values():
        for relation in relations(contract, [each.exchange for each in sequence]):
            steps = [sequence[index] for index in relation.steps]
            if not _overlap(steps):
                yield Flaw(relation.violation, relation.subject, steps)


def _overlap(steps: Sequence[OwnExchange]) -> bool:
    """Whether one of some exchanges began before the one before it had ended, as far as the times are known."""
    times = [each.recorded for each in steps]
    return any(0 < after.started < before.ended for before, after in pairwise(times))
