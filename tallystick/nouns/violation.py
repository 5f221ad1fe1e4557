"""What is wrong and where: places in a contract, and violations."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tallystick.nouns.json_pointer import to_pointer


class Severity(enum.StrEnum):
    """How bad a violation is: an error refuses and fails, a warning is shown and counted."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a contract: the file as the user knows it, and the path of keys to the part; its line on demand."""

    file: str
    path: tuple[str, ...] = ()
    locate: Callable[[tuple[str, ...]], int] | None = field(default=None, compare=False, repr=False)
    is_minified: bool = field(default=False, compare=False, repr=False)
    """Whether the lines of the file hold so much that the line alone does not lead to the part."""
    _line: int = field(default=-1, init=False, compare=False, repr=False)

    @property
    def line(self) -> int:
        """The line of the part, from 1; 0 means the file as a whole."""
        if self._line < 0:
            object.__setattr__(self, "_line", self.locate(self.path) if self.locate is not None else 0)
        return self._line

    @property
    def pointer(self) -> str:
        """The JSON Pointer (RFC 6901) of the part in its file, "" for the whole file."""
        return to_pointer(self.path)

    def at(self, *keys: str) -> Place:
        """The place of a part of this part."""
        return Place(self.file, self.path + keys, self.locate, self.is_minified)

    @property
    def in_file(self) -> str:
        """The place for who knows the file: `line 7`, with the pointer where the line holds too much."""
        return f"line {self.line}" + (f"#{self.pointer}" if self.is_minified and self.path else "")

    def __reduce__(self) -> tuple[Callable[..., Place], tuple[object, ...]]:
        """To another process goes the line, and not the document that knows it."""
        return _place_of, (self.file, self.path, self.is_minified, self.line)

    def __str__(self) -> str:
        line = self.line
        if not line:
            return self.file
        return f"{self.file}:{line}#{self.pointer}" if self.is_minified and self.path else f"{self.file}:{line}"


def _place_of(file: str, path: tuple[str, ...], is_minified: bool, line: int) -> Place:
    """A place that came from another process."""
    return Place(file, path, lambda _: line, is_minified)


class Violation(NamedTuple):
    """One way in which a document or an exchange breaks a rule.

    `where` names the part of the exchange (`query.limit`, `body/items/0/id`, `response.status`; "" in a contract
    that is judged without one), `contract` the place of the broken statement, `message` the fact and what was expected.
    """

    rule: str
    severity: Severity
    where: str
    contract: Place
    message: str

    @property
    def sort_key(self) -> tuple[str, int, str, str, str, str]:
        """File and line first, then where, rule and message: the order in which violations are shown."""
        place = self.contract
        return (place.file, place.line, place.pointer, self.where, self.rule, self.message)

    # Violations are ordered by their sort key, not field by field like other tuples.
    def __lt__(self, other: Violation) -> bool:  # type: ignore[override]
        return self.sort_key < other.sort_key

    def __le__(self, other: Violation) -> bool:  # type: ignore[override]
        return self.sort_key <= other.sort_key

    def __gt__(self, other: Violation) -> bool:  # type: ignore[override]
        return self.sort_key > other.sort_key

    def __ge__(self, other: Violation) -> bool:  # type: ignore[override]
        return self.sort_key >= other.sort_key

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        return f"{where}{self.message} ({self.contract})"


def count_by_rule(violations: Sequence[Violation]) -> dict[str, int]:
    """How many violations each rule has, the most frequent first."""
    counts: dict[str, int] = {}
    for violation in violations:
        counts[violation.rule] = counts.get(violation.rule, 0) + 1
    return dict(sorted(counts.items(), key=lambda row: (-row[1], row[0])))
