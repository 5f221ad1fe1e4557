"""Query names that an operation does not document (`--strict-query`)."""

from __future__ import annotations

from collections.abc import Callable

from tallystick.mock.rules import QUERY_UNDOCUMENTED
from tallystick.nouns.contract import Operation, Parameter
from tallystick.nouns.violation import Violation
from tallystick.nouns.words import unknown
from tallystick.wire.reading import Reading

Look = Callable[[Reading], list[Violation]]


def undocumented_query(operation: Operation) -> Look | None:
    """A function that gives a violation for each undocumented name; None where any name is documented."""
    known = {scheme.name for schemes in operation.security for scheme in schemes if scheme.location == "query"}
    known |= {name for name, _ in operation.marks}
    for parameter in operation.parameters:
        if parameter.location == "querystring":
            return None
        if parameter.location == "query":
            known.add(parameter.name.partition("[")[0])
            if _is_spread(parameter):
                properties = _properties(parameter)
                if properties is None:
                    return None
                known |= properties

    def look(reading: Reading) -> list[Violation]:
        names = [name for name in reading.query if name.partition("[")[0] not in known]
        return [
            QUERY_UNDOCUMENTED.violation(f"query.{name}", operation.place, unknown("query name", name, known))
            if known
            else QUERY_UNDOCUMENTED.violation(f"query.{name}", operation.place, f"{operation.label} documents no query")
            for name in names
        ]

    return look


def _is_spread(parameter: Parameter) -> bool:
    """Whether the members of a parameter are query fields of their own."""
    types = parameter.schema.resolved.get("type", ()) if parameter.schema is not None else ()
    may_be_object = "object" in types if isinstance(types, str | list) and types else True
    return parameter.schema is not None and parameter.style == "form" and parameter.explode and may_be_object


def _properties(parameter: Parameter) -> set[str] | None:
    """The names of the members of a parameter; None where they may have any name."""
    schema = parameter.schema.resolved if parameter.schema is not None else {}
    if "type" not in schema and "properties" not in schema:
        return set()
    properties = schema.get("properties")
    is_closed = schema.get("additionalProperties") is False or isinstance(properties, dict)
    return set(properties) if isinstance(properties, dict) and is_closed else None
