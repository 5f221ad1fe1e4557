"""The code that a generated module has beside its classes: their base, and types that are as strict as JSON Schema.

A module is complete by itself, so that a project can use it without tallystick. It has what its classes use, no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

BASE = '''
class BaseModel(_BaseModel):
    """What the models have in common: undeclared members are kept, and first use builds the models.

    JSON has the names of the contract; a constructor in Python takes those of the fields too.
    """

    model_config = ConfigDict(
        extra="allow", protected_namespaces=(), use_attribute_docstrings=True, defer_build=True
    )
    _nullable: ClassVar[frozenset[str]] = frozenset()
    """The optional fields that JSON may have as null; None in the others stands for a member that is absent."""

    def __init__(self, /, **members: Any) -> None:
        fields = type(self).model_fields
        aliases = {name: field.alias for name, field in fields.items() if field.alias}
        for name in aliases.keys() & members.keys() - set(aliases.values()):
            members.setdefault(aliases[name], members.pop(name))
        super().__init__(**members)

    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]  # not the way of JSON

    @model_validator(mode="after")
    def _tell_absent_from_null(self, info: ValidationInfo) -> Self:
        fields, undeclared = type(self).model_fields, self.model_extra or {}
        for name in [*self.model_fields_set & fields.keys()]:
            if self.__dict__[name] is not None:  # `getattr` would warn of a deprecated member
                continue
            may_be_null = fields[name].is_required() or name in self._nullable
            if name in undeclared:  # the name of an undeclared member, and of this field in Python
                self.model_fields_set.discard(name)
            elif info.mode == "json" and not may_be_null:
                raise ValueError(f"{fields[name].alias or name} may be absent, but not null")
        return self
'''
"""The base class; `_BaseModel` is Pydantic's."""

_WHOLE = '''
def _whole(value: object) -> object:
    """3.0 is an integer in JSON Schema; "3" and true are none."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
'''
_IN_FORM = '''
def _in_form(form: str) -> BeforeValidator:
    """Take a text of this form only, and no number, of which Pydantic would make a date."""

    def check(value: object) -> object:
        is_wrong_text = isinstance(value, str) and not re.fullmatch(form, value)
        if is_wrong_text or isinstance(value, (bool, int, float)):
            raise ValueError(f"expected a text of the form {form}")
        return value

    return BeforeValidator(check)
'''
_ONE_OF = '''
def _one_of(*values: Any) -> BeforeValidator:
    """Take these values only, as JSON tells them apart: true is not 1, and 1.0 is."""

    def key(value: object) -> object:
        if isinstance(value, dict):
            return frozenset((name, key(member)) for name, member in value.items())
        if isinstance(value, list):
            return tuple(map(key, value))
        return isinstance(value, bool), value

    keys = {key(value): value for value in values}

    def check(value: object) -> object:
        if (value is None and values) or isinstance(value, Enum):
            return value
        if key(value) not in keys:
            raise ValueError(f"expected one of {values!r}")
        return keys[key(value)]

    return BeforeValidator(check)
'''
_BY_PATTERN = '''
_adapter: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)


@cache
def _texts(pattern: Any) -> SchemaValidator:
    """What takes the texts that match a pattern: a text for Rust's engine, or one compiled for Python's."""
    return SchemaValidator(core_schema.str_schema(pattern=pattern))


def _by_pattern(members: Any, types: dict[Any, Any], others: Any, declared: tuple[str, ...] = ()) -> Any:
    """An object whose members have the types of the patterns that their names match; `others` match none."""
    if not isinstance(members, dict):
        return members
    result = {**members}
    for name, value in members.items():
        matching = [type_ for pattern, type_ in types.items() if _texts(pattern).isinstance_python(name)]
        for type_ in matching or ([] if name in declared else [others]):
            typed = _adapter(type_).validate_python(value)
            result[name] = value if name in declared else typed
    return result
'''
_INTEGER_ENUM = '''
class StrictIntEnum(IntEnum):
    """An enumeration of integers that takes neither texts nor booleans for them."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def check(value: object) -> object:
            if isinstance(value, (bool, str)):
                raise ValueError("expected an integer")
            return value

        return core_schema.no_info_before_validator_function(check, handler(source))
'''

_FUTURE = "from __future__ import annotations"

_PIECES = {
    "_whole": _WHOLE,
    "_in_form": _IN_FORM,
    "_one_of": _ONE_OF,
    "_by_pattern": _BY_PATTERN,
    "StrictInteger": "StrictInteger = Annotated[StrictInt, BeforeValidator(_whole)]\n",
    "StrictIntEnum": _INTEGER_ENUM,
    "StrictDate": 'StrictDate = Annotated[date, _in_form(r"\\d{4}-\\d\\d-\\d\\d")]\n',
    "StrictDatetime": "StrictDatetime = Annotated[AwareDatetime, "
    '_in_form(r"\\d{4}-\\d\\d-\\d\\d[Tt]\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?([Zz]|[+-]\\d\\d:\\d\\d)")]\n',
    "StrictTime": 'StrictTime = Annotated[time, _in_form(r"\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?([Zz]|[+-]\\d\\d:\\d\\d)")]\n',
    "StrictUUID": 'StrictUUID = Annotated[UUID, _in_form(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")]\n',
    "StrictIPv4Address": 'StrictIPv4Address = Annotated[IPv4Address, _in_form(r"[0-9.]+")]\n',
    "StrictIPv6Address": 'StrictIPv6Address = Annotated[IPv6Address, _in_form(r"[0-9a-fA-F:.]+")]\n',
}
"""The pieces by the name that each defines, a piece after those that it uses."""

_IMPORTS = """
import re
from collections.abc import Callable
from datetime import date, datetime, time
from enum import Enum, IntEnum
from functools import cache
from ipaddress import IPv4Address, IPv6Address
from re import compile as _compile
from typing import Annotated, Any, ClassVar, Never, Self
from uuid import UUID

from pydantic import BaseModel as _BaseModel
from pydantic import (
    AwareDatetime, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler, StrictBool, StrictFloat, StrictInt,
    TypeAdapter, ValidationInfo, model_validator
)
from pydantic_core import CoreSchema, SchemaValidator, core_schema
"""
"""What the pieces import; those that a module does not use are removed by ruff."""

STRICT_TYPES = {
    "int": "StrictInteger",
    "float": "StrictFloat",
    "bool": "StrictBool",
    "date": "StrictDate",
    "time": "StrictTime",
    "AwareDatetime": "StrictDatetime",
    "UUID": "StrictUUID",
    "IPv4Address": "StrictIPv4Address",
    "IPv6Address": "StrictIPv6Address",
}
"""By a type that Pydantic takes more for than JSON Schema does, the type that takes the same."""


def with_support_code(code: str) -> str:
    """Code that begins with its imports, with the pieces that it uses, and those that these use, after the imports."""
    lines = code.splitlines(keepends=True)
    end = next((i for i, line in enumerate(lines) if line.strip() and not line.startswith(("from ", "import "))), 0)
    base = BASE if "(BaseModel)" in code else ""
    pieces = [*reversed([*_used(code)]), base]
    return "\n".join((_FUTURE, _IMPORTS, "".join(lines[:end]), *pieces, "".join(lines[end:])))


def _used(code: str) -> Iterator[str]:
    for name, piece in reversed(_PIECES.items()):
        if re.search(rf"\b{name}\b", code):
            code += piece
            yield piece
