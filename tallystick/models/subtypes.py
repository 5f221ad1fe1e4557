"""Classes that extend one with a discriminator: any of them may stand where it is meant (OpenAPI 3.1.1, 4.8.25)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tallystick.models.keywords import Schema, branches, map_subschemas, members, text
from tallystick.models.named_schemas import POINTER, NamedSchemas
from tallystick.models.python_names import Names
from tallystick.nouns.json_value import JSON


def with_subtypes(named: NamedSchemas) -> NamedSchemas:
    """The named schemas, in which a reference to a schema with subtypes leads to a union of these and the schema."""
    subtypes = _subtypes(named.schemas)
    bases = {name: [*_all(name, subtypes, {name})] for name, schema in named.schemas.items() if _is_base(schema)}
    bases = {name: extending for name, extending in bases.items() if extending}
    if not bases:
        return named
    names = Names(named.schemas)
    unions = {name: names.claim(f"Any{name}") for name in bases}
    result: dict[str, Schema] = {}
    for name, schema in named.schemas.items():
        result[name] = _with_unions(schema, unions)
        if name in unions:
            result[unions[name]] = {"anyOf": [{"$ref": POINTER + branch} for branch in (*bases[name], name)]}
    for name, extending in bases.items():
        property_name, values = _values_of(named.schemas[name], extending, named.keys)
        for subtype in extending:
            if not subtypes.get(subtype) and not _declares(named.schemas[subtype], property_name):
                result[subtype] = _narrowed(result[subtype], property_name, values[subtype])
    bodies = tuple(replace(body, name=unions.get(body.name, body.name)) for body in named.bodies)
    return replace(named, schemas=result, bodies=bodies)


def _is_base(schema: Schema) -> bool:
    return "discriminator" in schema and {"oneOf", "anyOf"}.isdisjoint(schema)


def _subtypes(schemas: Mapping[str, Schema]) -> dict[str, list[str]]:
    """By schema, those that have it in their `allOf`."""
    subtypes: dict[str, list[str]] = {}
    for name, schema in schemas.items():
        for branch in branches(schema, "allOf"):
            if "$ref" in branch:
                subtypes.setdefault(text(branch, "$ref").removeprefix(POINTER), []).append(name)
    return subtypes


def _all(name: str, subtypes: Mapping[str, list[str]], passed: set[str]) -> Iterator[str]:
    """The subtypes of a schema, and theirs, each once and the furthest first."""
    for subtype in subtypes.get(name, []):
        if subtype not in passed:
            passed.add(subtype)
            yield from _all(subtype, subtypes, passed)
            yield subtype


def _with_unions(schema: Schema, unions: Mapping[str, str]) -> Schema:
    """A schema whose references lead to the unions, but for those by which it extends a schema."""

    def change(subschema: Schema) -> Schema:
        name = text(subschema, "$ref").removeprefix(POINTER)
        changed = map_subschemas(subschema, change)
        changed["allOf"] = [_extending(branch) for branch in branches(subschema, "allOf")]
        if not changed["allOf"]:
            del changed["allOf"]
        return {**changed, "$ref": POINTER + unions[name]} if name in unions else changed

    def _extending(branch: Schema) -> JSON:
        return branch if "$ref" in branch else change(branch)

    return change(schema)


def _values_of(schema: Schema, extending: list[str], keys: Mapping[str, str]) -> tuple[str, Mapping[str, list[JSON]]]:
    """The property of a discriminator, and its values for each subtype."""
    discriminator = schema["discriminator"]
    assert isinstance(discriminator, dict)
    mapping = discriminator.get("mapping")
    pairs = mapping.items() if isinstance(mapping, dict) else ()
    values: dict[str, list[JSON]] = {}
    for name in extending:
        mapped: list[JSON] = [value for value, target in pairs if target == name]
        values[name] = mapped or [keys.get(name, name)]
    return text(discriminator, "propertyName"), values


def _declares(schema: Schema, property_name: str) -> bool:
    return any(property_name in members(part, "properties") for part in (schema, *branches(schema, "allOf")))


def _narrowed(schema: Schema, property_name: str, values: list[JSON]) -> Schema:
    """A schema whose discriminating property has these values."""
    declared: Schema = {"const": values[0]} if len(values) == 1 else {"type": "string", "enum": values}
    all_of: list[JSON] = [*branches(schema, "allOf"), {"type": "object", "properties": {property_name: declared}}]
    return {**schema, "allOf": all_of}
