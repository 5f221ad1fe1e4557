"""Validators that schemas have in common.

Many schemas of a large contract lead to the same hundreds of others, and a validator of each would hold all of these
again: they share an engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

import jsonschema_rs

from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON


class Validator(Protocol):
    """Judges values by one schema."""

    def is_valid(self, value: object, /) -> bool: ...

    def iter_errors(self, value: object, /) -> Iterator[jsonschema_rs.ValidationError]: ...


Compile = Callable[[dict[str, JSON]], Validator]


class Engine:
    """A validator that judges by any of many schemas.

    It expects an object, in which the value for the schema `s7` is the member `s7`.
    """

    def __init__(self, schemas: Mapping[str, JSON], compile_schema: Compile) -> None:
        properties: dict[str, JSON] = {name: {"$ref": f"#/$defs/{name}"} for name in schemas}
        self.schemas = schemas
        self.validator = compile_schema({"properties": properties, "$defs": dict(schemas)})


class Validators:
    """The validators that the schemas of a table share."""

    def __init__(self, by_text: dict[str, Validator]) -> None:
        self.by_text = by_text
        """Those of schemas that refer to no other, by the text of the schema: many properties have equal schemas."""
        self.engines: dict[str, Engine] = {}
        """The engine of each schema, by its name."""
        self.single: dict[str, Validator] = {}
        """Validators of single schemas that share an engine, by the name of the schema: the last used is the last."""

    def join(self, name: str, schemas: Mapping[str, JSON], compile_schema: Compile) -> None:
        """Give the schema of a name an engine; `schemas` are all that it leads to, and itself.

        An engine is replaced by one with all of them where they are half of what it has already, or more.
        """
        if name in self.engines:
            return
        near = {id(engine): engine for engine in map(self.engines.get, schemas) if engine is not None}
        joined = dict(schemas)
        for engine in near.values():
            if 2 * len(engine.schemas.keys() & schemas.keys()) >= len(engine.schemas):
                joined |= engine.schemas
        self.engines.update(dict.fromkeys(joined, Engine(joined, compile_schema)))

    def of_single(self, name: str, make: Callable[[], Validator]) -> Validator:
        """The validator of a single schema that shares an engine, which is made anew if it was not used of late."""
        validator = self.single.pop(name, None) or make()
        self.single[name] = validator
        while len(self.single) > budgets.SINGLE_VALIDATORS:
            self.single.pop(next(iter(self.single)), None)
        return validator


class SharedValidator:
    """The validator of a schema that shares an engine.

    The engine tells whether a value fits. Errors whose paths begin at the value are those of a validator of this single
    schema, which `make` makes.
    """

    def __init__(self, validators: Validators, name: str, make: Callable[[], Validator]) -> None:
        self.validators, self.name, self.make = validators, name, make

    def is_valid(self, value: object) -> bool:
        """Whether a value fits; raises `ValueError` for one that the engine cannot judge."""
        try:
            return self.validators.engines[self.name].validator.is_valid({self.name: value})
        except ValueError:  # the value has one level more here
            return self._single().is_valid(value)

    def iter_errors(self, value: object) -> Iterator[jsonschema_rs.ValidationError]:
        """The errors of a value; raises `ValueError` for one that the engine cannot judge."""
        return self._single().iter_errors(value)

    def _single(self) -> Validator:
        return self.validators.of_single(self.name, self.make)
