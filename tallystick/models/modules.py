"""The Python module of a contract: the classes of its schemas, and the table of its bodies."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from tallystick.contracts.unreadable import UNREADABLE_PART
from tallystick.models.datamodel_codegen_adapter import generate_classes
from tallystick.models.discriminators import with_sound_discriminators
from tallystick.models.enumerations import with_common_values
from tallystick.models.formatting import format_code, with_wrapped_descriptions
from tallystick.models.headers import header
from tallystick.models.inline_schemas import name_inline_schemas
from tallystick.models.named_schemas import Body, named_schemas
from tallystick.models.pattern_properties import with_pattern_types
from tallystick.models.python_names import module_name
from tallystick.models.request_variants import with_request_variants
from tallystick.models.source_text import docstring, literal
from tallystick.models.subtypes import with_subtypes
from tallystick.models.support_code import with_support_code
from tallystick.nouns.contract import Contract
from tallystick.nouns.violation import Violation


@dataclass(frozen=True, slots=True)
class Module:
    """A generated module: its name, the title of its contract, its text, and what of the contract has no model."""

    name: str
    title: str
    text: str
    left_out: tuple[Violation, ...] = ()


def module_of(contract: Contract, origin: str) -> Module:
    """The module of a contract; `origin` is the contract's file as the module names it.

    Raises `UsageError` where datamodel-code-generator or ruff is not installed.
    """
    named = with_subtypes(with_request_variants(named_schemas(contract)))
    schemas, nullable = name_inline_schemas(with_common_values(named.schemas))
    schemas = with_sound_discriminators(schemas, named.keys)
    schemas = {name: with_pattern_types(schema) for name, schema in schemas.items()}
    classes, faults = generate_classes({name: with_wrapped_descriptions(schema) for name, schema in schemas.items()})
    left_out = [*named.left_out]
    for name, fault in faults.items():
        message = f"no model for the schema {name}: datamodel-code-generator fails on it: {fault}"
        left_out.append(UNREADABLE_PART.at(contract.place, message))
    title = " ".join(contract.title.split()) or contract.name
    defined = _defined(classes)
    lines = (
        header(origin),
        docstring(f"{title}: what its requests and responses carry."),
        with_support_code(classes) if classes else "",
        _bodies_table([body for body in named.bodies if body.name in defined], nullable),
    )
    return Module(module_name(contract.name), title, format_code("\n".join(lines)), tuple(left_out))


def _defined(code: str) -> set[str]:
    """The classes and types that code defines."""
    names: set[str] = set()
    for statement in ast.parse(code).body:
        match statement:
            case ast.ClassDef(name=name) | ast.Assign(targets=[ast.Name(id=name)]):
                names.add(name)
    return names


def _bodies_table(bodies: Sequence[Body], nullable: frozenset[str]) -> str:
    """The code of the table of bodies, by operation, part and media type."""
    if not bodies:
        return ""
    table: dict[str, dict[str, dict[str, str]]] = {}
    for body in bodies:
        type_name = f"{body.name} | None" if body.name in nullable else body.name
        table.setdefault(body.operation, {}).setdefault(body.part, {})[body.media_type] = type_name
    lines = ["", "BODIES = {"]
    for operation, parts in table.items():
        lines.append(f"    {literal(operation)}: {{")
        for part, content in parts.items():
            types = ", ".join(f"{literal(media_type)}: {type_name}" for media_type, type_name in content.items())
            lines.append(f"        {literal(part)}: {{{types}}},")
        lines.append("    },")
    lines += ["}", '"""The type of each body: by operation, by `request` or the response\'s status, by media type."""']
    return "\n".join([*lines, ""])
