"""What requests carry where it differs from what responses carry: `readOnly` and `writeOnly` properties.

The plain name of a schema is what responses carry. Where a request need not have a property that a response must
have, or the other way round, and both use the schema, requests have a class of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from tallystick.models.keywords import Schema, parts, with_parts
from tallystick.models.named_schemas import POINTER, REQUEST, NamedSchemas
from tallystick.models.python_names import Names, class_name


def by_direction(named: NamedSchemas) -> NamedSchemas:
    """The named schemas with properties required only of whoever is to send them."""
    schemas = named.schemas
    asked = _reached(schemas, (body.name for body in named.bodies if body.part == REQUEST))
    answered = _reached(schemas, (body.name for body in named.bodies if body.part != REQUEST))
    in_requests = {name: _excused(schemas[name], "readOnly", schemas) for name in schemas if name in asked}
    in_responses = {
        name: _excused(schema, "writeOnly", schemas) if name in answered else schema for name, schema in schemas.items()
    }
    differing = {name for name, schema in in_requests.items() if schema != in_responses[name]}
    apart = _reaching(schemas, differing) & asked & answered
    given = Names(schemas)
    variants = {name: given.claim(class_name(name, REQUEST)) for name in schemas if name in apart}
    result: dict[str, Schema] = {}
    for name, schema in in_responses.items():
        result[name] = schema if name in answered or name not in asked else _renamed(in_requests[name], variants)
    for name, variant in variants.items():
        result[variant] = _renamed(in_requests[name], variants)
    bodies = tuple(
        replace(body, name=variants.get(body.name, body.name)) if body.part == REQUEST else body
        for body in named.bodies
    )
    return replace(named, schemas=result, bodies=bodies)


def _references(schema: Schema) -> Iterator[str]:
    """The names that a schema refers to."""
    if "$ref" in schema:
        yield schema["$ref"].removeprefix(POINTER)
    for part in parts(schema):
        yield from _references(part)


def _reached(schemas: Mapping[str, Schema], names: Iterable[str]) -> set[str]:
    """The names and all that they lead to."""
    reached: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _references(schemas[name])
    return reached


def _reaching(schemas: Mapping[str, Schema], names: set[str]) -> set[str]:
    """The names and all that lead to them."""
    if not names:
        return names
    users: dict[str, set[str]] = {}
    for name, schema in schemas.items():
        for target in _references(schema):
            users.setdefault(target, set()).add(name)
    reaching: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in reaching:
            reaching.add(name)
            waiting += users.get(name, ())
    return reaching


def _excused(schema: Schema, flag: str, schemas: Mapping[str, Schema]) -> Schema:
    """A schema that does not require the properties that have a flag."""
    result = with_parts(schema, lambda part: _excused(part, flag, schemas))
    if "required" in schema:
        properties = schema.get("properties", {})
        result["required"] = [name for name in schema["required"] if not _has(properties.get(name, {}), flag, schemas)]
    return result


def _has(schema: Schema, flag: str, schemas: Mapping[str, Schema]) -> bool:
    target = schemas.get(schema.get("$ref", "").removeprefix(POINTER), {})
    return schema.get(flag) is True or target.get(flag) is True


def _renamed(schema: Schema, names: Mapping[str, str]) -> Schema:
    """A schema that refers to these names instead of those."""
    result = with_parts(schema, lambda part: _renamed(part, names))
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(POINTER)
        result["$ref"] = POINTER + names.get(name, name)
    return result
