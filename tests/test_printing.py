"""What a document, a file's name, a request or a handler says is printed, and commands neither a terminal nor CI."""

from __future__ import annotations

import ast
import io
import json
import os
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.commands import BROKEN, process, run, written
from support.folders import CORPUS, ROOT
from support.hostile_texts import DOCUMENT, HOSTILE, assert_harmless, places, with_text

from tallystick.check.run import RULES, violations_of
from tallystick.config import Configuration
from tallystick.contracts.read import read_contract
from tallystick.mock.request_lines import request_lines
from tallystick.mock.roles import Answered
from tallystick.mock.serving.listing import Where, listing
from tallystick.nouns.errors import Exit, TallystickError
from tallystick.nouns.exchange import Exchange, Request, Response
from tallystick.nouns.printing import PrintableStream, print_lines, printable
from tallystick.reports.colours import painter
from tallystick.reports.curl import curl, quoted
from tallystick.reports.formats import CHECK_FORMATS, check_report
from tallystick.reports.results import CheckResult

SHOWN_FORMATS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2"
"""What Unicode calls format characters, and every font shows: signs around numbers."""
ANNOTATION = "::(error|warning|notice) file="


@pytest.mark.parametrize(
    "text",
    [
        "Grüße\tan alle, 世界 　 é e\u0301 ñ",
        "👨\u200d👩\u200d👧 ❤\ufe0f\u200d🔥 🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f",
        "می\u200cخواهم السلام क्\u200dष",  # noqa: RUF001 - letters of Arabic, whose shape a joiner changes
        "std::vector ## heading, a [link] #1 \u00a0",
        "GET /a::b",
    ],
)
def test_what_is_shown_stays_as_it_is(text: str) -> None:
    """Tabs, letters of all scripts, emoji and marks are printed unchanged."""
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\nb\r\x1b[31m\x00\x7f\x9b", r"a\nb\r\x1b[31m\x00\x7f\x9b"),
        ("\u202eb\u2028\u2066\ufeff\u200b", r"\u202eb\u2028\u2066\ufeff\u200b"),
        ("a\udcff\U000e0041", r"a\udcff\U000e0041"),
        ("pass\u200dword \u200c", r"pass\u200dword \u200c"),
        ("::error::x", r"\x3a:error::x"),
        (" \t\u00a0::error::x", " \t\u00a0" + r"\x3a:error::x"),
        ("\u034f:\ufe0f:error::x", "\u034f" + r"\x3a" + "\ufe0f:error::x"),
        ("\n::error::x", r"\n::error::x"),
        ("a ##[error]b", r"a \x23#[error]b"),
        ("##vso[task.x]b ###teamcity[c]", r"\x23#vso[task.x]b \x23\x23#teamcity[c]"),
    ],
)
def test_what_commands_is_an_escape(text: str, line: str) -> None:
    """A control character, what hides or turns text, a line's end and a workflow command are escapes."""
    assert printable(text) == line


def test_no_character_slips_through() -> None:
    """Each character is shown, or an escape; none hides a command."""
    for number in (*range(0x11000), *range(0x1BC00, 0x1BD00), *range(0x1D100, 0x1D200), *range(0xE0000, 0xE1000)):
        if chr(number) not in SHOWN_FORMATS:
            assert_harmless(printable(f"a{chr(number)}b{chr(number)}::error::x"))
            assert_harmless(printable(f"{chr(number)}::error::x{chr(number)}##[x]"))


def test_only_our_own_colours_colour() -> None:
    """What a report paints is coloured; the same codes in a document are escapes, and hide no command."""
    paint = painter(True)
    assert printable(f"{paint('a', 'red', 'bold')} \x1b[32mb") == "\x1b[31;1ma\x1b[0m \\x1b[32mb"
    assert printable(paint("::error::", "cyan")) == "\x1b[36m\\x3a:error::\x1b[0m"


def test_whoever_writes_to_a_stream_commands_nothing() -> None:
    """What a library or a handler prints keeps its lines and its colours; the rest is as in lines of ours."""
    stream = io.TextIOWrapper(io.BytesIO(), "latin-1", newline="")
    print("one\r\n::error::two\x1b[2J\x1b[1;31mthree\x1b[0m", file=PrintableStream(stream))  # type: ignore[arg-type]
    print_lines("é€\n", to=stream)
    stream.seek(0)
    lines = ["one\n", r"\x3a:error::two\x1b[2J" + "\x1b[1;31mthree\x1b[0m\n", r"é\u20ac\n" + "\n"]
    assert stream.read() == "".join(lines)


@pytest.mark.parametrize(
    "value", ["\x1b[31m", "a\nb", "a\tb", "##[error]", "\u202e", "a'\u2028", "ü世", "::x", "\x7f$HOME`id`%s\\"]
)
def test_a_curl_line_is_printable_and_right(value: str) -> None:
    """A word of a line of shell has no character that commands a terminal, and means the same bytes."""
    word = quoted(value.encode())
    line = curl(Request("GET", "/a", headers=(("x-a", "b"),), body=value.encode()), "http://127.0.0.1")
    assert (printable(f"curl {word}"), printable(line)) == (f"curl {word}", line)
    assert subprocess.check_output(["sh", "-c", f"printf %s {word}"]) == value.encode()


def test_no_other_module_prints() -> None:
    """Text leaves the process through `tallystick/nouns/printing.py` alone."""
    for module in (ROOT / "tallystick").rglob("*.py"):
        if module.name in ("printing.py", "output.py", "spec_validator_process.py"):
            continue
        for call in ast.walk(ast.parse(module.read_text())):
            if isinstance(call, ast.Call):
                name = ast.unparse(call.func)
                assert name not in ("print", "click.echo", "click.secho"), (module, name)
                assert name not in ("sys.stdout.write", "sys.stderr.write"), (module, name)


