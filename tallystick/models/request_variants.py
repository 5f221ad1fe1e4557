"""Classes of their own for requests, where a schema has `readOnly` or `writeOnly` properties.

The class with the plain name is what responses carry. A schema gets a second class for requests if both directions use
it and they differ in which properties they require.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from tallystick.models.keywords import Schema, branches, map_subschemas, members, strings, subschemas, text
from tallystick.models.named_schemas import POINTER, REQUEST, NamedSchemas
from tallystick.models.nullable_fields import parts
from tallystick.models.python_names import Names, class_name
from tallystick.nouns.json_value import JSON


def with_request_variants(named: NamedSchemas) -> NamedSchemas:
    """The named schemas, each property required only where its direction sends it."""
    schemas = named.schemas
    used_in_requests = _reachable(schemas, (body.name for body in named.bodies if body.part == REQUEST))
    used_in_responses = _reachable(schemas, (body.name for body in named.bodies if body.part != REQUEST))
    for_requests = {
        name: _not_requiring("readOnly", schemas[name], schemas, frozenset())
        for name in schemas
        if name in used_in_requests
    }
    for_responses = {
        name: _not_requiring("writeOnly", schema, schemas, frozenset()) if name in used_in_responses else schema
        for name, schema in schemas.items()
    }
    differing = {name for name, schema in for_requests.items() if schema != for_responses[name]}
    with_variant = _users_of(differing, schemas) & used_in_requests & used_in_responses
    names = Names(schemas)
    variants = {name: names.claim(class_name(name, REQUEST)) for name in schemas if name in with_variant}
    result: dict[str, Schema] = {}
    for name, schema in for_responses.items():
        is_request_only = name in used_in_requests and name not in used_in_responses
        result[name] = _with_references(for_requests[name], variants) if is_request_only else schema
    for name, variant in variants.items():
        result[variant] = _with_references(for_requests[name], variants)
    bodies = tuple(
        replace(body, name=variants.get(body.name, body.name)) if body.part == REQUEST else body
        for body in named.bodies
    )
    keys = {**named.keys, **{variant: named.keys.get(name, name) for name, variant in variants.items()}}
    return replace(named, schemas=result, keys=keys, bodies=bodies)


def references(schema: Schema) -> Iterator[str]:
    """The names that a schema refers to."""
    if "$ref" in schema:
        yield text(schema, "$ref").removeprefix(POINTER)
    for subschema in subschemas(schema):
        yield from references(subschema)


def _reachable(schemas: Mapping[str, Schema], names: Iterable[str]) -> set[str]:
    """The names, and those that they refer to, directly or not."""
    return _closure(names, lambda name: references(schemas[name]))


def _users_of(names: set[str], schemas: Mapping[str, Schema]) -> set[str]:
    """The names, and those that refer to them, directly or not."""
    if not names:
        return names
    users: dict[str, set[str]] = {}
    for name, schema in schemas.items():
        for target in references(schema):
            users.setdefault(target, set()).add(name)
    return _closure(names, lambda name: users.get(name, ()))


def _closure(names: Iterable[str], following: Callable[[str], Iterable[str]]) -> set[str]:
    """The names, those that follow from them, those that follow from these, and so on."""
    reached: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in reached:
            reached.add(name)
            pending += following(name)
    return reached


def _not_requiring(flag: str, schema: Schema, schemas: Mapping[str, Schema], excused: frozenset[str]) -> Schema:
    """A schema that does not require the properties with a flag, in whichever part of an `allOf` they are declared.

    `excused` are those that another part of the same `allOf` declares.
    """
    result = map_subschemas(schema, lambda subschema: _not_requiring(flag, subschema, schemas, frozenset()))
    if "required" in schema or "allOf" in schema:
        excused |= _flagged(flag, schema, schemas)
    if "allOf" in schema and excused:
        result["allOf"] = [_not_requiring(flag, branch, schemas, excused) for branch in branches(schema, "allOf")]
    if "required" in schema and excused:
        result["required"] = [name for name in strings(schema, "required") if name not in excused]
    return result


def _flagged(flag: str, schema: Schema, schemas: Mapping[str, Schema]) -> frozenset[str]:
    """The properties with a flag that the parts of a schema declare."""
    return frozenset(
        name
        for part in parts(schema, schemas)
        for name, declared in members(part, "properties").items()
        if any(part.get(flag) is True for part in parts(declared, schemas))
    )


def _with_references(schema: Schema, new_names: Mapping[str, str]) -> Schema:
    """A schema whose references lead to new names."""
    result = map_subschemas(schema, lambda subschema: _with_references(subschema, new_names))
    if "$ref" in schema:
        name = text(schema, "$ref").removeprefix(POINTER)
        result["$ref"] = POINTER + new_names.get(name, name)
    discriminator = schema.get("discriminator")
    if isinstance(discriminator, dict) and isinstance(mapping := discriminator.get("mapping"), dict):
        renamed: JSON = {value: new_names.get(str(name), name) for value, name in mapping.items()}
        result["discriminator"] = {**discriminator, "mapping": renamed}
    return result
