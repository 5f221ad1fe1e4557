"""The reports of a diff in every format, grades, what is ignored, and versions."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.commands import run, written

from tallystick.contracts.read import read_contract
from tallystick.documents import text
from tallystick.exchanges.recording.folder import read_recording
from tallystick.nouns.exchange import Exchange, Request
from tallystick.reports.formats import DIFF_FORMATS
from tallystick.rules.judge import judge

OLD = """
openapi: 3.1.0
info: {title: Pets, version: 1.2.0}
paths:
  /pets:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer, maximum: 100}}
      responses:
        '200':
          description: Pets
          content: {application/json: {schema: {type: string, enum: [a, b]}}}
"""
NEW = OLD.replace("maximum: 100", "maximum: 50").replace("[a, b]", "[a, b, '<c>']")


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an old and a new contract; it is the working folder."""
    written(tmp_path, "old.yaml", OLD)
    written(tmp_path, "new.yaml", NEW)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(format_name: str, *flags: str) -> str:
    return run("diff", "old.yaml", "new.yaml", "--format", format_name, *flags).output


@pytest.mark.usefixtures("pair")
@pytest.mark.parametrize("format_name", DIFF_FORMATS)
def test_each_format_names_each_change(format_name: str) -> None:
    """Every format tells both changes, and the exit code is that of the changes."""
    result = run("diff", "old.yaml", "new.yaml", "--format", format_name)
    assert result.exit_code == 1
    assert "maximum was 100 and is 50" in result.output
    assert "enum was" in result.output


@pytest.mark.usefixtures("pair")
def test_a_changelog_has_what_breaks_first() -> None:
    """The changelog in Markdown is grouped by operation, with what breaks before what may break."""
    changelog = told("markdown")
    assert changelog.startswith(
        "# Pets 1.2.0\n\n## Breaking\n\n### `GET /pets`\n\n- The query parameter `limit`: maximum was"
    )
    assert changelog.index("## Breaking") < changelog.index("## May break")
    assert "<c>" not in changelog


