"""The command `tallystick`: its help, how it is configured, how every run ends, and what its reports look like."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from tallystick import cli
from tallystick.check.run import RULES
from tallystick.cli import COMMANDS, ENDINGS, main
from tallystick.config import load_configuration
from tallystick.contracts.read import read_contract
from tallystick.nouns.errors import Exit, UnreachableError, UsageError
from tallystick.nouns.violation import Place, Severity, Violation
from tallystick.reports.violations import FORMATS, Findings, as_json, github, junit, sarif, text, wants_colour

HERE = Path(__file__).parent
OPENAPI = HERE.parent / "openapi"

NOT_INHERITED = frozenset(("NO_COLOR", "FORCE_COLOR", "PYTHONUNBUFFERED"))
"""What a test must not take over from where it runs: an unbuffered stream, for one, hides that its reader has gone."""

CONTRACT = """\
openapi: 3.1.0
info: {title: Days, version: '1'}
paths:
  /day:
    get:
      operationId: getDay
      responses: {'200': {description: A day}}
"""
WARNED = CONTRACT.replace("      operationId: getDay\n", "")
BROKEN = CONTRACT.replace("{description: A day}", "{}")


def run(*arguments: str) -> Result:
    """The command line in this process."""
    return CliRunner().invoke(main, arguments, prog_name="tallystick")


def process(
    *arguments: str, folder: Path | None = None, environment: Mapping[str, str] | None = None, **more: Any
) -> Any:
    """The command line in a process of its own, whose streams are pipes."""
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    return subprocess.Popen(
        [sys.executable, "-m", "tallystick", *arguments],
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(HERE.parent), **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def written(folder: Path, name: str, content: str) -> Path:
    """A file with a content, its folders made."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    return file


def test_help_names_every_command_and_every_exit_code() -> None:
    """One screen has the commands, each with a line, and what the exit codes mean."""
    result = run("--help")
    assert result.exit_code == 0
    for name in COMMANDS:
        assert re.search(f"^  {name} ", result.output, re.MULTILINE)
    for code in Exit:
        assert re.search(f"^  {int(code)}  ", result.output, re.MULTILINE)
    assert [code for code, _ in ENDINGS] == list(Exit)


def test_help_loads_no_command() -> None:
    """What is heavy is imported by the command that needs it."""
    heavy = ("jsonschema_rs", "yaml", "connexion", "schemathesis", "datamodel_code_generator", "pydantic", "asyncio")
    code = (
        "import sys; from tallystick.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.splitlines()[-1] == "[]"


def test_checking_imports_no_heavy_package(tmp_path: Path) -> None:
    """openapi-spec-validator's schemas are used without importing it, and nothing of the other commands is loaded."""
    written(tmp_path, "openapi/a.yaml", CONTRACT)
    heavy = (
        "connexion",
        "schemathesis",
        "datamodel_code_generator",
        "pydantic",
        "openapi_spec_validator",
        "jsonschema",
    )
    code = (
        "import sys; from tallystick.cli import main\n"
        "try: main(['check'])\nexcept SystemExit as end: print(end.code)\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, cwd=tmp_path
    )
    assert done.stdout.splitlines() == ["1 contract, 1 operation: no violations", "0", "[]"]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help_of_its_own(name: str) -> None:
    """A command that is listed can be loaded, and its help says how it is used."""
    result = run(name, "--help")
    assert result.exit_code == 0, result.output
    assert result.output.startswith(f"Usage: tallystick {name} ")


def test_the_version_is_told() -> None:
    """`--version` prints the name and the version."""
    result = run("--version")
    assert result.exit_code == 0
    assert re.fullmatch(r"tallystick (\d+\.\d+\S*|\(run from its source, not installed\))\n", result.output)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chek"], "no such command 'chek'; did you mean 'check'?"),
        (["frobnicate"], "no such command 'frobnicate'; known: check, mock, models, fuzz"),
        (["check", "--strikt"], "No such option '--strikt'"),
        (["check", "--format", "html"], "'html' is not one of"),
        (["check", "--max", "-1"], "-1 is not in the range"),
    ],
)
def test_a_wrong_command_line_is_a_usage_error(arguments: list[str], said: str) -> None:
    """The message names what would have worked, and the exit code is that of a usage error."""
    result = run(*arguments)
    assert result.exit_code == Exit.USAGE
    assert said in result.stderr
    assert result.stdout == ""


