"""`tallystick fuzz` on the command line: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from support.detection_api import TOKEN, detection_api
from support.folders import ROOT, TESTS
from support.fuzzing import DETECTION, served

from tallystick.cli import main
from tallystick.nouns.errors import Exit

FEW = ("--seed", "1", "--max-examples", "5")

sound = detection_api()
wrong_enum = detection_api("wrong-enum")


def broken_factory() -> object:
    """An application factory that fails."""
    raise LookupError("no database")


not_an_application = 7


async def telling(scope: Any, receive: Any, send: Any) -> None:
    """An application that leaves a file where it was asked fifty times."""
    telling_count.append(1)
    if len(telling_count) == 50:
        Path("asked").touch()
    await wrong_enum(scope, receive, send)


telling_count: list[int] = []


def fuzz(*words: str) -> Result:
    """`tallystick fuzz` on the detection contract."""
    return CliRunner().invoke(main, ["fuzz", str(DETECTION), *words])


def test_a_clean_run_tells_its_coverage_and_how_to_repeat_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sound application ends with 0, what was asked, the coverage, how to repeat the run, and no file."""
    monkeypatch.chdir(tmp_path)
    result = fuzz("--app", "test_fuzz_command:sound", "--bearer", TOKEN, *FEW)
    assert result.exit_code == Exit.CLEAN
    coverage = r"coverage: [\d.]+ % .*\n(  never seen, .*\n)*"
    line = r"no finding; 2 of 2 operations tested with \d+ requests in [\d.]+ s \(--seed 1 repeats it\)\n"
    assert re.fullmatch(r"note: requests of its own: .*\n" + coverage + line, result.output)
    assert list(tmp_path.iterdir()) == []


def test_findings_are_printed_with_place_request_and_answer() -> None:
    """A finding has its rule and operation, the place in the contract, a curl line and what came back."""
    result = fuzz("--app", "test_fuzz_command:wrong_enum", "--bearer", TOKEN, *FEW)
    assert result.exit_code == Exit.VIOLATIONS
    lines = result.output.splitlines()
    assert lines[0] == "response-body-schema  GET /api/detection/sessions/{session_id}"
    assert re.search(
        rf'body/status: "running" is not one of .* \({re.escape(str(DETECTION))}:\d+, \d+ times\)', lines[1]
    )
    assert re.match(r"    \d+ \| enum:", lines[2])
    assert lines[3].startswith("    session_id=$(curl -sS http://localhost:8000/api/detection/sessions -H ")
    last = next(index for index, line in enumerate(lines) if '/sessions/"$session_id" -H ' in line)
    assert lines[last].endswith('"$TALLYSTICK_BEARER"')
    assert lines[last + 1 : last + 3] == ["      200 OK", "      content-type: application/json"]
    assert '"status": "running"' in lines[last + 3]
    assert "note: the curl lines take credentials from $TALLYSTICK_BEARER" in lines
    assert lines[-1].startswith("1 finding of 1 rule; 2 of 2 operations tested with ")
    assert TOKEN not in result.output


