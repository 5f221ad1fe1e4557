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
        self.known: dict[str, bool] = {}
        """Whether null fits the named schemas that were looked at; of one that is being looked at it is assumed."""
        self.assumed: set[str] = set()

    def of(self, name: str) -> set[str]:
        """The properties of a named schema that each part which declares them lets be null."""
        declared: dict[str, list[Schema]] = {}
        for part in parts(self.schemas.get(name, {}), self.schemas):
            for property_name, schema in members(part, "properties").items():
                declared.setdefault(property_name, []).append(schema)
        return {property_name for property_name, schemas in declared.items() if all(map(self.allows_null, schemas))}

    def named_allows_null(self, name: str) -> bool:
        """Whether null fits a named schema; one that leads back to itself excludes nothing by that."""
        if name in self.known:
            self.assumed.add(name)
            return self.known[name]
        before = len(self.known)
        self.known[name] = True
        self.assumed.discard(name)
        self.known[name] = fits = self.allows_null(self.schemas.get(name, {}))
        if not fits and name in self.assumed:  # what was found since may rest on a wrong assumption
            for later in [*self.known][before + 1 :]:
                if self.known[later]:
                    del self.known[later]
        return fits

    def allows_null(self, schema: Schema) -> bool:
        """Whether null fits a schema, as far as its type, values and branches say."""
        name = text(schema, "$ref").removeprefix(POINTER)
        facts = [self.named_allows_null(name)] if name else []
        facts += map(self.allows_null, branches(schema, "allOf"))
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                facts.append(any(map(self.allows_null, branches(schema, keyword))))
        for keyword in ("enum", ONE_OF):
            if keyword in schema:
                facts.append(None in items(schema, keyword))
        if "const" in schema:
            facts.append(schema["const"] is None)
        if "type" in schema:
            facts.append("null" in types(schema))
        return all(facts) and schema.get("not") != {} and schema.get("not") != NULL
