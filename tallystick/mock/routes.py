"""Which operation of which contract a request is for, when several contracts are served together.

Each contract is found under its name always, at the paths of its own servers where the `Host` names one, and at the
root wherever no other contract has the path. With a base path, the names and the root are below it.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from tallystick.mock.problem import Problem
from tallystick.nouns.contract import Contract, Operation, Server
from tallystick.nouns.errors import UsageError
from tallystick.nouns.exchange import Request
from tallystick.nouns.path_templates import PathIndex, PathValues, template_names, template_shape
from tallystick.nouns.words import nearest
from tallystick.wire.reading import mark_order, path_fits

_BASE_PATH = re.compile(r"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+)*")
_HOSTS = 10_000
"""How many values of `Host` are remembered."""
_ROUTES = 2_000
"""How many routes are remembered."""
_SHOWN, _COMPARED = 200, 60
"""How many characters of a path a problem shows, or a remembered route has; and how many similar templates are
compared with an unknown path."""


@dataclass(frozen=True, slots=True)
class Mount:
    """The operations of one path of a contract, by method, below a prefix that the contract's own paths lack.

    HEAD is answered wherever GET is, unless `Routes` is asked not to.
    """

    contract: Contract
    prefix: str
    methods: dict[str, Operation]
    names: int
    """How many names the path's template has, without those of the prefix."""

    def route(self, method: str, path: str, path_values: PathValues) -> Route:
        """The route of a request to a path below the prefix, which has the method."""
        if not self.prefix:
            return Route(self.contract, self.methods[method], path, path_values)
        below = _below(path, self.prefix)
        prefix = path[: len(path) - len(below)]
        return Route(self.contract, self.methods[method], below, self.own(path_values), prefix)

    def own(self, path_values: PathValues) -> PathValues:
        """The path values without those of the names in the prefix."""
        return path_values[len(path_values) - self.names :]


class Route(NamedTuple):
    """The target of a request: the contract, its operation, and the path without the prefix.

    `path_values` are the raw values in the path for the names of the operation's template; `prefix` is what stood
    before the path.
    """

    contract: Contract
    operation: Operation
    path: str
    path_values: PathValues
    prefix: str = ""
    marked: tuple[Route, ...] = ()
    """The routes of the same path whose templates ask for something in the query or a header (`/files?beta=true`)."""

    def meant_by(self, request: Request) -> Route:
        """This route, or the one of those with marks that a request means."""
        return min((self, *self.marked), key=lambda route: mark_order(route.operation, request))


Matches = list[tuple[list[Mount], PathValues]]
"""The mounts that a path meets, the most concrete template first, with the values in the path."""


class Routes:
    """The routes of all contracts: found by key, at a cost that does not grow with their number."""

    def __init__(self, contracts: Sequence[Contract], base_path: str = "", answers_head: bool = True) -> None:
        index = partial(_index_of, answers_head=answers_head)
        base = self.base = normal_base_path(base_path)
        self.contracts = contracts
        self.found: dict[tuple[str, str, str], Route] = {}
        self.names = frozenset(contract.name for contract in contracts)
        self.named = index(Mounts(contract, [f"{base}/{contract.name}"]) for contract in contracts)
        self.root = index(Mounts(contract, [base] if base else ["", *_bases(contract)]) for contract in contracts)
        hosts = {name for contract in contracts for server in _servers(contract) for name in _hosts(server)}
        self.hosts: dict[str, PathIndex[list[Mount]] | None] = {
            host: index(
                Mounts(contract, _bases(contract, host))
                for contract in contracts
                if any(host in _hosts(server) for server in _servers(contract))
            )
            for host in hosts
        }

    def find(self, method: str, host: str, path: str, scheme: str = "http", mark: str = "") -> Route | Problem:
        """The route of a request, or the problem (404, 405) that there is none.

        `mark` is what was taken away before the path, with the base path if that was before it. Clients ask for the
        same few paths again and again: routes are remembered.
        """
        key = method, host, path
        known = self.found.get(key)
        if known is not None:
            return known
        route = self.look_up(method, host, path, scheme, mark)
        if isinstance(route, Route) and len(path) + len(host) <= _SHOWN:
            if len(self.found) >= _ROUTES:
                self.found.clear()
            self.found[key] = route
        return route

    def look_up(self, method: str, host: str, path: str, scheme: str = "http", mark: str = "") -> Route | Problem:
        """The route of a request, or the problem that there is none; nothing is remembered."""
        route = self._looked_up(method, host, path)
        return self._ambiguous(scheme, host, mark, path, route) if isinstance(route, list) else route

    def _looked_up(self, method: str, host: str, path: str) -> Route | Problem | list[Mount]:
        """The route of a request, the problem that there is none, or the mounts of several contracts."""
        hosted = self.hosts[host] if host in self.hosts else self._hosted(host)
        if hosted is not None and (matches := hosted.matches(path)):
            return self._choose(method, path, matches)
        first = path[len(self.base) + 1 :].partition("/")[0]
        if (first in self.names or "%" in first) and (matches := self.named.matches(path)):
            return self._choose(method, path, matches)
        matches = self.root.matches(path)
        return self._choose(method, path, matches) if matches else self._unknown(path)

    def _choose(self, method: str, path: str, matches: Matches) -> Route | Problem | list[Mount]:
        mounts, path_values = matches[0]
        if len(mounts) == 1 and len(matches) == 1 and method in mounts[0].methods:  # as it is nearly always
            return mounts[0].route(method, path, path_values)
        candidates = [(mount, path_values) for mounts, path_values in matches for mount in mounts]
        mounts = [mount for mount, _ in candidates]
        if any(mount.contract is not mounts[0].contract for mount in mounts):
            return mounts
        candidates = [candidate for candidate in candidates if method in candidate[0].methods]
        if not candidates:
            return self._not_allowed(method, path, mounts)
        marked = [each for each in candidates if each[0].methods[method].mark]
        plain = [each for each in candidates if not each[0].methods[method].mark] or marked
        mount, path_values = next(
            (each for each in plain if path_fits(each[0].methods[method], each[0].own(each[1]))), plain[0]
        )
        route = mount.route(method, path, path_values)
        if marked:
            route = route._replace(marked=tuple(each.route(method, path, values) for each, values in marked))
        return route

    def _hosted(self, host: str) -> PathIndex[list[Mount]] | None:
        """The paths of the servers on a host that is not known with its port; kept for the next time."""
        paths = self.hosts.get(_without_port(host))
        if len(self.hosts) < _HOSTS:
            self.hosts[host] = paths
        return paths

    def _not_allowed(self, method: str, path: str, mounts: list[Mount]) -> Problem:
        first = mounts[0]
        allow = ", ".join(sorted({name for mount in mounts for name in mount.methods}))
        detail = f"{path} has no {method}; it has {allow}"
        return Problem(405, detail, members={"contract": first.contract.name}, headers=(("allow", allow),))

    def _ambiguous(self, scheme: str, host: str, mark: str, path: str, mounts: list[Mount]) -> Problem:
        """The problem that several contracts have a path, with the URL that leads to each."""
        is_below_base = bool(self.base) and mark.startswith(f"{self.base}/")
        origin = (f"{scheme}://{host}" if host else "") + mark + ("" if is_below_base else self.base)
        urls: dict[str, str] = {}
        for mount in mounts:
            name = mount.contract.name
            urls.setdefault(name, f"{origin}/{name}{_below(path, mount.prefix)}")
        detail = f"{len(urls)} contracts have {path}; say which one: {' or '.join(urls.values())}"
        return Problem(
            404, detail, members={"candidates": [{"contract": name, "url": url} for name, url in urls.items()]}
        )

    def _unknown(self, path: str) -> Problem:
        shown = path if len(path) <= _SHOWN else f"{path[: _SHOWN - 1]}…"
        base = self.base
        templates = dict.fromkeys(base + operation.path for contract in self.contracts for operation in contract)
        if base and not f"{path}/".startswith(f"{base}/"):
            near = nearest(base + shown, heapq.nlargest(_COMPARED, templates, key=_likeness(base + shown)), most=3)
            hint = f", such as {near[0]}" if near else ""
            return Problem(404, f"{shown} is not below {base}, where all paths are, as --base-path asks{hint}")
        likely = heapq.nlargest(_COMPARED, templates, key=_likeness(shown))
        near = nearest(shown, likely, most=3)
        hint = f"; near it: {', '.join(near)}" if near else ""
        names = ", ".join(contract.name for contract in self.contracts)
        return Problem(404, f"no path of {names} matches {shown}{hint}")


