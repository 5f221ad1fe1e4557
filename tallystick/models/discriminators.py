"""Discriminators, kept only where every branch of the union is an object that requires the property.

The generator then gives each branch a `Literal` of its own, and Pydantic selects the branch by it. A discriminator is
left out where that does not hold for all its branches, or where the values of a schema in two unions select another one
too. Pydantic then tries the branches one after the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from tallystick.models.keywords import NULL, Schema, branches, items, map_subschemas, members, strings, subschemas, text
from tallystick.models.named_schemas import POINTER
from tallystick.nouns.json_value import JSON

ValuesByBranch = Mapping[str, frozenset[str]]
"""By the name of a branch's schema, the values of the property that select the branch."""


def with_sound_discriminators(schemas: Mapping[str, Schema], keys: Mapping[str, str]) -> dict[str, Schema]:
    """The named schemas, with only those discriminators that are sound; `keys` are their names in the components."""
    finder = _Finder(schemas, keys)
    values: dict[tuple[str, str], frozenset[str]] = {}
    for schema in schemas.values():
        for property_name, by_branch in finder.sound_discriminators(schema):
            for name, selecting in by_branch.items():
                values[property_name, name] = values.get((property_name, name), frozenset()) | selecting
    return {name: finder.cleaned(schema, values) for name, schema in schemas.items()}


class _Finder:
    """Finds out which values of its property select each branch of a discriminator."""

    def __init__(self, schemas: Mapping[str, Schema], keys: Mapping[str, str]) -> None:
        self.schemas = schemas
        self.keys = keys

    def sound_discriminators(self, schema: Schema) -> Iterator[tuple[str, ValuesByBranch]]:
        """The property and the values by branch of each sound discriminator in a schema."""
        if "discriminator" in schema:
            by_branch = self.values_by_branch(schema)
            if by_branch:
                yield _discriminator(schema)[0], by_branch
        for subschema in subschemas(schema):
            yield from self.sound_discriminators(subschema)

    def cleaned(self, schema: Schema, values: Mapping[tuple[str, str], frozenset[str]]) -> Schema:
        """A schema whose discriminators are complete if they are sound, and left out if not.

        `values` has, by property and branch, the values that select a branch in any union: it has one class for all.
        """
        result = map_subschemas(schema, lambda subschema: self.cleaned(subschema, values))
        if "discriminator" in schema:
            del result["discriminator"]
            property_name, _ = _discriminator(schema)
            by_branch = {name: values[property_name, name] for name in self.values_by_branch(schema)}
            if by_branch and _are_disjoint(by_branch.values()):
                mapping: dict[str, JSON] = {
                    value: POINTER + name for name, selecting in by_branch.items() for value in sorted(selecting)
                }
                result["discriminator"] = {"propertyName": property_name, "mapping": mapping}
        return result

    def values_by_branch(self, schema: Schema) -> ValuesByBranch:
        """The values of the property that select each branch; empty where they do not tell the branches apart."""
        property_name, mapping = _discriminator(schema)
        by_branch: dict[str, frozenset[str]] = {}
        for branch in (*branches(schema, "oneOf"), *branches(schema, "anyOf")):
            if branch == NULL:
                continue
            name = text(branch, "$ref").removeprefix(POINTER)
            allowed = self.allowed_values(name, property_name)
            if allowed is None:
                return {}
            selecting = frozenset(value for value, target in mapping.items() if target == name)
            if not selecting:
                selecting = allowed if len(allowed) == 1 else frozenset((self.keys.get(name, name),))
            if allowed and not selecting <= allowed:
                return {}
            by_branch[name] = selecting
        return by_branch if len(by_branch) > 1 and _are_disjoint(by_branch.values()) else {}

    def allowed_values(self, name: str, property_name: str) -> frozenset[str] | None:
        """The values that a schema allows for a required property, empty where it allows any.

        None where the schema does not declare and require the property.
        """
        is_declared = is_required = False
        allowed = frozenset[str]()
        for schema in self.flattened(name, set()):
            properties = members(schema, "properties")
            is_declared = is_declared or property_name in properties
            is_required = is_required or property_name in strings(schema, "required")
            allowed = allowed or self.listed_strings(properties.get(property_name, {}))
        return allowed if is_required and is_declared else None

    def listed_strings(self, schema: Schema) -> frozenset[str]:
        """The strings that a schema lists, by `const` or `enum`, itself or where its reference leads."""
        schema = {**self.schemas.get(text(schema, "$ref").removeprefix(POINTER), {}), **schema}
        values = [schema["const"]] if "const" in schema else items(schema, "enum")
        return frozenset(value for value in values if isinstance(value, str))

    def flattened(self, name: str, seen: set[str]) -> Iterator[Schema]:
        """A named schema and the branches of its `allOf`, directly or not; nothing where there is no such schema."""
        schema = self.schemas.get(name)
        if schema is None or name in seen:
            return
        seen.add(name)
        yield schema
        for branch in branches(schema, "allOf"):
            if "$ref" in branch:
                yield from self.flattened(text(branch, "$ref").removeprefix(POINTER), seen)
            else:
                yield branch


def _are_disjoint(sets: Collection[frozenset[str]]) -> bool:
    return sum(map(len, sets)) == len(frozenset[str]().union(*sets))


def _discriminator(schema: Schema) -> tuple[str, Schema]:
    """The property and the mapping of a schema's discriminator."""
    discriminator = schema.get("discriminator")
    if not isinstance(discriminator, dict):
        return "", {}
    mapping = discriminator.get("mapping")
    return text(discriminator, "propertyName"), mapping if isinstance(mapping, dict) else {}
