"""The documents that changes are sown into: read as plain JSON, changed in one place, and indexed again."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tallystick.contracts.read import index, read_contract
from tallystick.documents.library import Library
from tallystick.nouns.contract import Contract

Path_ = tuple[str | int, ...]
"""The keys from the root of a document to a part."""


class Sown:
    """One document of a corpus; `value` is its JSON, which nobody changes."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        self.old = read_contract(folder / name, [str(folder)])
        self.value: Any = self.old.root.value

    @property
    def is_swagger(self) -> bool:
        return "swagger" in self.value

    @property
    def is_modern(self) -> bool:
        """Whether its schemas are JSON Schema 2020-12."""
        return str(self.value.get("openapi", "")).startswith(("3.1", "3.2"))

    def contract(self, value: Any) -> Contract:
        """The contract that the document would be with another value."""
        stem = (self.folder / self.name).with_suffix(".sown.json")
        document = Library(self.folder).add(stem.resolve().as_uri(), f"sown {self.name}", json.dumps(value))
        return index(document.root, self.old.name)

    def part(self, path: Sequence[str | int]) -> Any:
        value = self.value
        for key in path:
            value = value[key]
        return value

    def target(self, ref: str) -> Path_ | None:
        """The path that a reference inside the document leads to."""
        if not ref.startswith("#/"):
            return None
        value, path = self.value, []
        for token in ref[2:].split("/"):
            text = token.replace("~1", "/").replace("~0", "~")
            key: str | int = int(text) if isinstance(value, list) and text.isdigit() else text
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                return None
            path.append(key)
        return tuple(path)

    def followed(self, path: Path_) -> Path_ | None:
        """The path that the references at a path lead to in the end."""
        for _ in range(20):
            part = self.part(path)
            ref = part.get("$ref") if isinstance(part, dict) else None
            if not isinstance(ref, str):
                return path
            target = self.target(ref)
            if target is None:
                return None
            path = target
        return None


def edited(value: Any, path: Sequence[str | int], edit: Callable[[Any], Any]) -> Any:
    """A copy of a value in which one part is what `edit` makes of it; all else is shared."""
    if not path:
        return edit(value)
    key = path[0]
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[key] = edited(value[key], path[1:], edit)
    return copy


def documents(folder: Path, only: Sequence[str] = ()) -> Iterator[str]:
    """The names of the documents of a corpus that are one file, those whose name has one of the words."""
    with (folder / "INDEX.tsv").open() as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if "/" not in row["file"] and (not only or any(word in row["file"] for word in only)):
                yield row["file"]


def pointer(path: Sequence[str | int]) -> str:
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in path)
