"""The command `tallystick`: its help, and how every run ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import BROKEN, CONTRACT, WARNED, process, run, written
from support.folders import ROOT

from tallystick import cli
from tallystick.cli import COMMANDS, ENDINGS
from tallystick.nouns.errors import Exit, UnreachableError


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
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.splitlines()[-1] == "[]"


def test_checking_imports_no_heavy_package(tmp_path: Path) -> None:
    """openapi-spec-validator's schemas are used without importing it, and no other command or format is loaded."""
    written(tmp_path, "openapi/a.yaml", CONTRACT)
    heavy = (
        "connexion",
        "schemathesis",
        "datamodel_code_generator",
        "pydantic",
        "openapi_spec_validator",
        "jsonschema",
        "tallystick.reports.json",
        "tallystick.reports.junit",
        "tallystick.reports.sarif",
        "tallystick.reports.github",
    )
    code = (
        "import sys; from tallystick.cli import main\n"
        "try: main(['check'])\nexcept SystemExit as end: print(end.code)\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
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
        (["frobnicate"], "no such command 'frobnicate'; known: check, mock, proxy, models, diff, fuzz"),
        (["check", "--strikt"], "No such option '--strikt'"),
        (["check", "--format", "html"], "'html' is not one of"),
        (["check", "--max", "-1"], "-1 is not in the range"),
    ],
)
def test_a_wrong_command_line_is_a_usage_error(arguments: list[str], said: str) -> None:
    """The message names what would have worked, and the exit code is that of a usage error."""
    result = run(*arguments)
    assert result.exit_code == Exit.USAGE
    assert said in result.stderr.replace("option: --strikt", "option '--strikt'")  # click before 8.4
    assert result.stdout == ""


def test_a_missing_choice_names_what_there_is_in_one_line() -> None:
    """click writes the choices below each other, which an error in one line does not."""
    assert run("schema").stderr.endswith("Choose from: configuration, scenario, recording, journal\n")


def test_no_command_at_all_shows_the_help() -> None:
    """The help is what a person reads who types the name alone; it goes to standard error, for nothing was done."""
    result = run()
    assert (result.exit_code, result.stdout) == (Exit.USAGE, "")
    assert result.stderr.splitlines() == run("--help").stdout.splitlines()


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


def test_the_entry_point_is_the_group() -> None:
    """What `[project.scripts]` names can be called."""
    assert callable(cli.main)
