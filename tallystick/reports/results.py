"""What a report is made of: the result of a check, and the result of a fuzz run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tallystick.nouns.contract import Contract
from tallystick.nouns.rule import Rule
from tallystick.nouns.violation import Place, Severity, Violation

DEFAULT_MOST = 50


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The sorted violations of a check, the contracts they were found in, and the rules there are.

    `most` is how many violations a text lists before it groups them by rule, 0 for all; `version` is tallystick's own.
    """

    violations: Sequence[Violation]
    contracts: Sequence[Contract] = ()
    rules: Sequence[Rule] = ()
    most: int = DEFAULT_MOST
    colour: bool = False
    version: str = ""


@dataclass(frozen=True, slots=True)
class ShownResponse:
    """A response as a finding shows it: only the header fields that tell something, the body on one line."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str


@dataclass(frozen=True, slots=True)
class Step:
    """One request that a finding needs, as a curl line, and what came back; None if nothing did."""

    curl: str
    response: ShownResponse | None


@dataclass(frozen=True, slots=True)
class ReportedFinding:
    """One finding of a fuzz run; the last step is what is wrong, those before it are what it needs."""

    rule: str
    severity: Severity
    subject: str
    message: str
    place: Place
    count: int
    seen_again: bool | None
    """Whether it was seen once more when its request was sent again; None if that was not tried."""
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class FuzzedOperation:
    """An operation that a run was to test: its responses by status, and why it was not tested ("" if it was)."""

    label: str
    statuses: Mapping[int, int]
    untested: str


@dataclass(frozen=True, slots=True)
class FuzzResult:
    """The result of a fuzz run; no secret stands in any of its texts."""

    file: str
    name: str
    title: str
    all_operations: int
    """How many operations the contract has."""
    url: str
    seed: int
    seconds: float
    requests: int
    stopped: str
    """What ended the run before its time, "" for nothing."""
    nothing_tested: str
    """Why the run as a whole tested nothing, "" if it tested something."""
    operations: tuple[FuzzedOperation, ...]
    findings: tuple[ReportedFinding, ...]
    notes: tuple[str, ...]
    """What a reader has to know to judge the result, one sentence each."""
    colour: bool = False

    @property
    def errors(self) -> list[ReportedFinding]:
        """The findings that fail the run."""
        return [finding for finding in self.findings if finding.severity is Severity.ERROR]


def sentence(violation: Violation) -> str:
    """The message of a violation, behind the part of the exchange that it is about."""
    return f"{violation.where}: {violation.message}" if violation.where else violation.message
