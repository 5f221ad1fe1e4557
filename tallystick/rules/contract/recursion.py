"""The rule on schemas that lead back to themselves without a step into the value, and so can judge none."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.nouns.keywords import SUBSCHEMA_MAP
from tallystick.nouns.node import Key, Path
from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.violation import Place, Severity, Violation
from tallystick.rules.contract.objects import Objects, Reference

SCHEMA_ENDLESS = Rule(
    "schema-endless",
    Severity.ERROR,
    Scope.CONTRACT,
    "A schema does not lead back to itself without a step into the value.",
)

_IN_PLACE = frozenset("not if then else".split())
"""Keywords whose schema judges the same value as the schema around it."""
_IN_PLACE_LISTS = frozenset("allOf anyOf oneOf".split())
_MAPS = SUBSCHEMA_MAP | {"$defs", "definitions", "schemas"}

Edges = dict[Key, list[Reference]]


def endless(objects: Objects) -> Iterator[Violation]:
    """Circles of references between schemas that judge the same value (JSON Schema core, section 9.4.1), each once."""
    edges = _edges(objects)
    _prune(edges)
    while edges:
        circle = _circle(edges)
        start = min(range(len(circle)), key=lambda index: _sort_key(circle[index]))
        refs = [reference.ref for reference in (*circle[start:], *circle[:start])]
        fact = f"this schema leads back to itself without a step into the value, by {' and '.join(refs)}"
        hint = "put a reference under `properties` or `items`, or leave it out"
        yield SCHEMA_ENDLESS.at(_place(circle[start - 1]), f"{fact}; {hint}")
        for reference in circle:
            edges.pop(_target(reference), None)
        _prune(edges)


def _edges(objects: Objects) -> Edges:
    """For each schema that references lead to, those references inside it that judge the same value as it does."""
    references = [one for one in objects.references if one.kind == "schema" and one.target is not None]
    targets = {_target(reference) for reference in references}
    edges: Edges = {}
    for reference in references:
        uri, path = reference.node.key
        while True:
            if (uri, path) in targets:
                edges.setdefault((uri, path), []).append(reference)
            steps = _steps_in_place(path)
            if not steps:
                break
            path = path[:-steps]
    return edges


def _steps_in_place(path: Path) -> int:
    """How many keys lead from the schema around this one to it, if both judge the same value; else 0."""
    if len(path) > 1 and path[-1] in _IN_PLACE and path[-2] not in _MAPS:
        return 1
    is_listed = len(path) > 2 and path[-2] in _IN_PLACE_LISTS and path[-1].isdecimal()
    is_dependent = len(path) > 2 and path[-2] == "dependentSchemas"
    return 2 if (is_listed or is_dependent) and path[-3] not in _MAPS else 0


def _prune(edges: Edges) -> None:
    """Leave only the schemas from which a circle can be reached."""
    sources: dict[Key, list[Key]] = {}
    onward = dict.fromkeys(edges, 0)
    for key, references in edges.items():
        for reference in references:
            target = _target(reference)
            if target in edges:
                sources.setdefault(target, []).append(key)
                onward[key] += 1
    waiting = [key for key, count in onward.items() if count == 0]
    while waiting:
        key = waiting.pop()
        del edges[key]
        for source in sources.get(key, ()):
            onward[source] -= 1
            if onward[source] == 0:
                waiting.append(source)


def _circle(edges: Edges) -> list[Reference]:
    """The references of one circle, in the order in which they are followed."""
    key = next(iter(edges))
    passed: dict[Key, int] = {}
    route: list[Reference] = []
    while key not in passed:
        passed[key] = len(route)
        reference = next(one for one in edges[key] if _target(one) in edges)
        route.append(reference)
        key = _target(reference)
    return route[passed[key] :]


def _target(reference: Reference) -> Key:
    assert reference.target is not None
    return reference.target.key


def _place(reference: Reference) -> Place:
    assert reference.target is not None
    return reference.target.place


def _sort_key(reference: Reference) -> tuple[str, int, str]:
    place = reference.node.place
    return place.file, place.line, place.pointer


CHECKS = (Check(endless, (SCHEMA_ENDLESS,)),)