def test_no_command_at_all_shows_the_help() -> None:
    """The name alone is no use of it, and the help says what is."""
    result = run()
    assert result.exit_code == Exit.USAGE
    assert "Commands:" in result.stderr


@pytest.mark.parametrize(
    ("content", "arguments", "code"),
    [
        (CONTRACT, [], Exit.CLEAN),
        (WARNED, [], Exit.CLEAN),
        (WARNED, ["--strict"], Exit.VIOLATIONS),
        (BROKEN, [], Exit.VIOLATIONS),
        ("", [], Exit.UNREACHABLE),
    ],
)
def test_check_ends_with_the_code_of_what_it_found(
    content: str, arguments: list[str], code: Exit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clean, violations or unreadable: the exit code tells, and a warning counts only where it is asked to."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "api.yaml", content)
    assert run("check", "api.yaml", *arguments).exit_code == code


def test_an_error_of_a_command_is_one_line_and_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a user can mend is told on stderr, without a traceback."""

    def fail(*_: object) -> None:
        raise UnreachableError("the port 80 is in use")

    monkeypatch.setattr("tallystick.check.run.check", fail)
    result = run("check")
    assert result.exit_code == Exit.UNREACHABLE
    assert (result.stdout, result.stderr) == ("", "tallystick: the port 80 is in use\n")


def test_an_interrupt_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends a run with the code that a shell knows, and no traceback."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tallystick.check.run.check", interrupt)
    result = run("check")
    assert result.exit_code == 130
    assert result.stderr.strip() == "tallystick: interrupted"


def test_a_real_interrupt_ends_a_real_process(tmp_path: Path) -> None:
    """A process that gets SIGINT while it reads ends at once."""
    os.mkfifo(tmp_path / "slow.yaml")
    running = process("check", "slow.yaml", folder=tmp_path)
    with open(tmp_path / "slow.yaml", "wb"):  # returns when the process has opened the other end
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=20)
    assert (running.returncode, out, err.strip()) == (130, "", "tallystick: interrupted")


def test_a_closed_pipe_ends_quietly(tmp_path: Path) -> None:
    """Who reads only the first line, as `head -1` does, gets no complaint about the rest."""
    paths = "".join(f"  /p{index}:\n    get: {{}}\n" for index in range(4000))
    written(tmp_path, "many.yaml", f"openapi: 3.1.0\ninfo: {{title: a, version: '1'}}\npaths:\n{paths}")
    running = process("check", "many.yaml", "--max", "0", folder=tmp_path)
    assert running.stdout.readline().startswith("many.yaml:5: operation-id-missing")
    running.stdout.close()
    assert running.wait(timeout=60) == 141
    assert running.stderr.read() == ""
    running.stderr.close()


def test_a_pipe_has_no_colours_unless_they_are_forced(tmp_path: Path) -> None:
    """A pipe gets plain lines; FORCE_COLOR colours them, and NO_COLOR goes before it."""
    written(tmp_path, "api.yaml", BROKEN)
    plain, _ = process("check", "api.yaml", folder=tmp_path).communicate()
    assert plain.splitlines() == [
        "api.yaml:7: response-without-description: the field `description` is missing; a response needs it",
        "1 violation in 1 contract: response-without-description 1",
    ]
    coloured, _ = process("check", "api.yaml", folder=tmp_path, environment={"FORCE_COLOR": "1"}).communicate()
    assert "\033[31mresponse-without-description\033[0m" in coloured
    assert re.sub(r"\033\[\d*m", "", coloured) == plain
    both = {"FORCE_COLOR": "1", "NO_COLOR": "1"}
    assert process("check", "api.yaml", folder=tmp_path, environment=both).communicate()[0] == plain


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


def configured(folder: Path, content: str, name: str = "tallystick.toml") -> Any:
    """The configuration that a file with this content gives a folder below it."""
    written(folder, name, content)
    below = folder / "deep" / "er"
    below.mkdir(parents=True, exist_ok=True)
    return load_configuration(below)


def test_the_configuration_is_found_upward(tmp_path: Path) -> None:
    """Any folder of a project has the project's settings, whose paths are relative to their file."""
    found = configured(
        tmp_path,
        '[tool.tallystick]\ncontracts = ["api"]\nmodels = "made"\nallow-refs = ["../shared", "example.com"]\n'
        '[tool.tallystick.rules]\noperation-id-missing = "off"\n'
        '[[tool.tallystick.overrides]]\npaths = ["old/*"]\nrules = { component-unused = "error" }\n',
        "pyproject.toml",
    )
    assert (found.folder, found.contracts, found.models) == (tmp_path, ("api",), "made")
    assert found.allow_refs == (f"{tmp_path}/../shared", "example.com")
    assert found.grade("operation-id-missing", "x.yaml", "warning") is None
    assert found.grade("component-unused", str(tmp_path / "old" / "x.yaml"), "warning") == "error"
    assert found.grade("component-unused", str(tmp_path / "x.yaml"), "warning") == "warning"


def test_a_pyproject_of_another_is_passed_over(tmp_path: Path) -> None:
    """A file without the table is no configuration, and the search goes on; tallystick.toml goes before pyproject."""
    written(tmp_path, "pyproject.toml", '[tool.tallystick]\nmodels = "outer"\n')
    written(tmp_path, "deep/pyproject.toml", '[tool.other]\nname = "tallystick"\n')
    assert load_configuration(tmp_path / "deep").models == "outer"
    written(tmp_path, "tallystick.toml", 'models = "own"\n')
    assert load_configuration(tmp_path / "deep").models == "own"


def test_without_a_configuration_there_are_defaults(tmp_path: Path) -> None:
    """No file at all means the defaults, and the folder that was asked about."""
    found = load_configuration(tmp_path)
    assert (found.file, found.contracts, found.models, found.rules) == (None, (), "generated", {})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('contract = ["a"]', "unknown key 'contract'; did you mean 'contracts'?"),
        ("port = 4010", "unknown key 'port'; known: allow-refs, baseline, contracts, models, overrides, rules"),
        ('contracts = "a"', "contracts: a list of strings was expected, not 'a'"),
        ("models = 5", "models: a string was expected, not 5"),
        ('rules = "off"', "rules: a table was expected, not 'off'"),
        ('[rules]\na-b = "no"', "rules: a-b: expected off, warning, error; not 'no'"),
        ("overrides = {}", "overrides: a list of tables was expected, each with `paths` and `rules`"),
        ('[[overrides]]\npaths = ["a"]', "overrides (number 1): both `paths` and `rules` are needed"),
        ('[[overrides]]\npath = ["a"]', "overrides (number 1): unknown key 'path'; did you mean 'paths'?"),
        ("models = ", "not TOML: Invalid value (at end of document)"),
    ],
)
def test_a_wrong_configuration_says_where_and_what(
    content: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the file, the key and what would have worked."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as error:
        configured(tmp_path, content)
    assert str(error.value) == f"tallystick.toml: {said}"


def test_the_configuration_names_the_contracts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From any folder of the project, `check` without a path checks what the configuration names."""
    written(tmp_path, "tallystick.toml", 'contracts = ["api"]\n')
    written(tmp_path, "api/a.yaml", BROKEN)
    (tmp_path / "src").mkdir()
    for folder, shown in ((tmp_path, "api/a.yaml"), (tmp_path / "src", f"{tmp_path}/api/a.yaml")):
        monkeypatch.chdir(folder)
        result = run("check")
        assert result.output.startswith(f"{shown}:7: response-without-description")
        assert result.exit_code == Exit.VIOLATIONS


def test_a_wrong_configuration_ends_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that there is not is a usage error of the command."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "tallystick.toml", '[rules]\ncomponent-unusd = "off"\n')
    written(tmp_path, "a.yaml", CONTRACT)
    result = run("check", "a.yaml")
    assert result.exit_code == Exit.USAGE
    assert result.stderr.strip().endswith("unknown rule 'component-unusd'; did you mean 'component-unused'?")


def found_in(file: str, line: int, rule: str, message: str, severity: Severity = Severity.ERROR) -> Violation:
    """A violation at a line."""
    return Violation(rule, severity, "", Place(file, ("paths", "/a"), lambda _: line), message)


def findings(*violations: Violation, **more: Any) -> Findings:
    """Violations as they are reported, found in one of our contracts."""
    contract = read_contract(OPENAPI / "tracking-sessions.yaml")
    return Findings(violations, (contract,), RULES, **more)


UGLY = found_in("a,b:c.yaml", 3, "field-invalid", 'an "ugly" <name>, 100% & \x07\nmore')
WARNING = found_in("b.yaml", 0, "component-unused", "no operation uses the schema 'B'", Severity.WARNING)


def test_text_is_one_line_each_and_a_summary() -> None:
    """File, line, rule and message; a warning says that it is one, and a file as a whole has no line."""
    assert text(findings(found_in("a.yaml", 3, "field-invalid", "wrong"), WARNING)).splitlines() == [
        "a.yaml:3: field-invalid: wrong",
        "b.yaml: component-unused (warning): no operation uses the schema 'B'",
        "2 violations (1 warning) in 1 contract: component-unused 1, field-invalid 1",
    ]


def test_text_without_violations_counts_what_was_checked() -> None:
    """Nothing wrong is said in one line, with what was looked at."""
    assert text(findings()) == "1 contract, 1 operation: no violations\n"
    assert text(findings(WARNING)).endswith("\n1 violation (all warnings) in 1 contract: component-unused 1\n")


def test_many_violations_are_grouped_by_rule() -> None:
    """Errors go before warnings and the most frequent rule first, each with its sentence and its first places."""
    many = [found_in("a.yaml", line, "field-invalid", f"wrong {line}") for line in range(1, 8)]
    few = [found_in("a.yaml", line, "field-not-allowed", "unknown") for line in (20, 21)]
    warnings = [WARNING] * 9
    report = text(findings(*many, *few, *warnings, most=10)).splitlines()
    assert report == [
        "field-invalid: 7  A field has a value that the specification allows.",
        *(f"  a.yaml:{line}: wrong {line}" for line in (1, 2, 3)),
        "  ... and 4 more",
        "field-not-allowed: 2  An object has no fields but its own.",
        "  a.yaml:20: unknown",
        "  a.yaml:21: unknown",
        "component-unused (warning): 9  A component is used by some operation.",
        *["  b.yaml: no operation uses the schema 'B'"] * 3,
        "  ... and 6 more",
        "18 violations (9 warnings) in 1 contract: component-unused 9, field-invalid 7, field-not-allowed 2; "
        "every one of them with --max 0",
    ]
    assert len(text(findings(*many, *few, *warnings, most=0)).splitlines()) == 19
    assert len(text(findings(*many, *few, *warnings, most=18)).splitlines()) == 19


def test_json_has_every_violation_and_the_counts() -> None:
    """A program finds the place as file, line and JSON Pointer."""
    report = json.loads(as_json(findings(UGLY, WARNING)))
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
    assert github(findings(UGLY, WARNING)).splitlines()[:2] == [
        '::error file=a%2Cb%3Ac.yaml,line=3,title=field-invalid::an "ugly" <name>, 100%25 & \x07%0Amore',
        "::warning file=b.yaml,line=1,title=component-unused::no operation uses the schema 'B'",
    ]


def test_junit_has_a_failure_for_each_error() -> None:
    """A sound file is a test that passed, a warning one that passed with a word, an error one that failed."""
    root = ElementTree.fromstring(junit(findings(UGLY, WARNING)))
    assert (root.get("tests"), root.get("failures")) == ("3", "1")
    suites = {suite.get("name"): suite for suite in root}
    clean = suites[str(OPENAPI / "tracking-sessions.yaml")]
    assert [(case.get("name"), len(case)) for case in clean] == [("no violations", 0)]
    failure = suites["a,b:c.yaml"].find("testcase/failure")
    assert failure is not None
    assert failure.get("type") == "field-invalid"
    assert failure.text == 'a,b:c.yaml:3: an "ugly" <name>, 100% & \ufffd\nmore'
    assert suites["b.yaml"].findtext("testcase/system-out") == "warning: no operation uses the schema 'B'"


def test_sarif_has_rules_and_results() -> None:
    """Each result names a rule that is described, a level, a file and a line where there is one."""
    (report,) = json.loads(sarif(findings(UGLY, WARNING, version="1.2.3")))["runs"]
    driver = report["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("tallystick", "1.2.3")
    assert {rule["id"] for rule in driver["rules"]} == {"field-invalid", "component-unused"}
    assert all(rule["shortDescription"]["text"].endswith(".") for rule in driver["rules"])
    first, second = report["results"]
    assert (first["ruleId"], first["level"], second["level"]) == ("field-invalid", "error", "warning")
    place = first["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "a%2Cb%3Ac.yaml"}, "region": {"startLine": 3}}
    assert "region" not in second["locations"][0]["physicalLocation"]


@pytest.mark.parametrize("kind", FORMATS)
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


def test_the_entry_point_is_the_group() -> None:
    """What `[project.scripts]` names can be called."""
    assert callable(cli.main)
