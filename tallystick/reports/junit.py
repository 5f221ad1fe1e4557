"""Reports as JUnit's XML, which every service for continuous integration shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from tallystick.nouns.change import Change, Grade
from tallystick.nouns.printing import printable
from tallystick.nouns.violation import Place, Severity, Violation
from tallystick.reports.colours import painter
from tallystick.reports.diff_shown import consumers, places, witness_lines
from tallystick.reports.diff_shown import sentence as told
from tallystick.reports.results import (
    SPEC_VALIDATOR,
    CheckResult,
    DiffResult,
    FuzzResult,
    ReportedFinding,
    SecondOpinion,
    sentence,
)
from tallystick.reports.text import finding_lines, opinion_lines


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a case failed: the rule, the message in short, and the whole text."""

    rule: str
    message: str
    text: str


@dataclass(frozen=True, slots=True)
class _Case:
    """One case of a suite: it passed if it has no failure and no reason why it was skipped."""

    group: str
    name: str
    failures: Sequence[_Failure] = ()
    skipped: str = ""
    output: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class _Suite:
    """Cases under one name; `seed` and `seconds` are those of a run."""

    name: str
    cases: Sequence[_Case]
    seed: int | None = None
    seconds: float | None = None


def check(result: CheckResult) -> str:
    """A suite for each file, a failed case for each violation, a passed one for a file without any."""
    files: dict[str, list[Violation]] = {contract.file: [] for contract in result.contracts}
    for violation in result.violations:
        files.setdefault(violation.contract.file, []).append(violation)
    suites = [
        _Suite(file, [_violation(each) for each in violations] or [_Case(file, "no violations")])
        for file, violations in files.items()
    ]
    if result.opinions is not None:
        suites.append(_Suite(SPEC_VALIDATOR, [_opinion(opinion) for opinion in result.opinions]))
    return _written("tallystick check", suites)


def _opinion(opinion: SecondOpinion) -> _Case:
    """A case that never fails, since the verdict that counts is ours; its output is both verdicts."""
    skipped = "" if opinion.has_verdict else opinion.failure
    return _Case(
        SPEC_VALIDATOR, opinion.place.file, skipped=skipped, output="\n".join(opinion_lines(opinion, painter(False)))
    )


def _violation(violation: Violation) -> _Case:
    place, message = violation.contract, sentence(violation)
    name = f"{violation.rule} at {place}"
    if violation.severity is Severity.ERROR:
        failure = _Failure(violation.rule, message, f"{place}: {message}")
        return _Case(place.file, name, [failure], place=place)
    return _Case(place.file, name, output=f"warning: {message}", place=place)


def fuzz(result: FuzzResult) -> str:
    """One suite with a case for each operation (or path), and a failure for each finding."""
    errors: dict[str, list[ReportedFinding]] = {}
    for finding in result.errors:
        errors.setdefault(finding.subject, []).append(finding)
    untested = {operation.label: operation.untested for operation in result.operations}
    cases: list[_Case] = []
    for subject in dict.fromkeys([*untested, *errors]):
        failures = [_finding(finding) for finding in errors.get(subject, ())]
        cases.append(_Case(result.name, subject, failures, untested.get(subject, "")))
    if result.nothing_tested or result.ended_early:
        failures = [_Failure("nothing-tested", result.nothing_tested, "")] if result.nothing_tested else []
        cases.append(_Case(result.name, "the run as a whole", failures, result.ended_early))
    suite = _Suite(result.title or result.name, cases, result.seed, result.seconds)
    return _written("tallystick fuzz", [suite])


def diff(result: DiffResult) -> str:
    """A suite for each contract with a case for each change; those that fail the run are failures."""
    suites = []
    for compared in result.compared:
        cases = [_change(change, result.origin) for change in compared.changes]
        if compared.is_wrong_version:
            cases.append(_Case(compared.name, "version", [_Failure("version", compared.advice, "")]))
        suites.append(_Suite(compared.name, cases or [_Case(compared.name, "no change")]))
    return _written("tallystick diff", suites)


def _change(change: Change, origin: str) -> _Case:
    lines = [told(change), places(change), consumers(change)]
    if change.witness is not None and change.grade is not Grade.INFO:
        lines += witness_lines(change.witness, origin)
    whole = "\n".join(line for line in lines if line)
    name = f"{change.rule}: {change.message}"
    group = change.operation or "the contract"
    if change.is_failing:
        return _Case(group, name, [_Failure(change.rule, change.message, whole)], place=change.new or change.old)
    return _Case(group, name, output=f"{change.grade}: {whole}", place=change.new or change.old)


def _finding(finding: ReportedFinding) -> _Failure:
    return _Failure(finding.rule, finding.message, "\n".join(line.strip() for line in finding_lines(finding)))


def _written(name: str, suites: Iterable[_Suite]) -> str:
    root = ElementTree.Element("testsuites", name=name)
    tests = failures = 0
    for suite in suites:
        root.append(_suite_element(suite))
        tests += len(suite.cases)
        failures += _count_failures(suite)
    root.set("tests", str(tests))
    root.set("failures", str(failures))
    ElementTree.indent(root)
    xml = ElementTree.tostring(root, encoding="us-ascii").decode()  # the same in every encoding of a stream
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{xml}\n'


def _count_failures(suite: _Suite) -> int:
    return sum(len(case.failures) for case in suite.cases)


def _suite_element(suite: _Suite) -> ElementTree.Element:
    element = ElementTree.Element("testsuite", name=_shown(suite.name), tests=str(len(suite.cases)))
    element.set("failures", str(_count_failures(suite)))
    element.set("skipped", str(sum(bool(case.skipped) for case in suite.cases)))
    element.set("errors", "0")
    if suite.seconds is not None:
        element.set("time", f"{suite.seconds:.3f}")
    if suite.seed is not None:
        properties = ElementTree.SubElement(element, "properties")
        ElementTree.SubElement(properties, "property", name="seed", value=str(suite.seed))
    for case in suite.cases:
        element.append(_case_element(case))
    return element


def _case_element(case: _Case) -> ElementTree.Element:
    element = ElementTree.Element("testcase", classname=_shown(case.group), name=_shown(case.name))
    if case.place is not None:
        element.set("file", _shown(case.place.file))
        element.set("line", str(case.place.line))
    for failure in case.failures:
        child = ElementTree.SubElement(element, "failure", type=failure.rule, message=_shown(failure.message))
        child.text = _shown(failure.text) or None
    if case.skipped:
        ElementTree.SubElement(element, "skipped", message=_shown(case.skipped))
    if case.output:
        ElementTree.SubElement(element, "system-out").text = _shown(case.output)
    return element


def _shown(text: str) -> str:
    """A text of one or several lines, in each of which XML 1.0 can hold all that stands there."""
    return "\n".join([printable(line) for line in text.split("\n")])
