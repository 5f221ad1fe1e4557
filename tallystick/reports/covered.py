"""The coverage of a contract as reports show it: how much of it was seen, and what never was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tallystick.nouns.json_value import JSON
from tallystick.nouns.violation import Place


@dataclass(frozen=True, slots=True)
class Figure:
    """How many parts of the contract there are, and how many of them were seen."""

    seen: int = 0
    total: int = 0

    @property
    def percent(self) -> float:
        """The share that was seen, cut to one decimal: only all is 100; of nothing, all was seen."""
        return self.seen * 1000 // self.total / 10 if self.total else 100.0

    def __str__(self) -> str:
        return f"{self.seen:,} of {self.total:,}"


@dataclass(frozen=True, slots=True)
class UnseenPart:
    """A part of the contract that was never seen: its kind, the operation or schema it belongs to, and its name."""

    kind: str
    subject: str
    name: str
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class CoverageResult:
    """How much of a contract some exchanges touched.

    `kinds` has the figures by kind (operations, statuses, ...), `operations` those of each operation by its label;
    `record` is what `tallystick coverage` reads again.
    """

    file: str
    title: str
    exchanges: int
    whole: Figure
    kinds: Mapping[str, Figure]
    operations: Mapping[str, Mapping[str, Figure]]
    unseen: Sequence[UnseenPart]
    record: JSON = None
    shortfalls: Sequence[str] = ()
    """Where it is less than the user asks for, a sentence each."""

    def unseen_by_kind(self) -> dict[str, list[UnseenPart]]:
        """What was never seen, by kind, in the order of the kinds."""
        unseen: dict[str, list[UnseenPart]] = {kind: [] for kind in self.kinds}
        for part in self.unseen:
            unseen[part.kind].append(part)
        return {kind: parts for kind, parts in unseen.items() if parts}


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """The coverage of some contracts; a text names at most so many parts of a kind that were never seen, 0 for all."""

    results: Sequence[CoverageResult]
    notes: Sequence[str] = ()
    most: int = 20
    colour: bool = False
