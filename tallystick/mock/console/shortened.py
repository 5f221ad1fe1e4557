"""A document in which no schema leads to very many others, as the page of the reference needs it.

Swagger UI replaces each reference by what it leads to before it shows an operation: where each schema leads to hundreds
of others, and back, that takes minutes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON

_VALUES = frozenset(("example", "examples", "default", "enum", "const"))
_PLACES = (("components", "schemas"), ("definitions",), ("x-elsewhere",))


def shorten(document: dict[str, JSON]) -> None:
    """Replace references between schemas by the name of the schema where that leads to too many others."""
    schemas = dict(_schemas(document))
    targets = {pointer: {ref for ref in _references(schema) if ref in schemas} for pointer, schema in schemas.items()}
    wide = {pointer for pointer in schemas if _leads_to_many(pointer, targets)}
    if wide:
        for schema in schemas.values():
            _cut(schema, wide)


def _schemas(document: dict[str, JSON]) -> Iterator[tuple[str, JSON]]:
    """The schemas that have a name, by the reference that leads to each."""
    for keys in _PLACES:
        named: JSON = document
        for key in keys:
            named = named.get(key) if isinstance(named, dict) else None
        for name, schema in (named if isinstance(named, dict) else {}).items():
            yield f"#/{'/'.join(keys)}/{name}", schema


def _references(schema: JSON) -> Iterator[str]:
    for part in _objects(schema):
        if isinstance(ref := part.get("$ref"), str):
            yield ref


def _objects(schema: JSON) -> Iterator[dict[str, JSON]]:
    """The objects of a schema, without those in values, which are the contract's own."""
    parts = [schema]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            yield part
            parts.extend(each for key, each in part.items() if key not in _VALUES and not key.startswith("x-"))
        elif isinstance(part, list):
            parts.extend(part)


def _leads_to_many(pointer: str, targets: Mapping[str, set[str]]) -> bool:
    """Whether a schema leads to more others than are shown in it."""
    seen, waiting = {pointer}, [pointer]
    while waiting:
        for target in targets[waiting.pop()] - seen:
            seen.add(target)
            waiting.append(target)
        if len(seen) > budgets.SCHEMAS_SHOWN_WITHIN:
            return True
    return False


def _cut(schema: JSON, wide: set[str]) -> None:
    """Cut the references of a schema that lead to too many others, in place."""
    for part in _objects(schema):
        ref = part.get("$ref")
        if isinstance(ref, str) and ref in wide:
            del part["$ref"]
            part.setdefault("title", ref.rpartition("/")[2])
            part.setdefault("description", "It leads to so many other schemas that it is not shown here.")
