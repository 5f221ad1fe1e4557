"""Puts named schemas whose references lead far into an order in which the generator needs little time.

It goes over all classes again until each stands after those that it refers to: once for each step that leads to a
schema further down. Ordinary contracts have few such steps, and keep their order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tallystick.models.keywords import Schema
from tallystick.models.request_variants import references

_MOST_ROUNDS = 50


def in_definition_order(schemas: Mapping[str, Schema]) -> Mapping[str, Schema]:
    """The named schemas; where the generator would go over them many times, each stands after those it refers to."""
    places = {name: place for place, name in enumerate(schemas)}
    targets = {name: [*dict.fromkeys(references(schema))] for name, schema in schemas.items()}
    rounds: dict[str, int] = {}
    for name in _last_first(targets):
        later = (rounds[target] + (places[target] > places[name]) for target in targets[name] if target in rounds)
        rounds[name] = max(later, default=0)
    if max(rounds.values(), default=0) <= _MOST_ROUNDS:
        return schemas
    return {name: schemas[name] for name in rounds}


def _last_first(targets: Mapping[str, list[str]]) -> Iterator[str]:
    """The names, each after those that it refers to, as far as these do not lead back to it."""
    entered: set[str] = set()
    for start in targets:
        pending = [] if start in entered else [(start, iter(targets[start]))]
        entered.add(start)
        while pending:
            following = pending[-1][1]
            target = next((target for target in following if target in targets and target not in entered), None)
            if target is None:
                yield pending.pop()[0]
            else:
                entered.add(target)
                pending.append((target, iter(targets[target])))