def hostile_contract(folder: Path, document: object) -> Path:
    """A file with a contract."""
    return written(folder, "api.json", json.dumps(document))


@pytest.mark.parametrize(("steps", "is_key"), list(places(DOCUMENT)), ids=str)
def test_no_place_of_a_document_commands(steps: tuple[str | int, ...], is_key: bool, tmp_path: Path) -> None:
    """Wherever a document has a hostile text, no report, listing or error has more than text; each report parses."""
    file = hostile_contract(tmp_path, with_text(steps, is_key, HOSTILE))
    try:
        contract = read_contract(file)
    except TallystickError:  # no contract: the command says so
        result = run("check", str(file))
        assert result.exit_code == Exit.UNREACHABLE
        assert_harmless(result.output)
        return
    violations = sorted(violations_of(contract, Configuration()))
    result_of_check = CheckResult(violations, (contract,), RULES, 0)
    reports = {name: check_report(name, result_of_check) for name in CHECK_FORMATS}
    for name, report in reports.items():
        assert_harmless(report, ANNOTATION if name == "github" else "(?!)")
    assert len(json.loads(reports["json"])["violations"]) == len(violations)
    assert len(json.loads(reports["sarif"])["runs"][0]["results"]) == len(violations)
    ElementTree.fromstring(reports["junit"])
    output = io.StringIO()
    print_lines(*listing([contract], Where("http://127.0.0.1:4010")), to=output)
    assert_harmless(output.getvalue())


def test_models_of_a_hostile_document_are_listed_as_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The names, warnings and differences that `models` prints command nothing."""
    monkeypatch.chdir(tmp_path)
    for steps, is_key in list(places(DOCUMENT))[::12]:
        hostile_contract(tmp_path, with_text(steps, is_key, HOSTILE))
        result = run("models", "--check", "-o", "out", "api.json")
        assert result.exit_code in (Exit.VIOLATIONS, Exit.UNREACHABLE)
        assert_harmless(result.stdout)
        assert_harmless(result.stderr)


def test_a_hostile_request_is_a_line() -> None:
    """A method, path or query with control characters or commands is printed in its one line, whatever the reason."""
    lines: list[str] = []
    listener = request_lines(lines.append)
    for status in (200, 404):
        exchange = Exchange(Request(HOSTILE, f"/{HOSTILE}", HOSTILE), Response(status))
        listener(Answered(None, exchange, (), 0.0, HOSTILE))
    assert [line.count("\n") for line in lines] == [1, 2]
    for line in lines:
        assert_harmless(line)


def test_a_wrong_command_line_is_quoted_as_text() -> None:
    """An argument that is refused is shown in the line of the error."""
    for words in (["check", "--\n::error::\x1b"], ["check", "--format", HOSTILE], [HOSTILE], ["fuzz", "a", HOSTILE]):
        result = run(*words)
        assert result.exit_code == Exit.USAGE
        assert "Usage: tallystick" in result.stderr
        assert "\nError: " in result.stderr
        assert_harmless(result.stderr)


@pytest.mark.parametrize(
    "name", [b"a\xff.yaml", b"::error::\n::x\x1b[2J.yaml", "\u202e\u2028##[x]ü.yaml".encode(), b"a%0A,b.yaml"]
)
def test_no_name_of_a_file_commands(name: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every report on a file with an odd name, or one that is no UTF-8, is whole, and parses."""
    monkeypatch.chdir(tmp_path)
    file = os.fsdecode(name)
    Path(file).write_text(BROKEN)
    for form in CHECK_FORMATS:
        result = run("check", "--format", form, file)
        assert result.exit_code == Exit.VIOLATIONS
        assert_harmless(result.stdout, ANNOTATION if form == "github" else "(?!)")
        if form in ("json", "sarif"):
            json.loads(result.stdout)
        if form == "junit":
            ElementTree.fromstring(result.stdout)
    known = run("check", "--update-baseline", "--baseline", "known.toml", file)
    assert known.exit_code == Exit.CLEAN
    assert_harmless(known.stdout)
    assert "reason" in run("check", "--baseline", "known.toml", file).stdout
    assert run("check", f"no-{file}").exit_code == Exit.UNREACHABLE


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("form", ["text", "json", "junit"])
def test_an_encoding_that_lacks_a_character_gets_an_escape(encoding: str, form: str, tmp_path: Path) -> None:
    """Where the terminal has no UTF-8, a report is printed all the same, and what a program reads is right."""
    written(tmp_path, "api.yaml", BROKEN.replace("/day", "/tägë/世"))
    command = process(
        "check", "--format", form, "api.yaml", folder=tmp_path, environment={"PYTHONIOENCODING": encoding}
    )
    output, errors = command.communicate(timeout=60)
    assert (command.returncode, errors) == (Exit.VIOLATIONS, "")
    if form == "json":
        assert json.loads(output)["violations"][0]["pointer"].startswith("/paths/~1tägë~1世/")
    if form == "junit":
        ElementTree.fromstring(output)


def test_the_case_of_workflow_commands_in_every_text() -> None:
    """A document full of workflow commands is checked, listed and modelled without one of them in a line of its own."""
    file = CORPUS.parent / "cases" / "50-hostile" / "inj_gh.json"
    if not file.exists():
        pytest.skip(f"there is no {file}")
    for words in (["check", "--max", "0"], ["check", "--format", "github"], ["mock", "--list"], ["models", "--check"]):
        result = run(*words, str(file))
        assert_harmless(result.output, ANNOTATION)
