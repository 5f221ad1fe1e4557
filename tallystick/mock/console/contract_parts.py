"""What a page says of a contract: its operations in groups, what was written about them, and its own lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

from tallystick.mock.console.visit import Visit, lost
from tallystick.nouns.contract import Contract, DocumentedOperation, Operation
from tallystick.nouns.json_pointer import part_at
from tallystick.nouns.path_templates import template_names
from tallystick.nouns.violation import Place

_MOST_LINES = 60
_WIDEST = 400


class Row(NamedTuple):
    """An operation in a list: the query of its page's URL, and the text that a search looks in."""

    operation: Operation
    link: str
    text: str


class Group(NamedTuple):
    """The operations of a contract under one tag, or where they have none, under the beginning of their paths."""

    name: str
    anchor: str
    description: str
    rows: Sequence[Row]


class Line(NamedTuple):
    """A line of a contract, and whether it is the one that is spoken of."""

    number: int | None
    text: str
    is_meant: bool = False


class Excerpt(NamedTuple):
    """Some lines of a contract, where they stand, and how many more belong to them."""

    place: str
    lines: Sequence[Line]
    more: int = 0


def contract_named(visit: Visit, name: str) -> Contract:
    """The contract with a name; `LostError` where there is none."""
    contract = next((each for each in visit.memory.contracts if each.name == name), None)
    if contract is None:
        raise lost(404, f"no contract of this mock is named {name!r}")
    return contract


def operation_named(visit: Visit, contract: str, label: str) -> tuple[Contract, Operation]:
    """An operation by the name of its contract and its own label; `LostError` where there is none."""
    holder = contract_named(visit, contract)
    operation = next((each for each in holder if each.label == label), None)
    if operation is None:
        raise lost(404, f"the contract {contract!r} has no operation {label!r}")
    return holder, operation


def groups_of(contract: Contract, search: str = "") -> list[Group]:
    """The operations in which each word of a search is found, by their first tag, in the order of the contract's."""
    words = search.lower().split()
    return [
        group._replace(rows=rows)
        for group in _groups(contract)
        if (rows := [row for row in group.rows if all(word in row.text for word in words)])
    ]


_GROUPS: WeakKeyDictionary[Contract, list[Group]] = WeakKeyDictionary()
"""The groups of each contract that was looked at: to make those of a large one takes longer than to show them."""


def _groups(contract: Contract) -> list[Group]:
    groups = _GROUPS.get(contract)
    if groups is None:
        described = _tags(contract)
        shared = _shared(operation.path for operation in contract if not operation.tags)
        by_name: dict[str, list[Row]] = {name: [] for name in described}
        for operation in contract:
            name = operation.tags[0] if operation.tags else _beginning(operation.path, shared)
            by_name.setdefault(name, []).append(_row(contract, operation))
        groups = _GROUPS[contract] = [
            Group(name, f"{contract.name}-{number}", described.get(name, ""), rows)
            for number, (name, rows) in enumerate(by_name.items())
        ]
    return groups


def _row(contract: Contract, operation: Operation) -> Row:
    link = urlencode({"contract": contract.name, "operation": operation.label})
    text = f"{operation.label} {operation.operation_id or ''} {operation.summary} {' '.join(operation.tags)}"
    return Row(operation, link, text.lower())


def _tags(contract: Contract) -> dict[str, str]:
    """The tags of a contract with their descriptions."""
    tags = [tag for tag in contract.root.items_of("tags") if isinstance(tag, dict)]
    return {str(tag.get("name", "")): str(tag.get("description") or "") for tag in tags}


def _shared(paths: Iterable[str]) -> int:
    """How many of their first segments all of some paths have in common, such as `/v1`; the last ones do not count."""
    columns = zip(*(path.strip("/").split("/")[:-1] for path in paths), strict=False)
    return sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))


def _beginning(path: str, shared: int) -> str:
    """The concrete segments at the beginning of a path, up to the first that not all have, for those without a tag."""
    segments = path.strip("/").split("/")[: shared + 1]
    return f"/{'/'.join(segment for segment in segments if not template_names(segment))}"


def documented(contract: Contract, operation: Operation) -> DocumentedOperation | None:
    """An operation as its document has it."""
    return next((each for each in contract.documented_operations if each.label == operation.label), None)


def description_of(contract: Contract, operation: Operation) -> str:
    """What the contract says of an operation at length."""
    node = documented(contract, operation)
    return node.node.string("description") if node is not None else ""


def about(contract: Contract, place: Place) -> str:
    """The first paragraph of the description of a part of a contract."""
    document = next((each for each in contract.root.document.family if each.file == place.file), None)
    try:
        part = part_at(document.value, place.path) if document is not None else None
    except KeyError:
        return ""
    text = part.get("description") if isinstance(part, dict) else None
    return " ".join(text.partition("\n\n")[0].split()) if isinstance(text, str) else ""


def excerpt(contract: Contract, place: Place, most: int = _MOST_LINES) -> Excerpt | None:
    """The lines of the part of a contract that a place names; of a minified document the part as JSON."""
    document = next((each for each in contract.root.document.family if each.file == place.file), None)
    if document is None or not place.line:
        return None
    if document.is_minified:
        try:
            part = part_at(document.value, place.path)
        except KeyError:
            return None
        texts = json.dumps(part, indent=2, ensure_ascii=False).split("\n")
        lines = [Line(None, text[:_WIDEST], number == 0) for number, text in enumerate(texts[:most])]
        return Excerpt(str(place), lines, max(len(texts) - most, 0))
    block = list(_block(document.source, place.line))
    first = place.line
    lines = [Line(first + index, text[:_WIDEST].rstrip(), index == 0) for index, text in enumerate(block[:most])]
    return Excerpt(str(place), lines, max(len(block) - most, 0))


def _block(source: str, number: int) -> Iterator[str]:
    """A line by its number, and the lines that are indented below it, with the bracket that closes them."""
    start = 0
    for _ in range(number - 1):
        start = source.find("\n", start) + 1
    first, start = _line(source, start)
    yield first
    indent, blanks = _indent(first), 0
    while start < len(source):
        line, start = _line(source, start)
        if not line.strip():
            blanks += 1
            continue
        closes = _indent(line) == indent and line.lstrip()[0] in "}]"
        if _indent(line) <= indent and not closes:
            return
        yield from [""] * blanks
        blanks = 0
        yield line
        if closes:
            return


def _line(source: str, start: int) -> tuple[str, int]:
    end = source.find("\n", start)
    end = len(source) if end < 0 else end
    return source[start:end], end + 1


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
