"""Addresses of resources on the mock: where a request was sent to, and which operation an address leads to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.json_value import JSON
from tallystick.nouns.path_templates import PathValues, template_names
from tallystick.resources.names import path_names
from tallystick.wire.reading import Reading
from tallystick.wire.write import text_of

_LONGEST = 2_000
"""How many characters an address may have that is looked at."""


class Target(NamedTuple):
    """Where a request was sent to: what stands before the path of the contract, and the raw values in the path."""

    scheme: str
    host: str
    prefix: str
    path_values: PathValues

    @property
    def origin(self) -> str:
        """Scheme and host, "" where the request has no `Host`."""
        return f"{self.scheme}://{self.host}" if self.host else ""


def target_of(reading: Reading) -> Target:
    """Where a request was sent to."""
    host = reading.headers.get("host", "")
    return Target(reading.scheme, host, reading.prefix, tuple(reading.path_values or ()))


@dataclass(frozen=True, slots=True)
class Address:
    """An address that leads to an operation of the contract: the values in its path, and what stands after that."""

    operation: Operation
    path_values: Mapping[str, str]
    rest: str


class Addresses:
    """The addresses of one contract: on its servers, and relative ones."""

    def __init__(self, contract: Contract, operation: Operation) -> None:
        self.contract = contract
        self.operation = operation
        servers = {server: None for each in (operation.servers, contract.servers) for server in each}
        self.hosts = {server.host for server in servers if server.host}
        self.bases = sorted({server.base_path for server in servers} | {""}, key=len, reverse=True)

    def read(self, text: str, is_own: bool = False) -> Address | None:
        """The address in a text; None where it leads elsewhere.

        On another host than those of the servers it may lead to the API only where it `is_own`.
        """
        if len(text) > _LONGEST or not ("://" in text or text.startswith("/")):
            return None
        address, brace, expression = text.partition("{")  # a URI template (RFC 6570): `/users/ada/gists{/gist_id}`
        try:
            url = urlsplit(address)
        except ValueError:
            return None
        if url.netloc and url.netloc.lower() not in self.hosts and not is_own:
            return None
        for base in self.bases:
            match = self.contract.find("GET", url.path[len(base) :]) if url.path.startswith(base) else None
            if match is not None:
                operation, values = match
                by_name = dict(zip(template_names(operation.path), values, strict=True))
                rest = (f"?{url.query}" if url.query else "") + (f"#{url.fragment}" if url.fragment else "")
                return Address(operation, by_name, rest + brace + expression)
        return None

    def shared_values(self, template: str, target: Target) -> dict[str, str]:
        """The values of a request's path for the names in the part of another template that is the same."""
        ours = dict(zip(template_names(self.operation.path), target.path_values, strict=False))
        shared: dict[str, str] = {}
        for mine, other in zip(self.operation.path.split("/"), template.split("/"), strict=False):
            if mine != other:
                break
            shared.update((name, ours[name]) for name in template_names(mine) if name in ours)
        return shared

    @cached_property
    def item(self) -> Operation | None:
        """The operation for the item that this one creates, or answers with; None where the contract has none."""
        path = self.operation.path.rstrip("/")
        if path_names(path) and path_names(path)[-1].is_item:
            return self.operation
        below = [
            each
            for each in self.contract
            if each.path.startswith(f"{path}/{{") and "/" not in each.path.rstrip("/")[len(path) + 1 :]
        ]
        return min(below, key=lambda each: each.method != "GET", default=None)


def filled(template: str, values: Mapping[str, str]) -> str:
    """A path template with raw values in the place of its names."""
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", value)
    return template


def raw(value: JSON) -> str:
    """A scalar as it stands in a path."""
    return quote(text_of(value), safe="-._~")
