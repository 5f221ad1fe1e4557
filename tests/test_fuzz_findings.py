"""Findings that a person acts on: one for each cause, seen again from nothing, reported in each form, and replayed."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.commands import run
from support.fuzzing import fuzz, served
from support.shelf import Shelf, shelf_contract

from tallystick.fuzz.baseline import Known, mark_known, read_known, write_known
from tallystick.fuzz.outcome import Outcome
from tallystick.fuzz.report import result_of
from tallystick.nouns.errors import Exit, UsageError
from tallystick.reports.formats import FUZZ_FORMATS, fuzz_report

_OUTCOMES: dict[str, Outcome] = {}


def outcome_of(fault: str, folder: Path) -> Outcome:
    """The outcome of a run over the API with a fault; each is run once."""
    if fault not in _OUTCOMES:
        _OUTCOMES[fault] = fuzz(Shelf(fault), shelf_contract(folder), max_examples=8)
    return _OUTCOMES[fault]


def test_a_sound_api_has_no_finding(tmp_path: Path) -> None:
    """An API that keeps its contract, with names that are unique, gets no finding."""
    assert [finding.message for finding in outcome_of("", tmp_path).errors] == []


def test_a_broken_schema_is_one_finding(tmp_path: Path) -> None:
    """A member that is wrong wherever a book is shown is one finding, which names all the operations."""
    (finding,) = result_of(outcome_of("price", tmp_path)).errors
    assert finding.rule == "response-body-schema"
    assert sorted(finding.operations) == ["GET /books", "GET /books/{book_id}", "POST /books"]
    assert finding.seen_again


@pytest.mark.parametrize("fault", ["delete", "crash", "price"])
def test_what_a_finding_needs_is_created_first(fault: str, tmp_path: Path) -> None:
    """A finding on something that is gone after the run is seen again: its sequence creates what it asks for."""
    errors = outcome_of(fault, tmp_path).errors
    assert [finding.again for finding in errors] == [True]
    (finding,) = errors
    if fault != "price":
        assert [step.request.method for step in finding.sequence] == ["POST", {"delete": "DELETE"}.get(fault, "GET")]
        assert finding.sequence[1].request.path == "/books/{{book_id}}"
        assert finding.sequence[0].captures[0].pointer == "/id"


def test_the_curl_lines_hand_an_id_on(tmp_path: Path) -> None:
    """The curl line of a creation keeps the id in a variable of the shell, which the next line uses."""
    (finding,) = result_of(outcome_of("delete", tmp_path)).errors
    first, second = (step.curl for step in finding.steps)
    assert first.startswith("book_id=$(curl -sS ")
    assert first.endswith("| tee /dev/stderr | jq -r .id)")
    assert '/books/"$book_id"' in second
    for line in (first, second):
        assert subprocess.run(["bash", "-n", "-c", line], check=False).returncode == 0


def test_values_are_short(tmp_path: Path) -> None:
    """What is sent to create something has no member and no character that it does not need."""
    (finding,) = outcome_of("delete", tmp_path).errors
    assert list(json.loads(finding.sequence[0].request.body)) == ["name"]
    assert len(json.loads(finding.sequence[0].request.body)["name"]) == 1


def test_what_follows_from_a_crash_is_no_finding_of_its_own(tmp_path: Path) -> None:
    """A book that cannot be read because of a crash is one finding, with the exception."""
    (finding,) = result_of(outcome_of("crash", tmp_path)).errors
    assert finding.rule == "not-a-server-error"
    assert finding.exception.startswith("KeyError: 'author' (")


def test_a_created_book_that_is_lost_is_one_finding(tmp_path: Path) -> None:
    """Several exchanges that show a finding together are sent again as one sequence."""
    errors = outcome_of("lost", tmp_path).errors
    assert {finding.again for finding in errors} == {True}
    assert "ensure-resource-availability" in {finding.rule for finding in errors}
    assert len(errors) == 1


@pytest.mark.parametrize("format_name", FUZZ_FORMATS)
def test_each_form_tells_the_finding(format_name: str, tmp_path: Path) -> None:
    """Each form of a report names the rule and the operation, and none has an escape sequence."""
    text = fuzz_report(format_name, result_of(outcome_of("delete", tmp_path)))
    assert "response-status-undocumented" in text
    assert "/books" in text
    assert "\x1b" not in text
    if format_name in ("json", "sarif", "har"):
        json.loads(text)


@pytest.mark.parametrize(("url", "code"), [("delete", 1), ("", 0)], indirect=["url"])
def test_the_tests_fail_as_long_as_the_finding_is_there(url: str, code: int, tmp_path: Path) -> None:
    """The file of tests passes where the finding is fixed, and fails where it is not."""
    outcome = fuzz(Shelf("delete"), shelf_contract(tmp_path), max_examples=3)
    path = tmp_path / "test_found.py"
    path.write_text(fuzz_report("pytest", result_of(outcome)))
    environment = {**os.environ, "API_URL": url}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == code, done.stdout


def test_the_page_needs_no_network(tmp_path: Path) -> None:
    """The HTML page refers to no other file and to no script, and texts of a server are no markup in it."""
    page = fuzz_report("html", result_of(outcome_of("price", tmp_path)))
    assert "<script" not in page
    assert "src=" not in page
    assert "href=" not in page
    assert "Coverage of the contract" in page


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """The report of a run over an API whose removals answer 200."""
    path = tmp_path / "report.json"
    text = fuzz_report("json", result_of(outcome_of("delete", tmp_path)))
    value = {**json.loads(text), "contract": str(shelf_contract(tmp_path))}
    path.write_text(json.dumps(value))
    return path


@pytest.fixture
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an API with the fault that a test names."""
    with served(Shelf(request.param)) as address:
        yield address


