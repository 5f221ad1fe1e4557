"""The reports of the parts of one fuzz run, as its shards wrote them in JSON, joined to one result."""

from __future__ import annotations

import binascii
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, cast

from tallystick.coverage.coverage import Coverage
from tallystick.coverage.least import LeastCoverage
from tallystick.coverage.result import coverage_result
from tallystick.exchanges.reading import bytes_of, json_in
from tallystick.fuzz.assertions import ASSERTIONS
from tallystick.fuzz.replay import REPORT_EXPECTED
from tallystick.fuzz.report import RULES_OF_RUNS
from tallystick.fuzz.reported_rows import Row, place_of, request_of
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UnreadableError, UsageError
from tallystick.nouns.json_value import JSON
from tallystick.nouns.violation import Place, Severity
from tallystick.reports.results import (
    FuzzedOperation,
    FuzzResult,
    RelatedFinding,
    ReportedFinding,
    ShownResponse,
    Step,
)

_NO_REPORT = f"it is something else; {REPORT_EXPECTED}"
_WRONG = (KeyError, TypeError, AttributeError, ValueError, IndexError, binascii.Error)


class PartReport(NamedTuple):
    """A report of a part of a run: its file, and its value."""

    file: str
    value: Row

    @property
    def contract(self) -> str:
        """The contract, as the report names it."""
        return str(self.value.get("contract"))


def read_part(file: str) -> PartReport:
    """The report in a file; raises `UnreadableError` where there is none."""
    value = json_in(file, bytes_of(file), REPORT_EXPECTED)
    if not isinstance(value, dict) or not {"contract", "seed", "findings", "operations"} <= value.keys():
        raise UnreadableError(file, 0, _NO_REPORT)
    return PartReport(file, value)


def joined(contract: Contract, parts: Sequence[PartReport], asked: Sequence[LeastCoverage] = ()) -> FuzzResult:
    """The result of the run whose parts these are; raises `UsageError` where they are of several runs."""
    for part in parts[1:]:
        for name in ("contract", "seed"):
            if part.value[name] != parts[0].value[name]:
                fact = f"the {name} is {part.value[name]!r}, and in {parts[0].file} {parts[0].value[name]!r}"
                raise UsageError(f"{part.file}: {fact}; the parts of one run have one {name}")
    try:
        return _joined(contract, [part.value for part in parts], asked)
    except _WRONG as error:
        raise UsageError(f"{', '.join(part.file for part in parts)}: {_NO_REPORT} ({error})") from None


def _joined(contract: Contract, values: Sequence[Row], asked: Sequence[LeastCoverage]) -> FuzzResult:
    coverage = Coverage(contract)
    for value in values:
        record = cast("Row", value.get("coverage") or {}).get("record")
        if record is not None:
            coverage.merge(Coverage.from_json(contract, cast("JSON", record)))
    nothing = [str(value.get("nothing_tested") or "") for value in values]
    stopped = [str(value["stopped"]) for value in values if value.get("stopped")]
    return FuzzResult(
        file=contract.file,
        name=contract.name,
        title=contract.title,
        all_operations=len(contract.operations),
        url=str(values[0]["url"]),
        seed=int(str(values[0]["seed"])),
        seconds=max(float(str(value["seconds"])) for value in values),
        requests=sum(int(str(value["requests"])) for value in values),
        stopped=stopped[0] if stopped else "",
        nothing_tested=nothing[0] if all(nothing) else "",
        operations=_operations(contract, values),
        findings=_findings(contract, values),
        notes=tuple(dict.fromkeys(str(note) for value in values for note in _rows(value, "notes"))),
        coverage=coverage_result(coverage, asked),
        rules=RULES_OF_RUNS,
        assertions=ASSERTIONS,
        ended_early=f"a part of the run ended early: {stopped[0]}" if stopped else "",
    )


def _rows(value: Row, name: str) -> Sequence[Row]:
    return cast("Sequence[Row]", value[name])


def _operations(contract: Contract, values: Sequence[Row]) -> tuple[FuzzedOperation, ...]:
    """The operations of all parts, in the order of the contract."""
    order = {operation.label: index for index, operation in enumerate(contract)}
    statuses: dict[str, Counter[int]] = {}
    untested: dict[str, str] = {}
    for value in values:
        for row in _rows(value, "operations"):
            label = str(row["operation"])
            counts = cast("Mapping[str, int]", row["statuses"])
            statuses.setdefault(label, Counter()).update({int(status): count for status, count in counts.items()})
            untested.setdefault(label, str(row.get("untested") or ""))
    labels = sorted(statuses, key=lambda label: order.get(label, len(order)))
    return tuple(FuzzedOperation(each, statuses[each], "" if statuses[each] else untested[each]) for each in labels)


def _findings(contract: Contract, values: Sequence[Row]) -> tuple[ReportedFinding, ...]:
    """The findings of all parts; those of one rule at one place of the contract are one."""
    order = {operation.label: index for index, operation in enumerate(contract)}
    causes: dict[tuple[str, str, Place, str], ReportedFinding] = {}
    for value in values:
        for row in _rows(value, "findings"):
            finding = _finding(row)
            shared = "" if len(finding.place.path) > _OF_AN_OPERATION else f"{finding.subject} {finding.detail}"
            key = finding.rule, str(finding.severity), finding.place, shared
            causes[key] = _with(causes[key], finding) if key in causes else finding
    return tuple(
        sorted(causes.values(), key=lambda each: (order.get(each.subject, len(order)), each.rule, each.message))
    )


_OF_AN_OPERATION = 3
"""How many keys lead to an operation (`/paths/~1pets/get`); what is below may be shared by several."""


def _with(finding: ReportedFinding, other: ReportedFinding) -> ReportedFinding:
    """A finding with another one of the same cause."""
    related = RelatedFinding(other.rule, other.subject, other.message, other.place, other.count)
    return replace(finding, also=(*finding.also, related, *other.also))


def _finding(row: Row) -> ReportedFinding:
    tries = cast("Mapping[str, int] | None", row.get("tries"))
    return ReportedFinding(
        str(row["rule"]),
        Severity(str(row["severity"])),
        str(row["operation"]),
        str(row["message"]),
        place_of(cast("Row", row["contract"])),
        int(str(row["count"])),
        cast("bool | None", row["seen_again"]),
        tuple(_step(step) for step in _rows(row, "steps")),
        (tries["seen"], tries["sent"]) if tries else None,
        tuple(_related(each) for each in _rows(row, "also")),
        str(row.get("exception") or ""),
        tuple(str(line) for line in _rows(row, "clause")),
        str(row.get("detail") or ""),
        str(row.get("known") or ""),
    )


def _related(row: Row) -> RelatedFinding:
    place = place_of(cast("Row", row["contract"]))
    return RelatedFinding(str(row["rule"]), str(row["operation"]), str(row["message"]), place, int(str(row["count"])))


def _step(row: Row) -> Step:
    status, headers = row["status"], cast("Mapping[str, str]", row["headers"])
    shown = ShownResponse(status, tuple(headers.items()), str(row["body"] or "")) if isinstance(status, int) else None
    value = cast("Row | None", row.get("request"))
    captures = cast("Sequence[Mapping[str, str]]", row.get("captures") or ())
    return Step(
        str(row["curl"]),
        shown,
        request_of(value) if value is not None else None,
        tuple((each["name"], each["pointer"], each["header"]) for each in captures),
        bool(value and value.get("is_authorized")),
    )
