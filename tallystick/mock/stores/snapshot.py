"""Snapshots: all items and documents of a session as one JSON text, the same for every store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tallystick.mock.stores.store import Item, SnapshotError
from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON, is_shallow
from tallystick.wire.values import MISSING, read_json
from tallystick.wire.write import write_json

_FORM = "tallystick-session-1"
"""What a snapshot calls its form."""


class KeptItem(NamedTuple):
    """An item with the contract and the path of its place."""

    contract: str
    path: str
    item: Item


class NamedText(NamedTuple):
    """A document, and the seconds for which it is kept still; None for good."""

    name: str
    text: bytes
    seconds: float | None


class Snapshot(NamedTuple):
    """What a session holds."""

    items: Sequence[KeptItem]
    documents: Sequence[NamedText]


def write_snapshot(snapshot: Snapshot) -> bytes:
    """The JSON text of a snapshot; a person can read and change it."""
    items: list[JSON] = [_item_value(kept) for kept in snapshot.items]
    documents: list[JSON] = [
        {"name": name, "text": text.decode(), **({} if seconds is None else {"seconds": seconds})}
        for name, text, seconds in snapshot.documents
    ]
    return write_json({"form": _FORM, "items": items, "documents": documents})


def _item_value(kept: KeptItem) -> JSON:
    item = kept.item
    place: dict[str, JSON] = {"contract": kept.contract, "path": kept.path, "id": item.id}
    state: dict[str, JSON] = {"version": item.version, "order": item.order, "changed": item.changed}
    return {**place, **state, **({} if item.is_deleted else {"value": item.value})}


def read_snapshot(text: bytes) -> Snapshot:
    """The snapshot that a text holds; raises `SnapshotError` where it holds none."""
    value, fault = read_json(text)
    if value is MISSING:
        raise SnapshotError(f"a snapshot was expected: {fault}")
    if not isinstance(value, dict) or value.get("form") != _FORM:
        raise SnapshotError(f'a snapshot was expected, an object with "form": "{_FORM}", "items" and "documents"')
    items = [_kept_item(each) for each in _objects(value, "items")]
    documents = [_named_text(each) for each in _objects(value, "documents")]
    _refuse_twice([(kept.contract, kept.path, kept.item.id) for kept in items])
    _refuse_twice([document.name for document in documents])
    items.sort(key=lambda kept: kept.item.order)
    return Snapshot(items, documents)


def _refuse_twice(names: Sequence[object]) -> None:
    if len(set(names)) < len(names):
        name = next(name for name, number in Counter(names).items() if number > 1)
        raise SnapshotError(f"each item and document was expected once; {name!r} is there twice")


def _objects(value: dict[str, JSON], name: str) -> Iterator[dict[str, JSON]]:
    listed = value.get(name, [])
    if not isinstance(listed, list):
        raise SnapshotError(f"{name}: a list was expected, not {_shown(listed)}")
    for each in listed:
        if not isinstance(each, dict):
            raise SnapshotError(f"{name}: an object was expected, not {_shown(each)}")
        yield each


def _kept_item(value: dict[str, JSON]) -> KeptItem:
    contract, path, id = (_text(value, name) for name in ("contract", "path", "id"))
    version, order, changed = (_number(value, name, least) for name, least in _NUMBERS)
    if not is_shallow(value.get("value"), budgets.RESOURCE_LEVELS):
        raise SnapshotError(f"value: at most {budgets.RESOURCE_LEVELS} levels were expected of the item {id!r}")
    text = write_json(value["value"]) if "value" in value else b""
    return KeptItem(contract, path, Item(id, text, int(version), int(order) if text else 0, float(changed)))


_NUMBERS = (("version", 1), ("order", 0), ("changed", 0))
"""The numbers that an item may have in a snapshot, with the least of each."""


def _named_text(value: dict[str, JSON]) -> NamedText:
    seconds = _number(value, "seconds", 0) if "seconds" in value else None
    return NamedText(_text(value, "name"), _text(value, "text").encode("utf-8", "replace"), seconds)


def _text(value: dict[str, JSON], name: str) -> str:
    text = value.get(name)
    if not isinstance(text, str):
        raise SnapshotError(f"{name}: a text was expected, not {_shown(text)}")
    return text


def _number(value: dict[str, JSON], name: str, least: int) -> int | float:
    number = value.get(name, least)
    if isinstance(number, bool) or not isinstance(number, int | float) or not least <= number < 2**53:
        raise SnapshotError(f"{name}: a number from {least} was expected, not {_shown(number)}")
    return number


def _shown(value: JSON) -> str:
    text = write_json(value).decode("utf-8", "replace")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


_LONGEST = 60
"""How many characters of a wrong value a message shows."""
