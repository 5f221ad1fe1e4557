"""Finds the properties that may be null. Python's None stands for an absent member too, and types do not say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tallystick.models.enumerations import ONE_OF
from tallystick.models.keywords import NULL, Schema, branches, items, members, text, types
from tallystick.models.named_schemas import POINTER


def parts(schema: Schema, schemas: Mapping[str, Schema]) -> Iterator[Schema]:
    """A schema, what its reference leads to, the branches of its `allOf`, and the parts of these."""
    yield from _parts(schema, schemas, set())


def _parts(schema: Schema, schemas: Mapping[str, Schema], passed: set[str]) -> Iterator[Schema]:
    yield schema
    name = text(schema, "$ref").removeprefix(POINTER)
    if name in schemas and name not in passed:
        passed.add(name)
        yield from _parts(schemas[name], schemas, passed)
    for branch in branches(schema, "allOf"):
        yield from _parts(branch, schemas, passed)


class NullableFields:
    """Says of the properties of named schemas whether they may be null."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self.schemas = schemas

    def is_nullable(self, name: str, property_name: str) -> bool:
        """Whether each part of a named schema that declares a property lets it be null."""
        declared = [
            members(part, "properties")[property_name]
            for part in parts(self.schemas.get(name, {}), self.schemas)
            if property_name in members(part, "properties")
        ]
        return bool(declared) and all(self.allows_null(schema, frozenset()) for schema in declared)

    def allows_null(self, schema: Schema, passed: frozenset[str]) -> bool:
        """Whether null fits a schema, as far as its type, values and branches say."""
        name = text(schema, "$ref").removeprefix(POINTER)
        if name in passed:
            return True
        passed = passed | {name} if name else passed
        facts = [self.allows_null(self.schemas.get(name, {}), passed)] if name else []
        facts += [self.allows_null(branch, passed) for branch in branches(schema, "allOf")]
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                facts.append(any(self.allows_null(branch, passed) for branch in branches(schema, keyword)))
        for keyword in ("enum", ONE_OF):
            if keyword in schema:
                facts.append(None in items(schema, keyword))
        if "const" in schema:
            facts.append(schema["const"] is None)
        if "type" in schema:
            facts.append("null" in types(schema))
        return all(facts) and schema.get("not") != {} and schema.get("not") != NULL
