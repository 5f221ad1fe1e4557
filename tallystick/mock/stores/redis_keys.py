"""The names of what a Redis keeps: all begin with `tallystick:`, those of items then with the contract's name."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote

from tallystick.mock.stores.store import Place

PREFIX = "tallystick:"
SESSIONS = f"{PREFIX}:sessions"
"""A sorted set: each session with when it was used last."""
NUMBER = f"{PREFIX}:number"
"""Counts changes: what orders and revisions are taken from."""


def quoted(name: str) -> str:
    """A name without a colon; what begins with a name begins with it quoted, too."""
    return quote(name, safe="/", errors="surrogatepass")


def unquoted(name: bytes) -> str:
    """The name that was quoted."""
    return unquote(name.decode("ascii"), errors="surrogatepass")


class SessionKeys(NamedTuple):
    """The keys of a session."""

    name: str
    """The session's own name, quoted."""
    beginning: str
    keys: str
    """A set of all keys of the session but this one."""
    use: str
    """A hash of counts: `items`, `bytes`, `entry_bytes`."""
    contracts: str
    """A set of the contracts that items are kept of."""
    documents: str
    names: str
    """A sorted set of the names of the documents."""
    endings: str
    """A sorted set: the names of those documents that are kept for a time, with when that ends."""
    journal: str


class PlaceKeys(NamedTuple):
    """The keys of a place."""

    beginning: str
    contract: str
    path: str
    """Contract and path, quoted."""
    items: str
    listed: str
    """A sorted set: the ids of the items with an order, with it."""
    places: str
    """A sorted set of the paths where something is kept of this session and contract."""
    revisions: str
    """A hash: the number of the last change of each path."""


@lru_cache(1_000)
def session_keys(session: str) -> SessionKeys:
    """The keys of a session."""
    name = quoted(session)
    beginning = f"{PREFIX}:{name}:"
    return SessionKeys(name, beginning, *(f"{beginning}{field}" for field in SessionKeys._fields[2:]))


@lru_cache(1_000)
def place_keys(place: Place) -> PlaceKeys:
    """The keys of a place."""
    contract, path = quoted(place.contract), quoted(place.path)
    beginning = f"{PREFIX}{contract}:{quoted(place.session)}:"
    items, listed = f"{beginning}{path}:items", f"{beginning}{path}:listed"
    return PlaceKeys(beginning, contract, path, items, listed, f"{beginning}places", f"{beginning}revisions")
