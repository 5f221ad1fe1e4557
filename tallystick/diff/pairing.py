"""The operations of two contracts in pairs."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.diff.exchanges import Pair
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.path_templates import template_shape


def paired(old: Contract, new: Contract) -> tuple[list[Pair], list[Operation], list[Operation]]:
    """The operations that both contracts have, those that only the old has, and those that only the new has.

    The names in a path do not matter, nor whether its beginning stands in the path or in the address of the server;
    but an operation with the same names goes before one with other names.
    """
    left: dict[tuple[str, str], list[Operation]] = {}
    for operation in new.operations:
        for key in dict.fromkeys(_keys(operation)):
            left.setdefault(key, []).append(operation)
    partners: dict[int, Operation] = {}
    passed: set[int] = set()
    for is_exact in (True, False):
        for operation in old.operations:
            if id(operation) in partners:
                continue
            for partner in (each for key in _keys(operation) for each in left.get(key, ())):
                if id(partner) not in passed and (not is_exact or partner.path == operation.path):
                    partners[id(operation)] = partner
                    passed.add(id(partner))
                    break
    pairs = [Pair(each, partners[id(each)]) for each in old.operations if id(each) in partners]
    removed = [each for each in old.operations if id(each) not in partners]
    return pairs, removed, [each for each in new.operations if id(each) not in passed]


def _keys(operation: Operation) -> Iterator[tuple[str, str]]:
    yield operation.method, template_shape(operation.path) + operation.mark
    for server in operation.servers:
        if server.base_path:
            yield operation.method, template_shape(server.base_path + operation.path) + operation.mark
