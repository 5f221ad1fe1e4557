"""The shares of a run: some operations of the contract each, which belong together, with a seed of their own.

How a contract is shared out depends on the contract alone, so that a run finds the same however many processes, or
machines of a matrix, it is spread over.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.errors import UsageError

_MOST_OPERATIONS = 12
"""How many operations a share of a small contract has at most, as far as those of one path stay together."""
_MOST_SHARES = 24
"""About how many shares a large contract has: Schemathesis reads all of its document for each."""


class Share(NamedTuple):
    """The labels of the operations of a share, in the order of the contract, and the seed of its cases."""

    labels: tuple[str, ...]
    seed: int


class Shard(NamedTuple):
    """One machine of a matrix: its number, from 1, and how many there are."""

    number: int
    of: int


def shares_of(contract: Contract, selected: Sequence[str], seed: int) -> list[Share]:
    """The shares of the selected operations: those of a collection and all that is below it, or a part of them."""
    chosen = frozenset(selected)
    operations = [operation for operation in contract if operation.label in chosen]
    common = _common([_names(operation)[:-1] for operation in operations])
    most = max(_MOST_OPERATIONS, math.ceil(len(operations) / _MOST_SHARES))
    groups = _divided(operations, common, most)
    return [
        Share(labels, _seed(seed, labels))
        for group in (groups if len(groups) <= _MOST_SHARES else _packed(groups, most))
        if (labels := tuple(operation.label for operation in group))
    ]


def parse_shard(flag: str, text: str) -> Shard:
    """What `1/4` asks for; raises `UsageError` for what is none of so many."""
    number, slash, count = text.partition("/")
    if not (slash and number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count) <= 1000):
        raise UsageError(f"{flag} {text}: the number of a shard and how many there are was expected, as in 1/4")
    return Shard(int(number), int(count))


def of_shard(shares: Sequence[Share], shard: Shard) -> list[Share]:
    """The shares of one machine: the largest go first to whoever has the fewest operations."""
    loads = [0] * shard.of
    own: list[int] = []
    for index in sorted(range(len(shares)), key=lambda index: -len(shares[index].labels)):
        machine = loads.index(min(loads))
        loads[machine] += len(shares[index].labels)
        if machine == shard.number - 1:
            own.append(index)
    return [shares[index] for index in sorted(own)]


def _divided(operations: Sequence[Operation], depth: int, most: int) -> list[list[Operation]]:
    """Operations in groups by the next name in their paths; a group that is large is divided by the one after it."""
    groups: dict[str, list[Operation]] = {}
    for operation in operations:
        names = _names(operation)
        groups.setdefault(names[depth] if depth < len(names) else "", []).append(operation)
    divided: list[list[Operation]] = []
    for group in groups.values():
        can_be_divided = any(len(_names(operation)) > depth + 1 for operation in group)
        if len(group) > most and can_be_divided:
            divided += _packed(_divided(group, depth + 1, most), most)
        else:
            divided.append(group)
    return divided


def _common(paths: Sequence[Sequence[str]]) -> int:
    """How many names all paths begin with."""
    columns = (set(column) for column in zip(*paths, strict=False))
    return len(list(takewhile(lambda column: len(column) == 1, columns)))


def _packed(groups: Sequence[list[Operation]], most: int) -> list[list[Operation]]:
    """Small groups beside each other put together, as far as they are no large one then."""
    packed: list[list[Operation]] = []
    for group in groups:
        if packed and len(packed[-1]) + len(group) <= most:
            packed[-1] = packed[-1] + group
        else:
            packed.append(group)
    return packed


def _names(operation: Operation) -> list[str]:
    """The segments of a path that are no parameters."""
    return [segment for segment in operation.path.split("/")[1:] if "{" not in segment] or [""]


def _seed(seed: int, labels: Sequence[str]) -> int:
    digest = hashlib.sha256("\n".join((str(seed), *labels)).encode("utf-8", "surrogatepass"))
    return int.from_bytes(digest.digest()[:4], "big")
