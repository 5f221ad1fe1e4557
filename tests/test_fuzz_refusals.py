"""Refusals and server errors: which of them a fuzz run reports, and which ones are expected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from support.fuzzing import Answers, found, fuzz, written

from tallystick.cli import main
from tallystick.config import load_configuration
from tallystick.contracts.read import read_contract
from tallystick.fuzz.credentials import GivenCredentials
from tallystick.fuzz.verdicts import Verdict
from tallystick.nouns.errors import Exit, UsageError
from tallystick.nouns.exchange import Exchange, Request, Response
from tallystick.nouns.expectation import parse_expectation

CIRCUMSTANCES = (402, 403, 404, 407, 408, 409, 410, 412, 416, 421, 423, 424, 425, 426, 428, 429, 451)
OF_THE_REQUEST = (400, 406, 411, 413, 414, 415, 417, 418, 422, 431, 499)
OF_THE_SERVER = (503, 504, 507, 511)
FAULTS = (500, 501, 502, 505)
EVERY = (*CIRCUMSTANCES, *OF_THE_REQUEST, *OF_THE_SERVER, *FAULTS)

refusing = Answers({f"/{status}": (status, (), b"") for status in EVERY})
"""An application that refuses each valid request, with the status that is its path."""


def api(folder: Path, *statuses: int, documented_as: str = "") -> Path:
    """A contract of `GET /STATUS` for each status, which is documented by itself, or as this, beside a 200."""
    paths: dict[str, Any] = {}
    for status in statuses:
        responses = {key: {"description": ""} for key in ("200", documented_as or str(status))}
        paths[f"/{status}"] = {"get": {"operationId": f"get{status}", "responses": responses}}
    return written(folder, paths)


def refused(folder: Path, *statuses: int, documented_as: str = "") -> set[tuple[str, str]]:
    """The findings of a run over an API that answers every request to `GET /STATUS` with that status."""
    contract = api(folder, *statuses, documented_as=documented_as)
    return found(fuzz(refusing, contract=contract, given=GivenCredentials(), max_examples=1))


def test_a_documented_refusal_for_circumstances_is_no_finding(tmp_path: Path) -> None:
    """A valid request may be refused for who asks, for the state of the resource, or for the moment."""
    assert refused(tmp_path, *CIRCUMSTANCES, *OF_THE_SERVER) == set()


@pytest.mark.parametrize("documented_as", ["4XX", "default"])
def test_a_range_and_a_default_document_a_refusal_too(tmp_path: Path, documented_as: str) -> None:
    """Circumstances are documented by whichever response covers their status."""
    assert refused(tmp_path, 404, 410, documented_as=documented_as) == set()


def test_a_refusal_of_the_request_itself_is_a_finding(tmp_path: Path) -> None:
    """A valid request is not refused for what it says, documented or not."""
    expected = {("positive-data-acceptance", f"GET /{status}") for status in OF_THE_REQUEST}
    assert refused(tmp_path, *OF_THE_REQUEST) == expected


@pytest.mark.parametrize(
    ("cursor", "is_known"), [({"type": "string"}, True), ({"type": "string", "format": "date"}, False)]
)
def test_a_cursor_that_the_server_did_not_make_may_be_refused(
    tmp_path: Path, cursor: dict[str, str], is_known: bool
) -> None:
    """A text that names a place in a list comes from an earlier response; a day is anybody's to name."""
    parameter = {"name": "after", "in": "query", "schema": cursor}
    responses = {"200": {"description": ""}, "400": {"description": ""}}
    operation = read_contract(written(tmp_path, {"/a": {"get": {"parameters": [parameter], "responses": responses}}}))
    request = Request("GET", "/a", "after=2026-01-01", (), b"")
    verdict = Verdict(operation.operations[0], Exchange(request, Response(400)))
    assert verdict.speaks_of_circumstances is is_known
    without = Verdict(operation.operations[0], Exchange(request._replace(query=""), Response(400)))
    assert not without.speaks_of_circumstances


