"""Which recorded exchanges are those of a contract, and what the others are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from tallystick.exchanges.bases import Bases
from tallystick.exchanges.recorded import Recorded, Recording
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.errors import UsageError
from tallystick.nouns.exchange import Exchange

_MARK = "/~"
"""What the path of a request to our mock begins with where it names a session."""


class OwnExchange(NamedTuple):
    """An exchange of the contract: its operation, the exchange with its path as the contract has it, and its record."""

    operation: Operation
    exchange: Exchange
    recorded: Recorded


@dataclass(slots=True)
class Traffic:
    """The exchanges of a contract among those that were recorded, and how many are not: by host, path and kind."""

    own: list[OwnExchange] = field(default_factory=list)
    other_hosts: Counter[str] = field(default_factory=Counter)
    other_paths: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many entries there are."""
        counters = (self.other_hosts, self.other_paths, self.others)
        return len(self.own) + sum(sum(counter.values()) for counter in counters)


def traffic_of(contract: Contract, recordings: Sequence[Recording], url: str = "") -> Traffic:
    """The exchanges of a contract in some recordings.

    They are those with the base URL, if it is given; else with the hosts of the contract's servers, if any was
    recorded; else with the one origin that has the most exchanges which the contract has operations for.
    """
    traffic, bases, base = Traffic(), Bases(contract, [f"/{contract.name}"]), ""
    recorded = [each for recording in recordings for each in recording.exchanges]
    if url:
        origin, base = origin_and_base(url)
        bases, origins = Bases(contract, [base] if base else []), {origin}
    else:
        origins = _origins(contract, recorded, bases, traffic.notes)
    for each in recorded:
        if each.origin not in origins or not f"{each.exchange.request.path}/".startswith(f"{base}/"):
            traffic.other_hosts[each.origin.partition("//")[2]] += 1
            continue
        own = _own(each, bases)
        if own is None:
            request = each.exchange.request
            traffic.other_paths[f"{request.method} {request.path}"] += 1
        else:
            traffic.own.append(own)
    for recording in recordings:
        traffic.others.update(recording.others)
        traffic.others["entry that cannot be read"] += len(recording.odd)
        traffic.notes += [f"{recording.file}: {reason}" for reason in recording.odd]
    traffic.others = +traffic.others
    return traffic


def _origins(contract: Contract, recorded: Sequence[Recorded], bases: Bases, notes: list[str]) -> set[str]:
    """The origins of the contract's servers that were recorded, else the one that has most of its exchanges."""
    hosts = {server.host for operation in contract for server in operation.servers if server.host}
    named = {each.origin for each in recorded if hosts & _spellings(each.origin)}
    if named:
        return named
    counts = Counter(each.origin for each in recorded if _own(each, bases) is not None)
    if not counts:
        return {each.origin for each in recorded}
    ((origin, _),) = counts.most_common(1)
    if len({each.origin for each in recorded}) > 1:
        fact = f"no server of the contract was recorded, so {origin} is taken for it"
        notes.append(f"{fact}; --url names another one")
    return {origin}


def _spellings(origin: str) -> set[str]:
    """The ways in which a contract may name the host of an origin."""
    scheme, _, host = origin.partition("://")
    return {host, f"{host}:{443 if scheme == 'https' else 80}"}


def origin_and_base(url: str) -> tuple[str, str]:
    """The origin and the path of the base URL of an API; raises `UsageError` where it is none."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        host, port = "", None
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise UsageError(f"--url {url}: expected the base URL of the API, as in https://api.example.com/v1")
    usual = {"http": 80, "https": 443}[parts.scheme]
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}{f':{port}' if port not in (None, usual) else ''}", parts.path.rstrip("/")


def _own(recorded: Recorded, bases: Bases) -> OwnExchange | None:
    request, response = recorded.exchange
    for path in _paths(request.path):
        place = bases.find(request.method, path, request)
        if place is not None:
            operation, below = place
            return OwnExchange(operation, Exchange(request._replace(path=below), response), recorded)
    return None


def _paths(path: str) -> Iterable[str]:
    """A path as it is, and without the session of our mock that it may name."""
    yield path
    if path.startswith(_MARK):
        yield without_session(path)


def without_session(path: str) -> str:
    """A path without the session of our mock that it may name."""
    return "/" + path[1:].partition("/")[2] if path.startswith(_MARK) else path
