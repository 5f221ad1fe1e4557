"""The fixture `tallystick_fuzz`: operations of a contract, fuzzed inside a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.asking import contract
from test_pytest_plugin import suite
from test_testing_clients import CONTRACT, wsgi

from tallystick.fuzz.outcome import Outcome
from tallystick.nouns.errors import UnreachableError, UsageError
from tallystick.testing import fuzzing
from tallystick.testing.fuzzing import OperationFuzzer

PETS = contract(CONTRACT, "pets")


def keeping(environ: Any, start_response: Any) -> list[bytes]:
    """An application that refuses whatever it gets, as the contract has it."""
    known = environ["PATH_INFO"] == "/pets"
    status = "422 Refused" if known and environ["REQUEST_METHOD"] == "POST" else "405 No" if known else "404 None"
    start_response(status, [("Allow", "POST")] if status[:3] == "405" else [])
    return [b""]


def test_what_a_run_finds_fails_the_test() -> None:
    """The error has the findings as the report of a run tells them, each with its curl line."""
    with pytest.raises(AssertionError) as failed:
        OperationFuzzer(PETS, ["POST /pets"], max_examples=3)(wsgi)
    assert "POST /pets" in str(failed.value)
    assert "curl -i" in str(failed.value)


def test_a_run_that_was_never_accepted_is_not_green() -> None:
    """A test does not pass where each request was refused."""
    with pytest.raises(AssertionError, match="accepted"):
        OperationFuzzer(PETS, max_examples=2)(keeping)


def test_what_cannot_be_fuzzed_is_told() -> None:
    """An operation that no pattern names, and a server that nothing listens at, are errors of their own."""
    with pytest.raises(UsageError, match="no operation matches 'GET /cats'"):
        OperationFuzzer(PETS, ["GET /cats"])
    with pytest.raises(UnreachableError):
        OperationFuzzer(PETS)("http://127.0.0.1:9")


@pytest.mark.parametrize("settings", [{"max_examples": "9"}, {"max_examples": 0}, {"max_time": 1.5}, {"seed": True}])
def test_a_setting_of_another_kind_is_told(settings: dict[str, Any]) -> None:
    """A setting is a whole number, and what would have worked is told."""
    with pytest.raises(UsageError, match=r"a whole number from [01] on was expected; not"):
        OperationFuzzer(PETS, **settings)


def test_what_is_no_application_is_told() -> None:
    """A test client of an application is none that a run could call."""
    with pytest.raises(UsageError, match="an app itself, not a test client of it"):
        OperationFuzzer(PETS)(object())  # type: ignore[arg-type] # what a user may do


def test_a_tag_is_spelled_as_one() -> None:
    """Where a name is that of a tag, the error says how tags are named."""
    tagged = contract(CONTRACT.replace("    post:\n", "    post:\n      tags: [shop]\n"), "pets")
    with pytest.raises(UsageError, match=r"did you mean tag:shop\?"):
        OperationFuzzer(tagged, ["shop"])
    assert OperationFuzzer(tagged, ["tag:shop"]).selected == ("POST /pets",)


def test_a_run_that_schemathesis_broke_off_is_not_green(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test does not pass where Schemathesis itself failed, though what was tested before that is in order."""

    def broken(_contract: object, _settings: object, _hear: object, outcome: Outcome) -> Outcome:
        outcome.untested["all that is left"] = "Schemathesis cannot go on"
        return outcome

    monkeypatch.setattr(fuzzing, "_engine", lambda: broken)
    monkeypatch.setattr(Outcome, "nothing", "")
    with pytest.raises(AssertionError, match="Schemathesis cannot go on"):
        OperationFuzzer(PETS)(wsgi)


def test_a_marker_names_the_operations(tmp_path: Path) -> None:
    """In a suite a marker says what is fuzzed, and a test without a defect passes."""
    tests = """
        import json
        import pytest

        def app(environ, start_response):
            known = environ["PATH_INFO"] == "/pets"
            if not known or environ["REQUEST_METHOD"] != "GET":
                start_response("405 No" if known else "404 None", [("Allow", "GET, POST")] if known else [])
                return [b""]
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps([{"name": "Rex"}]).encode()]

        @pytest.mark.tallystick("pets.yaml")
        @pytest.mark.tallystick_fuzz("listPets", max_examples=3)
        def test_list(tallystick_fuzz):
            assert tallystick_fuzz.selected == ("GET /pets",)
            tallystick_fuzz(app)

        @pytest.mark.tallystick("pets.yaml")
        @pytest.mark.tallystick_fuzz(most=3)
        def test_unknown(tallystick_fuzz):
            pass
    """
    pets = """
openapi: 3.1.1
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      operationId: listPets
      responses:
        '200':
          description: Pets
          content: {application/json: {schema: {type: array, items: {type: object, required: [name]}}}}
    post: {responses: {'201': {description: Created}}}
"""
    run = suite(tmp_path, tests, "-W", "default", pets__yaml=pets)
    assert "1 passed, 1 error" in run.stdout, run.stdout + run.stderr
    assert "tallystick_fuzz: unknown setting 'most'" in run.stdout
