"""The results that a report shows: of a check, with or without a second opinion, and of a fuzz run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tallystick.nouns.change import Change, ChangeRule, Grade
from tallystick.nouns.contract import Contract
from tallystick.nouns.exchange import Exchange, Request
from tallystick.nouns.rule import Rule
from tallystick.nouns.violation import Place, Severity, Violation
from tallystick.reports.covered import CoverageResult

DEFAULT_MOST = 50
SPEC_VALIDATOR = "openapi-spec-validator"


ORIGIN = "http://127.0.0.1:4010"
"""Where examples of requests are sent: a mock on this machine."""


@dataclass(frozen=True, slots=True)
class OpinionError:
    """One error that openapi-spec-validator reports; None for a place that it does not tell."""

    message: str
    place: Place | None


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """The verdict of openapi-spec-validator on one contract, beside our own."""

    place: Place
    """The contract as a whole."""
    our_errors: tuple[Violation, ...]
    their_errors: tuple[OpinionError, ...]
    failure: str = ""
    """Why it gave no verdict, or did not come to its end, as a sentence about "it"; "" for a whole verdict."""
    release: str = ""
    """The release of openapi-spec-validator, "" where that is not known."""

    @property
    def has_verdict(self) -> bool:
        """Whether it said valid or invalid; one error is enough for invalid, even where it broke down afterwards."""
        return not self.failure or bool(self.their_errors)

    @property
    def differs(self) -> bool:
        """Whether one says valid and the other invalid."""
        return self.has_verdict and bool(self.our_errors) is not bool(self.their_errors)


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions of one contract, None for one that is not there, and the changes between them."""

    name: str
    old: Contract | None
    new: Contract | None
    changes: Sequence[Change]
    advice: str = ""
    """What its version ought to become, in a sentence; "" where it is as it ought to be."""
    is_wrong_version: bool = False


@dataclass(frozen=True, slots=True)
class DiffResult:
    """What a diff found between OLD and NEW; `origin` is that of curl lines, `rules` has the rows of the table.

    `notes` are sentences for whoever runs it: what was ignored, and which of that is out of date.
    """

    old: str
    new: str
    compared: Sequence[Compared]
    rules: Mapping[str, ChangeRule] = field(default_factory=dict)
    notes: Sequence[str] = ()
    colour: bool = False
    origin: str = ORIGIN
    version: str = ""
    """Tallystick's own, for SARIF."""

    @property
    def changes(self) -> list[Change]:
        """All changes, breaking ones first."""
        order = list(Grade)
        return sorted(
            (change for each in self.compared for change in each.changes), key=lambda change: order.index(change.grade)
        )

    @property
    def is_failing(self) -> bool:
        return any(change.is_failing for each in self.compared for change in each.changes) or any(
            each.is_wrong_version for each in self.compared
        )


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The sorted violations of a check, the contracts that were read, and all rules.

    `most` is how many lines a text has before it groups them by rule, 0 for any number; `version` is tallystick's own.
    `opinions` are None where no second opinion was asked for.
    """

    violations: Sequence[Violation]
    contracts: Sequence[Contract] = ()
    rules: Sequence[Rule] = ()
    most: int = DEFAULT_MOST
    colour: bool = False
    version: str = ""
    opinions: Sequence[SecondOpinion] | None = None


@dataclass(frozen=True, slots=True)
class ShownResponse:
    """A response as a finding shows it: only the header fields that help a reader, the body on one line."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str


@dataclass(frozen=True, slots=True)
class Step:
    """One request that a finding needs, as a curl line, and what came back; None if nothing did."""

    curl: str
    response: ShownResponse | None
    request: Request | None = None
    """The request without credentials and other secrets; `{{name}}` stands for a value of an earlier response."""
    captures: tuple[tuple[str, str, str], ...] = ()
    """What later requests take from the response: a name, and a JSON Pointer into the body or a header's name."""
    is_authorized: bool = False
    """Whether it was sent with credentials that the user gave."""
    exchange: Exchange | None = None
    """The request and the response as they were, without secrets."""


