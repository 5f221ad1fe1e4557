"""Rules that a user grades or switches off: in a fuzz run and in the mock, for all operations or for some."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from support.detection_api import TOKEN, detection_api
from support.fuzzing import DETECTION, fuzz, written

from tallystick.cli import main
from tallystick.cli.rule_table import grades_of
from tallystick.config import load_configuration
from tallystick.contracts.read import read_contract
from tallystick.mock.policy import judge_for, refusal_for
from tallystick.mock.settings import MockSettings
from tallystick.nouns.errors import Exit
from tallystick.nouns.exchange import Exchange, Request
from tallystick.nouns.grades import Grades, parse_grading
from tallystick.wire.reading import Reading

wrong_enum = detection_api("wrong-enum")
RULE = "response-body-schema"


def command(*words: str) -> Result:
    """`tallystick fuzz` on the detection API that sends a wrong value."""
    app = ("--app", "test_grades:wrong_enum", "--bearer", TOKEN, "--seed", "1", "--max-examples", "3")
    return CliRunner().invoke(main, ["fuzz", str(DETECTION), *app, *words])


@pytest.mark.parametrize(
    ("flag", "is_finding", "is_noted"),
    [
        (f"{RULE}=off", False, False),
        (f"{RULE}=warning", False, True),
        (f"GET /api/detection/*:{RULE}=off", False, False),
        (f"POST /api/detection/*:{RULE}=off", True, False),
    ],
)
def test_a_flag_grades_a_rule(flag: str, is_finding: bool, is_noted: bool) -> None:
    """A rule that is off is no finding, one that is a warning is a note, and both may be so for some operations."""
    output = command("--rule", flag).output
    assert (f"{RULE}  GET " in output) is is_finding, output
    assert (f"note: {RULE}: body/status" in output) is is_noted


def test_the_configuration_grades_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The grades in the configuration hold for fuzz runs, and a flag goes before them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tallystick.toml").write_text(f'[rules]\n{RULE} = "off"\n')
    assert f"{RULE}  GET " not in command().output
    assert f"{RULE}  GET " in command("--rule", f"{RULE}=error").output
    overrides = f'[[overrides]]\noperations = ["getDetectionSession", "GET /*"]\nrules = {{ {RULE} = "off" }}\n'
    (tmp_path / "tallystick.toml").write_text(overrides)
    assert f"{RULE}  GET " not in command().output


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("use-after-fre=off", "--rule: unknown rule 'use-after-fre'; did you mean 'use-after-free'?"),
        ("use-after-free", "expected [OPERATION:]RULE=off|warning|error"),
        ("use-after-free=never", "expected [OPERATION:]RULE=off|warning|error"),
    ],
)
def test_a_wrong_grade_is_one_line(text: str, message: str) -> None:
    """A rule that does not exist, and a grade that is none, end the command with a line that says what would do."""
    result = command("--rule", text)
    assert result.exit_code == Exit.USAGE
    assert message in result.output


def test_check_knows_the_rules_of_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule of fuzz runs, of sequences or of the mock in the configuration is no error of `check`."""
    monkeypatch.chdir(tmp_path)
    rules = '[rules]\nuse-after-free = "off"\nresource-missing = "warning"\n'
    (tmp_path / "tallystick.toml").write_text(rules)
    assert CliRunner().invoke(main, ["check", str(DETECTION)]).exit_code == Exit.CLEAN


def _pets(folder: Path) -> Path:
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
    answer = {"200": {"description": "some"}, "400": {"description": "refused"}}
    paths = {path: {"get": {"parameters": [limit], "responses": answer}} for path in ("/pets", "/owners")}
    return written(folder, paths)


def test_an_accepted_request_is_judged_by_the_grade_of_the_rule_that_it_breaks(tmp_path: Path) -> None:
    """A request that breaks a rule which is off may be accepted, and may be refused."""

    async def takes_all(scope: Any, _: Any, send: Any) -> None:
        assert scope["type"] == "http"
        status = 200 if scope["path"] in ("/pets", "/owners") else 404
        if status == 200 and scope["method"] != "GET":
            status = 405
        await send({"type": "http.response.start", "status": status, "headers": [(b"allow", b"GET")]})
        await send({"type": "http.response.body", "body": b""})

    contract = _pets(tmp_path)
    assert {finding.rule for finding in fuzz(takes_all, contract, max_examples=5).errors} == {"negative-data-rejection"}
    reading = Reading(read_contract(contract).operations[0], Exchange(Request("GET", "/pets", "limit=x")))
    (violation,) = judge_for(reading.operation)(reading)
    grades = Grades((parse_grading("--rule", f"{violation.rule}=off"),))
    messages = [finding.message for finding in fuzz(takes_all, contract, max_examples=5, grades=grades).errors]
    assert not any("expected an integer" in message for message in messages), messages


def test_the_mock_does_not_refuse_for_what_is_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mock accepts a request that breaks a rule which is off, and tells what is a warning without refusing it."""
    monkeypatch.chdir(tmp_path)
    contract = read_contract(_pets(tmp_path))
    pets, owners = contract.operations
    reading = Reading(pets, Exchange(Request("GET", "/pets", "limit=x")))
    (violation,) = judge_for(pets)(reading)
    table = {"operations": ["GET /pets"], "rules": {violation.rule: "off"}}
    (tmp_path / "tallystick.toml").write_text(
        f"[[overrides]]\noperations = {json.dumps(table['operations'])}\nrules = {{ {violation.rule} = 'off' }}\n"
    )
    settings = MockSettings(grades=grades_of(load_configuration()))
    assert list(judge_for(pets, settings)(reading)) == []
    other = Reading(owners, Exchange(Request("GET", "/owners", "limit=x")))
    assert refusal_for(owners, settings)(other, judge_for(owners, settings)(other)) is not None
    mild = MockSettings(grades=Grades((parse_grading("", f"{violation.rule}=warning"),)))
    violations = judge_for(pets, mild)(reading)
    assert [each.rule for each in violations] == [violation.rule]
    assert refusal_for(pets, mild)(reading, violations) is None
