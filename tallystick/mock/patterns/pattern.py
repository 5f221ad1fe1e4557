"""The noun of a request pattern, and how it is read from JSON."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tallystick.mock.json_members import Members, WrongMemberError, shown
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.json_value import JSON, is_shallow
from tallystick.nouns.operation_patterns import is_named
from tallystick.nouns.words import did_you_mean
from tallystick.wire.values import MISSING

NAMES = ("operation", "contract", "path", "query", "headers", "cookies", "body")
"""The members of a request pattern."""

_METHOD = re.compile(r"([A-Za-z]+) +(?=[/*])")


@dataclass(frozen=True, slots=True)
class RequestPattern:
    """Which requests are meant: those that have everything that is said here; what is left out may be anything.

    `operations` are patterns (see `tallystick.nouns.operation_patterns`), or a path as requests have it, with a method
    or without (`GET /pets/3`). Values are compared as the contract reads them (`3` of a path is the number 3), or as
    texts; null means that the value must not be sent. `body` is a part of the body: objects in it may have more
    members.
    """

    operations: tuple[str, ...] = ()
    contract: str = ""
    path: Mapping[str, JSON] = field(default_factory=dict)
    query: Mapping[str, JSON] = field(default_factory=dict)
    headers: Mapping[str, JSON] = field(default_factory=dict)
    """By names in lower case."""
    cookies: Mapping[str, JSON] = field(default_factory=dict)
    body: object = MISSING
    """A JSON value, or MISSING for any body or none."""

    def value(self) -> dict[str, JSON]:
        """The pattern as JSON."""
        members: dict[str, JSON] = {}
        if self.operations:
            members["operation"] = self.operations[0] if len(self.operations) == 1 else list(self.operations)
        if self.contract:
            members["contract"] = self.contract
        for name in ("path", "query", "headers", "cookies"):
            if values := getattr(self, name):
                members[name] = dict(values)
        if self.body is not MISSING:
            members["body"] = self.body  # type: ignore[assignment]  # it is JSON where it is there
        return members

    @property
    def label(self) -> str:
        """What is meant, in a few words."""
        return " or ".join(self.operations) or "any operation"

    def names(self, operation: Operation | None, targets: Sequence[str]) -> bool:
        """Whether the operation of a request is meant; `targets` are its path, with the method and without."""
        if not self.operations:
            return True
        return any(
            (operation is not None and is_named(operation, pattern))
            or any(target == pattern or fnmatch.fnmatchcase(target, pattern) for target in targets)
            for pattern in self.operations
        )


def pattern_of(value: object, where: str) -> RequestPattern:
    """The request pattern in a JSON value: an object, or only the text of `operation`; raises `WrongMemberError`."""
    if isinstance(value, str):
        value = {"operation": value}
    return pattern_in(Members(value, where, NAMES))


def pattern_in(members: Members) -> RequestPattern:
    """The request pattern in the members of an object that may have others, too."""
    operations = tuple(map(_normal, members.texts("operation")))
    if "" in operations:
        raise WrongMemberError(members.at("operation"), "an operation was expected, not an empty text")
    headers = {name.lower(): value for name, value in members.by_name("headers").items()}
    if "body" in members and not is_shallow(members.value("body"), budgets.PATTERN_DEPTH):
        raise WrongMemberError(members.at("body"), f"it is deeper than {budgets.PATTERN_DEPTH} levels")
    return RequestPattern(
        operations,
        members.text("contract"),
        members.by_name("path"),
        members.by_name("query"),
        headers,
        members.by_name("cookies"),
        members.value("body") if "body" in members else MISSING,
    )


def _normal(pattern: str) -> str:
    """A pattern without blanks around it, its method in upper case."""
    return _METHOD.sub(lambda match: f"{match[1].upper()} ", pattern.strip())


def operations_of(pattern: RequestPattern, contracts: Sequence[Contract], where: str) -> list[Operation]:
    """The operations that a pattern means; raises `WrongMemberError` where there are none, or it names a path value
    that none of them has."""
    names = [contract.name for contract in contracts]
    if pattern.contract and pattern.contract not in names:
        hint = did_you_mean(pattern.contract, names) or f"there are {', '.join(names)}"
        raise WrongMemberError(_at(where, "contract"), f"no contract is named {shown(pattern.contract)}; {hint}")
    candidates = [each for each in contracts if pattern.contract in ("", each.name)]
    meant = list(dict.fromkeys(_meant(pattern, candidates)))
    if not meant:
        raise WrongMemberError(_at(where, "operation"), _unmatched(pattern, candidates))
    for name in pattern.path:
        if not any(f"{{{name}}}" in operation.path for operation in meant):
            there = dict.fromkeys(each for operation in meant for each in re.findall(r"{([^{}]*)}", operation.path))
            hint = did_you_mean(name, there) or (f"there are {', '.join(there)}" if there else "it has none")
            raise WrongMemberError(_at(where, f"path.{name}"), f"no path of {pattern.label} has this name; {hint}")
    return meant


def _meant(pattern: RequestPattern, contracts: Sequence[Contract]) -> Iterator[Operation]:
    for contract in contracts:
        yield from (each for each in contract if pattern.names(each, ()))
        for text in pattern.operations:
            method, _, path = ("", "", text) if text.startswith("/") else text.partition(" ")
            for start in ("", f"/{contract.name}"):
                below = path[len(start) :] if path.startswith(f"{start}/") else ""
                for each in (method,) if method else contract.methods(below):
                    if found := contract.find(each, below):
                        yield found[0]


def refuse_unknown(pattern: RequestPattern, contracts: Sequence[Contract], where: str) -> None:
    """Raises `WrongMemberError` for an operationId or a tag that no contract has; a path may be one of none."""
    for text in pattern.operations:
        if "/" not in text and not any(is_named(operation, text) for contract in contracts for operation in contract):
            raise WrongMemberError(_at(where, "operation"), _unmatched(RequestPattern((text,)), contracts))


def _unmatched(pattern: RequestPattern, contracts: Sequence[Contract]) -> str:
    operations = [operation for contract in contracts for operation in contract]
    known = [name for each in operations for name in (each.operation_id or "", each.label, each.path) if name]
    hint = next(filter(None, (did_you_mean(text, known) for text in pattern.operations)), "")
    return (
        f"no operation is {shown(pattern.label)}; {hint or 'expected an operationId, GET /path, a path, or tag:NAME'}"
    )


def _at(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
