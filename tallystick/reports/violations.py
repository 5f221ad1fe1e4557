"""Violations as text: for a person, for a program, and for what runs in continuous integration."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote
from xml.etree import ElementTree

from tallystick.nouns.contract import Contract
from tallystick.nouns.violation import Rule, Severity, Violation, count_by_rule
from tallystick.nouns.words import counted

DEFAULT_MOST = 50
_FEWEST_OF_A_RULE = 3
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning"}
_COLOURS = {"place": "36", Severity.ERROR: "31", Severity.WARNING: "33", "good": "32", "bold": "1"}
_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


@dataclass(frozen=True, slots=True)
class Findings:
    """What is reported: sorted violations, the contracts they were found in, and the rules there are.

    `most` is how many violations a text lists before it groups them by rule, 0 for all; `version` is tallystick's own.
    """

    violations: Sequence[Violation]
    contracts: Sequence[Contract] = ()
    rules: Sequence[Rule] = ()
    most: int = DEFAULT_MOST
    colour: bool = False
    version: str = ""


def wants_colour(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether a stream is to have colours: a terminal has, unless NO_COLOR or FORCE_COLOR says otherwise."""
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR") not in (None, "", "0"):
        return True
    return stream.isatty() and environment.get("TERM") != "dumb"


def text(findings: Findings) -> str:
    """One line for each violation, and a summary; grouped by rule where there are more than `most`."""
    violations = findings.violations
    paint = _painter(findings.colour)
    if findings.most and len(violations) > findings.most:
        lines = _grouped(findings, paint)
    else:
        lines = [_line(violation, paint) for violation in violations]
    return "\n".join([*lines, _summary(findings, paint)]) + "\n"


Paint = Callable[[str, str], str]


def _painter(colour: bool) -> Paint:
    def painted(text: str, name: str) -> str:
        return f"\033[{_COLOURS[name]}m{text}\033[0m"

    def plain(text: str, _: str) -> str:
        return text

    return painted if colour else plain


def _line(violation: Violation, paint: Paint) -> str:
    severity = " (warning)" if violation.severity is Severity.WARNING else ""
    where = f"{violation.where}: " if violation.where else ""
    rule = paint(f"{violation.rule}{severity}", violation.severity)
    return f"{paint(str(violation.contract), 'place')}: {rule}: {where}{violation.message}"


