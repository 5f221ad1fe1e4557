"""Rules on values that a document gives: every example and every default fits its schema, in the direction it goes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.nouns.node import Node
from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.schema import Direction, SchemaError
from tallystick.nouns.violation import Severity, Violation
from tallystick.rules.contract.parts import Part, Parts
from tallystick.rules.contract.schemas import IS_OF_TYPE
from tallystick.schemas.batch import errors_of
from tallystick.schemas.compiled import ContractSchema

EXAMPLE_NOT_VALID = Rule("example-not-valid", Severity.ERROR, Scope.CONTRACT, "An example fits its schema.")
DEFAULT_NOT_VALID = Rule("default-not-valid", Severity.ERROR, Scope.CONTRACT, "A default fits its schema.")

_NOTES = frozenset("type title description example examples default deprecated readOnly writeOnly xml".split())


@dataclass(frozen=True, slots=True)
class Given:
    """A value that a document gives for a schema; `media_type` is that of a body, "" for any other value."""

    rule: Rule
    name: str
    node: Node
    schema: ContractSchema
    direction: Direction | None
    media_type: str = ""

    @property
    def value(self) -> Any:
        return self.node.value

    @property
    def is_of_json_body(self) -> bool:
        return parse_media_type(self.media_type).kind is MediaKind.JSON


def examples(parts: Parts) -> Iterator[Violation]:
    """Examples and defaults that do not fit their schema, one violation for each way in which they do not."""
    waiting = [given for given in _given(parts) if not _plainly_fits(given.schema.value, given.value)]
    for given, errors in _judged(waiting):
        if errors and not _is_text_of_other(given):
            yield from _violations(given, errors)


def _given(parts: Parts) -> Iterator[Given]:
    for part in parts.of("media-type", "parameter", "header"):
        schema = _schema(parts, part.node, "schema")
        if schema is not None:
            media_type = part.node.path[-1] if part.kind == "media-type" and part.node.path else ""
            for name, node in _named(part.node):
                yield Given(EXAMPLE_NOT_VALID, name, node, schema, part.direction, media_type)
    for part in parts.of("schema"):
        yield from _of_schema(parts, part)
    if parts.dialect.version == "2.0":
        yield from _of_swagger(parts)


def _schema(parts: Parts, node: Node, key: str) -> ContractSchema | None:
    return parts.compiler.schema(node.raw(key)) if key in node.members else None


def _named(node: Node) -> Iterator[tuple[str, Node]]:
    """The examples of a media type, parameter or header: each with its name and the node of its value."""
    if "example" in node.members:
        yield "the example", node.raw("example")
    for name, example in _members(node, "examples"):
        value = example.value if isinstance(example.value, dict) else {}
        for key in ("value", "dataValue"):
            if key in value:
                yield f"the example {name!r}", example.raw(key)


def _members(node: Node, key: str) -> Iterator[tuple[str, Node]]:
    if not isinstance(node.members.get(key), dict):
        return
    for name, child in node.raw(key).raw_items():
        try:
            yield name, child.follow()
        except UnreadableError:
            continue


def _of_schema(parts: Parts, part: Part) -> Iterator[Given]:
    node = part.node
    value = node.members
    if "example" in value:
        yield Given(EXAMPLE_NOT_VALID, "the example", node.raw("example"), parts.compiler.schema(node), None)
    if parts.dialect.ref_siblings and isinstance(value.get("examples"), list):
        for key, one in node.raw("examples").raw_items():
            yield Given(EXAMPLE_NOT_VALID, f"example {int(key) + 1}", one, parts.compiler.schema(node), None)
    if "default" in value:
        yield Given(DEFAULT_NOT_VALID, "the default", node.raw("default"), parts.compiler.schema(node), None)


def _of_swagger(parts: Parts) -> Iterator[Given]:
    """The values of Swagger 2.0: parameters, headers and items are their own schemas; examples go by media type."""
    for part in parts.of("parameter", "header", "items"):
        if "default" in part.node.members and "schema" not in part.node.members:
            own = parts.compiler.schema(part.node)
            yield Given(DEFAULT_NOT_VALID, "the default", part.node.raw("default"), own, part.direction)
    for part in parts.of("response"):
        schema = _schema(parts, part.node, "schema")
        if schema is not None and isinstance(part.node.members.get("examples"), dict):
            for name, node in part.node.raw("examples").raw_items():
                yield Given(EXAMPLE_NOT_VALID, f"the example of {name}", node, schema, Direction.RESPONSE, name)


def _judged(waiting: Sequence[Given]) -> Iterator[tuple[Given, Sequence[SchemaError]]]:
    """What is wrong with each value; of one that may go either way, in the direction in which less is wrong."""
    found: dict[int, Sequence[SchemaError]] = {}
    for direction in (Direction.RESPONSE, Direction.REQUEST):
        goes = [
            (index, given)
            for index, given in enumerate(waiting)
            if given.direction is direction or (given.direction is None and found.get(index, True))
        ]
        errors = errors_of([(given.schema, given.value) for _, given in goes], direction)
        for (index, _), one in zip(goes, errors, strict=True):
            found[index] = min(found.get(index, one), one, key=len)
    return ((given, found[index]) for index, given in enumerate(waiting))


def _is_text_of_other(given: Given) -> bool:
    """Whether a string may be the value as it is written on the wire: only its own media type or style can tell."""
    if not isinstance(given.value, str):
        return False
    kind = given.schema.resolved.get("type")
    if given.media_type:
        return not given.is_of_json_body and kind != "string"
    return given.node.path[-1:] != ("default",) and kind in ("array", "object") and _is_of_parameter(given)


def _plainly_fits(schema: Any, value: Any) -> bool:
    """Whether a schema says nothing but a type, and the value is of it: half of all properties, told at no cost."""
    if not isinstance(schema, dict) or not isinstance(schema.get("type"), str):
        return False
    fits = IS_OF_TYPE.get(schema["type"])
    return fits is not None and fits(value) and all(key in _NOTES or key.startswith("x-") for key in schema)


def _is_of_parameter(given: Given) -> bool:
    return given.schema.node.path[-1:] == ("schema",)


def _violations(given: Given, errors: Sequence[SchemaError]) -> Iterator[Violation]:
    if isinstance(given.value, str) and given.is_of_json_body and _holds_json(given.value):
        fact = f"{given.name} is a string that holds JSON; give the value itself"
        yield given.rule.at(given.node.place, fact)
        return
    for group in _folded(errors):
        first = group[0]
        keys = tuple(map(str, first.path))
        at = "".join(f"/{key}" for key in keys)
        fact = f"{given.name}{', ' + at if at else ''}: {first.message}{_more(group)} (schema: {_beside(given, first)})"
        yield given.rule.at(given.node.place.at(*keys), fact)


def _folded(errors: Sequence[SchemaError]) -> list[list[SchemaError]]:
    """The errors, with the missing properties of one object, and what is the same in many items of a list, as one."""
    folded: dict[tuple[Any, ...], list[SchemaError]] = {}
    mistyped = {(error.path, error.place.path[:-1]) for error in errors if error.keyword == "type"}
    for error in errors:
        if error.keyword != "type" and (error.path, error.place.path[:-1]) in mistyped:
            continue  # what is of another type cannot fit the rest of its schema either
        path = tuple("*" if isinstance(key, int) else key for key in error.path)
        folded.setdefault((error.place, error.keyword, path), []).append(error)
    return list(folded.values())


def _more(group: Sequence[SchemaError]) -> str:
    """How many errors like the first one there are."""
    here = sum(error.path == group[0].path for error in group[1:])
    elsewhere = len({error.path for error in group}) - 1
    told = [f"{here} more missing"] if here else []
    if elsewhere:
        told.append(f"{elsewhere} more of the items likewise")
    return "".join(f"; {fact}" for fact in told)


def _beside(given: Given, error: SchemaError) -> str:
    """The place of a schema as one sees it from the example: only the line where both are in one file."""
    same = error.place.file == given.node.place.file
    return f"line {error.place.line}" if same else str(error.place)


def _holds_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), (dict, list))
    except ValueError:
        return False


CHECKS = (Check(examples, (EXAMPLE_NOT_VALID, DEFAULT_NOT_VALID)),)
