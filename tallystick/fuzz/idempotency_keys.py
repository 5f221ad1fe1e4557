"""Idempotency keys: each made-up request gets one of its own, or a server answers it as it answered an earlier one."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping

from tallystick.fuzz.known_values import value_for
from tallystick.fuzz.settings import Settings
from tallystick.fuzz.variations import other_end
from tallystick.nouns.contract import Contract, Parameter
from tallystick.nouns.schema import Direction


class IdempotencyKeys:
    """Keys that were never sent before: a server may know those of an earlier run with the same seed."""

    def __init__(self, contract: Contract, settings: Settings) -> None:
        self.draw = random.SystemRandom()
        self.parameters: Mapping[str, Parameter] = {
            operation.label: parameter
            for operation in contract
            for parameter in operation.parameters
            if parameter.location == "header" and "idempot" in parameter.name.lower()
            if value_for(settings.values, operation, parameter) is None  # else the user's own is sent
        }

    def fresh(self, label: str, fields: Mapping[str, object]) -> dict[str, str]:
        """The field with another key in place of a valid one, for a request to an operation; else nothing."""
        parameter = self.parameters.get(label)
        schema = parameter.described if parameter is not None else None
        if parameter is None or schema is None or "enum" in schema.resolved or "const" in schema.resolved:
            return {}
        name, value = next((each for each in fields.items() if each[0].lower() == parameter.name.lower()), ("", None))
        if not isinstance(value, str) or not value or not schema.is_valid(value, Direction.REQUEST):
            return {}
        for candidate in (str(uuid.uuid4()), other_end(value, self.draw)):
            if schema.is_valid(candidate, Direction.REQUEST):
                return {name: candidate}
        return {}