def test_reports_for_machines(tmp_path: Path) -> None:
    """JSON on standard output and JUnit XML in a file tell the same finding."""
    junit = tmp_path / "fuzz.xml"
    words = ("--app", "test_fuzz_command:wrong_enum", "--bearer", TOKEN, "--format", "json", "--junit", str(junit))
    result = fuzz(*words, *FEW)
    assert result.exit_code == Exit.VIOLATIONS
    told = json.loads(result.stdout)
    (finding,) = told["findings"]
    assert told["seed"] == 1
    assert told["requests"] > sum(sum(one["statuses"].values()) for one in told["operations"]) > 50
    assert finding["rule"] == "response-body-schema"
    assert finding["contract"]["line"] > 0
    assert finding["seen_again"] is True
    assert finding["steps"][-1]["status"] == 200
    suite = ElementTree.parse(junit).getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("2", "1", "0")
    failing = [case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None]
    assert failing == [finding["operation"]]
    failure = next(suite.iter("failure"))
    assert failure.text is not None
    assert finding["steps"][-1]["curl"] in failure.text


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (
            [],
            Exit.USAGE,
            "what is to be fuzzed? give --url URL (the contract names https://api.kynasmith.dev), --app",
        ),
        (["--url", "localhost:8000"], Exit.USAGE, "--url localhost:8000: expected the base URL of the API"),
        (["--url", "http://127.0.0.1:9"], Exit.UNREACHABLE, "http://127.0.0.1:9 cannot be reached: Connection refused"),
        (["--app", "nowhere"], Exit.USAGE, "--app nowhere: expected MODULE:ATTRIBUTE"),
        (["--app", "no_such_module:app"], Exit.USAGE, "there is no module 'no_such_module' here"),
        (["--app", "test_fuzz_command:nothing"], Exit.USAGE, "test_fuzz_command has no 'nothing'"),
        (["--app", "test_fuzz_command:not_an_application"], Exit.USAGE, "a int is neither an ASGI nor a WSGI"),
        (
            ["--app", "test_fuzz_command:broken_factory()"],
            Exit.UNREACHABLE,
            "cannot be loaded: LookupError: no database",
        ),
        (["--app", "test_fuzz_command:sound", "--auth", "ada"], Exit.USAGE, "--auth takes USER:PASSWORD"),
        (["--app", "test_fuzz_command:sound", "--api-key", "x"], Exit.USAGE, "no security scheme of the type apiKey"),
        (["--app", "test_fuzz_command:sound", "-H", "no colon"], Exit.USAGE, "-H takes 'Name: value', not 'no colon'"),
        (
            ["--app", "test_fuzz_command:sound", "--include", "x*"],
            Exit.USAGE,
            "no operation matches 'x*'; there are create",
        ),
        (["--app", "test_fuzz_command:sound", "--exclude", "*"], Exit.USAGE, "no operation is left to test"),
        (["--app", "test_fuzz_command:sound", "--junit", "/no/such/f.xml"], Exit.USAGE, "there is no such folder"),
    ],
)
def test_what_cannot_be_run_is_one_line(words: list[str], code: int, message: str) -> None:
    """A wrong flag, a server that is not there and an application that does not load end with one line each."""
    result = fuzz(*words)
    assert result.exit_code == code
    assert message in result.output
    assert result.output.startswith("tallystick: ")
    assert result.output.count("\n") == 1


def test_a_contract_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """An unreadable contract ends with exit code 3 and says which."""
    result = CliRunner().invoke(main, ["fuzz", str(tmp_path / "none.yaml"), "--url", "http://127.0.0.1:9"])
    assert result.exit_code == Exit.UNREACHABLE
    assert "none.yaml: there is no such file" in result.output


def test_operations_are_chosen_by_pattern() -> None:
    """--include and --exclude take operation ids, paths and labels; what is left out is sent nothing."""
    result = fuzz("--app", "test_fuzz_command:wrong_enum", "--bearer", TOKEN, "--exclude", "GET *", *FEW)
    assert result.exit_code == Exit.CLEAN
    assert "no finding; 1 of 2 operations tested" in result.output


def test_a_secret_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token in $TALLYSTICK_BEARER is used as one that is given, and the curl lines work as they are."""
    monkeypatch.setenv("TALLYSTICK_BEARER", TOKEN)
    with served(detection_api("wrong-const")) as url:
        result = fuzz("--url", url, "--include", "create*", *FEW)
        line = next(line.strip() for line in result.output.splitlines() if line.startswith("    curl"))
        answer = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True).stdout
    assert result.exit_code == Exit.VIOLATIONS
    assert '"status": "pending"' in answer


def test_ctrl_c_tells_what_was_found(tmp_path: Path) -> None:
    """Ctrl-C ends a run with what was found until then, exit code 130, and no traceback."""
    command = [sys.executable, "-m", "tallystick", "fuzz", str(DETECTION), "--app", "test_fuzz_command:telling"]
    path = os.pathsep.join([str(TESTS), str(ROOT), os.environ.get("PYTHONPATH", "")])
    run = subprocess.Popen(
        [*command, "--bearer", TOKEN, "--max-examples", "100000", "--junit", "out.xml"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "asked").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    output, errors = run.communicate(timeout=30)
    assert run.returncode == 130
    assert "Traceback" not in errors + output
    assert "interrupted: this is what was found until then" in output
    assert (tmp_path / "out.xml").is_file()