def test_a_changelog_says_a_sentence_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has changed alike in two media types is one sentence of the changelog."""
    monkeypatch.chdir(tmp_path)
    schema = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 9}}}
    content = {"application/json": {"schema": schema}, "application/problem+json": {"schema": schema}}
    operation = {"requestBody": {"content": content}, "responses": {}}
    info = {"title": "Pets", "version": "1"}
    old = json.dumps({"openapi": "3.1.0", "info": info, "paths": {"/pets": {"post": operation}}})
    written(tmp_path, "old.yaml", old)
    written(tmp_path, "new.yaml", old.replace(": 9", ": 5"))
    assert told("markdown").count("maxLength was 9 and is 5") == 1


@pytest.mark.usefixtures("pair")
def test_annotations_are_on_the_lines_of_the_new_file() -> None:
    """An annotation of GitHub is at the line of the new contract where something has changed."""
    first, second, *_ = told("github").splitlines()
    assert first.startswith("::error file=new.yaml,line=8,title=request-maximum-narrowed::GET /pets: query.limit")
    assert second.startswith("::warning file=new.yaml,line=12,title=response-enum-widened::")


@pytest.mark.usefixtures("pair")
def test_junit_and_sarif() -> None:
    """JUnit has a failure for what fails and a passed case for the rest; SARIF a result with both places."""
    suite = ElementTree.fromstring(told("junit"))
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    results = json.loads(told("sarif"))["runs"][0]["results"]
    assert [result["level"] for result in results] == ["error", "warning"]
    assert results[0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 8}
    assert results[0]["relatedLocations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "old.yaml"}


@pytest.mark.usefixtures("pair")
def test_the_page_needs_nothing_else() -> None:
    """The HTML page has both sides, and loads nothing; what stands in a contract is text in it."""
    page = told("html")
    assert "old: old.yaml:8" in page
    assert "new: new.yaml:8" in page
    assert "http://" not in page.replace("http://127.0.0.1:4010", "")
    assert "<script" not in page
    assert "&lt;c&gt;" in page


def test_rules_are_graded(pair: Path) -> None:
    """The configuration gives a rule another severity, or switches it off."""
    written(
        pair, "tallystick.toml", "[diff.rules]\nrequest-maximum-narrowed = 'off'\nresponse-enum-widened = 'breaking'\n"
    )
    changes = json.loads(told("json"))["changes"]
    assert [(change["rule"], change["severity"]) for change in changes] == [("response-enum-widened", "breaking")]
    written(pair, "tallystick.toml", "[diff.rules]\nrequest-maximum-narowed = 'off'\n")
    result = run("diff", "old.yaml", "new.yaml")
    assert (result.exit_code, "did you mean" in result.output) == (2, True)


def test_the_configuration_says_what_fails(pair: Path) -> None:
    """`fail-on` of the configuration holds where no flag is given."""
    written(pair, "tallystick.toml", "[diff]\nfail-on = 'never'\n")
    assert run("diff", "old.yaml", "new.yaml").exit_code == 0
    assert run("diff", "old.yaml", "new.yaml", "--fail-on", "breaking").exit_code == 1


@pytest.mark.parametrize(
    ("entry", "code", "note"),
    [
        ("reason = 'agreed'", 0, "1 change ignored"),
        ("path = '/pets'\nreason = 'agreed'", 0, "1 change ignored"),
        ("path = 'GET /p*'\nreason = 'agreed'", 0, "1 change ignored"),
        ("path = '/dogs'\nreason = 'agreed'", 1, ""),
        ("reason = 'agreed'\nuntil = 2020-01-01", 1, "was ignored until 2020-01-01, and is not any more"),
        ("reason = 'agreed'\nuntil = 2999-01-01", 0, "1 change ignored"),
        ("", 0, "nothing says why"),
    ],
)
def test_a_change_is_ignored_until_a_day(pair: Path, entry: str, code: int, note: str) -> None:
    """A change is ignored by its rule and its operation, with a reason, until its day has passed."""
    written(pair, "ignored.toml", f"[[ignored]]\nrule = 'request-maximum-*'\n{entry}\n")
    result = run("diff", "old.yaml", "new.yaml", "--ignored", "ignored.toml")
    assert result.exit_code == code
    assert note in result.output


@pytest.mark.parametrize(
    "text_of_file",
    ["[[ignored]]\nreason = 'x'", "ignored = 1", "[[ignored]]\nrule = 1", "=", "[[ignored]]\nrule='a'\nuntil='soon'"],
)
def test_a_wrong_file_of_ignored_changes(pair: Path, text_of_file: str) -> None:
    """A file of ignored changes that is not of its form is told, and one that is not there."""
    written(pair, "ignored.toml", text_of_file)
    assert run("diff", "old.yaml", "new.yaml", "--ignored", "ignored.toml").exit_code == 2
    assert run("diff", "old.yaml", "new.yaml", "--ignored", "none.toml").exit_code == 3


@pytest.mark.parametrize(
    ("old", "new", "code", "note"),
    [
        ("1.2.0", "1.2.0", 1, "is still 1.2.0, and ought to be 2.0.0 at least"),
        ("1.2.0", "1.3.0", 1, "went from 1.2.0 to 1.3.0, and ought to be 2.0.0 at least"),
        ("1.2.0", "2.0.0", 0, ""),
        ("0.2.0", "0.3.0", 0, ""),
        ("2024-05-01", "2024-05-01", 1, "was not changed, and a major change was made"),
        ("2024-05-01", "2024-06-01", 0, ""),
    ],
)
def test_the_version_has_to_rise(pair: Path, old: str, new: str, code: int, note: str) -> None:
    """With --check-version a breaking change asks for a new major version, before 1.0.0 for a new minor one."""
    written(pair, "old.yaml", OLD.replace("1.2.0", old))
    written(pair, "new.yaml", NEW.replace("1.2.0", new))
    result = run("diff", "old.yaml", "new.yaml", "--fail-on", "never", "--check-version")
    assert result.exit_code == code
    assert note in result.output


def test_witnesses_are_scenarios(pair: Path) -> None:
    """--witnesses writes each witness with what the contract says that refuses it."""
    assert "2 scenarios written to kept" in run("diff", "old.yaml", "new.yaml", "--witnesses", "kept").output
    files = sorted((pair / "kept").iterdir())
    scenario = text.parse(files[0].read_text(), str(files[0]))
    (exchange,) = scenario["exchanges"]
    assert exchange["send"] == "GET /pets?limit=100"
    (operation,) = read_contract(files[0].parent / scenario["contract"])
    judged = judge(operation, Exchange(Request("GET", "/pets", "limit=100")))
    assert exchange["violations"] == [f"{each.where} | {each.rule} | {each.message}" for each in judged] != []
    answered = text.parse(files[1].read_text(), str(files[1]))
    assert answered["contract"] == "../old.yaml"
    assert answered["exchanges"][0]["response"]["json"] == "<c>"


@pytest.mark.usefixtures("pair")
def test_witnesses_are_a_recording() -> None:
    """The witnesses are also a recording: what the new contract refuses, answered as the old one documents it."""
    run("diff", "old.yaml", "new.yaml", "--witnesses", "kept")
    asked, answered = read_recording("kept/recording").exchanges
    assert (asked.exchange.request.query, asked.exchange.response and asked.exchange.response.status) == (
        "limit=100",
        200,
    )
    assert answered.exchange.response is not None
    assert answered.exchange.response.body == b'"<c>"'
    assert "query.limit: 100 is too large" in run("judge", "kept/recording", "--contract", "new.yaml").output


def test_witnesses_are_tests_of_pytest(pair: Path) -> None:
    """A scenario of a witness passes in pytest while the contract refuses it, and fails once it does not any more."""
    run("diff", "old.yaml", "new.yaml", "--witnesses", "kept")

    def outcome() -> str:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "kept"]
        return subprocess.run(command, cwd=pair, capture_output=True, text=True, timeout=120).stdout

    written(pair, "kept/another.scenario.yaml", "a: file of another program\n")
    assert "2 passed" in outcome()
    written(pair, "new.yaml", OLD)
    shown = outcome()
    assert "1 failed, 1 passed" in shown
    assert "query.limit | parameter-schema | 100 is too large; the most is 50\nit says:\n  nothing breaks it" in shown
