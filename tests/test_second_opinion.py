"""`tallystick check --second-opinion`: the verdict of openapi-spec-validator beside ours, in every form of report."""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from tallystick.check.run import check
from tallystick.check.second_opinion import second_opinions
from tallystick.cli import main
from tallystick.config import Configuration
from tallystick.nouns.errors import Exit
from tallystick.nouns.violation import Place
from tallystick.reports import github, junit, sarif, text
from tallystick.reports import json as as_json
from tallystick.reports.results import CheckResult, OpinionError, SecondOpinion

HEAD = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /pets:\n    get:\n      operationId: getPets\n"
VALID = f"{HEAD}      responses: {{'200': {{description: ok}}}}\n"
BOTH_INVALID = f"{HEAD}      responses: {{'200': {{}}}}\n"
WRONG_EXAMPLE = f"""{HEAD}      responses:
        '200':
          description: ok
          content:
            application/json:
              schema: {{type: integer}}
              example: three
"""
"""A document that only we find to be invalid: the other does not look at examples."""
PATTERN_OF_ECMA_262 = f"""{HEAD}      responses:
        '200':
          description: ok
          content:
            application/json:
              schema: {{type: string, pattern: '^\\p{{L}}+$'}}
"""
"""A document that only the other finds to be invalid: it reads patterns as those of Python."""
BREAKS_DOWN = VALID.replace("/pets:", "'/pets{':")
"""A document that the other breaks down on."""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """Writes documents into an empty working folder, and checks them with a second opinion."""
    monkeypatch.chdir(tmp_path)
    return Runner()


class Runner:
    """The command with the option, on documents by the names of their files."""

    def __call__(self, documents: dict[str, str], *words: str) -> Result:
        for name, content in documents.items():
            Path(name).write_text(content)
        return CliRunner().invoke(main, ["check", "--second-opinion", *words, *documents])


def second_lines(result: Result) -> list[str]:
    """The lines about the second opinion, without the release."""
    lines = re.sub(r"-validator [\d.]+ agrees", "-validator agrees", result.output).splitlines()
    return lines[next(number for number, line in enumerate(lines) if ": tallystick: " in line) :]


def opinion_of(document: str, file: str = "api.yaml", seconds: float = 60) -> SecondOpinion:
    """The second opinion on one document."""
    Path(file).write_text(document)
    (opinion,) = second_opinions(check([file], Configuration()).judged, seconds)
    return opinion


def test_two_verdicts_that_agree(run: Runner) -> None:
    """Both verdicts stand in one line for each contract, and a summary counts where they agree."""
    assert second_lines(run({"a.yaml": VALID, "b.yaml": BOTH_INVALID})) == [
        "a.yaml: tallystick: valid; openapi-spec-validator: valid",
        "b.yaml: tallystick: 1 error; openapi-spec-validator: 1 error",
        "openapi-spec-validator agrees on 2 of 2 contracts",
    ]


def test_a_document_that_only_we_find_to_be_invalid(run: Runner) -> None:
    """The rules that were broken are told, since the other has nothing to say, and the exit code is that of ours."""
    result = run({"a.yaml": WRONG_EXAMPLE})
    assert result.exit_code == Exit.VIOLATIONS
    assert second_lines(result) == [
        "a.yaml: tallystick: 1 error; openapi-spec-validator: valid (differs)",
        "  only tallystick: example-not-valid 1",
        "openapi-spec-validator agrees on 0 of 1 contract",
    ]


def test_a_document_that_only_the_other_finds_to_be_invalid(run: Runner) -> None:
    """Its message is told with line and JSON Pointer, and the exit code stays that of our own verdict."""
    result = run({"a.yaml": PATTERN_OF_ECMA_262})
    assert result.exit_code == Exit.CLEAN
    assert second_lines(result) == [
        "a.yaml: tallystick: valid; openapi-spec-validator: 1 error (differs)",
        "  only openapi-spec-validator: a.yaml:12: '^\\\\p{L}+$' is not a 'regex' "
        "(/paths/~1pets/get/responses/200/content/application~1json/schema/pattern)",
        "openapi-spec-validator agrees on 0 of 1 contract",
    ]


def test_a_library_that_breaks_down_is_told(run: Runner) -> None:
    """No traceback, but what broke down; errors that it reported before still count as its verdict."""
    lines = second_lines(run({"a.yaml": BREAKS_DOWN}))
    assert lines[-3].endswith("; openapi-spec-validator: no verdict")
    assert lines[-2].startswith("  openapi-spec-validator: it broke down: ValueError: ")
    assert lines[-1] == "openapi-spec-validator agrees on 0 of 1 contract, and has no verdict on 1"
    opinion = opinion_of(BREAKS_DOWN.replace("description: ok", "summary: ok"))
    assert (opinion.has_verdict, opinion.differs) == (True, False)
    assert opinion.failure.startswith("it broke down")


@pytest.mark.usefixtures("run")
def test_a_verdict_that_takes_too_long_is_told() -> None:
    """The other is ended when its time is up."""
    opinion = opinion_of(VALID, seconds=0.01)
    assert opinion.failure == "it came to no verdict within 0.01 seconds"
    assert not opinion.has_verdict


