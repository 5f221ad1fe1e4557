"""What Schemathesis reports to a run, in nouns of ours: cases while they are tried, and events in between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from tallystick.fuzz.body_faults import BodyFault
from tallystick.fuzz.defects import Defect
from tallystick.fuzz.failed_checks import FailedCheck
from tallystick.fuzz.findings import Evidence
from tallystick.fuzz.raised import Raised
from tallystick.nouns.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Case:
    """A request that Schemathesis made up, and the response to it."""

    id: str
    called: str
    """The label of the method and path that were called, as in `DELETE /pets/{id}`; the contract may not have it."""
    made_for: str
    """The label of the operation that it was made up for."""
    exchange: Exchange
    can_shrink: bool
    """Whether Schemathesis looks for a smaller case if this one fails. Elsewhere a failure would only end its test."""
    body_fault: BodyFault | None = None
    """Why the body of the response could not be decoded; None if it was, or is not coded."""
    raised: Raised | None = None
    """The exception that an application in this process answered with a server error."""
    seconds: float = 0.0
    """How long the response took."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A check that failed for a case, and the cases that show why."""

    reason: Defect | FailedCheck
    case_id: str
    related_case_ids: tuple[str, ...] = ()


class CaseJudge(Protocol):
    """The judge of cases; Schemathesis's workers call it, several at the same time."""

    def check(self, case: Case) -> Sequence[Defect]:
        """The defects that make a case fail."""

    def is_to_shrink(self, case: Case, failure: Failure) -> bool:
        """Notes a failure, and says whether Schemathesis should look for a smaller case with the same failure."""


class Phase(StrEnum):
    """A phase of a run; `OTHER` is any phase that nothing here depends on."""

    EXAMPLES = "examples"
    COVERAGE = "coverage"
    FUZZING = "fuzzing"
    STATEFUL = "stateful"
    OTHER = "other"


class Scenario(Protocol):
    """A sequence of cases that belong together, after all of them were sent."""

    @property
    def case_ids(self) -> Iterable[str]:
        """The cases in the order in which they were made."""

    def answers(self) -> Iterator[tuple[str, int | None]]:
        """The label of what was called and the status, for each request; None where there was no response."""

    def steps(self, evidence: Evidence) -> list[Exchange]:
        """The exchanges that show a defect, in the order in which they took place."""


@dataclass(frozen=True, slots=True)
class PhaseStarted:
    phase: Phase


@dataclass(frozen=True, slots=True)
class PhaseFinished:
    phase: Phase
    is_whole: bool = True
    """Whether it came to its end, and was not interrupted."""


@dataclass(frozen=True, slots=True)
class ScenarioStarted:
    label: str


@dataclass(frozen=True, slots=True)
class ScenarioFinished:
    scenario: Scenario
    phase: Phase
    label: str
    is_whole: bool = True
    """Whether it came to its end, and was not interrupted."""


@dataclass(frozen=True, slots=True)
class NotTested:
    """Something that Schemathesis could not test, and why."""

    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class NoResponse:
    """A request without a response; `exchange` is None if the request is not known."""

    label: str
    reason: str
    message: str
    """The reason as Schemathesis words it, without its title."""
    exchange: Exchange | None
    is_certificate: bool = False
    """Whether the certificate of the server was not accepted."""
    is_refused: bool = False
    """Whether no connection was made, so that nothing is known of a server."""


@dataclass(frozen=True, slots=True)
class GaveUp:
    """Schemathesis itself failed."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Stopped:
    """The end of the run before its time: "interrupted", "max_time" or "server_unavailable"."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that nothing here depends on."""


Event = (
    PhaseStarted
    | PhaseFinished
    | ScenarioStarted
    | ScenarioFinished
    | NotTested
    | NoResponse
    | GaveUp
    | Stopped
    | Ignored
)


class RunEvents(Protocol):
    """The events of a run. Reading them runs it; after Ctrl-C they can be read on until the last one."""

    def __iter__(self) -> Iterator[Event]: ...

    def stop(self) -> None:
        """Lets the run end by itself, with a last event."""

    def close(self) -> None:
        """Ends the run at once."""
