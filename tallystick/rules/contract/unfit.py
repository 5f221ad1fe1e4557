"""Rules on schemas that no value can fit, and on patterns that are too large to judge by.

A cheap look finds the schemas that may contradict themselves; whether they do is for the schema engine to show, so that
nothing is guessed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, TypeGuard

from jsonschema_rs import ValidationError, canonical

from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Key, Node
from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.schema import Direction
from tallystick.nouns.violation import Severity, Violation
from tallystick.nouns.words import in_a_row
from tallystick.rules.contract.objects import Objects
from tallystick.schemas import patterns
from tallystick.schemas.bundle import Bundle
from tallystick.schemas.evaluations import COMPOSING, Evaluations
from tallystick.schemas.messages import shown
from tallystick.schemas.proof import contradictions, provable
from tallystick.schemas.repetition import bounded
from tallystick.schemas.required import Excuses, Names, required_by
from tallystick.schemas.table import SchemaTable

SCHEMA_FITS_NOTHING = Rule(
    "schema-fits-nothing", Severity.ERROR, Scope.CONTRACT, "There is a value that fits a Schema Object."
)
PATTERN_TOO_LARGE = Rule(
    "pattern-too-large", Severity.WARNING, Scope.CONTRACT, "A pattern is small enough to be judged by."
)

SCHEMA_TOO_BRANCHED = Rule(
    "schema-too-branched",
    Severity.ERROR,
    Scope.CONTRACT,
    "A schema does not apply more others to one value than the engine can, by its branches and references.",
)

_BOUNDS = (
    ("minLength", "maxLength", False),
    ("minItems", "maxItems", False),
    ("minProperties", "maxProperties", False),
    ("minimum", "maximum", False),
    ("exclusiveMinimum", "maximum", True),
    ("minimum", "exclusiveMaximum", True),
    ("exclusiveMinimum", "exclusiveMaximum", True),
)
"""The keywords of a lower and an upper bound, and whether no value is left where the bounds are equal."""
_NUMBERS = frozenset(("minimum", "exclusiveMinimum"))
_STEPS = frozenset(("multipleOf", "type", "exclusiveMinimum", "exclusiveMaximum"))
"""Keywords by which two bounds that are near each other may leave no number between them."""
_NEVER: tuple[JSON, ...] = (False, {"not": {}}, {"not": True})
_LOWER_BOUNDS = frozenset(lower for lower, _, _ in _BOUNDS)
_SUSPICIOUS = (*sorted(_LOWER_BOUNDS), "allOf", "oneOf", "anyOf", "required", "enum", "const")
"""A schema without any of these keywords fits some value, or is no case for these rules."""
_COMBINING = _LOWER_BOUNDS | {"$ref", "allOf", "oneOf", "anyOf"}
_PLAIN = frozenset("pattern minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf".split())
_FEW = frozenset(("enum", "type"))
"""Keywords by which there may be few different items."""
_DENIED = frozenset(("not", "if"))
_TOLD_ALREADY = ["type", "enum"]
"""The keywords of a contradiction that the rule on values of an enum tells better."""


def fits_nothing(objects: Objects) -> Iterator[Violation]:
    """Schemas that contradict themselves, each at the innermost place; what is `false` on purpose is none."""
    excuses = Excuses(objects.dialect, Direction.RESPONSE)
    suspects = [
        schema.node
        for schema in objects.schemas_with(*_SUSPICIOUS)
        if _is_suspect(excuses, schema.node) and _DENIED.isdisjoint(schema.node.path)
    ]
    for direction in Direction:
        contradictions = _contradictions(objects, suspects, direction)
        suspects = [node for node in suspects if node.key in contradictions]
    for node in suspects:
        yield SCHEMA_FITS_NOTHING.at(node.place, f"no value fits this schema: {contradictions[node.key]}")


def _is_suspect(excuses: Excuses, node: Node) -> bool:
    """Whether a schema may fit nothing by what it says itself, with its `$ref` and `allOf`; a guess."""
    members = node.members
    if _COMBINING.isdisjoint(members):  # most schemas: nothing else applies to their values
        return _enumerates_none(members) or _forbids(members, required_by([node]))
    parts = excuses.whole(node)
    values = [part.members for part in parts]
    return (
        any(_has_twins(value.get("oneOf")) for value in values)
        or _crosses(values)
        or _clash(values)
        or any(_enumerates_none(value) or _holds_too_little(value) for value in values)
        or any(_has_no_branch(excuses, part) for part in parts)
        or _lacks_required(excuses, parts)
    )


def _forbids(members: dict[str, JSON], names: Names) -> bool:
    """Whether a schema allows no value for any of some properties."""
    properties = members.get("properties")
    described = properties if isinstance(properties, dict) else {}
    is_closed = members.get("additionalProperties") is False and "patternProperties" not in members
    if is_closed and not described.keys() >= names:
        return True
    return any(value in _NEVER for name, value in described.items() if name in names)


def _crosses(values: Sequence[dict[str, JSON]]) -> bool:
    """Whether a lower bound is above an upper one, in one of the schemas or in several."""
    if all(_LOWER_BOUNDS.isdisjoint(value) for value in values):
        return False
    for lower, upper, is_exclusive in _BOUNDS:
        least = max((bound for value in values if _is_number(bound := value.get(lower))), default=None)
        most = min((bound for value in values if _is_number(bound := value.get(upper))), default=None)
        if least is None or most is None:
            continue
        if least > most or (is_exclusive and least == most):
            return True
        is_narrow = most < least + 1 or any("multipleOf" in value for value in values)
        if lower in _NUMBERS and is_narrow and not all(_STEPS.isdisjoint(value) for value in values):
            return True
    return False


def _enumerates_none(value: dict[str, JSON]) -> bool:
    """Whether none of the enumerated values may have the length, or match the pattern, that stands beside them."""
    if _PLAIN.isdisjoint(value) or not ("enum" in value or "const" in value):
        return False
    if not _PLAIN.isdisjoint(value.keys() - {"minLength", "maxLength"}):
        return True
    least, most = value.get("minLength", 0), value.get("maxLength")
    lengths = [len(each) for each in _listed(value.get("enum", [value.get("const")])) if isinstance(each, str)]
    return bool(lengths) and not any(
        (not _is_number(least) or length >= least) and (not _is_number(most) or length <= most) for length in lengths
    )


def _holds_too_little(value: dict[str, JSON]) -> bool:
    """Whether fewer items or properties may be there than are required."""
    min_items, min_properties = value.get("minItems"), value.get("minProperties")
    if _is_number(min_items) and min_items > 0:
        items = value.get("items")
        has_few = value.get("uniqueItems") is True and isinstance(items, dict) and not _FEW.isdisjoint(items)
        return items in _NEVER or (has_few and min_items > 1)
    names = value.get("properties")
    if value.get("additionalProperties") is not False or not _is_number(min_properties):
        return False
    return "patternProperties" not in value and min_properties > (len(names) if isinstance(names, dict) else 0)


def _has_no_branch(excuses: Excuses, part: Node) -> bool:
    """Whether no branch of an `anyOf` or `oneOf` is of the type that stands beside it."""
    value = part.members
    if "type" not in value:
        return False
    own: dict[str, JSON] = {"type": value["type"]}
    return any(
        all(_clash([own, *(each.members for each in excuses.whole(branch))]) for _, branch in part.raw(key).raw_items())
        for key in ("anyOf", "oneOf")
        if value.get(key)
    )


def _is_number(value: JSON) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _has_twins(branches: JSON) -> bool:
    """Whether a branch of a `oneOf` stands in it twice."""
    return isinstance(branches, list) and any(branch in branches[:index] for index, branch in enumerate(branches))


def _clash(values: Sequence[dict[str, JSON]]) -> bool:
    """Whether two schemas have no type, or none of their enumerated values, in common."""
    if len(values) < 2:
        return False
    types = [{*map(str, _listed(value["type"]))} for value in values if "type" in value]
    enumerated = [_listed(value["enum"]) for value in values if isinstance(value.get("enum"), list)]
    enumerated += [[value["const"]] for value in values if "const" in value]
    return (len(types) > 1 and not set.intersection(*types)) or (
        len(enumerated) > 1 and not set.intersection(*({_hashable(value) for value in values} for values in enumerated))
    )


def _hashable(value: JSON) -> object:
    """What is equal for equal values: a number or a text itself, the text of a list or an object."""
    return json.dumps(value, sort_keys=True) if isinstance(value, (dict, list)) else (value.__class__ is str, value)


def _listed(value: JSON) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _lacks_required(excuses: Excuses, parts: Sequence[Node]) -> bool:
    """Whether a part allows no property that is required, or two describe it differently."""
    required = required_by(parts)
    if any(_forbids(part.members, required) for part in parts):
        return True
    described: dict[str, list[dict[str, JSON]]] = {}
    for part in parts if len(parts) > 1 else ():
        for name in part.members_of("properties"):
            if name not in required:
                continue
            whole = excuses.whole(part.raw("properties", name))
            described.setdefault(name, []).extend(each.members for each in whole)
    return any(_clash(values) or _crosses(values) for values in described.values())


def _contradictions(objects: Objects, nodes: Sequence[Node], direction: Direction) -> dict[Key, str]:
    """Why no value of a direction fits the schemas of some nodes, for each of which the engine can show that."""
    nodes = list({node.key: node for node in nodes}.values())
    table = SchemaTable(objects.dialect, direction)
    nodes = provable(table, nodes)
    if not nodes:
        return {}
    bundle = Bundle(table, nodes)
    pointers = dict(zip((node.key for node in nodes), bundle.pointers, strict=True))
    root: dict[str, JSON] = {"anyOf": [*bundle.references], "$defs": bundle.definitions}
    try:
        reasons = contradictions(root)
    except (ValidationError, ValueError):  # one of them is not JSON Schema, which other rules tell
        alone = [[node] for node in nodes] if len(nodes) > 1 else []
        return {key: text for each in alone for key, text in _contradictions(objects, each, direction).items()}
    texts = {key: _worded(reasons.get(pointer), pointer) for key, pointer in pointers.items()}
    return {key: text for key, text in texts.items() if text}


def _worded(reason: canonical.UnsatisfiableReason | None, pointer: str) -> str:
    """The keywords that leave no value, by their place in the schema at a pointer; "" where they tell nothing."""
    match reason:
        case canonical.UnsatisfiableReason.Empty(cause) if cause.keywords != _TOLD_ALREADY:
            causes = [cause]
        case canonical.UnsatisfiableReason.Conflict(causes):
            pass
        case _:
            return ""
    names: dict[str, None] = {}
    for cause in causes:
        inside = cause.pointer.removeprefix(pointer).lstrip("/")
        names.update(dict.fromkeys("/".join(filter(None, (inside, keyword))) for keyword in cause.keywords or [""]))
    if list(names) == ["oneOf"]:
        return "what fits a branch of `oneOf` fits another one too"
    return f"{in_a_row([f'`{name}`' for name in names], 'and')} leave{'s' if len(names) == 1 else ''} none"


def large_patterns(objects: Objects) -> Iterator[Violation]:
    """Patterns that are lawful, and that the engine cannot hold: no value is judged by them."""
    for schema in objects.schemas_with("pattern", "patternProperties"):
        node = schema.node
        pattern = node.members.get("pattern")
        if isinstance(pattern, str) and not _is_judged(pattern, has_length=True):
            yield PATTERN_TOO_LARGE.at(node.place.at("pattern"), _too_large(pattern))
        for name in node.members_of("patternProperties"):
            if not _is_judged(name, has_length=False):
                yield PATTERN_TOO_LARGE.at(node.place.at("patternProperties", name), _too_large(name))


def _is_judged(pattern: str, *, has_length: bool) -> bool:
    """Whether values are judged by a pattern, or it is no pattern at all; `has_length` if lengths can be bounded."""
    same = bounded(patterns.to_engine_syntax(pattern)) if has_length else None
    return patterns.is_readable(same.pattern if same else pattern) or not patterns.is_lawful(pattern)


def _too_large(pattern: str) -> str:
    fact = f"{shown(pattern)} is a regular expression, and too large for the engine (32 MiB); no value is judged by it"
    return f"{fact}; write a shorter repetition, or bound the length by `maxLength`"


def too_branched(objects: Objects) -> Iterator[Violation]:
    """Schemas that apply more others to one value than the engine can; no value is judged by them."""
    beyond = evaluations_of(objects).beyond
    for schema in objects.of("schema") if beyond else ():
        fact = beyond.get(id(schema.node.value))
        if fact:
            yield SCHEMA_TOO_BRANCHED.at(schema.node.place, fact)


def evaluations_of(objects: Objects) -> Evaluations:
    """How often the schemas of a contract are applied to a value."""
    targets = {id(one.node.value): one.target.value for one in objects.references if one.target is not None}
    schemas = [schema.node.value for schema in objects.schemas_with(*COMPOSING)]
    return Evaluations(schemas, lambda schema: targets.get(id(schema), True))


CHECKS = (
    Check(too_branched, (SCHEMA_TOO_BRANCHED,)),
    Check(fits_nothing, (SCHEMA_FITS_NOTHING,)),
    Check(large_patterns, (PATTERN_TOO_LARGE,)),
)
