"""Ways to write a document otherwise that change nothing of what it means."""

from __future__ import annotations

import copy
from typing import Any

from tests.sown_changes.documents import Sown

_OPAQUE = ("example", "examples", "default", "enum", "const", "mapping")


def as_it_is(document: Sown) -> Any:
    return document.value


def reordered(document: Sown) -> Any:
    """The keys of each object in the other order."""

    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turned(value[key]) for key in reversed(list(value))}
        return [turned(item) for item in value] if isinstance(value, list) else value

    return turned(document.value)


def inlined(document: Sown) -> Any:
    """Each reference inside the document replaced by what it leads to, once."""

    def without(value: Any, key: str) -> Any:
        if isinstance(value, list):
            return [without(item, "") for item in value]
        if not isinstance(value, dict):
            return value
        ref = value.get("$ref")
        target = document.target(ref) if isinstance(ref, str) and key != "properties" else None
        if target is not None:
            part = copy.deepcopy(document.part(target))
            beside = {name: item for name, item in value.items() if name != "$ref" and document.is_modern}
            return {**part, **beside} if isinstance(part, dict) and not beside.keys() & part.keys() else value
        return {name: item if name in _OPAQUE else without(item, name) for name, item in value.items()}

    return without(document.value, "")


def renamed(document: Sown) -> Any:
    """Each schema under another name."""
    keys = ("definitions",) if document.is_swagger else ("components", "schemas")
    beginning = f"#/{'/'.join(keys)}/"

    def moved(value: Any) -> Any:
        if isinstance(value, list):
            return [moved(item) for item in value]
        if isinstance(value, dict):
            return {key: moved(item) for key, item in value.items()}
        if isinstance(value, str) and value.startswith(beginning):
            return f"{beginning}Sown{value.removeprefix(beginning)}"
        return value

    whole = moved(document.value)
    holder = whole
    for key in keys[:-1]:
        holder = holder.get(key) or {}
    if isinstance(holder.get(keys[-1]), dict):
        holder[keys[-1]] = {f"Sown{name}": schema for name, schema in holder[keys[-1]].items()}
    return whole


REWRITINGS = {"itself as JSON": as_it_is, "reordered": reordered, "inlined": inlined, "renamed": renamed}
