"""`tallystick report merge`: the reports of the shards of one fuzz run are one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tallystick.cli import main
from tallystick.nouns.errors import Exit

API = """\
openapi: 3.1.0
info: {title: Pets, version: '1'}
paths:
  /cats:
    get: {responses: {'200': {$ref: '#/components/responses/Pets'}}}
  /dogs:
    get: {responses: {'200': {$ref: '#/components/responses/Pets'}}}
components:
  responses:
    Pets: {description: Pets, content: {application/json: {schema: {type: array}}}}
"""
PLACE = {"file": "api.yaml", "line": 10, "pointer": "/components/responses/Pets/content/application~1json/schema/type"}


def finding(operation: str, **more: Any) -> dict[str, Any]:
    """A finding as a report has it."""
    request = {"method": "GET", "path": operation[4:], "query": "", "headers": [["a", "b"]], "body": ""}
    step = {"curl": f"curl -i http://x{operation[4:]}", "status": 200, "headers": {}, "body": "{}", "request": request}
    return {
        "rule": "response-body-schema",
        "severity": "error",
        "operation": operation,
        "message": "an object; expected an array",
        "contract": PLACE,
        "count": 3,
        "seen_again": True,
        "steps": [{**step, "captures": []}],
        "also": [],
        "tries": None,
        "exception": None,
        "clause": ["10  type: array"],
        "detail": "",
        "known": None,
        **more,
    }


def part(name: str, operation: str, *findings: Any, **more: Any) -> str:
    """The file of a report of one operation."""
    record = {"contract": "api", "exchanges": 5, "seen": {"operations": {operation: [""]}}}
    value = {
        "contract": "api.yaml",
        "url": "http://x",
        "seed": 7,
        "seconds": 1.5,
        "requests": 5,
        "stopped": None,
        "nothing_tested": None,
        "operations": [{"operation": operation, "statuses": {"200": 5}, "untested": None}],
        "findings": list(findings),
        "notes": ["the same note"],
        "coverage": {"record": record},
        **more,
    }
    Path(name).write_text(json.dumps(value))
    return name


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("api.yaml").write_text(API)


def merge(*words: str) -> Result:
    """`tallystick report merge`."""
    return CliRunner().invoke(main, ["report", "merge", *words])


def test_findings_coverage_and_notes_are_those_of_one_run() -> None:
    """One cause in two shards is one finding; operations, requests and coverage are added; a note is told once."""
    files = part("1.json", "GET /dogs", finding("GET /dogs")), part("2.json", "GET /cats", finding("GET /cats"))
    result = merge(*files, "--format", "json")
    assert result.exit_code == Exit.VIOLATIONS
    report = json.loads(result.stdout)
    (one,) = report["findings"]
    assert one["operations"] == ["GET /dogs", "GET /cats"]
    assert [operation["operation"] for operation in report["operations"]] == ["GET /cats", "GET /dogs"]
    assert report["requests"] == 10
    assert report["notes"] == ["the same note"]
    assert report["coverage"]["kinds"]["operations"]["seen"] == 2
    Path("merged.json").write_text(result.stdout)
    assert json.loads(merge("merged.json", "--format", "json").stdout) == report


def test_every_format_of_a_run_is_one_of_the_merged_report() -> None:
    """The merged report is written in each format that a run has."""
    file = part("1.json", "GET /dogs", finding("GET /dogs"))
    for form in ("text", "junit", "sarif", "github", "markdown", "html", "har"):
        result = merge(file, "--format", form)
        assert result.exit_code == Exit.VIOLATIONS, result.output
        assert result.output


def test_the_exit_code_is_that_of_the_whole_run() -> None:
    """Clean parts end with 0, one that its time cut with 4; too little coverage, or nothing tested, with 1."""
    one, two = part("1.json", "GET /dogs"), part("2.json", "GET /cats")
    assert merge(one, two).exit_code == Exit.CLEAN
    assert merge(one, two, "--min-coverage", "statuses=50").exit_code == Exit.VIOLATIONS
    empty = part("3.json", "GET /cats", nothing_tested="nothing was tested")
    assert merge(one, empty).exit_code == Exit.CLEAN
    assert merge(empty).exit_code == Exit.VIOLATIONS
    assert merge(one, part("4.json", "GET /cats", stopped="max_time")).exit_code == Exit.PARTIAL


def test_parts_of_several_runs_are_refused() -> None:
    """Reports of other contracts or seeds are no parts of one run."""
    result = merge(part("1.json", "GET /dogs"), part("2.json", "GET /cats", seed=8))
    assert result.exit_code == Exit.USAGE
    assert "2.json: the seed is 8, and in 1.json 7; the parts of one run have one seed" in result.output


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"contract": "api.yaml", "seed": 1, "findings": 1, "operations": 5}']
)
def test_what_is_no_report_is_told_in_one_line(text: str) -> None:
    """A file that is no report ends the command with one line that says what writes one."""
    Path("odd.json").write_text(text)
    result = merge("odd.json")
    assert result.exit_code in (Exit.USAGE, Exit.UNREACHABLE)
    (line,) = result.output.splitlines()
    assert "`tallystick fuzz --format json` writes one" in line
