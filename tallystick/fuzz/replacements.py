"""Attributes of modules and classes that are replaced for a while."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple


class Replacement(NamedTuple):
    """An attribute of a module or class, and what is put in its place."""

    owner: object
    name: str
    value: object


@contextmanager
def replaced(replacements: Iterable[Replacement]) -> Iterator[None]:
    """Replaces attributes for as long as the block lasts.

    Raises `AttributeError`, and replaces none, if one of them is missing.
    """
    originals = [(owner, name, getattr(owner, name), value) for owner, name, value in replacements]
    try:
        for owner, name, _, value in originals:
            setattr(owner, name, value)
        yield
    finally:
        for owner, name, original, _ in originals:
            setattr(owner, name, original)
