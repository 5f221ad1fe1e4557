"""The report of a diff for a program: one JSON object."""

from __future__ import annotations

from tallystick.nouns.change import Change, Grade, Witness
from tallystick.nouns.violation import Place
from tallystick.reports.curl import curl
from tallystick.reports.json import written
from tallystick.reports.results import DiffResult


def diff(result: DiffResult) -> str:
    """The changes, and how many there are of each severity."""
    counts = {str(grade): sum(change.grade is grade for change in result.changes) for grade in Grade}
    changes = [_change(change, result.origin) for change in result.changes]
    return written({"old": result.old, "new": result.new, "counts": counts, "changes": changes})


def _change(change: Change, origin: str) -> dict[str, object]:
    return {
        "rule": change.rule,
        "severity": str(change.grade),
        "operation": change.operation or None,
        "other_operations": list(change.others),
        "where": change.where,
        "message": _message(change),
        "old": _place(change.old),
        "new": _place(change.new),
        "witness": _witness(change.witness, origin) if change.witness is not None else None,
        "consumers": None,
    }


def _message(change: Change) -> str:
    """What has changed, and of what is no mere information also why the witness is refused."""
    is_told = change.witness is not None and change.grade is not Grade.INFO
    return f"{change.message}; {change.witness.reason}" if is_told and change.witness else change.message


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
