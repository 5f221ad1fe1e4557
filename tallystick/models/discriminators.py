"""Discriminators: told to the generator where every branch of the union is an object that has to have the property.

It then gives each branch a `Literal` of its own, and Pydantic finds the branch by it. A discriminator that does not
hold for all its branches, or for a schema's branches of two unions alike, is left out: the union is then tried branch
by branch, which finds the same models.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tallystick.models.keywords import Schema, parts, with_parts
from tallystick.models.named_schemas import POINTER

_NULL = {"type": "null"}
Tags = Mapping[str, frozenset[str]]


def with_tags(schemas: Mapping[str, Schema], keys: Mapping[str, str]) -> dict[str, Schema]:
    """The named schemas with complete discriminators only; `keys` are their names in the components."""
    finder = _Finder(schemas, keys)
    known: dict[tuple[str, str], set[frozenset[str]]] = {}
    for schema in schemas.values():
        for property_name, tags in finder.unions(schema):
            for name, values in tags.items():
                known.setdefault((property_name, name), set()).add(values)
    unclear = {where for where, values in known.items() if len(values) > 1}
    return {name: finder.tagged(schema, unclear) for name, schema in schemas.items()}


class _Finder:
    def __init__(self, schemas: Mapping[str, Schema], keys: Mapping[str, str]) -> None:
        self.schemas = schemas
        self.keys = keys

    def unions(self, schema: Schema) -> Iterator[tuple[str, Tags]]:
        """The discriminators in a schema that hold: the property's name, and the values of each branch."""
        if "discriminator" in schema:
            tags = self.tags(schema)
            if tags:
                yield schema["discriminator"]["propertyName"], tags
        for part in parts(schema):
            yield from self.unions(part)

    def tagged(self, schema: Schema, unclear: set[tuple[str, str]]) -> Schema:
        """A schema whose discriminators are complete, or not there."""
        result = with_parts(schema, lambda part: self.tagged(part, unclear))
        if "discriminator" in schema:
            property_name = result.pop("discriminator")["propertyName"]
            tags = self.tags(schema)
            if tags and not any((property_name, name) in unclear for name in tags):
                mapping = {value: POINTER + name for name, values in tags.items() for value in sorted(values)}
                result["discriminator"] = {"propertyName": property_name, "mapping": mapping}
        return result

    def tags(self, schema: Schema) -> Tags:
        """The values of the property for each branch; none at all where they do not tell the branches apart."""
        property_name, mapping = schema["discriminator"]["propertyName"], schema["discriminator"]["mapping"]
        tags: dict[str, frozenset[str]] = {}
        for branch in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
            if branch == _NULL:
                continue
            name = branch.get("$ref", "").removeprefix(POINTER)
            allowed = self.values(name, property_name)
            if allowed is None:
                return {}
            named = frozenset(value for value, target in mapping.items() if target == name)
            named = named or (allowed if len(allowed) == 1 else frozenset((self.keys.get(name, name),)))
            if allowed and not named <= allowed:
                return {}
            tags[name] = named
        values = [value for named in tags.values() for value in named]
        return tags if len(tags) > 1 and len(values) == len(set(values)) else {}

    def values(self, name: str, property_name: str) -> frozenset[str] | None:
        """What a required property of a schema may be, nothing for anything; None where it need not be there."""
        required, allowed = False, frozenset[str]()
        found = False
        for schema in self.layers(name, set()):
            found = found or property_name in schema.get("properties", {})
            required = required or property_name in schema.get("required", ())
            allowed = allowed or self.constants(schema.get("properties", {}).get(property_name, {}))
        return allowed if required and found else None

    def constants(self, schema: Schema) -> frozenset[str]:
        schema = {**self.schemas.get(schema.get("$ref", "").removeprefix(POINTER), {}), **schema}
        values = [schema["const"]] if "const" in schema else schema.get("enum", ())
        return frozenset(value for value in values if isinstance(value, str))

    def layers(self, name: str, met: set[str]) -> Iterator[Schema]:
        """A named object and all that its `allOf` puts together; nothing where it is no object."""
        schema = self.schemas.get(name)
        if schema is None or name in met:
            return
        met.add(name)
        yield schema
        for part in schema.get("allOf", ()):
            if "$ref" in part:
                yield from self.layers(part["$ref"].removeprefix(POINTER), met)
            else:
                yield part
