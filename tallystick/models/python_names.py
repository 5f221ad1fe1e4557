"""Names for Python from names in a contract: modules, classes, and the words that a schema without a name gets."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

_WORD = re.compile(r"[^\W_]+")
_KEPT = frozenset(
    "Annotated Any AwareDatetime BODIES BaseModel ConfigDict Dict Enum False Field IntEnum IPv4Address IPv6Address "
    "List Literal None Optional RootModel StrEnum StringConstraints True TypeAliasType UUID Union".lower().split()
)
"""What a generated module imports or defines for itself."""


_LIMITS = {"string": ("minLength", "maxLength"), "integer": ("minimum", "maximum")}


def class_name(*words: str) -> str:
    """A class name from any text: `pet-list` is `PetList`, `getURL` is `GetURL`, `2fa` is `Model2fa`."""
    text = unicodedata.normalize("NFKC", " ".join(words))
    name = "".join(word[0].upper() + word[1:] for word in _WORD.findall(text))
    if not name.isidentifier() or not name[0].isalpha():
        name = "".join(letter for letter in f"Model{name}" if letter.isalnum() and f"_{letter}".isidentifier())
    return f"{name}Model" if name.lower() in _KEPT else name


def module_name(contract_name: str) -> str:
    """A module name from a contract's name: `detection-sessions` is `detection_sessions`."""
    name = contract_name.replace("-", "_")
    if not name.isidentifier():
        name = f"contract_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def singular(word: str) -> str:
    """What one of `word` is called, as far as English spelling tells: `entries` has an `entry`, `status` a `status`."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 2:
        return word[:-1]
    return word


def bounded_name(schema: Mapping[str, Any]) -> str:
    """A name that says what a string or integer with a least, a most or both is; "" for any other schema."""
    kind = schema.get("type")
    least, most = _LIMITS.get(str(kind), ("", ""))
    limits = [schema.get(key) for key in (least, most)]
    if not least or not set(schema) <= {"type", least, most, "title", "description"}:
        return ""
    if any(limit is not None and (limit != int(limit) or limit < 0) for limit in limits):
        return ""
    low, high = (None if limit is None else int(limit) for limit in limits)
    name = str(kind).capitalize()
    if kind == "string" and (low, high) == (1, None):
        return "NonEmptyString"
    if not low and kind == "string":
        return f"{name}UpTo{high}"
    if high is None:
        return f"{name}From{low}"
    return f"{name}UpTo{high}" if low is None else f"{name}{low}" if low == high else f"{name}{low}To{high}"


class Names:
    """The names given so far; no two are the same in a language or a file system that takes no notice of case."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = {name.lower() for name in taken}

    def claim(self, *wishes: str) -> str:
        """The first of the wishes that is free, else the last of them with a number."""
        for wish in wishes:
            if wish.lower() not in self.taken:
                break
        else:
            count = 2
            while f"{wishes[-1]}{count}".lower() in self.taken:
                count += 1
            wish = f"{wishes[-1]}{count}"
        self.taken.add(wish.lower())
        return wish
