"""The pieces of a run: a phase for an operation. What was not done of them when a run was cut short is named."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from tallystick.fuzz.cases import Phase
from tallystick.nouns.words import counted, shortened

ALL_PHASES: tuple[Phase, ...] = (Phase.EXAMPLES, Phase.COVERAGE, Phase.FUZZING, Phase.STATEFUL)
_SHARE_OF_SEQUENCES = 0.5
"""How much of the time that is left is for sequences where random requests are still to come."""
_NAMES = {
    Phase.COVERAGE: "values at the edges of each schema",
    Phase.FUZZING: "random requests",
    Phase.STATEFUL: "sequences of requests",
}
"""What a phase tries, as a note names it; documented examples go with the edges."""


class Run(NamedTuple):
    """A run of Schemathesis: its phases, and how much it may take of the time that is left."""

    phases: tuple[Phase, ...]
    share: float = 1.0


def runs_of(phases: Collection[Phase], has_time_limit: bool) -> list[Run]:
    """The runs of Schemathesis, one after the other.

    With a time limit, each phase that may be long is a run of its own, so that sequences leave time for random
    requests, which come last: where the time ends, they lose least by that.
    """
    wanted = tuple(phase for phase in ALL_PHASES if phase in phases)
    if not has_time_limit:
        runs = [Run(wanted)]
    else:
        bounded = tuple(phase for phase in wanted if phase in (Phase.EXAMPLES, Phase.COVERAGE))
        share = _SHARE_OF_SEQUENCES if Phase.FUZZING in wanted else 1.0
        long = [Run((phase,), share if phase is Phase.STATEFUL else 1.0) for phase in (Phase.STATEFUL, Phase.FUZZING)]
        runs = [Run(bounded), *(run for run in long if run.phases[0] in wanted)]
    return [run for run in runs if run.phases]


class Pieces:
    """Which pieces of a run are done; those of a phase that came to its end all are."""

    def __init__(self, phases: Collection[Phase], labels: Sequence[str]) -> None:
        self.phases = tuple(phase for phase in _NAMES if phase in phases)
        self.labels = tuple(labels)
        self.done: dict[Phase, set[str]] = {phase: set() for phase in ALL_PHASES}
        self.finished: set[Phase] = set()

    def note(self, phase: Phase, label: str) -> None:
        """Notes that a piece is done."""
        self.done.setdefault(phase, set()).add(label)

    def finish(self, phase: Phase) -> None:
        """Notes that a phase came to its end."""
        self.finished.add(phase)

    def left(self, most: int) -> list[str]:
        """What was not done, a sentence for each phase, with at most so many names; none where everything was."""
        sentences: list[str] = []
        for phase in self.phases:
            if phase in self.finished:
                continue
            if phase is Phase.STATEFUL:
                sentences.append(f"not tried to the end: {_NAMES[phase]}")
                continue
            missing = [label for label in self.labels if label not in self.done[phase]]
            if missing:
                share = f"{len(missing):,} of {counted(len(self.labels), 'operation', ',')}"
                sentences.append(f"not tried to the end: {_NAMES[phase]} for {share}: {shortened(missing, most)}")
        return sentences
