"""Builders for tests of documents in files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tallystick.documents.library import load
from tallystick.nouns.node import Node


def written(folder: Path, **files: str) -> Node:
    """The root of `main` among some files, whose names stand with `__` for a slash; each is YAML."""
    for name, content in files.items():
        file = folder / f"{name.replace('__', '/')}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return load(folder / "main.yaml")


def target(node: Node, ref: str) -> Any:
    """The value that a reference standing in a node leads to."""
    return node.target(ref).value
