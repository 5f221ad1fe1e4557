"""The order of the members of a resource: as its example has them, and the others where its schema has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tallystick.nouns.json_value import JSON


def in_order(resource: dict[str, JSON], before: Iterable[str], declared: Iterable[str]) -> dict[str, JSON]:
    """A resource with its members in the order of another that was before.

    Of those that it lacks, each stands behind the member that its schema declares before it; others come last.
    """
    names = [name for name in before if name in resource]
    if len(names) == len(resource):
        return {name: resource[name] for name in names}
    known, behind = set(names), -1
    places: Mapping[str, int] = {name: index for index, name in enumerate(names)}
    late: list[tuple[int, str]] = []
    for name in declared:
        if name in known:
            behind = places[name]
        elif name in resource:
            late.append((behind, name))
    late.sort(key=lambda each: each[0])
    ordered = [name for at, name in late if at < 0]
    for index, name in enumerate(names):
        ordered.append(name)
        ordered += [other for at, other in late if at == index]
    return {**{name: resource[name] for name in ordered}, **resource}
