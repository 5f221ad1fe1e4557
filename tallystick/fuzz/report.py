"""What a fuzz run found, as text for a terminal, as JSON and as JUnit XML."""

from __future__ import annotations

import http
import json
import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any
from xml.etree import ElementTree

import click

from tallystick.fuzz.credentials import hidden
from tallystick.fuzz.findings import Finding
from tallystick.fuzz.run import IN_PROCESS, LISTED, Outcome
from tallystick.nouns.exchange import Exchange, Response
from tallystick.nouns.words import counted, shortened
from tallystick.reports.curl import curl

_TELLING_HEADERS = ("content-type", "location", "allow", "www-authenticate", "retry-after")
_BODY_SHOWN = 400
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STOPS = {
    "interrupted": "interrupted: this is what was found until then",
    "max_time": "the time was up: what comes after it was not tried",
    "server_unavailable": "the server went away in the middle: what comes after it was not tried",
}


def text(outcome: Outcome) -> Iterator[str]:
    """The lines of the report: findings by rule and operation, what could not be tested, and one line that sums up."""
    for (rule, subject), found in groupby(outcome.errors, key=lambda finding: (finding.rule, finding.subject)):
        yield f"{click.style(rule, fg='red', bold=True)}  {click.style(subject, bold=True)}"
        for finding in found:
            yield from _finding(finding, outcome)
        yield ""
    yield from (f"{click.style('note:', fg='yellow')} {note}" for note in notes(outcome))
    yield summary(outcome)


def _finding(finding: Finding, outcome: Outcome) -> Iterator[str]:
    times = f", {finding.count} times" if finding.count > 1 else ""
    if finding.again is False:
        times += ", but not when the request was sent again"
    yield f"  {_hidden(finding.message, outcome)} ({finding.place}{times})"
    for step in finding.steps:
        yield f"    {curl_line(step, outcome)}"
        yield from (f"      {line}" for line in _answer(step, outcome))


def curl_line(step: Exchange, outcome: Outcome) -> str:
    """The request of a step as a line to paste; secrets stand in it as their variables."""
    settings = outcome.settings
    return curl(step.request, settings.origin, settings.credentials.secrets, insecure=not settings.verify)


def _answer(step: Exchange, outcome: Outcome) -> Iterator[str]:
    response = step.response
    if response is None:
        yield "(no response)"
        return
    yield f"{response.status} {_phrase(response.status)}".rstrip()
    for name, value in telling_headers(response):
        yield f"{name}: {_hidden(value, outcome)}"
    body = shown_body(response)
    if body:
        yield _hidden(body, outcome)