def _grouped(findings: Findings, paint: Paint) -> list[str]:
    """The rules, errors before warnings and the most frequent first, each with its first places."""
    by_rule: dict[tuple[Severity, str], list[Violation]] = {}
    for violation in findings.violations:
        by_rule.setdefault((violation.severity, violation.rule), []).append(violation)
    sentences = {rule.id: rule.sentence for rule in findings.rules}
    each = max(_FEWEST_OF_A_RULE, findings.most // len(by_rule))
    lines: list[str] = []
    for (severity, rule), found in sorted(by_rule.items(), key=lambda row: (row[0][0] != Severity.ERROR, -len(row[1]))):
        head = f"{rule}{' (warning)' if severity is Severity.WARNING else ''}: {len(found)}"
        lines.append(f"{paint(head, severity)}  {sentences.get(rule, '')}".rstrip())
        lines += [f"  {paint(str(one.contract), 'place')}: {_message(one)}" for one in found[:each]]
        if len(found) > each:
            lines.append(f"  ... and {len(found) - each} more")
    return lines


def _message(violation: Violation) -> str:
    return f"{violation.where}: {violation.message}" if violation.where else violation.message


def _summary(findings: Findings, paint: Paint) -> str:
    violations, contracts = findings.violations, len(findings.contracts)
    if not violations:
        operations = sum(len(contract.operations) for contract in findings.contracts)
        return paint(f"{counted(contracts, 'contract')}, {counted(operations, 'operation')}: no violations", "good")
    errors = sum(violation.severity is Severity.ERROR for violation in violations)
    warnings = len(violations) - errors
    split = "" if not warnings else " (all warnings)" if not errors else f" ({counted(warnings, 'warning')})"
    counts = ", ".join(f"{rule} {count}" for rule, count in count_by_rule(violations).items())
    head = f"{counted(len(violations), 'violation')}{split} in {counted(contracts, 'contract')}"
    grouped = findings.most and len(violations) > findings.most
    hint = "; every one of them with --max 0" if grouped else ""
    return f"{paint(head, 'bold')}: {counts}{hint}"


def as_json(findings: Findings) -> str:
    """One JSON object: the contracts, the violations, and how many of them each rule has."""
    report = {
        "contracts": [
            {"file": contract.file, "openapi": contract.version, "operations": len(contract.operations)}
            for contract in findings.contracts
        ],
        "violations": [
            {
                "rule": violation.rule,
                "severity": violation.severity,
                "file": violation.contract.file,
                "line": violation.contract.line,
                "pointer": violation.contract.pointer,
                "where": violation.where,
                "message": violation.message,
            }
            for violation in findings.violations
        ],
        "counts": count_by_rule(findings.violations),
    }
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def github(findings: Findings) -> str:
    """Workflow commands of GitHub Actions, which show each violation beside its line, and a summary."""
    lines = [
        f"::{_LEVELS[one.severity]} file={_property(one.contract.file)},line={max(one.contract.line, 1)},"
        f"title={_property(one.rule)}::{_escaped(_message(one))}"
        for one in findings.violations
    ]
    return "\n".join([*lines, _summary(findings, _painter(False))]) + "\n"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def junit(findings: Findings) -> str:
    """JUnit's XML: a suite for each file, a failed case for each violation, a passed one for a file without any."""
    by_file: dict[str, list[Violation]] = {contract.file: [] for contract in findings.contracts}
    for violation in findings.violations:
        by_file.setdefault(violation.contract.file, []).append(violation)
    failed = [one for one in findings.violations if one.severity is Severity.ERROR]
    root = ElementTree.Element("testsuites", name="tallystick check", failures=str(len(failed)))
    total = 0
    for file, violations in by_file.items():
        errors = sum(violation.severity is Severity.ERROR for violation in violations)
        total += max(len(violations), 1)
        suite = ElementTree.SubElement(root, "testsuite", name=file, failures=str(errors), errors="0")
        suite.set("tests", str(max(len(violations), 1)))
        if not violations:
            ElementTree.SubElement(suite, "testcase", classname=file, name="no violations")
        for violation in violations:
            name = f"{violation.rule} at {violation.contract}"
            case = ElementTree.SubElement(suite, "testcase", classname=file, name=name)
            case.set("file", file)
            case.set("line", str(violation.contract.line))
            if violation.severity is Severity.ERROR:
                fault = ElementTree.SubElement(case, "failure", type=violation.rule, message=_xml(_message(violation)))
                fault.text = f"{violation.contract}: {_xml(_message(violation))}"
            else:
                ElementTree.SubElement(case, "system-out").text = f"warning: {_xml(_message(violation))}"
    root.set("tests", str(total))
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _xml(text: str) -> str:
    """A text without the characters that XML 1.0 cannot hold."""
    return "".join(
        char if char in "\t\n" or "\x20" <= char <= "\ud7ff" or char >= "\ue000" else "\ufffd" for char in text
    )


def sarif(findings: Findings) -> str:
    """SARIF 2.1.0, which code hosts and editors show beside the lines."""
    met = set(count_by_rule(findings.violations))
    rules = [
        {
            "id": rule.id,
            "shortDescription": {"text": rule.sentence},
            "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        }
        for rule in findings.rules
        if rule.id in met
    ]
    driver: dict[str, Any] = {"name": "tallystick", "rules": rules}
    if findings.version:
        driver["version"] = findings.version
    results = [_result(violation) for violation in findings.violations]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SARIF, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _result(violation: Violation) -> dict[str, Any]:
    place = violation.contract
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(place.file)}}
    if place.line:
        physical["region"] = {"startLine": place.line}
    location: dict[str, Any] = {"physicalLocation": physical}
    if place.pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": place.pointer}]
    return {
        "ruleId": violation.rule,
        "level": _LEVELS[violation.severity],
        "message": {"text": _message(violation)},
        "locations": [location],
    }


def _uri(file: str) -> str:
    """A file as SARIF wants it: relative to the working folder as a relative URI, else a `file:` one."""
    if "://" in file:
        return file
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


FORMATS: dict[str, Callable[[Findings], str]] = {
    "text": text,
    "json": as_json,
    "junit": junit,
    "sarif": sarif,
    "github": github,
}
"""Each format that a report may have: a function from findings to text."""


def rules_page(rules: Sequence[Rule], more: Mapping[str, str]) -> str:
    """The page of all rules, in Markdown; `more` are rules of the fuzz run, ids with their sentences."""
    heads = {
        "contract": "Rules on contracts: `tallystick check`, and the start of the mock",
        "request": "Rules on requests: the mock refuses what breaks them",
        "response": "Rules on responses: the fuzz run reports what breaks them",
    }
    lines = ["# Rules", "", "This page is made from the rule table by `make docs`. An id is never renamed.", ""]
    for scope, head in heads.items():
        lines += [f"## {head}", "", "| id | severity | rule |", "|---|---|---|"]
        lines += [f"| `{rule.id}` | {rule.severity} | {rule.sentence} |" for rule in rules if rule.scope == scope]
        lines.append("")
    lines += ["## Rules of the fuzz run alone", "", "| id | rule |", "|---|---|"]
    lines += [f"| `{rule}` | {sentence} |" for rule, sentence in more.items()]
    return "\n".join([*lines, ""])