@pytest.mark.parametrize(("url", "code", "state"), [("delete", 1, "still there"), ("", 0, "fixed")], indirect=["url"])
def test_a_finding_is_replayed(report: Path, url: str, code: int, state: str) -> None:
    """A finding that is sent again is still there, or fixed; only the latter is green."""
    result = run("replay", str(report), "--url", url)
    assert result.exit_code == code, result.output
    assert f"{state}: response-status-undocumented  DELETE /books/{{book_id}}" in result.stdout


@pytest.mark.parametrize("url", ["delete"], indirect=True)
def test_a_replay_is_told_as_json(report: Path, url: str) -> None:
    """A program reads the state of each finding."""
    result = run("replay", str(report), "--url", url, "--format", "json")
    (finding,) = json.loads(result.stdout)["findings"]
    assert (finding["state"], finding["statuses"]) == ("still there", [201, 200])


@pytest.mark.parametrize("text", ["{}", "no JSON", '{"findings": [{"severity": "error"}]}'])
def test_another_file_is_no_report(text: str, tmp_path: Path) -> None:
    """A file that is no report of a fuzz run is told in one sentence, with what would have worked."""
    path = tmp_path / "other.json"
    path.write_text(text)
    result = run("replay", str(path))
    assert result.exit_code == Exit.UNREACHABLE
    assert "tallystick fuzz --format json" in result.stderr


TODAY = datetime.date(2026, 11, 27)


def test_a_baseline_keeps_reasons_and_dates(tmp_path: Path) -> None:
    """What is written into a baseline is read again, and a reason that somebody gave stays."""
    path, errors = tmp_path / "known.toml", outcome_of("price", tmp_path).errors
    assert write_known(path, errors, [], TODAY) == 3
    entries = read_known(path)
    assert {entry.since for entry in entries} == {TODAY}
    path.write_text(path.read_text().replace('reason = ""', 'reason = "the old clients need it"'))
    write_known(path, errors, read_known(path), TODAY + datetime.timedelta(days=3))
    assert {(entry.reason, entry.since) for entry in read_known(path)} == {("the old clients need it", TODAY)}


@pytest.mark.parametrize(
    ("until", "is_known", "note"),
    [(None, True, ""), (TODAY, True, ""), (TODAY - datetime.timedelta(days=1), False, "and is still there")],
)
def test_a_known_finding_fails_no_run_until_its_date(
    until: datetime.date | None, is_known: bool, note: str, tmp_path: Path
) -> None:
    """A known finding does not count, as long as its date has not passed."""
    outcome = fuzz(Shelf("delete"), shelf_contract(tmp_path), max_examples=3)
    (finding,) = outcome.errors
    entry = Known(finding.rule, finding.subject, finding.place.pointer, "200", "ticket 7", TODAY, until)
    notes = mark_known(outcome.errors, [entry], TODAY)
    assert bool(finding.known) is is_known
    assert bool(outcome.errors) is not is_known
    assert all(note in each for each in notes)
    assert bool(notes) is bool(note)


def test_a_finding_that_is_gone_is_told(tmp_path: Path) -> None:
    """An entry of the baseline for what is not found any more is named."""
    (note,) = mark_known(outcome_of("", tmp_path).errors, [Known("use-after-free", "GET /books")], TODAY)
    assert note == "use-after-free of GET /books was not found any more; take it out of the baseline"


@pytest.mark.parametrize("text", ["[[known]]\nrule = 'x'", "[[known]]\nrule = 1\noperation = 'a'", "known = 1", "]"])
def test_a_wrong_baseline_is_refused(text: str, tmp_path: Path) -> None:
    """A baseline that is no TOML, or has another table, is refused before anything is sent."""
    path = tmp_path / "known.toml"
    path.write_text(text)
    with pytest.raises(UsageError):
        read_known(path)


def test_secrets_are_in_no_report(tmp_path: Path) -> None:
    """A token of the user's is in none of the forms, though it is sent and the server shows it."""
    secret = "a-long-secret-token"

    class Telling(Shelf):
        def answer(self, method: str, path: str, headers: dict[bytes, bytes], body: bytes) -> tuple[int, Any]:
            if path == "/books" and method == "GET":
                return 200, {"you": headers.get(b"x-token", b"").decode()}
            return super().answer(method, path, headers, body)

    from tallystick.fuzz.credentials import GivenCredentials

    given = GivenCredentials(headers=(("X-Token", secret),))
    outcome = fuzz(Telling(), shelf_contract(tmp_path), given, max_examples=2)
    assert outcome.errors
    result = result_of(outcome)
    for format_name in FUZZ_FORMATS:
        assert secret not in fuzz_report(format_name, result)
