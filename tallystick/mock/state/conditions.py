"""Conditional requests (RFC 9110, section 13) for what is kept: its validators, and 412 and 428 for changes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from email.utils import formatdate
from functools import partial
from zlib import crc32

from tallystick.mock.memory import Memory
from tallystick.mock.off_loop import at_once
from tallystick.mock.problem import Problem
from tallystick.mock.responders.conditions import header_of, is_tag_meant, moment_of, names_tag
from tallystick.mock.roles import Reply
from tallystick.mock.rules import CONDITION_FAILED, CONDITION_MISSING
from tallystick.mock.state.versions import Way, tags_in
from tallystick.mock.stores.store import Item
from tallystick.mock.tailoring.tailoring import value_of
from tallystick.nouns.contract import Operation
from tallystick.nouns.exchange import Exchange, Request
from tallystick.nouns.rule import Rule
from tallystick.resources.resources import Resource, Role, part_at
from tallystick.wire.reading import Reading

_CONDITIONS = frozenset(("if-match", "if-none-match", "if-modified-since", "if-unmodified-since"))
_STATUSES = frozenset(("304", "412", "428"))
_TAGS = re.compile(r'\s*(?:W/)?"[^"]*"(?:\s*,\s*(?:W/)?"[^"]*")*\s*')
_SHOWN = 60


def conditions_of(
    resource: Resource, operation: Operation, role: Role, memory: Memory, versions: Sequence[Way]
) -> Conditions | None:
    """The conditions of one operation on a resource; None where the contract says nothing of any for the resource.

    `versions` are the ways to the members that tell its version.
    """
    on_item = [each for role, each in resource.operations.items() if role is not Role.LIST]
    spoken = frozenset[str]().union(*map(_spoken, on_item))
    return Conditions(resource, operation, role, memory, versions, spoken) if spoken else None


def _spoken(operation: Operation) -> frozenset[str]:
    """The fields and statuses of conditional requests that an operation documents."""
    names = {each.name.lower() for each in operation.parameters if each.location == "header"} & _CONDITIONS
    statuses = {each.status for each in operation.responses} & _STATUSES
    told = {header.name.lower() for each in operation.responses if each.status[0] == "2" for header in each.headers} & {
        "etag",
        "last-modified",
    }
    return frozenset(names | statuses | told)


class Conditions:
    """How one operation on a resource judges conditions, and which validators its replies have.

    `spoken` are the fields and statuses of conditional requests that the operations on the resource document.
    """

    def __init__(
        self,
        resource: Resource,
        operation: Operation,
        role: Role,
        memory: Memory,
        versions: Sequence[Way],
        spoken: frozenset[str],
    ) -> None:
        self.resource = resource
        self.operation = operation
        self.memory = memory
        self.role = role
        self.versions = versions
        self.makes_tags = role is Role.READ and not is_tag_meant(operation)
        """Whether a reply has an ETag of its bytes where nothing is kept, since nobody has said which."""
        own = _spoken(operation)
        self.is_documented = "412" in own
        self.is_required = "428" in own and "if-match" in own
        self.has_times = not spoken.isdisjoint(("last-modified", "if-modified-since", "if-unmodified-since"))

    async def refusal(self, reading: Reading, item: Item | None, exists: bool, is_example: bool) -> Problem | None:
        """Why a change is refused: it is meant for another version of the resource; None where it may go on.

        `item` is what is kept of the resource. What only `is_example`, since in an open mock everything exists, may be
        created.
        """
        headers = reading.headers
        wanted, unwanted = headers.get("if-match"), headers.get("if-none-match")
        if wanted is not None and self._is_meant(wanted):
            if not exists:
                return self._failed("If-Match", wanted, "there is no such resource")
            tags = await self._tags(reading, item) if wanted.strip() != "*" else []
            if tags and not any(names_tag(wanted, tag) for tag in tags):
                return self._failed("If-Match", wanted, f"the ETag of the resource is {tags[0]}")
        elif (since := moment_of(headers.get("if-unmodified-since", ""))) is not None:
            if item is not None and not item.is_deleted and int(item.changed) > since:
                fact = f"the resource was changed at {formatdate(item.changed, usegmt=True)}"
                return self._failed("If-Unmodified-Since", headers["if-unmodified-since"], fact)
        elif self.is_required and wanted is None and unwanted is None and exists:
            fact = f"{self.operation.label} asks for If-Match, with the ETag of the version that is changed"
            return self._problem(428, CONDITION_MISSING, "If-Match", fact)
        if unwanted is not None and self._is_meant(unwanted) and exists and not is_example:
            tags = await self._tags(reading, item) if unwanted.strip() != "*" else []
            if unwanted.strip() == "*" or any(names_tag(unwanted, tag) for tag in tags):
                return self._failed("If-None-Match", unwanted, "the resource is there already")
        return None

    def validated(self, reply: Reply, item: Item | None) -> Reply:
        """A reply about a resource with its validators: those of the item that is kept, else an ETag of its bytes."""
        response = reply.response
        if not 200 <= response.status < 300:
            return reply
        if item is None or item.is_deleted:
            return reply.tagged if self.makes_tags else reply
        own = {"etag": tag_of(item)}
        if self.has_times:
            own["last-modified"] = formatdate(item.changed, usegmt=True)
        return replace(reply, response=response._replace(headers=_with(response.headers, own)))

    def _is_meant(self, text: str) -> bool:
        """Whether a field is one that decides: what is no list of ETags only does so where a 412 is documented."""
        return self.is_documented or text.strip() == "*" or _TAGS.fullmatch(text) is not None

    async def _tags(self, reading: Reading, item: Item | None) -> list[str]:
        """The ETags of a resource as a GET of it tells them, none where nothing tells any; and those in its members."""
        if item is not None:
            return [tag_of(item), *tags_in(item.value, self.versions)]
        read = self.resource.operations.get(Role.READ)
        if read is None:
            return []
        headers = {name: value for name, value in reading.headers.items() if name in ("host", "accept")}
        exchange = Exchange(Request(read.method, reading.request.path, "", tuple(headers.items())))
        own = Reading(read, exchange, reading.path_values, headers)
        own.prefix, own.scheme = reading.prefix, reading.scheme
        reply = await at_once(partial(self.memory.replies_of(read).whole, own))
        if not is_tag_meant(read):
            reply = reply.tagged
        resource = part_at(value_of(reply.response)[1], self.resource.response_ways.get(Role.READ, ()))
        return [header_of(reply.response.headers, "etag"), *tags_in(resource, self.versions)]

    def _failed(self, name: str, text: str, fact: str) -> Problem:
        return self._problem(412, CONDITION_FAILED, name, f"{name} is {text[:_SHOWN]}; {fact}")

    def _problem(self, status: int, rule: Rule, name: str, fact: str) -> Problem:
        return Problem(status, fact, (rule.violation(f"header.{name}", self.operation.place, fact),))


def tag_of(item: Item) -> str:
    """The ETag of what is kept of a resource: strong, and another one with each change."""
    return f'"{item.version}-{crc32(item.text):08x}"'


def _with(headers: tuple[tuple[str, str], ...], own: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return (*(field for field in headers if field[0] not in own), *own.items())
