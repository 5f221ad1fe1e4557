"""Reports as SARIF 2.1.0, which code hosts and editors show beside the lines."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from tallystick.nouns.change import Change, Grade
from tallystick.nouns.violation import Place, Severity, Violation, count_by_rule
from tallystick.reports.diff_shown import sentence as told
from tallystick.reports.findings import as_check
from tallystick.reports.json import written
from tallystick.reports.results import (
    SPEC_VALIDATOR,
    CheckResult,
    Compared,
    DiffResult,
    FuzzResult,
    SecondOpinion,
    sentence,
)

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_GRADES = {Grade.BREAKING: "error", Grade.WARNING: "warning", Grade.INFO: "note"}
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning"}


def check(result: CheckResult) -> str:
    """One run of tallystick, and one of openapi-spec-validator where a second opinion was asked for."""
    runs = [_own_run(result)]
    if result.opinions is not None:
        runs.append(_opinions_run(result.opinions))
    return written({"$schema": _SCHEMA, "version": "2.1.0", "runs": runs})


def fuzz(result: FuzzResult) -> str:
    """A result for each finding, at the place of the contract that it breaks."""
    return check(as_check(result))


def diff(result: DiffResult) -> str:
    """One run with a result for each change, on the new contract, the old one beside it."""
    changes = result.changes
    rules = [
        {"id": rule, "shortDescription": {"text": result.rules[rule].sentence}}
        for rule in dict.fromkeys(change.rule for change in changes)
        if rule in result.rules
    ]
    driver: dict[str, object] = {"name": "tallystick", "rules": rules}
    if result.version:
        driver["version"] = result.version
    results = [_change(change, compared) for compared in result.compared for change in compared.changes]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return written({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _change(change: Change, compared: Compared) -> dict[str, object]:
    whole = compared.new.place if compared.new is not None else change.old
    place = change.new if change.new is not None else whole
    subject = f"{change.operation}: " if change.operation else ""
    report: dict[str, object] = {
        "ruleId": change.rule,
        "level": _GRADES[change.grade],
        "message": {"text": f"{subject}{told(change)}"},
        "locations": [_location(place)] if place is not None else [],
    }
    if change.old is not None:
        report["relatedLocations"] = [{**_location(change.old), "id": 0, "message": {"text": "the old contract"}}]
    return report


def _own_run(result: CheckResult) -> dict[str, object]:
    """The rules that were broken, and a result for each violation."""
    broken = set(count_by_rule(result.violations))
    rules = [
        {
            "id": rule.id,
            "shortDescription": {"text": rule.sentence},
            "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        }
        for rule in result.rules
        if rule.id in broken
    ]
    driver: dict[str, object] = {"name": "tallystick", "rules": rules}
    if result.version:
        driver["version"] = result.version
    results = [_result(violation) for violation in result.violations]
    return {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}


def _opinions_run(opinions: Sequence[SecondOpinion]) -> dict[str, object]:
    """A note for each error of the other's, so that no host takes it for a failure, and for each missing verdict."""
    driver: dict[str, object] = {"name": SPEC_VALIDATOR}
    releases = {opinion.release for opinion in opinions if opinion.release}
    if releases:
        driver["version"] = releases.pop()
    notes: list[tuple[str, Place]] = []
    for opinion in opinions:
        notes += [(error.message, error.place or opinion.place) for error in opinion.their_errors]
        if opinion.failure:
            notes.append((opinion.failure, opinion.place))
    results = [
        {"level": "note", "message": {"text": message}, "locations": [_location(place)]} for message, place in notes
    ]
    return {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}


def _result(violation: Violation) -> dict[str, object]:
    return {
        "ruleId": violation.rule,
        "level": _LEVELS[violation.severity],
        "message": {"text": sentence(violation)},
        "locations": [_location(violation.contract)],
    }


def _location(place: Place) -> dict[str, object]:
    physical: dict[str, object] = {"artifactLocation": {"uri": _uri(place.file)}}
    if place.line:
        physical["region"] = {"startLine": place.line}
    location: dict[str, object] = {"physicalLocation": physical}
    if place.pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": place.pointer}]
    return location


def _uri(file: str) -> str:
    """A file as SARIF wants it: relative to the working folder as a relative URI, else a `file:` one."""
    if "://" in file:
        return file
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(os.fsencode(path.as_posix()))
