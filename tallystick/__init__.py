"""The front door for library users: read a contract, judge exchanges by it, and serve its mock.

    contract = tallystick.read_contract("api.yaml")
    violations = tallystick.judge(operation, exchange)
    app = tallystick.create_mock([contract])

Names are imported from their modules on first use, so that `import tallystick` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tallystick.contracts.read import read_contract
    from tallystick.examples.requests import example_request
    from tallystick.examples.samples import Unsatisfiable
    from tallystick.mock.app import Mock
    from tallystick.mock.app import create_app as create_mock
    from tallystick.mock.roles import Answered
    from tallystick.mock.settings import MockSettings
    from tallystick.nouns.contract import BodyFormat, Contract, Operation, Parameter, RequestBody, ResponseDefinition
    from tallystick.nouns.errors import TallystickError, UnreachableError, UnreadableError, UsageError
    from tallystick.nouns.exchange import Exchange, Request, Response
    from tallystick.nouns.media_type import MediaType
    from tallystick.nouns.node import Node
    from tallystick.nouns.rule import Rule
    from tallystick.nouns.schema import Direction, Schema
    from tallystick.nouns.violation import Place, Severity, Violation
    from tallystick.rules.judge import judge

__all__ = [
    "Answered",
    "BodyFormat",
    "Contract",
    "Direction",
    "Exchange",
    "MediaType",
    "Mock",
    "MockSettings",
    "Node",
    "Operation",
    "Parameter",
    "Place",
    "Request",
    "RequestBody",
    "Response",
    "ResponseDefinition",
    "Rule",
    "Schema",
    "Severity",
    "TallystickError",
    "UnreachableError",
    "UnreadableError",
    "Unsatisfiable",
    "UsageError",
    "Violation",
    "create_mock",
    "example_request",
    "judge",
    "read_contract",
]

_SOURCES = {
    "Answered": "tallystick.mock.roles",
    "BodyFormat": "tallystick.nouns.contract",
    "Contract": "tallystick.nouns.contract",
    "Direction": "tallystick.nouns.schema",
    "Exchange": "tallystick.nouns.exchange",
    "MediaType": "tallystick.nouns.media_type",
    "Mock": "tallystick.mock.app",
    "MockSettings": "tallystick.mock.settings",
    "Node": "tallystick.nouns.node",
    "Operation": "tallystick.nouns.contract",
    "Parameter": "tallystick.nouns.contract",
    "Place": "tallystick.nouns.violation",
    "Request": "tallystick.nouns.exchange",
    "RequestBody": "tallystick.nouns.contract",
    "Response": "tallystick.nouns.exchange",
    "ResponseDefinition": "tallystick.nouns.contract",
    "Rule": "tallystick.nouns.rule",
    "Schema": "tallystick.nouns.schema",
    "Severity": "tallystick.nouns.violation",
    "TallystickError": "tallystick.nouns.errors",
    "UnreachableError": "tallystick.nouns.errors",
    "UnreadableError": "tallystick.nouns.errors",
    "Unsatisfiable": "tallystick.examples.samples",
    "UsageError": "tallystick.nouns.errors",
    "Violation": "tallystick.nouns.violation",
    "create_mock": "tallystick.mock.app:create_app",
    "example_request": "tallystick.examples.requests",
    "judge": "tallystick.rules.judge",
    "read_contract": "tallystick.contracts.read",
}
"""Where each name is defined: its module, and after a colon its name there if that is another one."""

if not TYPE_CHECKING:  # a type checker would take every name for one that exists

    def __getattr__(name: str) -> object:
        if name not in _SOURCES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module, _, defined_as = _SOURCES[name].partition(":")
        value = globals()[name] = getattr(importlib.import_module(module), defined_as or name)
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
