"""Rules on examples and defaults: each fits its schema, in the direction in which it goes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.nouns.node import Node
from tallystick.nouns.rule import Check, Rule, Scope
from tallystick.nouns.schema import Direction, SchemaCompiler, SchemaError, SchemaOfNode
from tallystick.nouns.violation import Severity, Violation
from tallystick.rules.contract.objects import Objects
from tallystick.rules.contract.schemas import IS_OF_TYPE

EXAMPLE_NOT_VALID = Rule("example-not-valid", Severity.ERROR, Scope.CONTRACT, "An example fits its schema.")
DEFAULT_NOT_VALID = Rule("default-not-valid", Severity.ERROR, Scope.CONTRACT, "A default fits its schema.")

_HARMLESS_KEYWORDS = frozenset(
    "type title description example examples default deprecated readOnly writeOnly xml".split()
)


@dataclass(frozen=True, slots=True)
class DocumentedValue:
    """An example or a default with its schema.

    `direction` is None for a value that may go in either. `media_type` is that of a body, "" for any other value.
    """

    rule: Rule
    name: str
    node: Node
    schema: SchemaOfNode
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
    documented_values = [
        documented
        for documented in _documented_values(objects)
        if not _plainly_fits(documented.schema.value, documented.value)
    ]
    for documented, errors in _judged(objects.compiler, documented_values):
        if errors and not _is_text_on_wire(documented):
            yield from _violations(documented, errors)


def _documented_values(objects: Objects) -> Iterator[DocumentedValue]:
    for kind in ("media-type", "parameter", "header"):
        for owner in objects.of(kind):
            node = owner.node
            schema = _schema_in(objects, node)
            if schema is not None:
                media_type = node.path[-1] if kind == "media-type" and node.path else ""
                for name, example in _named(node):
                    yield DocumentedValue(EXAMPLE_NOT_VALID, name, example, schema, owner.direction, media_type)
    for node in objects.nodes("schema"):
        yield from _of_schema(objects, node)
    if objects.dialect.parameters_are_schemas:
        yield from _of_parameters(objects)
        yield from _of_responses(objects)


def _schema_in(objects: Objects, node: Node) -> SchemaOfNode | None:
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


def _of_schema(objects: Objects, node: Node) -> Iterator[DocumentedValue]:
    if "example" in node.members:
        yield DocumentedValue(
            EXAMPLE_NOT_VALID, "the example", node.raw("example"), objects.compiler.schema(node), None
        )
    if objects.dialect.ref_siblings and node.items_of("examples"):
        for key, example in node.raw("examples").raw_items():
            yield DocumentedValue(
                EXAMPLE_NOT_VALID, f"example {int(key) + 1}", example, objects.compiler.schema(node), None
            )
    if "default" in node.members:
        yield DocumentedValue(
            DEFAULT_NOT_VALID, "the default", node.raw("default"), objects.compiler.schema(node), None
        )


def _of_parameters(objects: Objects) -> Iterator[DocumentedValue]:
    """The defaults of parameters, headers and items that are their own schemas."""
    for owner in objects.of("parameter", "header", "items"):
        node = owner.node
        if "default" in node.members and "schema" not in node.members:
            own = objects.compiler.schema(node)
            yield DocumentedValue(DEFAULT_NOT_VALID, "the default", node.raw("default"), own, owner.direction)


def _of_responses(objects: Objects) -> Iterator[DocumentedValue]:
    """The examples that a response has by media type."""
    for node in objects.nodes("response"):
        schema = _schema_in(objects, node)
        if schema is not None and node.members_of("examples"):
            for name, example in node.raw("examples").raw_items():
                yield DocumentedValue(
                    EXAMPLE_NOT_VALID, f"the example of {name}", example, schema, Direction.RESPONSE, name
                )


def _judged(
    compiler: SchemaCompiler, documented_values: Sequence[DocumentedValue]
) -> Iterator[tuple[DocumentedValue, Sequence[SchemaError]]]:
    """The errors of each value; if it may go in either direction, those of the direction with fewer errors."""
    fewest: dict[int, Sequence[SchemaError]] = {}
    for direction in (Direction.RESPONSE, Direction.REQUEST):
        judged = [
            (index, documented)
            for index, documented in enumerate(documented_values)
            if documented.direction is direction or (documented.direction is None and fewest.get(index, True))
        ]
        errors_of_each = compiler.errors_of_each(
            [(documented.schema, documented.value) for _, documented in judged], direction
        )
        for (index, _), errors in zip(judged, errors_of_each, strict=True):
            fewest[index] = min(fewest.get(index, errors), errors, key=len)
    return ((documented, fewest[index]) for index, documented in enumerate(documented_values))


def _is_text_on_wire(documented: DocumentedValue) -> bool:
    """Whether a string may be the value as it is written on the wire, in a media type or style not read here."""
    if not isinstance(documented.value, str):
        return False
    kind = documented.schema.resolved.get("type")
    if documented.media_type:
        return not documented.is_of_json_body and kind != "string"
    return documented.node.path[-1:] != ("default",) and kind in ("array", "object") and _is_of_parameter(documented)


def _plainly_fits(schema: JSON, value: JSON) -> bool:
    """Whether the schema is only a type, and the value is of that type: a cheap test for half of all values."""
    kind = schema.get("type") if isinstance(schema, dict) else None
    if not isinstance(schema, dict) or not isinstance(kind, str):
        return False
    fits = IS_OF_TYPE.get(kind)
    return fits is not None and fits(value) and all(key in _HARMLESS_KEYWORDS or key.startswith("x-") for key in schema)


def _is_of_parameter(documented: DocumentedValue) -> bool:
    return documented.schema.place.path[-1:] == ("schema",)


def _violations(documented: DocumentedValue, errors: Sequence[SchemaError]) -> Iterator[Violation]:
    if isinstance(documented.value, str) and documented.is_of_json_body and _holds_json(documented.value):
        fact = f"{documented.name} is a string that holds JSON; give the value itself"
        yield documented.rule.at(documented.node.place, fact)
        return
    for group in _folded(errors):
        first = group[0]
        keys = tuple(map(str, first.path))
        at = "".join(f"/{key}" for key in keys)
        subject = f"{documented.name}, {at}" if at else documented.name
        fact = f"{subject}: {first.message}{_more(group)} (schema: {_schema_place(documented, first)})"
        yield documented.rule.at(documented.node.place.at(*keys), fact)


def _folded(errors: Sequence[SchemaError]) -> list[list[SchemaError]]:
    """The errors in groups: the missing properties of one object, or the same error in many items of a list."""
    folded: dict[tuple[object, ...], list[SchemaError]] = {}
    mistyped = {(error.path, error.place.path[:-1]) for error in errors if error.keyword == "type"}
    for error in errors:
        if error.keyword != "type" and (error.path, error.place.path[:-1]) in mistyped:
            continue  # follows from the wrong type
        path = tuple("*" if isinstance(key, int) else key for key in error.path)
        folded.setdefault((error.place, error.keyword, path), []).append(error)
    return list(folded.values())


def _more(group: Sequence[SchemaError]) -> str:
    """The end of a message: how many more errors are in the group of the first one."""
    here = sum(error.path == group[0].path for error in group[1:])
    elsewhere = len({error.path for error in group}) - 1
    facts = [f"{here} more missing"] if here else []
    if elsewhere:
        facts.append(f"{elsewhere} more of the items likewise")
    return "".join(f"; {fact}" for fact in facts)


def _schema_place(documented: DocumentedValue, error: SchemaError) -> str:
    """The place in the schema that an error is about; only the line if it is in the file of the value."""
    is_same_file = error.place.file == documented.node.place.file
    return f"line {error.place.line}" if is_same_file else str(error.place)


def _holds_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), (dict, list))
    except ValueError:
        return False


CHECKS = (Check(examples, (EXAMPLE_NOT_VALID, DEFAULT_NOT_VALID)),)
