"""What the shares of a run leave, put together as the outcome of one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tallystick.coverage.parts import Part
from tallystick.fuzz.cases import Phase
from tallystick.fuzz.causes import in_causes
from tallystick.fuzz.findings import Finding, TestedOperation
from tallystick.fuzz.outcome import Outcome
from tallystick.fuzz.probes.probed import Probed
from tallystick.fuzz.refusals import Refusal
from tallystick.nouns.errors import TallystickError, UnreachableError


@dataclass(frozen=True, slots=True)
class PartialOutcome:
    """The outcome of a share, without what both processes have: the contract and the settings."""

    labels: tuple[str, ...]
    findings: Sequence[Finding] = ()
    tested: Mapping[str, TestedOperation] = field(default_factory=dict)
    untested: Mapping[str, str] = field(default_factory=dict)
    unpatched: str = ""
    probed: Probed = field(default_factory=Probed)
    logins: int = 0
    requests: int = 0
    stopped: str = ""
    seen: frozenset[Part] = frozenset()
    exchanges: int = 0
    done: Mapping[Phase, frozenset[str]] = field(default_factory=dict)
    finished: frozenset[Phase] = frozenset()
    lost: str = ""
    refusals: Mapping[str, Refusal] = field(default_factory=dict)
    error: str = ""
    """What ended the share before its end, "" if nothing did."""


def partial_of(outcome: Outcome) -> PartialOutcome:
    """What another process has to know of the outcome of a share."""
    error = outcome.error
    fact = (
        ""
        if error is None
        else str(error)
        if isinstance(error, TallystickError)
        else f"{type(error).__name__}: {error}"
    )
    return PartialOutcome(
        outcome.settings.selected,
        [replace(each, others=[]) for finding in outcome.findings for each in (finding, *finding.others)],
        outcome.tested,
        outcome.untested,
        outcome.unpatched,
        outcome.probed,
        outcome.logins,
        outcome.requests,
        outcome.stopped,
        frozenset(outcome.coverage.seen),
        outcome.coverage.exchanges,
        {phase: frozenset(labels) for phase, labels in outcome.pieces.done.items()},
        frozenset(outcome.pieces.finished),
        outcome.lost,
        dict(outcome.refusals.nearest),
        fact,
    )


def merge(outcome: Outcome, parts: Sequence[PartialOutcome]) -> None:
    """Put what the shares left into the outcome of the run, in their order."""
    findings: dict[tuple[str, str, str], Finding] = {}
    for part in parts:
        _add_findings(findings, part.findings)
        _add_tested(outcome, part)
        outcome.unpatched = outcome.unpatched or part.unpatched
        outcome.probed = outcome.probed.with_others(part.probed)
        outcome.logins += part.logins
        outcome.requests += part.requests
        outcome.stopped = outcome.stopped or part.stopped
        outcome.coverage.seen |= part.seen
        outcome.coverage.exchanges += part.exchanges
        outcome.refusals.nearest.update(part.refusals)
        if part.error:
            outcome.untested |= {label: part.error for label in part.labels if not part.tested[label].requests}
    _finish(outcome, parts)
    outcome.findings = _in_order(outcome, findings)
    failed = [part.error for part in parts if part.error]
    if failed and not outcome.requests:
        outcome.error = UnreachableError(failed[0])
    if parts and all(part.lost for part in parts):
        outcome.lost = parts[0].lost


def _add_findings(findings: dict[tuple[str, str, str], Finding], others: Sequence[Finding]) -> None:
    """Count findings with those of the same defect; the better evidence is kept."""
    for finding in others:
        known = findings.get(finding.defect.key)
        if known is None:
            findings[finding.defect.key] = finding
        else:
            better, worse = (finding, known) if finding.rank < known.rank else (known, finding)
            better.count += worse.count
            findings[finding.defect.key] = better


def _add_tested(outcome: Outcome, part: PartialOutcome) -> None:
    for label, tested in part.tested.items():
        known = outcome.tested.setdefault(label, TestedOperation(label))
        known.statuses.update(tested.statuses)
        known.is_sent = known.is_sent or tested.is_sent
    for label, reason in part.untested.items():
        outcome.untested.setdefault(label, reason)


def _finish(outcome: Outcome, parts: Sequence[PartialOutcome]) -> None:
    """Note which pieces are done; a phase came to its end if it did so in every share."""
    pieces = outcome.pieces
    labels = {label for part in parts for label in part.labels}
    for phase in pieces.phases:
        for part in parts:
            is_finished = phase in part.finished
            for label in part.labels if is_finished else part.done.get(phase, ()):
                pieces.note(phase, label)
        if labels >= set(pieces.labels) and all(phase in part.finished for part in parts):
            pieces.finish(phase)


def _in_order(outcome: Outcome, findings: Mapping[tuple[str, str, str], Finding]) -> list[Finding]:
    """Findings in the order of the contract's operations, then by rule; of the errors with one cause one."""
    subjects = [name for operation in outcome.contract for name in (operation.path, operation.label)]
    places = {name: index for index, name in reversed(list(enumerate(subjects)))}
    ordered = sorted(
        findings.values(),
        key=lambda finding: (places.get(finding.subject, len(subjects)), finding.rule, finding.message),
    )
    return in_causes(ordered)
