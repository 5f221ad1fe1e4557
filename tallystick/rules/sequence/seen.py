"""One exchange of a sequence, as it is about a resource: which one, what was sent of it, what is shown of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple, cast
from urllib.parse import unquote, urljoin, urlsplit

from tallystick.examples.choices import ValuePath
from tallystick.nouns import budgets
from tallystick.nouns.contract import BodyFormat, Operation
from tallystick.nouns.exchange import Exchange
from tallystick.nouns.json_value import JSON, is_shallow
from tallystick.nouns.schema import Schema
from tallystick.nouns.violation import Violation
from tallystick.resources.lists.places import has_paging, list_paths
from tallystick.resources.lists.wishes import ListWish
from tallystick.resources.names import words_of
from tallystick.resources.resources import Resource, Role, part_at
from tallystick.rules.judge import judge_reading
from tallystick.rules.sequence import declared
from tallystick.wire.reading import Reading, reader_of
from tallystick.wire.values import MISSING

SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "QUERY", "TRACE"))
"""Methods that change nothing (RFC 9110, section 9.2.1)."""
_OF_MESSAGES = frozenset(
    "accept content range prefer expect date time timestamp version nonce digest signature idempotency idempotent trace"
    " tracing traceparent tracestate traceid span correlation if".split()
)
"""Words in names of header fields that say something of one message, and not for whom it is."""
_LATER = 202
_MOST_PREFIXES = 4
"""How many segments of a `Location` may stand before the path of the contract."""


class ItemKey(NamedTuple):
    """Which resource it is: its kind by the template of its path, the path of its collection, its id."""

    item: str
    place: str
    id: str


class Seen:
    """One exchange of a sequence, read by its operation."""

    def __init__(self, index: int, reading: Reading, role: tuple[Resource, Role] | None) -> None:
        self.index = index
        self.reading = reading
        self.operation: Operation = reading.operation
        self.exchange: Exchange = reading.exchange
        self.resource: Resource | None = role[0] if role is not None else None
        self.role: Role | None = role[1] if role is not None else None
        self.wish: ListWish | None = None
        """What it asks of a list, once that was asked for."""

    @property
    def status(self) -> int:
        """The status, 0 where there was no response."""
        return self.exchange.response.status if self.exchange.response is not None else 0

    @property
    def is_done(self) -> bool:
        """Whether it was accepted and done; one that was accepted with 202 is done later."""
        return 200 <= self.status < 300 and self.status != _LATER

    @property
    def is_refused(self) -> bool:
        return 400 <= self.status < 500

    @property
    def is_safe(self) -> bool:
        return self.operation.method in SAFE_METHODS

    @cached_property
    def caller(self) -> tuple[str, ...] | None:
        """The credentials that it was sent with, None where its operation needs none."""
        if not self.operation.security or () in self.operation.security:
            return None
        keys = {each.name.lower() for schemes in self.operation.security for each in schemes if each.name}
        wanted = keys | {"authorization", "cookie"}
        return tuple(value for name, value in self.exchange.request.headers if name.lower() in wanted)

    @cached_property
    def addressees(self) -> dict[str, str]:
        """What was sent in the documented header fields that may say for whom it is (a tenant, a session)."""
        names = [each.name.lower() for each in self.operation.parameters if each.location == "header"]
        return {name: self.reading.headers.get(name, "") for name in names if not _says_of_message(name)}

    def has_caller_of(self, other: Seen) -> bool:
        """Whether both may come from one caller, and be for one: to another one a server may show other things."""
        if any(other.addressees.get(name, value) != value for name, value in self.addressees.items()):
            return False
        return self.caller is None or other.caller is None or self.caller == other.caller

    @cached_property
    def violations(self) -> list[Violation]:
        """What the judge says of it."""
        return judge_reading(self.reading)

    @property
    def is_valid(self) -> bool:
        """Whether the request keeps the contract."""
        return all(violation.where.startswith("response.") for violation in self.violations)

    @property
    def is_broken(self) -> bool:
        """Whether the response breaks the contract; the judge says that, and what follows from it is not said again."""
        return any(violation.where.startswith("response.") for violation in self.violations)

    @property
    def may_be_repeated(self) -> bool:
        """Whether its response may be that of an earlier request: it has a key that says that both are one."""
        return any("idempot" in name.lower() for name, _ in self.exchange.request.headers)

    # What it is about

    @cached_property
    def key(self) -> ItemKey | None:
        """Which resource it is about; None where that is not known, and for lists."""
        resource, role = self.resource, self.role
        if resource is None or role is None or role is Role.LIST:
            return None
        one = self.created_id if role is Role.CREATE else resource.id_of(self.reading)
        return ItemKey(resource.item, self.place, one) if one else None

    @cached_property
    def place(self) -> str:
        """The path of the collection."""
        return self.resource.place(self.reading) if self.resource is not None else ""

    @cached_property
    def created_id(self) -> str:
        """The id of what was created, by the body of the response, else by its `Location`; "" where none says it."""
        return self.told_id or self.located_id

    @cached_property
    def told_id(self) -> str:
        """The id that the body of the response tells."""
        resource, role = self.resource, self.role
        if resource is None or role is None or not self.is_done:
            return ""
        way = resource.response_ways.get(role)
        if way is None:  # a response that says the id and does not show the resource
            way = () if role in resource.id_ways else None
        body = self.response_value
        return resource.id_in(part_at(body, way), role) if way is not None and body is not MISSING else ""

    @cached_property
    def located_id(self) -> str:
        """The id of the resource that `Location` leads to; "" where it leads to none of this kind."""
        resource = self.resource
        item = next((each for each in self._item_operations()), None)
        if resource is None or item is None or not self.location:
            return ""
        own = len(reader_of(self.operation).path_values(self.exchange.request.path) or ())
        for path in _without_prefixes(self.location):
            values = reader_of(item).path_values(path)
            if values is not None and (len(values) == own + 1 or resource.moved):
                return unquote(values[-1])
        return ""

    def _item_operations(self) -> Iterator[Operation]:
        """The operations at the path of the items."""
        operations = self.resource.operations if self.resource is not None and not self.resource.is_single else {}
        for role in (Role.READ, Role.REPLACE, Role.UPDATE, Role.DELETE):
            if role in operations and operations[role].path.count("{") > self.operation.path.count("{"):
                yield operations[role]

    @cached_property
    def location(self) -> str:
        """The path that `Location` leads to, "" where there is none."""
        response = self.exchange.response
        values = [value for name, value in response.headers if name.lower() == "location"] if response else []
        try:
            return urlsplit(urljoin(self.exchange.request.path, values[0])).path if len(values) == 1 else ""
        except ValueError:
            return ""

    # What was sent and what is shown

    @cached_property
    def response_value(self) -> object:
        """The value of the response's body; MISSING where it has none that can be read."""
        reading = self.reading
        if self.exchange.response is None or not reading.response_may_have_body:
            return MISSING
        body = reading.response_body
        return (
            body.value if not body.fault and is_shallow(cast("JSON", body.value), budgets.RESOURCE_LEVELS) else MISSING
        )

    @cached_property
    def sent(self) -> Mapping[str, JSON] | None:
        """The members of the resource in the body of the request; None where that has none, or may be passed over."""
        resource, role = self.resource, self.role
        if self.may_be_repeated:
            return None
        if resource is None or role is None or role not in resource.request_ways or self.exchange.request.body == b"":
            return None
        body = self.reading.body
        if body.fault or not is_shallow(cast("JSON", body.value), budgets.RESOURCE_LEVELS):
            return None
        part = part_at(body.value, resource.request_ways[role])
        return part if isinstance(part, dict) else None

    @cached_property
    def shown(self) -> Mapping[str, JSON] | None:
        """The members of the resource in the body of the response; None where that does not show it."""
        resource, role = self.resource, self.role
        if resource is None or role is None or role not in resource.response_ways or not self.is_done:
            return None
        part = part_at(self.response_value, resource.response_ways[role])
        return part if isinstance(part, dict) else None

    @cached_property
    def rows_way(self) -> ValuePath | None:
        """The way to the rows of a list in the body of the response; None where it is no list."""
        resource, role = self.resource, self.role
        if not self.is_done or self.operation.method not in ("GET", "QUERY"):
            return None
        if resource is not None:
            return resource.response_ways.get(role) if role is Role.LIST else None
        if self.response_value is MISSING or not has_paging(self.operation):
            return None
        paths = list_paths(self.operation, cast("JSON", self.response_value))
        return paths[0] if len(paths) == 1 else None

    @cached_property
    def rows(self) -> list[JSON] | None:
        """The rows of a list; None where it is none."""
        part = part_at(self.response_value, self.rows_way) if self.rows_way is not None else None
        return part if isinstance(part, list) else None

    @cached_property
    def row_ids(self) -> tuple[str, ...]:
        """What identifies each row: its id, or else the row itself."""
        return tuple(self.id_of_row(row) for row in self.rows or ())

    def id_of_row(self, row: JSON) -> str:
        """What identifies a row."""
        own = self.resource.id_in(row, Role.LIST) if self.resource is not None else ""
        return own or json.dumps(row, sort_keys=True)

    @cached_property
    def row_schema(self) -> Schema | None:
        """The schema of a row of a list."""
        if self.rows_way is None:
            return None
        return declared.items(schema_at(_schema(self.reading.response_body.format), self.rows_way))

    @cached_property
    def sent_schema(self) -> Schema | None:
        """The schema of what was sent of the resource."""
        way = self.resource.request_ways.get(self.role) if self.resource and self.role else None
        return schema_at(_schema(self.reading.body.format), way) if way is not None else None

    @cached_property
    def shown_schema(self) -> Schema | None:
        """The schema of what is shown of the resource."""
        way = self.resource.response_ways.get(self.role) if self.resource and self.role else None
        if way is None or self.exchange.response is None:
            return None
        return schema_at(_schema(self.reading.response_body.format), way)


def _says_of_message(name: str) -> bool:
    """Whether a header field says something of one message, and not for whom it is."""
    words = words_of(name)
    return name == "user-agent" or "requestid" in "".join(words) or not _OF_MESSAGES.isdisjoint(words)


def _schema(body_format: BodyFormat | None) -> Schema | None:
    return body_format.schema if body_format is not None else None


def schema_at(schema: Schema | None, way: ValuePath) -> Schema | None:
    """The schema of the part at the end of a way, as far as it is declared."""
    for key in way:
        schema = declared.items(schema) if isinstance(key, int) else declared.members(schema).get(key)
    return schema


def _without_prefixes(path: str) -> Iterator[str]:
    """A path, then the same without its first segments."""
    for _ in range(_MOST_PREFIXES):
        yield path
        _, slash, rest = path[1:].partition("/")
        if not slash:
            return
        path = "/" + rest