def test_a_reused_idempotency_key_is_no_finding(tmp_path: Path) -> None:
    """A request with an idempotency key may be refused since the key was used before: a 400 or 422 may say so."""
    key = {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string"}}
    paths = {
        f"/{status}": {
            "get": {
                "operationId": f"get{status}",
                "parameters": [key],
                "responses": {"200": {"description": ""}, str(status): {"description": ""}},
            }
        }
        for status in (400, 413, 422)
    }
    contract = written(tmp_path, paths)
    result = found(fuzz(refusing, contract=contract, given=GivenCredentials(), max_examples=1))
    assert result == {("positive-data-acceptance", "GET /413")}


@pytest.mark.parametrize(("body", "is_meant"), [(b'[{"op": "test", "path": "/a", "value": 1}]', True), (b"{}", False)])
def test_a_patch_that_does_not_fit_the_resource_is_no_finding(tmp_path: Path, body: bytes, is_meant: bool) -> None:
    """A JSON Patch that no resource is fit for may be refused with a documented 400 or 422; a resource may not."""
    responses = {status: {"description": ""} for status in ("200", "422")}
    (patch,) = read_contract(written(tmp_path, {"/a": {"patch": {"responses": responses}}}))
    exchange = Exchange(Request("PATCH", "/a", body=body), Response(422))
    assert Verdict(patch, exchange).speaks_of_circumstances is is_meant


def test_a_fault_of_the_server_is_a_finding(tmp_path: Path) -> None:
    """A server error that says that the server failed is a finding, documented or not."""
    assert refused(tmp_path, *FAULTS) == {("not-a-server-error", f"GET /{status}") for status in FAULTS}


def test_circumstances_that_nobody_documented_are_a_finding(tmp_path: Path) -> None:
    """A status that the contract does not mention is a finding, whatever it speaks of."""
    assert refused(tmp_path, 410, 503, documented_as="404") == {
        ("response-status-undocumented", "GET /410"),
        ("not-a-server-error", "GET /503"),
    }


def command(folder: Path, *words: str, documented_as: str = "") -> Result:
    """`tallystick fuzz` over an API that refuses valid requests with 422 and 500."""
    contract = api(folder, 422, 500, documented_as=documented_as)
    options = ("--app", "test_fuzz_refusals:refusing", "--seed", "1", "--max-examples", "1")
    return CliRunner().invoke(main, ["fuzz", str(contract), *options, *words])


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ((), {"positive-data-acceptance", "not-a-server-error"}),
        (("--expect", "4xx"), {"not-a-server-error"}),
        (("--expect", "5XX"), {"positive-data-acceptance"}),
        (("--expect", "422,500"), set()),
        (("--expect", "400-422", "--expect", "500-503"), set()),
        (("--expect", "get422:422", "--expect", "GET /500:500"), set()),
        (("--expect", "get422:5xx", "--expect", "/500: 4xx"), {"positive-data-acceptance", "not-a-server-error"}),
        (("--expect", "get*:422"), {"not-a-server-error"}),
    ],
)
def test_a_user_says_which_refusals_are_expected(tmp_path: Path, words: tuple[str, ...], left: set[str]) -> None:
    """`--expect` takes statuses and ranges, of every operation or of those that a pattern names."""
    output = command(tmp_path, *words).output
    assert {rule for rule in ("positive-data-acceptance", "not-a-server-error") if rule in output} == left


def test_what_is_expected_need_not_be_documented(tmp_path: Path) -> None:
    """A status that a user expects is no finding where the contract does not mention it."""
    assert "response-status-undocumented" in command(tmp_path, documented_as="201").output
    result = command(tmp_path, "--expect", "4xx", "--expect", "5xx", documented_as="201")
    assert "response-status-undocumented" not in result.output


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("200", "'200' is no refusal or server error"),
        ("4x", "'4x' is no refusal or server error"),
        ("410-404", "'410-404' is no refusal or server error"),
        ("404,", "'' is no refusal or server error"),
        ("createPet", "'createPet' is no refusal or server error"),
        (":409", "there is no operation before the colon"),
    ],
)
def test_a_wrong_expectation_is_one_error(tmp_path: Path, text: str, fault: str) -> None:
    """What cannot be expected is refused before anything is sent, with what would have worked."""
    result = command(tmp_path, "--expect", text)
    expected = "expected [OPERATION:]STATUS, as in 4xx, 404,410, 500-503 or createPet:409"
    assert (result.exit_code, result.output) == (Exit.USAGE, f"tallystick: --expect {text!r}: {fault}; {expected}\n")


def test_an_operation_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """A pattern that names no operation is refused, with the operations that there are."""
    result = command(tmp_path, "--expect", "put422:422")
    assert "no operation matches 'put422'; there are get422, get500" in result.output


def test_the_configuration_says_what_is_expected_of_every_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`expect` has the same words as the flag, which adds to it; its operations may be those of other contracts."""
    (tmp_path / "tallystick.toml").write_text('expect = ["get422:422", "elsewhere:409"]\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(Path(__file__).parent)
    assert "positive-data-acceptance" not in command(tmp_path).output
    assert "not-a-server-error" in command(tmp_path).output
    assert "not-a-server-error" not in command(tmp_path, "--expect", "500").output


def test_a_wrong_expectation_in_the_configuration_names_its_file(tmp_path: Path) -> None:
    """The error for a wrong `expect` says in which file it stands."""
    (tmp_path / "tallystick.toml").write_text('expect = ["2xx"]\n')
    with pytest.raises(UsageError, match=r"tallystick\.toml: expect: '2xx': '2xx' is no refusal or server error"):
        load_configuration(tmp_path)


def test_an_expectation_lists_statuses() -> None:
    """A range has all of its statuses; a name may have colons itself."""
    assert parse_expectation("", "4xx").statuses == frozenset(range(400, 500))
    assert parse_expectation("", "a: b:409, 500-502") == ("a: b", {409, 500, 501, 502})
