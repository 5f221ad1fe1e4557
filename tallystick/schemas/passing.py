"""What a schema says in passing of a value that is valid: that it is an object, and that a member is not sent this way.

Of a schema and those inside it the parts that always apply are looked at (`$ref`, `allOf`), and what `properties`,
`additionalProperties` and `items` say of members and items.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_value import JSON
from tallystick.nouns.node import Node
from tallystick.nouns.schema import Direction

_SAYING_TYPE = frozenset("type enum const $ref anyOf oneOf not if".split())


def is_untyped(members: dict[str, JSON]) -> bool:
    """Whether a schema describes properties, and no keyword beside them says what type a value has."""
    return "properties" in members and bool(members["properties"]) and _SAYING_TYPE.isdisjoint(members)


def applying_parts(schema: Node) -> Iterator[Node]:
    """The schemas that apply to each value of a schema: the target of its `$ref`, and those in its `allOf`."""
    ref = schema.reference
    if ref is not None:
        try:
            yield schema.target(ref)
        except UnreadableError:
            return
    if schema.items_of("allOf"):
        for _, part in schema.raw("allOf").raw_items():
            yield part


def schema_under(schema: Node, *keys: str) -> Node | None:
    """The schema under some keys; None if there is none."""
    try:
        found = schema.raw(*keys)
    except KeyError:
        return None
    return found if isinstance(found.value, dict) else None


def _branches(schema: Node) -> Iterator[Node]:
    """The schemas that apply to some or all values of a schema: those of `anyOf` and `oneOf` beside its parts."""
    yield from applying_parts(schema)
    for keyword in ("anyOf", "oneOf"):
        if schema.items_of(keyword):
            for _, branch in schema.raw(keyword).raw_items():
                yield branch


Follow = Callable[[Node], Iterator[Node]]
"""`applying_parts` or `_branches`."""


def _with_followed(schemas: Iterable[Node], follow: Follow) -> list[Node]:
    """Some schemas, what is followed from them, and so on, each once."""
    by_key = {schema.key: schema for schema in schemas}
    waiting = [*by_key.values()]
    while waiting:
        for other in follow(waiting.pop(0)):
            if other.key not in by_key:
                by_key[other.key] = other
                waiting.append(other)
    return [*by_key.values()]


def _inner(schemas: list[Node], follow: Follow, *keys: str) -> list[Node]:
    """The schemas under some keys of several, each with what is followed from it."""
    inner = (schema_under(schema, *keys) for schema in schemas)
    return _with_followed((schema for schema in inner if schema is not None), follow)


def _of_member(schemas: list[Node], follow: Follow, name: str) -> list[Node]:
    return _inner(schemas, follow, "properties", name) or _inner(schemas, follow, "additionalProperties")


def has_meant_shape(schema: Node, value: JSON) -> bool:
    """Whether a value is an object wherever a schema without a type speaks of properties; null is let through."""
    return _has_shape(_with_followed([schema], applying_parts), value)


def _has_shape(schemas: list[Node], value: JSON) -> bool:
    if not schemas:
        return True
    if isinstance(value, dict):
        return all(_has_shape(_of_member(schemas, applying_parts, name), member) for name, member in value.items())
    if value is not None and any(is_untyped(schema.members) for schema in schemas):
        return False
    if isinstance(value, list):
        items = _inner(schemas, applying_parts, "items")
        return all(_has_shape(items, item) for item in value)
    return True


def as_sent(schema: Node, value: JSON, direction: Direction) -> JSON:
    """A value without the members that are not sent: `writeOnly` ones in a response, `readOnly` ones in a request."""
    return _without(_with_followed([schema], _branches), value, hidden_flag(direction))


def hidden_flag(direction: Direction) -> str:
    """The keyword of members that are not sent in a direction."""
    return "readOnly" if direction is Direction.REQUEST else "writeOnly"


def _without(schemas: list[Node], value: JSON, flag: str) -> JSON:
    if not schemas:
        return value
    if isinstance(value, dict):
        by_name = {name: _of_member(schemas, _branches, name) for name in value}
        return {
            name: _without(by_name[name], member, flag)
            for name, member in value.items()
            if not any(schema.flag(flag) for schema in by_name[name])
        }
    if isinstance(value, list):
        items = _inner(schemas, _branches, "items")
        return [_without(items, item, flag) for item in value]
    return value
