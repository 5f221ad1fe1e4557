"""What the reports of `check` look like."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from support.commands import BROKEN, run, written
from support.folders import OPENAPI

from tallystick.check.run import RULES
from tallystick.contracts.read import read_contract
from tallystick.exchanges.har import read_archive
from tallystick.nouns.errors import Exit
from tallystick.nouns.exchange import Exchange, Request, Response
from tallystick.nouns.violation import Place, Severity, Violation
from tallystick.reports import github, har, junit, sarif, text
from tallystick.reports import json as as_json
from tallystick.reports.colours import wants_colour
from tallystick.reports.formats import CHECK_FORMATS
from tallystick.reports.results import CheckResult


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "expected"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (io.StringIO(), {}, False),
        (io.StringIO(), {"FORCE_COLOR": "1"}, True),
        (io.StringIO(), {"FORCE_COLOR": "0"}, False),
    ],
)
def test_colours_are_for_terminals(stream: io.StringIO, environment: dict[str, str], expected: bool) -> None:
    """The stream decides, and the two customary variables overrule it."""
    assert wants_colour(stream, environment) is expected


def found_in(file: str, line: int, rule: str, message: str, severity: Severity = Severity.ERROR) -> Violation:
    """A violation at a line."""
    return Violation(rule, severity, "", Place(file, ("paths", "/a"), lambda _: line), message)


def findings(*violations: Violation, **more: Any) -> CheckResult:
    """Violations as they are reported, found in one of our contracts."""
    contract = read_contract(OPENAPI / "tracking-sessions.yaml")
    return CheckResult(violations, (contract,), RULES, **more)


UGLY = found_in("a,b:c.yaml", 3, "field-invalid", 'an "ugly" <name>, 100% & \x07\nmore')
WARNING = found_in("b.yaml", 0, "component-unused", "no operation uses the schema 'B'", Severity.WARNING)


def test_text_is_one_line_each_and_a_summary() -> None:
    """File, line, rule and message; a warning says that it is one, and a file as a whole has no line."""
    assert text.check(findings(found_in("a.yaml", 3, "field-invalid", "wrong"), WARNING)).splitlines() == [
        "a.yaml:3: field-invalid: wrong",
        "b.yaml: component-unused (warning): no operation uses the schema 'B'",
        "2 violations (1 warning) in 1 contract: component-unused 1, field-invalid 1",
    ]


def test_text_without_violations_counts_what_was_checked() -> None:
    """Nothing wrong is said in one line, with what was looked at."""
    assert text.check(findings()) == "1 contract, 1 operation: no violations\n"
    assert text.check(findings(WARNING)).endswith("\n1 violation (all warnings) in 1 contract: component-unused 1\n")


def test_many_violations_are_grouped_by_rule() -> None:
    """Errors go before warnings and the most frequent rule first, each with its sentence and its first places."""
    many = [found_in("a.yaml", line, "field-invalid", f"wrong {line}") for line in range(1, 8)]
    few = [found_in("a.yaml", line, "field-not-allowed", f"unknown {line}") for line in (20, 21)]
    warnings = [found_in("b.yaml", 0, "component-unused", f"unused {n}", Severity.WARNING) for n in range(9)]
    summary = "18 violations (9 warnings) in 1 contract: component-unused 9, field-invalid 7, field-not-allowed 2"
    report = text.check(findings(*many, *few, *warnings, most=8)).splitlines()
    assert report == [
        "field-invalid: 7  A field has a value that the specification allows.",
        *(f"  a.yaml:{line}: wrong {line}" for line in (1, 2, 3, 4)),
        "  ... and 3 more",
        "field-not-allowed: 2  An object has no fields but its own.",
        "  a.yaml:20: unknown 20",
        "  a.yaml:21: unknown 21",
        "component-unused (warning): 9  A component is used by some operation.",
        *(f"  b.yaml: unused {n}" for n in range(8)),
        "  ... and 1 more",
        f"{summary}; every one of them with --max 0",
    ]
    assert len(text.check(findings(*many, *few, *warnings, most=0)).splitlines()) == 19
    assert len(text.check(findings(*many, *few, *warnings, most=18)).splitlines()) == 19


def test_errors_are_grouped_where_there_are_no_warnings() -> None:
    """More errors than the report may have lines are grouped by rule, also where no warning follows them."""
    lines = text.check(findings(*(found_in("a.yaml", n, f"r{n}", f"{n}") for n in range(1, 6)), most=3)).splitlines()
    assert lines[0] == "r1: 1"
    assert lines[-1].startswith("5 violations in 1 contract")


def test_errors_that_fit_the_first_screen_stand_there_line_by_line() -> None:
    """However many warnings there are, they come after the errors, and are grouped without them."""
    warnings = [found_in("a.yaml", n, "component-unused", f"unused {n}", Severity.WARNING) for n in range(1, 5)]
    errors = [found_in("a.yaml", line, "field-invalid", f"wrong {line}") for line in (2, 3)]
    assert text.check(findings(*sorted([*warnings, *errors]), most=4)).splitlines()[:-1] == [
        "a.yaml:2: field-invalid: wrong 2",
        "a.yaml:3: field-invalid: wrong 3",
        "component-unused (warning): 4  A component is used by some operation.",
        *(f"  a.yaml:{n}: unused {n}" for n in range(1, 5)),
    ]


def test_violations_that_say_the_same_share_a_line() -> None:
    """The line says how many there are and where the first ones are, and all places with --max 0."""
    same = [found_in("a.yaml", line, "field-not-allowed", "unknown") for line in range(1, 7)]
    other = found_in("b.yaml", 3, "field-not-allowed", "unknown")
    head = "a.yaml:1: field-not-allowed: unknown (and 5 more likewise: lines 2, 3, 4"
    summary = "7 violations in 1 contract: field-not-allowed 7"
    assert text.check(findings(*same, other)).splitlines() == [
        f"{head} and 2 more)",
        "b.yaml:3: field-not-allowed: unknown",
        f"{summary}; every one of them with --max 0",
    ]
    assert text.check(findings(*same, other, most=0)).splitlines() == [
        f"{head}, 5, 6)",
        "b.yaml:3: field-not-allowed: unknown",
        summary,
    ]


def test_operations_without_an_id_share_a_line_and_so_do_uses_of_a_keyword(tmp_path: Path) -> None:
    """What the author mends in the same way everywhere is told once, by the message that is the most frequent."""
    operation = "{responses: {'200': {description: A day}}}"
    file = tmp_path / "days.yaml"
    schemas = "".join(f"    {name}: {{type: {name}, nullable: true}}\n" for name in ("number", "string"))
    file.write_text(
        "openapi: 3.1.0\ninfo: {title: Days, version: '1'}\npaths:\n  /days:\n"
        f"    get: {operation}\n    put: {operation}\n    post: {operation}\n"
        f"components:\n  schemas:\n{schemas}    more: {{type: string, nullable: true}}\n"
    )
    lines = run("check", str(file)).stdout.splitlines()
    assert [line.replace(str(file), "FILE") for line in lines if "unused" not in line] == [
        "FILE:11: keyword-of-other-version: OpenAPI 3.1 has no `nullable` in a schema; "
        "write `type: [string, 'null']` (and 2 more likewise: lines 10, 12)",
        "FILE:5: operation-id-missing (warning): GET /days has no operationId (and 2 more likewise: lines 6, 7)",
    ]


def test_a_minified_document_is_told_by_pointer(tmp_path: Path) -> None:
    """Where everything stands on one line, the JSON Pointer is told beside the line, also in messages."""
    schema = {"type": "object", "description": "x" * 300, "example": {"a": 1}, "properties": {"a": {"type": "string"}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Days", "version": "1"},
        "paths": {},
        "components": {"schemas": {"Day": schema}},
    }
    file = tmp_path / "days.json"
    file.write_text(json.dumps(document))
    assert run("check", str(file)).stdout.splitlines()[0] == (
        f"{file}:1#/components/schemas/Day/example/a: example-not-valid: the example, /a: 1 is an integer; "
        "expected a string; write it in quotes (schema: line 1#/components/schemas/Day/properties/a/type)"
    )
    file.write_text(json.dumps(document, indent=1))
    assert run("check", str(file)).stdout.startswith(f"{file}:14: example-not-valid: ")


def test_json_has_every_violation_and_the_counts() -> None:
    """A program finds the place as file, line and JSON Pointer."""
    report = json.loads(as_json.check(findings(UGLY, WARNING)))
    assert report["contracts"] == [
        {"file": str(OPENAPI / "tracking-sessions.yaml"), "openapi": "3.1.0", "operations": 1}
    ]
    assert report["counts"] == {"component-unused": 1, "field-invalid": 1}
    assert report["violations"][0] == {
        "rule": "field-invalid",
        "severity": "error",
        "file": "a,b:c.yaml",
        "line": 3,
        "pointer": "/paths/~1a",
        "where": "",
        "message": 'an "ugly" <name>, 100% & \x07\nmore',
    }


def test_github_commands_are_escaped() -> None:
    """A workflow command is one line, whatever the message and the file have in them."""
    assert github.check(findings(UGLY, WARNING)).splitlines()[:2] == [
        '::error file=a%2Cb%3Ac.yaml,line=3,title=field-invalid::an "ugly" <name>, 100%25 & \\x07%0Amore',
        "::warning file=b.yaml,line=1,title=component-unused::no operation uses the schema 'B'",
    ]


def test_junit_has_a_failure_for_each_error() -> None:
    """A sound file is a test that passed, a warning one that passed with a word, an error one that failed."""
    root = ElementTree.fromstring(junit.check(findings(UGLY, WARNING)))
    assert (root.get("tests"), root.get("failures")) == ("3", "1")
    suites = {suite.get("name"): suite for suite in root}
    clean = suites[str(OPENAPI / "tracking-sessions.yaml")]
    assert [(case.get("name"), len(case)) for case in clean] == [("no violations", 0)]
    failure = suites["a,b:c.yaml"].find("testcase/failure")
    assert failure is not None
    assert failure.get("type") == "field-invalid"
    assert failure.text == 'a,b:c.yaml:3: an "ugly" <name>, 100% & \\x07\nmore'
    assert suites["b.yaml"].findtext("testcase/system-out") == "warning: no operation uses the schema 'B'"


def test_sarif_has_rules_and_results() -> None:
    """Each result names a rule that is described, a level, a file and a line where there is one."""
    (report,) = json.loads(sarif.check(findings(UGLY, WARNING, version="1.2.3")))["runs"]
    driver = report["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("tallystick", "1.2.3")
    assert {rule["id"] for rule in driver["rules"]} == {"field-invalid", "component-unused"}
    assert all(rule["shortDescription"]["text"].endswith(".") for rule in driver["rules"])
    first, second = report["results"]
    assert (first["ruleId"], first["level"], second["level"]) == ("field-invalid", "error", "warning")
    place = first["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "a%2Cb%3Ac.yaml"}, "region": {"startLine": 3}}
    assert "region" not in second["locations"][0]["physicalLocation"]


def test_an_archive_has_what_it_is_read_again_with() -> None:
    """A body of bytes stands there in base64; what got no answer has the status 0, and is no exchange."""
    sent = Request("POST", "/a", "q=1", (("content-type", "image/png"), ("cookie", "a=b; c=d")), b"\xff\x00")
    answered = Response(201, (("content-type", "text/plain"), ("set-cookie", "e=f; Path=/")), b"done")
    entries: list[Any] = [har.entry(Exchange(sent, reply), "http://a/a?q=1", "why") for reply in (answered, None)]
    recording = read_archive("a.har", har.archive(entries, "1"))
    assert [each.exchange for each in recording.exchanges] == [Exchange(sent, answered)]
    assert recording.others == {"request without a response": 1}
    assert entries[0]["request"]["cookies"] == [{"name": "a", "value": "b"}, {"name": "c", "value": "d"}]


def test_junit_is_xml_whatever_the_file_is_called() -> None:
    """A character in a file's name that XML cannot hold is an escape."""
    report = ElementTree.fromstring(junit.check(findings(found_in("a\x07.yaml", 3, "field-invalid", "wrong"))))
    assert r"a\x07.yaml" in [case.get("file") for case in report.iter("testcase")]


@pytest.mark.parametrize("kind", CHECK_FORMATS)
def test_every_format_can_be_asked_for(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--format` prints the report alone on stdout, and the exit code is the same for all."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "api.yaml", BROKEN)
    result = run("check", "api.yaml", "--format", kind)
    assert result.exit_code == Exit.VIOLATIONS
    assert result.stderr == ""
    assert "response-without-description" in result.stdout
    if kind in ("json", "sarif"):
        json.loads(result.stdout)
    if kind == "junit":
        ElementTree.fromstring(result.stdout)
