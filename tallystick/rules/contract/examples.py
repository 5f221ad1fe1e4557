"""Rules on values that a document gives: every example and every default fits its schema, in the direction it goes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.nouns.node import Node
from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.schema import Direction, Schema, SchemaCompiler, SchemaError
from tallystick.nouns.violation import Severity, Violation
from tallystick.rules.contract.objects import Objects
from tallystick.rules.contract.schemas import IS_OF_TYPE

EXAMPLE_NOT_VALID = Rule("example-not-valid", Severity.ERROR, Scope.CONTRACT, "An example fits its schema.")
DEFAULT_NOT_VALID = Rule("default-not-valid", Severity.ERROR, Scope.CONTRACT, "A default fits its schema.")

_NOTES = frozenset("type title description example examples default deprecated readOnly writeOnly xml".split())


@dataclass(frozen=True, slots=True)
class Given:
    """A value that a document gives for a schema; `media_type` is that of a body, "" for any other value."""

    rule: Rule
    name: str
    node: Node
    schema: Schema
    direction: Direction | None
    media_type: str = ""

    @property
    def value(self) -> JSON:
        return self.node.value

    @property
    def is_of_json_body(self) -> bool:
        return parse_media_type(self.media_type).kind is MediaKind.JSON


def examples(objects: Objects) -> Iterator[Violation]:
    """Examples and defaults that do not fit their schema, one violation for each way in which they do not."""
    given = [each for each in _given(objects) if not _plainly_fits(each.schema.value, each.value)]
    for each, errors in _judged(objects.compiler, given):
        if errors and not _is_text_of_other(each):
            yield from _violations(each, errors)


def _given(objects: Objects) -> Iterator[Given]:
    for kind in ("media-type", "parameter", "header"):
        for owner in objects.of(kind):
            node = owner.node
            schema = _schema_in(objects, node)
            if schema is not None:
                media_type = node.path[-1] if kind == "media-type" and node.path else ""
                for name, example in _named(node):
                    yield Given(EXAMPLE_NOT_VALID, name, example, schema, owner.direction, media_type)
    for node in objects.nodes("schema"):
        yield from _of_schema(objects, node)
    if objects.dialect.parameters_are_schemas:
        yield from _of_parameters(objects)
        yield from _of_responses(objects)


def _schema_in(objects: Objects, node: Node) -> Schema | None:
    return objects.compiler.schema(node.raw("schema")) if "schema" in node.members else None


def _named(node: Node) -> Iterator[tuple[str, Node]]:
    """The examples of a media type, parameter or header: each with its name and the node of its value."""
    if "example" in node.members:
        yield "the example", node.raw("example")
    if node.members_of("examples"):
        for name, example in node.readable("examples"):
            for key in ("value", "dataValue"):
                if key in example.members:
                    yield f"the example {name!r}", example.raw(key)


def _of_schema(objects: Objects, node: Node) -> Iterator[Given]:
    if "example" in node.members:
        yield Given(EXAMPLE_NOT_VALID, "the example", node.raw("example"), objects.compiler.schema(node), None)
    if objects.dialect.ref_siblings and node.items_of("examples"):
        for key, example in node.raw("examples").raw_items():
            yield Given(EXAMPLE_NOT_VALID, f"example {int(key) + 1}", example, objects.compiler.schema(node), None)
    if "default" in node.members:
        yield Given(DEFAULT_NOT_VALID, "the default", node.raw("default"), objects.compiler.schema(node), None)


def _of_parameters(objects: Objects) -> Iterator[Given]:
    """The defaults of parameters, headers and items that are their own schemas."""
    for owner in objects.of("parameter", "header", "items"):
        node = owner.node
        if "default" in node.members and "schema" not in node.members:
            own = objects.compiler.schema(node)
            yield Given(DEFAULT_NOT_VALID, "the default", node.raw("default"), own, owner.direction)


def _of_responses(objects: Objects) -> Iterator[Given]:
    """The examples that a response has by media type."""
    for node in objects.nodes("response"):
        schema = _schema_in(objects, node)
        if schema is not None and node.members_of("examples"):
            for name, example in node.raw("examples").raw_items():
                yield Given(EXAMPLE_NOT_VALID, f"the example of {name}", example, schema, Direction.RESPONSE, name)


def _judged(compiler: SchemaCompiler, given: Sequence[Given]) -> Iterator[tuple[Given, Sequence[SchemaError]]]:
    """What is wrong with each value; of one that may go either way, in the direction in which less is wrong."""
    fewest: dict[int, Sequence[SchemaError]] = {}
    for direction in (Direction.RESPONSE, Direction.REQUEST):
        going = [
            (index, each)
            for index, each in enumerate(given)
            if each.direction is direction or (each.direction is None and fewest.get(index, True))
        ]
        errors = compiler.errors_of_each([(each.schema, each.value) for _, each in going], direction)
        for (index, _), errors_this_way in zip(going, errors, strict=True):
            fewest[index] = min(fewest.get(index, errors_this_way), errors_this_way, key=len)
    return ((each, fewest[index]) for index, each in enumerate(given))


def _is_text_of_other(given: Given) -> bool:
    """Whether a string may be the value as it is written on the wire: only its own media type or style can tell."""
    if not isinstance(given.value, str):
        return False
    kind = given.schema.resolved.get("type")
    if given.media_type:
        return not given.is_of_json_body and kind != "string"
    return given.node.path[-1:] != ("default",) and kind in ("array", "object") and _is_of_parameter(given)


def _plainly_fits(schema: JSON, value: JSON) -> bool:
    """Whether a schema says nothing but a type, and the value is of it: half of all properties, told at no cost."""
    kind = schema.get("type") if isinstance(schema, dict) else None
    if not isinstance(schema, dict) or not isinstance(kind, str):
        return False
    fits = IS_OF_TYPE.get(kind)
    return fits is not None and fits(value) and all(key in _NOTES or key.startswith("x-") for key in schema)


def _is_of_parameter(given: Given) -> bool:
    return given.schema.place.path[-1:] == ("schema",)


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
    folded: dict[tuple[object, ...], list[SchemaError]] = {}
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
