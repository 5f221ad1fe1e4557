"""The nouns of tailoring: the base reply, an edit of it, and the draft that an edit changes."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tallystick.mock.roles import Reply
from tallystick.mock.settings import MockSettings
from tallystick.nouns.contract import BodyFormat, Contract, Operation, ResponseDefinition
from tallystick.nouns.json_value import JSON
from tallystick.nouns.schema import Schema
from tallystick.schemas.compiled import is_same
from tallystick.wire.reading import Reading

Facts = TypeVar("Facts", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Base:
    """A documented reply before it is tailored, and where it comes from.

    `value` is that of its body; where the body is no JSON, or there is none, `has_value` is false.
    """

    contract: Contract | None
    operation: Operation
    definition: ResponseDefinition
    body_format: BodyFormat | None
    settings: MockSettings
    reply: Reply
    has_value: bool
    value: JSON

    @property
    def schema(self) -> Schema | None:
        """The schema of the body, if it has one."""
        return self.body_format.schema if self.body_format is not None else None

    @property
    def acts_on_item(self) -> bool:
        """Whether the path has more segments after that of an item, and the answer is the item all the same."""
        path = self.operation.path
        end = path.rfind("}") + 1
        schema = self.schema
        if (
            self.operation.method == "GET"
            or self.contract is None
            or not end
            or end >= len(path.rstrip("/"))
            or schema is None
        ):
            return False
        item = operation_at(self.contract, path[:end])
        return item is not None and any(
            is_same(body_format.schema, schema)
            for definition in item.responses
            if definition.status[0] == "2"
            for body_format in definition.content
        )


def operation_at(contract: Contract, path: str) -> Operation | None:
    """The operation that gets what is at a path template."""
    return next((each for each in contract if each.method == "GET" and each.path.rstrip("/") == path), None)


@dataclass(slots=True)
class Draft:
    """A reply while it is edited; `value` is a copy, and is not written where the base has none."""

    status: int
    headers: list[tuple[str, str]]
    value: JSON


@dataclass(frozen=True, slots=True)
class Edit(Generic[Facts]):
    """One way in which a request changes a reply.

    `facts` gives what of a request decides the change, and nothing else; None where the request leaves the reply as it
    is. It is called with each request, so it must be quick. `apply` makes the change; it may raise `Slow`.
    """

    facts: Callable[[Reading], Facts | None]
    apply: Callable[[Draft, Facts], None]
    by: str = "the request"
    """What of the request, or else, the change comes from."""


Editor = Callable[[Base], Edit[Any] | None]
"""Prepares an edit of a base reply, once; None where no request changes the reply in this way."""


def origin_of(reading: Reading) -> str:
    """Where a request was sent, as the beginning of a URL; "" where it does not say."""
    host = reading.headers.get("host", "")
    return f"{reading.scheme}://{host}" if host else ""
