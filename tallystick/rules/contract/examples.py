"""Rules on examples and defaults: each fits its schema, in the direction in which it goes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from tallystick.nouns.json_value import JSON
from tallystick.nouns.rule import Check
from tallystick.nouns.schema import Direction, SchemaCompiler, SchemaError
from tallystick.nouns.violation import Violation
from tallystick.nouns.words import with_hint
from tallystick.rules.contract.documented_values import (
    DEFAULT_NOT_VALID,
    EXAMPLE_NOT_VALID,
    DocumentedValue,
    documented_values,
)
from tallystick.rules.contract.example_shapes import EXAMPLE_OF_OTHER_SHAPE, WRITE_ONLY_IN_RESPONSE, Shapes
from tallystick.rules.contract.objects import Objects
from tallystick.rules.contract.schemas import IS_OF_TYPE
from tallystick.rules.contract.value_hints import for_value

_HARMLESS_KEYWORDS = frozenset(
    "type title description example examples default deprecated readOnly writeOnly xml".split()
)


def examples(objects: Objects) -> Iterator[Violation]:
    """Examples and defaults that do not fit their schema, one violation for each way in which they do not.

    Beside them those that fit, but have another shape than the schema speaks of, or what is not sent that way.
    """
    shapes = Shapes(objects)
    values: list[DocumentedValue] = []
    for documented in documented_values(objects):
        if documented.is_body_text:
            yield from _text_violations(documented)
        elif not _plainly_fits(documented.schema.value, documented.value):
            values.append(documented)
    for documented, errors in _judged(objects.compiler, values):
        if errors and not _is_text_of_parameter(documented):
            yield from _violations(objects, documented, errors)
        else:
            yield from shapes.violations(documented)


def _text_violations(documented: DocumentedValue) -> Iterator[Violation]:
    """The violations of a text that stands for a body."""
    from tallystick.rules.contract.example_texts import read_text  # imported only where there is one

    assert documented.body_format is not None
    media_type, place = documented.body_format.media_type, documented.node.place
    fault, errors_by_pointer = read_text(documented)
    if fault:
        yield documented.rule.at(place, f"{documented.name} cannot be read as {media_type}: {fault}")
    for pointer, errors in errors_by_pointer:
        for group in _folded(errors):
            first = group[0]
            at = pointer + "".join(f"/{key}" for key in first.path)
            subject = f"{documented.name}, read as {media_type}" + (f", {at}" if at else "")
            fact = f"{subject}: {first.message}{_more(group)} (schema: {_schema_place(documented, first)})"
            yield documented.rule.at(place, fact)


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


def _is_text_of_parameter(documented: DocumentedValue) -> bool:
    """Whether a string may be the example of a parameter as its style writes it."""
    is_example = documented.rule is EXAMPLE_NOT_VALID and documented.schema.place.path[-1:] == ("schema",)
    if not (is_example and documented.body_format is None and isinstance(documented.value, str)):
        return False
    return documented.schema.resolved.get("type") in ("array", "object")


def _plainly_fits(schema: JSON, value: JSON) -> bool:
    """Whether the schema is only a type, and the value is of that type: a cheap test for half of all values."""
    kind = schema.get("type") if isinstance(schema, dict) else None
    if not isinstance(schema, dict) or not isinstance(kind, str):
        return False
    fits = IS_OF_TYPE.get(kind)
    return fits is not None and fits(value) and all(key in _HARMLESS_KEYWORDS or key.startswith("x-") for key in schema)


def _violations(objects: Objects, documented: DocumentedValue, errors: Sequence[SchemaError]) -> Iterator[Violation]:
    if isinstance(documented.value, str) and documented.is_of_json_body and _holds_json(documented.value):
        fact = f"{documented.name} is a string that holds JSON; give the value itself"
        yield documented.rule.at(documented.node.place, fact)
        return
    for group in _folded(errors):
        first = group[0]
        keys = tuple(map(str, first.path))
        at = "".join(f"/{key}" for key in keys)
        subject = f"{documented.name}, {at}" if at else documented.name
        message = with_hint(f"{first.message}{_more(group)}", for_value(documented.node, first, objects.dialect))
        fact = f"{subject}: {message} (schema: {_schema_place(documented, first)})"
        yield documented.rule.at(documented.node.place.at(*keys), fact)


def _folded(errors: Sequence[SchemaError]) -> list[list[SchemaError]]:
    """The errors in groups: the missing properties of one object, or the same error in many items of a list."""
    folded: dict[tuple[object, ...], list[SchemaError]] = {}
    mistyped = {(error.path, error.place.path[:-1]) for error in errors if error.keyword == "type"}
    for error in dict.fromkeys(errors):  # several ways may lead to one schema
        if error.keyword != "type" and (error.path, error.place.path[:-1]) in mistyped:
            continue  # follows from the wrong type
        path = tuple("*" if isinstance(key, int) else key for key in error.path)
        folded.setdefault((error.place, error.keyword, path), []).append(error)
    return list(folded.values())


def _more(group: Sequence[SchemaError]) -> str:
    """The end of a message: how many more errors are in the group of the first one."""
    is_missing = group[0].keyword == "required"
    here = sum(error.path == group[0].path for error in group[1:]) if is_missing else 0
    elsewhere = len({error.path for error in group}) - 1
    facts = [f"{here} more missing"] if here else []
    if elsewhere:
        facts.append(f"{elsewhere} more of the items likewise")
    return "".join(f"; {fact}" for fact in facts)


def _schema_place(documented: DocumentedValue, error: SchemaError) -> str:
    """The place in the schema that an error is about; only the line if it is in the file of the value."""
    is_same_file = error.place.file == documented.node.place.file
    return error.place.in_file if is_same_file else str(error.place)


def _holds_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), (dict, list))
    except ValueError:
        return False


CHECKS = (Check(examples, (EXAMPLE_NOT_VALID, DEFAULT_NOT_VALID, EXAMPLE_OF_OTHER_SHAPE, WRITE_ONLY_IN_RESPONSE)),)
