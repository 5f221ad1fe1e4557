"""Reports for a program: one JSON object each."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping

from tallystick.nouns.violation import Place, Violation, count_by_rule
from tallystick.reports.covered import CoverageResult, Figure
from tallystick.reports.results import SPEC_VALIDATOR, CheckResult, FuzzResult, ReportedFinding, SecondOpinion, Step

_HALF_OF_A_PAIR = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile("[^\n -~]+|#(?=#)")
"""What is not ASCII, and two number signs, which begin a command of CI services."""


def check(result: CheckResult) -> str:
    """The contracts, the violations, and how many of them each rule has."""
    report: dict[str, object] = {
        "contracts": [
            {"file": contract.file, "openapi": contract.version, "operations": len(contract.operations)}
            for contract in result.contracts
        ],
        "violations": [_violation(violation) for violation in result.violations],
        "counts": count_by_rule(result.violations),
    }
    if result.opinions is not None:
        report["second_opinions"] = [_opinion(opinion) for opinion in result.opinions]
    return written(report)


def _opinion(opinion: SecondOpinion) -> dict[str, object]:
    return {
        "file": opinion.place.file,
        "validator": SPEC_VALIDATOR,
        "release": opinion.release or None,
        "valid": not opinion.their_errors if opinion.has_verdict else None,
        "valid_for_tallystick": not opinion.our_errors,
        "differs": opinion.differs,
        "failure": opinion.failure or None,
        "errors": [
            {
                "message": error.message,
                "file": error.place.file if error.place is not None else None,
                "line": error.place.line if error.place is not None else None,
                "pointer": error.place.pointer if error.place is not None else None,
            }
            for error in opinion.their_errors
        ],
    }


def _violation(violation: Violation) -> dict[str, object]:
    return {
        "rule": violation.rule,
        "severity": violation.severity,
        "file": violation.contract.file,
        "line": violation.contract.line,
        "pointer": violation.contract.pointer,
        "where": violation.where,
        "message": violation.message,
    }


def fuzz(result: FuzzResult) -> str:
    """The run, the statuses of each operation, the findings, and what a reader has to know to judge them."""
    report = {
        "contract": result.file,
        "url": result.url,
        "seed": result.seed,
        "seconds": round(result.seconds, 3),
        "requests": result.requests,
        "stopped": result.stopped or None,
        "nothing_tested": result.nothing_tested or None,
        "operations": [
            {
                "operation": operation.label,
                "statuses": {str(status): count for status, count in sorted(operation.statuses.items())},
                "untested": operation.untested or None,
            }
            for operation in result.operations
        ],
        "findings": [finding_value(finding) for finding in result.findings],
        "notes": result.notes,
        "coverage": covered(result.coverage) if result.coverage is not None else None,
    }
    return written(report)


def covered(result: CoverageResult) -> dict[str, object]:
    """The figures of a coverage, what was never seen by name, and the record that is read again."""
    return {
        **figure_value(result.whole),
        "kinds": {kind: figure_value(figure) for kind, figure in result.kinds.items()},
        "never_seen": {kind: [part.text for part in parts] for kind, parts in result.unseen_by_kind().items()},
        "shortfalls": list(result.shortfalls),
        "record": result.record,
    }


def figure_value(figure: Figure) -> dict[str, object]:
    return {"percent": figure.percent, "seen": figure.seen, "total": figure.total}


def finding_value(finding: ReportedFinding) -> dict[str, object]:
    place = finding.place
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "operation": finding.subject,
        "message": finding.message,
        "contract": _place(place),
        "count": finding.count,
        "seen_again": finding.seen_again,
        "steps": [_step(step) for step in finding.steps],
        "operations": finding.operations,
        "also": [
            {
                "rule": each.rule,
                "operation": each.subject,
                "message": each.message,
                "contract": _place(each.place),
                "count": each.count,
            }
            for each in finding.also
        ],
        "tries": {"seen": finding.tries[0], "sent": finding.tries[1]} if finding.tries is not None else None,
        "exception": finding.exception or None,
        "clause": list(finding.clause),
        "detail": finding.detail,
        "known": finding.known or None,
    }


def _step(step: Step) -> dict[str, object]:
    response = step.response
    return {
        "curl": step.curl,
        "status": response.status if response is not None else None,
        "headers": dict(response.headers) if response is not None else {},
        "body": response.body if response is not None else None,
        "request": _request(step) if step.request is not None else None,
        "captures": [{"name": name, "pointer": pointer, "header": header} for name, pointer, header in step.captures],
    }


def _request(step: Step) -> dict[str, object]:
    """A request as it can be sent again; a body that is no UTF-8 is written in base64."""
    assert step.request is not None
    method, path, query, headers, body = step.request
    value: dict[str, object] = {"method": method, "path": path, "query": query, "headers": [list(f) for f in headers]}
    try:
        value["body"] = body.decode()
    except UnicodeDecodeError:
        value["body_base64"] = base64.b64encode(body).decode()
    return {**value, "is_authorized": step.is_authorized}


def _place(place: Place) -> dict[str, object]:
    return {"file": place.file, "line": place.line, "pointer": place.pointer}


def written(report: Mapping[str, object]) -> str:
    """A report as JSON in ASCII, which every encoding holds.

    A byte of a file's name that is no UTF-8 is an escape in the text: many readers refuse half of a surrogate pair.
    """
    text = json.dumps(report, indent=2, ensure_ascii=False)
    text = _HALF_OF_A_PAIR.sub(lambda half: ascii(half[0])[1:-1].replace("\\", r"\\"), text)
    return _ESCAPED.sub(lambda match: r"\u0023" if match[0] == "#" else json.dumps(match[0])[1:-1], text) + "\n"