@pytest.mark.usefixtures("run")
def test_a_version_that_it_does_not_know_is_told() -> None:
    """A version is no reason to break down."""
    opinion = opinion_of(VALID.replace("3.1.0", "3.9.0"))
    assert opinion.failure == "it does not know the version 3.9.0"
    assert not opinion.has_verdict


def test_what_we_may_not_read_it_may_not_read_either(run: Runner, tmp_path: Path) -> None:
    """A reference that leaves the folder, or leads to a host, ends its run unless --allow-ref lets us follow it."""
    asked: list[str] = []

    class Host(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"type: string\n")

        def log_message(self, *_: object) -> None:
            """Nothing."""

    def document(reference: str) -> str:
        return WRONG_EXAMPLE.replace("{type: integer}", f"{{$ref: '{reference}'}}")

    server = HTTPServer(("127.0.0.1", 0), Host)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/pet.yaml"
        assert (
            opinion_of(document(address)).failure == f"it stopped at the reference to {address}, which was not followed"
        )
        assert asked == []
        lines = second_lines(run({"a.yaml": document(address)}, "--allow-ref", f"127.0.0.1:{server.server_port}"))
        assert lines[0] == "a.yaml: tallystick: valid; openapi-spec-validator: valid"
        assert asked == ["/pet.yaml"]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "pet.yaml").write_text("type: string\n")
    assert "pet.yaml, which was not followed" in opinion_of(document("../pet.yaml"), "home/api.yaml").failure
    lines = second_lines(run({"home/api.yaml": document("../pet.yaml")}, "--allow-ref", str(tmp_path)))
    assert lines[0] == "home/api.yaml: tallystick: valid; openapi-spec-validator: valid"


@pytest.fixture
def result() -> CheckResult:
    """A check of three contracts: the second is invalid for the other alone, and on the third it has no verdict."""
    at = [Place(file, (), lambda _: 0) for file in ("a.yaml", "b.yaml", "c.yaml")]
    error = OpinionError("'x' is not a 'regex'", Place("b.yaml", ("a", "b/c"), lambda _: 12))
    opinions = (
        SecondOpinion(at[0], (), (), release="1.2.3"),
        SecondOpinion(at[1], (), (error,), release="1.2.3"),
        SecondOpinion(at[2], (), (), "it broke down: KeyError: 'name'"),
    )
    return CheckResult((), opinions=opinions)


def test_json_has_both_verdicts_and_every_error(result: CheckResult) -> None:
    """A program is told who says valid, where the other's errors are, and why a verdict is missing."""
    opinions = json.loads(as_json.check(result))["second_opinions"]
    verdicts = [(row["valid_for_tallystick"], row["valid"], row["differs"]) for row in opinions]
    assert verdicts == [(True, True, False), (True, False, True), (True, None, False)]
    assert [row["release"] for row in opinions] == ["1.2.3", "1.2.3", None]
    message = "'x' is not a 'regex'"
    assert opinions[1]["errors"] == [{"message": message, "file": "b.yaml", "line": 12, "pointer": "/a/b~1c"}]
    assert opinions[2]["failure"] == "it broke down: KeyError: 'name'"


def test_nothing_of_a_second_opinion_is_a_failure(result: CheckResult) -> None:
    """JUnit has a suite that passes, SARIF a run of notes, GitHub notices: the verdict that counts is ours."""
    suite = ElementTree.fromstring(junit.check(result))[-1]
    assert [suite.get(name) for name in ("name", "tests", "failures", "skipped")] == [
        "openapi-spec-validator",
        "3",
        "0",
        "1",
    ]
    own, other = json.loads(sarif.check(result))["runs"]
    assert [run["tool"]["driver"]["name"] for run in (own, other)] == ["tallystick", "openapi-spec-validator"]
    assert [note["level"] for note in other["results"]] == ["note", "note"]
    notices = [line for line in github.check(result).splitlines() if line.startswith("::")]
    assert notices == [
        "::notice file=b.yaml,line=12,title=openapi-spec-validator::'x' is not a 'regex'",
        "::notice file=c.yaml,line=1,title=openapi-spec-validator::it broke down: KeyError: 'name'",
    ]


def test_a_long_opinion_is_cut_in_a_text() -> None:
    """A text shows the first errors of the other, and counts the rest."""
    errors = tuple(OpinionError(f"error {number}", None) for number in range(13))
    report = text.check(CheckResult((), opinions=(SecondOpinion(Place("a.yaml"), (), errors),))).splitlines()
    assert report[1] == "a.yaml: tallystick: valid; openapi-spec-validator: 13 errors (differs)"
    assert report[-3:] == [
        "  only openapi-spec-validator: error 9",
        "  ... and 3 more",
        "openapi-spec-validator agrees on 0 of 1 contract",
    ]


@pytest.mark.usefixtures("run")
def test_without_the_option_nobody_is_asked() -> None:
    """A check that does not ask for it is as it was."""
    Path("a.yaml").write_text(VALID)
    result = CliRunner().invoke(main, ["check", "--format", "json", "a.yaml"])
    assert "second_opinions" not in json.loads(result.output)
