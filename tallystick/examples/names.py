"""The words of names: `createdAt`, `created-at` and `created_at` are the same ones; what a schema's name says it is."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\dA-Z_]+|\d+")

_NOISE = frozenset(
    """all api array attribute attributes base basic body collection common compact composition content create created
    data default delete deleted dependencies description detail detailed details dto embedded entity entries
    entry envelope extended fields full get given in info inline input item items latest list listing long meta
    metadata minimal model my new node nodes nullable object of optional out output page paged paginated partial
    patch payload post private properties props public put read record records ref reference request resource
    response responses result results row rows schema search short simple simplified single spec summary the
    type update updated value values view with write""".split()
)
"""Words at the ends of a schema's name that do not say what it describes."""


@lru_cache(maxsize=8192)
def words(name: str) -> str:
    """The words of a name in lower case: for `createdAt` and `Created-At`, `created at`."""
    return " ".join(word.lower() for word in _WORD.findall(name))


def singular(name: str) -> str:
    """The singular of a name: `category` for `categories`."""
    if len(name) < 4 or not name.endswith("s") or name.endswith(("ss", "us", "is", "ews", "eries")):
        return name
    if name.endswith("ies"):
        return name[:-3] + "y"
    return name[:-2] if name.endswith(("sses", "xes", "ches", "shes", "zzes")) else name[:-1]


@lru_cache(maxsize=8192)
def thing(name: str) -> str:
    """What a name calls the thing that it describes, in words: `user` for `SimpleUser`, `UserList` and `users`.

    "" where it says nothing of it, as `data` does. Of a name with dots (`io.k8s.api.core.v1.Pod`) the last part counts.
    """
    parts = words(name.strip(".").rpartition(".")[2]).split()
    while parts and (parts[0] in _NOISE or parts[0].isdecimal()):
        parts.pop(0)
    while parts and (parts[-1] in _NOISE or parts[-1].isdecimal() or len(parts[-1]) == 1):
        parts.pop()
    return singular(" ".join(parts))
