"""JSON Patch (RFC 6902)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import cast

from tallystick.nouns import budgets
from tallystick.nouns.json_pointer import to_keys
from tallystick.nouns.json_value import JSON, is_shallow
from tallystick.wire.write import write_json

_NEEDED = frozenset(("op", "path"))
"""What each operation has."""


class PatchError(Exception):
    """A patch cannot be applied; the message says why."""


def is_json_patch(value: object) -> bool:
    """Whether a value can be nothing but a JSON Patch, whatever its media type is called."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(each, dict) and each.keys() >= _NEEDED for each in value)
    )


def json_patched(value: JSON, operations: object) -> JSON:
    """A value with the operations of a JSON Patch, one after the other: all of them, or `PatchError`."""
    if not isinstance(operations, list) or len(operations) > budgets.PATCH_OPERATIONS:
        raise PatchError(f"a patch is a list of at most {budgets.PATCH_OPERATIONS:,} operations")
    whole: list[JSON] = [deepcopy(value)]
    room = budgets.PATCH_COPIED_BYTES
    for number, operation in enumerate(operations):
        try:
            room -= _apply(whole, operation, room)
        except PatchError as error:
            raise PatchError(f"operation {number} of the patch: {error}") from None
    return whole[0]


def _apply(whole: list[JSON], operation: object, room: int) -> int:
    """Apply one operation to the only item of a list; returns how many of the bytes were copied for which is room."""
    if not isinstance(operation, dict):
        raise PatchError("an object was expected")
    name, path = operation.get("op"), _keys(operation, "path")
    if name in ("add", "replace", "test"):
        if "value" not in operation:
            raise PatchError(f"{name} needs a value")
        given = cast("JSON", operation["value"])
        if name != "test":
            _refuse_deep(path, given)
        if name == "add":
            _put(whole, path, deepcopy(given), inserts=True)
        elif name == "replace":
            _part(whole, path)
            _put(whole, path, deepcopy(given), inserts=False)
        elif not _is_equal(_part(whole, path), given):
            raise PatchError(f"test: {operation['path']!r} has another value")
    elif name == "remove":
        _remove(whole, path)
    elif name in ("move", "copy"):
        source = _keys(operation, "from")
        if name == "move" and path[: len(source)] == source and path != source:
            raise PatchError("nothing can be moved into itself")
        part = _part(whole, source)
        copied = len(write_json(part))
        if copied > room:
            most = f"{budgets.PATCH_COPIED_BYTES:,} bytes"
            raise PatchError(f"all that is copied and moved may have {most} together; send it as a value instead")
        _refuse_deep(path, part)
        part = deepcopy(part)
        if name == "move":
            _remove(whole, source)
        _put(whole, path, part, inserts=True)
        return copied
    else:
        raise PatchError(f"there is no operation {name!r}; there are add, remove, replace, move, copy and test")
    return 0


def _refuse_deep(path: Sequence[str], value: JSON) -> None:
    """Raises `PatchError` where a value would be too deep in the resource."""
    if not is_shallow(value, budgets.RESOURCE_LEVELS - len(path)):
        raise PatchError(f"a resource has at most {budgets.RESOURCE_LEVELS} levels")


def _keys(operation: Mapping[str, object], member: str) -> Sequence[str]:
    pointer = operation.get(member)
    if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
        raise PatchError(f"{member} needs a JSON Pointer, such as /name")
    return to_keys(pointer)


def _part(whole: list[JSON], path: Sequence[str]) -> JSON:
    """What is at a path."""
    part: JSON = whole[0]
    for key in path:
        if isinstance(part, dict) and key in part:
            part = part[key]
        elif isinstance(part, list):
            part = part[_index(key, len(part) - 1)]
        else:
            raise PatchError(f"nothing is at /{'/'.join(path)}")
    return part


def _index(key: str, last: int) -> int:
    if not (key.isascii() and key.isdecimal()) or (key[0] == "0" and key != "0") or len(key) > 9 or int(key) > last:
        raise PatchError(f"the list has no item {key!r}")
    return int(key)


def _put(whole: list[JSON], path: Sequence[str], value: JSON, inserts: bool) -> None:
    """Put a value at a path; into an array it is inserted, or it takes the place of the item."""
    if not path:
        whole[0] = value
        return
    holder, key = _part(whole, path[:-1]), path[-1]
    if isinstance(holder, dict):
        holder[key] = value
    elif not isinstance(holder, list):
        raise PatchError(f"nothing can be added at /{'/'.join(path)}")
    elif inserts:
        holder.insert(len(holder) if key == "-" else _index(key, len(holder)), value)
    else:
        holder[_index(key, len(holder) - 1)] = value


def _remove(whole: list[JSON], path: Sequence[str]) -> None:
    _part(whole, path)
    if not path:
        whole[0] = None
        return
    holder, key = _part(whole, path[:-1]), path[-1]
    if isinstance(holder, dict):
        del holder[key]
    elif isinstance(holder, list):
        del holder[_index(key, len(holder) - 1)]


def _is_equal(left: JSON, right: JSON) -> bool:
    """Whether two values are the same in JSON, where `true` is not 1 and 1.0 is."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_is_equal(member, right[name]) for name, member in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_is_equal, left, right))
    return left == right
