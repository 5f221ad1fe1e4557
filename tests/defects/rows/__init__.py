"""The table of defects and of lawful oddities: what each breaks, and a witness that shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.defects.client import SERVERS, Client

Witness = Callable[[Client], bool]
"""Whether the answers of a server show the defect: never those of a sound one."""


@dataclass(frozen=True)
class Defect:
    """One way in which a server breaks the contract."""

    name: str
    operation: str
    """The operation that is to blame, as in a report; a path where it is about undocumented methods."""
    clauses: tuple[str, ...]
    """JSON Pointers to the places in the contract that it breaks, the best one first."""
    witness: Witness
    family: str
    part: str
    """Which part of a run finds such: `judge` (one exchange), `relations` (several), `run` (a setting is needed)."""
    also: tuple[str, ...] = ()
    """Other operations that show it, since they share what is broken."""
    servers: tuple[str, ...] = SERVERS
    arguments: tuple[str, ...] = ()
    """Arguments of `tallystick fuzz` that this one needs."""


@dataclass(frozen=True)
class Oddity:
    """Something that surprises, and that the contract allows; no run may report it."""

    name: str
    why: str
    """What allows it."""
    witness: Witness
    servers: tuple[str, ...] = SERVERS


def place(operation: str, *more: str) -> str:
    """The JSON Pointer of an operation, or of a place in it."""
    method, _, path = operation.partition(" ")
    return "/".join(("/paths", path.replace("~", "~0").replace("/", "~1"), method.lower(), *more))


def of_schema(name: str, *members: str) -> str:
    """The JSON Pointer of a schema, or of a member of it."""
    return "".join([f"/components/schemas/{name}", *(f"/properties/{member}" for member in members)])
