"""Names for Python: of modules and classes, from names in a contract, and of schemas that have none there."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable

from tallystick.models.keywords import ANNOTATIONS, Schema, text
from tallystick.schemas.formats import WHOLE_NUMBERS

MAX_NAME = 60
"""The letters of the longest name that is made here; a name of the contract stays as it is."""
_MAX_MODULE_NAME = 200
"""Contracts' names have the length of a file's name at most; a module's file needs room for its suffix, and for a
temporary one."""
_WORD = re.compile(r"[^\W_]+")
_RESERVED = frozenset(
    "Annotated Any AwareDatetime BeforeValidator BODIES BaseModel Callable ClassVar ConfigDict CoreSchema Dict Enum "
    "False Field GetCoreSchemaHandler IntEnum IPv4Address IPv6Address List Literal None Optional RootModel Self "
    "StrEnum StrictBool StrictDate StrictDatetime StrictFloat StrictInt StrictIntEnum StrictInteger StrictIPv4Address "
    "StrictIPv6Address StrictTime StrictUUID StringConstraints True TypeAdapter TypeAliasType UUID Union "
    "ValidationInfo".lower().split()
)
"""The names that a generated module imports or defines for itself."""

_BOUNDS = {"string": ("minLength", "maxLength"), "integer": ("minimum", "maximum")}


def class_name(*words: str) -> str:
    """A class name from words: `PetList` from `pet-list`, `GetURL` from `getURL`, `Model2fa` from `2fa`."""
    letters = unicodedata.normalize("NFKC", " ".join(words))
    name = "".join(word[0].upper() + word[1:] for word in _WORD.findall(letters))
    if not name.isidentifier() or not name[0].isalpha():
        name = "".join(letter for letter in f"Model{name}" if letter.isalnum() and f"_{letter}".isidentifier())
    return f"{name}Model" if name.lower() in _RESERVED else name


def short(name: str) -> str:
    """A class name of at most `MAX_NAME` letters, without some words in its middle if need be."""
    words = re.findall(r"[A-Z]?[^A-Z]+|[A-Z]", name)
    while sum(map(len, words)) > MAX_NAME and len(words) > 2:
        del words[len(words) // 2]
    return "".join(words)[:MAX_NAME]


def module_name(contract_name: str) -> str:
    """A module name from a contract's name: `detection_sessions` from `detection-sessions`."""
    name = contract_name.replace("-", "_")
    if not name.isidentifier():
        name = f"contract_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name[:_MAX_MODULE_NAME]


def singular(word: str) -> str:
    """The singular of an English word, as far as its spelling tells: `entry` of `entries`, `status` of `status`."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 2:
        return word[:-1]
    return word


def bounded_name(schema: Schema) -> str:
    """A name for a string or integer with a lower or upper bound: `StringUpTo80`, `Integer1To100`.

    "" for any other schema, and where a bound is negative or has a fraction.
    """
    type_name = text(schema, "type")
    if whole := whole_number_name(schema):
        return whole
    if type_name not in _BOUNDS:
        return ""
    low_keyword, high_keyword = _BOUNDS[type_name]
    if not set(schema) <= {"type", low_keyword, high_keyword, "title", "description"}:
        return ""
    bounds = [schema[key] for key in (low_keyword, high_keyword) if schema.get(key) is not None]
    if not all(isinstance(bound, (int, float)) and bound == int(bound) and bound >= 0 for bound in bounds):
        return ""
    low, high = _whole(schema, low_keyword), _whole(schema, high_keyword)
    name = type_name.capitalize()
    if type_name == "string" and (low, high) == (1, None):
        return "NonEmptyString"
    if not low and type_name == "string":
        return f"{name}UpTo{high}"
    if high is None:
        return f"{name}From{low}"
    return f"{name}UpTo{high}" if low is None else f"{name}{low}" if low == high else f"{name}{low}To{high}"


def whole_number_name(schema: Schema) -> str:
    """`Int32` or the like for an integer with the bounds of that format and no others; "" for any other schema."""
    if text(schema, "type") == "integer" and set(schema) <= {"type", "minimum", "maximum", "title", *ANNOTATIONS}:
        for name, most in WHOLE_NUMBERS.items():
            if (schema.get("minimum"), schema.get("maximum")) == (-most - 1, most):
                return name.capitalize()
    return ""


def _whole(schema: Schema, bound: str) -> int | None:
    value = schema.get(bound)
    return int(value) if isinstance(value, (int, float)) else None


class Names:
    """The names given so far. No two differ only in upper and lower case, since some file systems ignore case."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = {name.lower() for name in taken}
        self.numbers: dict[str, int] = {}
        """By name, the last number that was given to it."""

    def claim(self, *candidates: str) -> str:
        """Take the first candidate that is free, else the last one with a number."""
        for candidate in candidates:
            if candidate.lower() not in self.taken:
                break
        else:
            number = self.numbers.get(candidates[-1].lower(), 1) + 1
            while f"{candidates[-1]}{number}".lower() in self.taken:
                number += 1
            self.numbers[candidates[-1].lower()] = number
            candidate = f"{candidates[-1]}{number}"
        self.taken.add(candidate.lower())
        return candidate
