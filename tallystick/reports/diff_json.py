"""The report of a diff for a program: one JSON object."""

from __future__ import annotations

from tallystick.nouns.change import Change, Consumer, Grade, Witness
from tallystick.nouns.violation import Place
from tallystick.reports.curl import curl
from tallystick.reports.diff_shown import day, sentence
from tallystick.reports.json import written
from tallystick.reports.results import DiffResult


def diff(result: DiffResult) -> str:
    """The changes, and how many there are of each severity."""
    counts = {str(grade): sum(change.grade is grade for change in result.changes) for grade in Grade}
    changes = [_change(change, result.origin) for change in result.changes]
    report: dict[str, object] = {"old": result.old, "new": result.new, "counts": counts, "changes": changes}
    report["versions"] = [{"contract": each.name, "advice": each.advice} for each in result.compared if each.advice]
    report["notes"] = list(result.notes)
    return written(report)


def _change(change: Change, origin: str) -> dict[str, object]:
    return {
        "rule": change.rule,
        "severity": str(change.grade),
        "operation": change.operation or None,
        "other_operations": list(change.others),
        "where": change.where,
        "message": sentence(change),
        "old": _place(change.old),
        "new": _place(change.new),
        "witness": _witness(change.witness, origin) if change.witness is not None else None,
        "consumers": None if change.consumers is None else [_consumer(each) for each in change.consumers],
    }


def _consumer(consumer: Consumer) -> dict[str, object]:
    last = day(consumer.last) if consumer.last else None
    return {"name": consumer.name, "used": consumer.used, "refused": consumer.refused, "last": last}


def _place(place: Place | None) -> dict[str, object] | None:
    return {"file": place.file, "line": place.line, "pointer": place.pointer} if place is not None else None


def _witness(witness: Witness, origin: str) -> dict[str, object]:
    request, response = witness.exchange
    report: dict[str, object] = {"curl": curl(request, origin), "reason": witness.reason, "response": None}
    if response is not None:
        report["response"] = {
            "status": response.status,
            "headers": dict(response.headers),
            "body": response.body.decode("utf-8", "replace"),
        }
    return report