@dataclass(frozen=True, slots=True)
class RelatedFinding:
    """What has the same cause as a finding: the same in another operation, or what follows from it."""

    rule: str
    subject: str
    message: str
    place: Place
    count: int


@dataclass(frozen=True, slots=True)
class ReportedFinding:
    """One finding of a fuzz run; the last step shows the defect, the steps before it lead to it."""

    rule: str
    severity: Severity
    subject: str
    message: str
    place: Place
    count: int
    seen_again: bool | None
    """Whether it was seen again when its request was sent again; None if that was not tried."""
    steps: tuple[Step, ...]
    tries: tuple[int, int] | None = None
    """How often it was seen of how many times, where it was not seen each time that its requests were sent."""
    also: tuple[RelatedFinding, ...] = ()
    exception: str = ""
    """The exception of the application, with the user's file and line."""
    clause: tuple[str, ...] = ()
    """The lines of the contract that are broken."""
    detail: str = ""
    """What tells it from other findings of its rule and operation."""
    known: str = ""
    """Why the baseline knows it, and since when; "" for one that is new."""

    @property
    def operations(self) -> list[str]:
        """The operations that show it, or the same, its own first."""
        return [*dict.fromkeys((self.subject, *(each.subject for each in self.also if each.rule == self.rule)))]

    @property
    def consequences(self) -> list[RelatedFinding]:
        """What follows from it."""
        return [each for each in self.also if each.rule != self.rule]

    @property
    def places(self) -> list[RelatedFinding]:
        """Where else the same is wrong, at another place of the contract or of the message."""
        return [each for each in self.also if each.rule == self.rule and each.place != self.place]

    @property
    def total(self) -> int:
        """How often it was seen in all operations together."""
        return self.count + sum(each.count for each in self.also if each.rule == self.rule)


@dataclass(frozen=True, slots=True)
class FuzzedOperation:
    """An operation that a run was to test: its responses by status, and why it was not tested ("" if it was)."""

    label: str
    statuses: Mapping[int, int]
    untested: str


@dataclass(frozen=True, slots=True)
class FuzzResult:
    """The result of a fuzz run; none of its texts has a secret in it."""

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
    """What ended the run early, as one word; "" if nothing did."""
    nothing_tested: str
    """Why the run as a whole tested nothing, "" if it tested something."""
    operations: tuple[FuzzedOperation, ...]
    findings: tuple[ReportedFinding, ...]
    notes: tuple[str, ...]
    """What a reader has to know to judge the result, one sentence each."""
    coverage: CoverageResult | None = None
    """What of the contract its exchanges touched."""
    colour: bool = False
    ended_early: str = ""
    """Why the run ended early, in a sentence; "" if it did not."""
    rules: Sequence[Rule] = ()
    assertions: Mapping[str, str] = field(default_factory=dict)
    """What a test of a finding asserts of its last response, by the id of its rule."""
    version: str = ""

    @property
    def errors(self) -> list[ReportedFinding]:
        """The findings that fail the run."""
        return [finding for finding in self.findings if finding.severity is Severity.ERROR and not finding.known]


@dataclass(frozen=True, slots=True)
class TrafficResult:
    """Recorded traffic, judged; none of its texts has a secret in it."""

    contract: Contract
    findings: Sequence[ReportedFinding]
    entries: int
    """How many entries the recordings have."""
    judged: int
    """How many of them were judged."""
    operations: int
    """How many operations these are of."""
    left: Mapping[str, Mapping[str, int]]
    """How many were not judged, by what they are (of other hosts, ...) and by their names."""
    notes: Sequence[str] = ()
    rules: Sequence[Rule] = ()
    colour: bool = False
    version: str = ""

    @property
    def errors(self) -> list[ReportedFinding]:
        """The findings that fail the command."""
        return [finding for finding in self.findings if finding.severity is Severity.ERROR]

    @property
    def nothing_judged(self) -> str:
        """Why nothing was judged, "" if something was."""
        if self.judged:
            return ""
        return f"none of {self.entries:,} entries is an exchange of {self.contract.file}: nothing was judged"


def sentence(violation: Violation) -> str:
    """The message of a violation, behind the part of the exchange that it is about."""
    return f"{violation.where}: {violation.message}" if violation.where else violation.message
