"""Reads the members of a JSON object that somebody wrote, and says where one is wrong and what would have worked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import cast

from tallystick.nouns.json_value import JSON
from tallystick.nouns.words import unknown

_SHOWN = 60


class WrongMemberError(ValueError):
    """A member of a document is wrong: `where` is its place (`match.query`, "" for the whole), `fact` says why."""

    def __init__(self, where: str, fact: str) -> None:
        self.where = where
        self.fact = fact
        super().__init__(f"{where}: {fact}" if where else fact)


class Members:
    """The members of an object at a place of a document; all of them must have known names."""

    def __init__(self, value: object, where: str, names: Collection[str]) -> None:
        if not isinstance(value, dict):
            raise WrongMemberError(where, f"an object was expected, not {shown(value)}")
        self.where = where
        self.members = cast("Mapping[str, JSON]", value)
        for name in self.members:
            if name not in names:
                raise WrongMemberError(self.at(name), unknown("member", str(name)[:_SHOWN], names))

    def at(self, name: str) -> str:
        """The place of a member."""
        return f"{self.where}.{name}" if self.where else name

    def __contains__(self, name: str) -> bool:
        return name in self.members

    def value(self, name: str) -> JSON:
        """Any value; None where the member is missing."""
        return self.members.get(name)

    def text(self, name: str, default: str = "") -> str:
        """A text."""
        value = self.members.get(name, default)
        if not isinstance(value, str):
            raise WrongMemberError(self.at(name), f"a text was expected, not {shown(value)}")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A text or a list of some; none where the member is missing."""
        value = self.members.get(name, [])
        texts = value if isinstance(value, list) else [value]
        if not all(isinstance(each, str) for each in texts):
            raise WrongMemberError(self.at(name), f"a text or a list of texts was expected, not {shown(value)}")
        return tuple(map(str, texts))

    def truth(self, name: str, default: bool = False) -> bool:
        """True or false."""
        value = self.members.get(name, default)
        if not isinstance(value, bool):
            raise WrongMemberError(self.at(name), f"true or false was expected, not {shown(value)}")
        return value

    def count(self, name: str, least: int, most: int) -> int | None:
        """A whole number within bounds; None where the member is missing or null."""
        value = self.members.get(name)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise WrongMemberError(
                self.at(name), f"a whole number from {least:,} to {most:,} was expected, not {shown(value)}"
            )
        return value

    def by_name(self, name: str) -> dict[str, JSON]:
        """An object of any names; an empty one where the member is missing."""
        value = self.members.get(name, {})
        if not isinstance(value, dict):
            raise WrongMemberError(self.at(name), f"an object of names and values was expected, not {shown(value)}")
        return dict(value)

    def one_of(self, *names: str) -> str:
        """The one member of some that is there, "" for none; there must not be two."""
        there = [name for name in names if name in self.members]
        if len(there) > 1:
            raise WrongMemberError(self.at(there[1]), f"it cannot stand beside {there[0]!r}; leave one of them out")
        return there[0] if there else ""


def shown(value: object) -> str:
    """A value as a message shows it: texts, numbers and the like themselves, of others what they are."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = "null" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