@dataclass(frozen=True, slots=True)
class Mounts:
    """A contract and the prefixes it is found below."""

    contract: Contract
    prefixes: Sequence[str]


def _index_of(all_mounts: Iterable[Mounts], answers_head: bool) -> PathIndex[list[Mount]]:
    by_shape: dict[str, list[Mount]] = {}
    for mounts in all_mounts:
        contract = mounts.contract
        by_path: dict[tuple[str, str], dict[str, Operation]] = {}
        for operation in contract:
            by_path.setdefault((operation.path, operation.mark), {}).setdefault(operation.method, operation)
        for methods in by_path.values():
            if answers_head and "GET" in methods:
                methods.setdefault("HEAD", methods["GET"])
        for prefix in mounts.prefixes:
            for (path, _), methods in by_path.items():
                by_shape.setdefault(template_shape(prefix + path), []).append(
                    Mount(contract, prefix, methods, len(template_names(path)))
                )
    index: PathIndex[list[Mount]] = PathIndex()
    for shape, mounts_of_shape in by_shape.items():
        index.add(shape, mounts_of_shape)
    return index


def _servers(contract: Contract) -> Iterable[Server]:
    return dict.fromkeys(server for operation in contract for server in operation.servers)


def _hosts(server: Server) -> set[str]:
    """What a `Host` field may say for a server: its host with the port, and without, since the mock has its own."""
    return {server.host, _without_port(server.host)} if server.host else set()


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host


def _bases(contract: Contract, host: str | None = None) -> list[str]:
    """The base paths of the contract's servers, of those on one host where it is given, each once."""
    servers = [server for server in _servers(contract) if host is None or host in _hosts(server)]
    bases = dict.fromkeys(server.base_path for server in servers)
    return [base for base in bases if base or host is not None]


def _below(path: str, prefix: str) -> str:
    """A raw path without a prefix of as many segments."""
    return "/" + "/".join(path.split("/")[1 + prefix.count("/") :])


def _likeness(path: str) -> Callable[[str], int]:
    """How many segments of a template match those of a path, minus the difference in their number."""
    others = path.split("/")

    def likeness(template: str) -> int:
        segments = template.split("/")
        matching = sum(segment == other or "{" in segment for segment, other in zip(segments, others, strict=False))
        return matching - abs(len(segments) - len(others))

    return likeness


def normal_base_path(text: str, flag: str = "--base-path") -> str:
    """A base path with a slash before it and none after it, "" for the root; `UsageError` for what is none."""
    path = "/" + text.strip("/") if text.strip("/") else ""
    if not _BASE_PATH.fullmatch(path):
        raise UsageError(f"{flag} {text}: a path was expected, as in /v1 or /api/v2")
    return path
