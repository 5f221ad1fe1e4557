"""JSON Pointers (RFC 6901), their keys, and the parts of a JSON value that they lead to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tallystick.nouns.json_value import JSON


def escape(key: str) -> str:
    """A key, escaped for a JSON Pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    """The key that a token of a JSON Pointer stands for."""
    return token.replace("~1", "/").replace("~0", "~")


def to_pointer(keys: Iterable[str]) -> str:
    """The JSON Pointer of a path of keys, "" for the whole document."""
    return "".join(["/" + escape(key) for key in keys])


def to_keys(pointer: str) -> tuple[str, ...]:
    """The path of keys that a JSON Pointer stands for; it is empty or begins with a slash."""
    return tuple([unescape(token) for token in pointer.split("/")[1:]])


def step(value: JSON, key: str) -> JSON:
    """The member or item of a JSON value under one key; KeyError where there is none."""
    if isinstance(value, dict):
        return value[key]
    if isinstance(value, list) and key.isdecimal() and len(key) < 10 and int(key) < len(value):
        return value[int(key)]
    raise KeyError(key)


def part_at(value: JSON, keys: Sequence[str]) -> JSON:
    """The part of a JSON value at a path of keys; KeyError where there is none."""
    for key in keys:
        value = step(value, key)
    return value