def _phrase(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return ""


def telling_headers(response: Response) -> list[tuple[str, str]]:
    """The header fields of a response that tell something about a finding."""
    return [(name, value) for name, value in response.headers if name in _TELLING_HEADERS]


def shown_body(response: Response) -> str:
    """The body of a response on one line, cut where it is long."""
    body = response.body.decode("utf-8", "replace")
    line = " ".join(body.split()) if body.isprintable() or "\n" in body else repr(body)
    line = "".join(letter if letter.isprintable() else "�" for letter in line)
    return line if len(line) <= _BODY_SHOWN else f"{line[:_BODY_SHOWN]}… ({len(response.body):,} bytes)"


def notes(outcome: Outcome) -> list[str]:
    """What is no finding, but has to be known to judge the result."""
    found = list(outcome.notes)
    lax = [finding.subject for finding in outcome.warnings if finding.rule == "ignored-auth"]
    if lax:
        who = shortened(lax, LISTED)
        found.append(f"made-up credentials were accepted, as a mock does and a real server must not: {who}")
    refusals: dict[str, list[str]] = {}
    for finding in outcome.warnings:
        if finding.rule == "rejection-undocumented":
            refusals.setdefault(finding.subject, []).append(finding.detail)
    if refusals:
        told = shortened(
            [f"{subject} ({', '.join(sorted(statuses))})" for subject, statuses in refusals.items()], LISTED
        )
        found.append(f"rejection-undocumented: invalid requests are refused with undocumented statuses: {told}")
    told_above = ("ignored-auth", "rejection-undocumented")
    found += [f"{one.rule}: {one.message} ({one.place})" for one in outcome.warnings if one.rule not in told_above]
    problems = [f"{problem.message} ({problem.contract})" for problem in outcome.contract.problems]
    if problems:
        found.append(f"left out of the contract: {shortened(problems, LISTED)}")
    settings = outcome.settings
    if outcome.findings and settings.credentials.secrets:
        variables = " and ".join(f"${name}" for name in dict.fromkeys(settings.credentials.secrets.values()))
        found.append(f"the curl lines take credentials from {variables}")
    if outcome.errors and settings.application is not None and settings.origin == IN_PROCESS:
        found.append(f"the application ran in this process; the curl lines are for one served at {settings.origin}")
    if outcome.stopped in _STOPS:
        found.append(_STOPS[outcome.stopped])
    return found


def summary(outcome: Outcome) -> str:
    """The line that sums a run up."""
    tested = sum(1 for operation in outcome.tested.values() if operation.requests)
    total = len(outcome.contract.operations)
    run = (
        f"{tested} of {counted(total, 'operation', ',')} tested with {counted(outcome.requests, 'request', ',')} "
        f"in {outcome.seconds:.1f} s (--seed {outcome.settings.seed} repeats it)"
    )
    if outcome.errors:
        rules = len({finding.rule for finding in outcome.errors})
        found = f"{counted(len(outcome.errors), 'finding', ',')} of {counted(rules, 'rule', ',')}"
        return f"{click.style(found, fg='red', bold=True)}; {run}"
    if outcome.nothing:
        return f"{click.style(outcome.nothing, fg='red', bold=True)}; {run}"
    return f"{click.style('no finding', fg='green', bold=True)}; {run}"


def _hidden(line: str, outcome: Outcome) -> str:
    return hidden(line, outcome.settings.credentials.secrets)


def as_json(outcome: Outcome) -> str:
    """The whole result as one JSON object."""
    settings = outcome.settings
    result = {
        "contract": outcome.contract.file,
        "url": settings.origin + settings.base_path,
        "seed": settings.seed,
        "seconds": round(outcome.seconds, 3),
        "requests": outcome.requests,
        "stopped": outcome.stopped or None,
        "nothing_tested": outcome.nothing or None,
        "operations": [
            {"operation": tested.label, "statuses": {str(key): count for key, count in sorted(tested.statuses.items())}}
            for tested in outcome.tested.values()
        ],
        "findings": [_json_finding(finding, outcome) for finding in outcome.findings],
        "notes": notes(outcome),
    }
    return json.dumps(result, ensure_ascii=False, indent=2)


def _json_finding(finding: Finding, outcome: Outcome) -> dict[str, Any]:
    place = finding.place
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "operation": finding.subject,
        "message": _hidden(finding.message, outcome),
        "contract": {"file": place.file, "line": place.line, "pointer": place.pointer},
        "count": finding.count,
        "seen_again": finding.again,
        "steps": [
            {
                "curl": curl_line(step, outcome),
                "status": step.response.status if step.response is not None else None,
                "headers": dict(telling_headers(step.response)) if step.response is not None else {},
                "body": _hidden(shown_body(step.response), outcome) if step.response is not None else None,
            }
            for step in finding.steps
        ],
    }


def as_junit(outcome: Outcome) -> bytes:
    """The result as JUnit XML: one test case an operation (or path), one failure a finding."""
    errors: dict[str, list[Finding]] = {}
    for finding in outcome.errors:
        errors.setdefault(finding.subject, []).append(finding)
    suite = ElementTree.Element("testsuite", name=_xml(outcome.contract.title or outcome.contract.name))
    subjects = [*outcome.tested, *(subject for subject in errors if subject not in outcome.tested)]
    failures = skipped = 0
    for subject in subjects:
        case = ElementTree.SubElement(suite, "testcase", classname=_xml(outcome.contract.name), name=_xml(subject))
        for finding in errors.get(subject, ()):
            failures += 1
            failure = ElementTree.SubElement(case, "failure", type=finding.rule, message=_xml(finding.message))
            failure.text = _xml("\n".join(line.strip() for line in _finding(finding, outcome)))
        tested = outcome.tested.get(subject)
        if tested is not None and not tested.requests:
            skipped += 1
            reason = outcome.untested.get(subject, "no request was sent")
            ElementTree.SubElement(case, "skipped", message=_xml(reason))
    if outcome.nothing:
        failures += 1
        whole = {"classname": _xml(outcome.contract.name), "name": "the run as a whole"}
        case = ElementTree.SubElement(suite, "testcase", whole)
        ElementTree.SubElement(case, "failure", type="nothing-tested", message=_xml(outcome.nothing))
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(failures))
    suite.set("skipped", str(skipped))
    suite.set("errors", "0")
    suite.set("time", f"{outcome.seconds:.3f}")
    properties = ElementTree.Element("properties")
    ElementTree.SubElement(properties, "property", name="seed", value=str(outcome.settings.seed))
    suite.insert(0, properties)
    root = ElementTree.Element("testsuites", name="tallystick fuzz")
    root.append(suite)
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _xml(line: str) -> str:
    return _NOT_XML.sub("�", line)
