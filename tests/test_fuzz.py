"""The fuzz run finds each planted defect, once, and nothing in a sound implementation."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from support.detection_api import TOKEN, detection_api
from support.fuzzing import DETECTION, REACHES_NO_NEW_LINE, as_wsgi, found, fuzz, served

from tallystick.fuzz import report
from tallystick.fuzz.credentials import GivenCredentials
from tallystick.nouns.errors import Exit, UnreachableError
from tallystick.reports import json as as_json
from tallystick.reports import junit, text

POST, GET = "POST /api/detection/sessions", "GET /api/detection/sessions/{session_id}"
COLLECTION, ITEM = POST.split()[1], GET.split()[1]

DEFECTS = [
    ("wrong-status", {("response-status-undocumented", POST)}),
    ("missing-field", {("response-body-schema", GET)}),
    ("wrong-enum", {("response-body-schema", GET)}),
    ("null-field", {("response-body-schema", GET)}),
    ("bad-date-time", {("response-body-schema", GET)}),
    ("integer-as-string", {("response-body-schema", GET)}),
    ("object-for-string", {("response-body-schema", GET)}),
    ("wrong-const", {("response-body-schema", POST)}),
    ("bad-uuid-in-response", {("response-body-schema", POST)}),
    ("wrong-content-type", {("response-media-type", POST), ("response-media-type", GET)}),
    ("no-content-type", {("response-media-type", POST), ("response-media-type", GET)}),
    ("malformed-json", {("response-body-malformed", POST), ("response-body-malformed", GET)}),
    ("no-authentication", {("ignored-auth", POST), ("ignored-auth", GET)}),
    ("any-token", {("ignored-auth", POST), ("ignored-auth", GET)}),
    ("accepts-bad-uuid", {("negative-data-rejection", POST)}),
    ("accepts-bad-path", {("negative-data-rejection", GET)}),
    ("accepts-missing-field", {("negative-data-rejection", POST)}),
    ("accepts-null-mode", {("negative-data-rejection", POST)}),
    ("refuses-valid-null", {("positive-data-acceptance", POST)}),
    ("crash-on-valid-input", {("not-a-server-error", POST)}),
    ("crash-on-content-type", {("not-a-server-error", POST)}),
    ("undeclared-method", {("unsupported-method", COLLECTION), ("unsupported-method", ITEM)}),
    ("no-allow-header", {("unsupported-method", COLLECTION), ("unsupported-method", ITEM)}),
    ("wrong-allow-header", {("allow-header-conformance", COLLECTION), ("allow-header-conformance", ITEM)}),
    ("created-session-lost", {("ensure-resource-availability", POST), ("id-not-unique", POST)}),
]
"""Each planted defect with the findings that it is to make: these, and no others."""
MEASURED = ("missing-field", "refuses-valid-null", "crash-on-content-type", "no-allow-header", "wrong-allow-header")
"""Those whose runs count for coverage: the others reach no line that these do not."""


@REACHES_NO_NEW_LINE
def test_a_sound_implementation_has_no_finding() -> None:
    """An API that keeps its contract passes, and every operation of it has been tested."""
    outcome = fuzz(detection_api(), max_examples=25)
    assert outcome.findings == []
    assert outcome.notes == []
    assert outcome.code(strict=True) == Exit.CLEAN
    assert all(operation.succeeded and operation.requests > 15 for operation in outcome.tested.values())


@pytest.mark.parametrize(
    ("defect", "expected"),
    [
        pytest.param(defect, expected, id=defect, marks=() if defect in MEASURED else REACHES_NO_NEW_LINE)
        for defect, expected in DEFECTS
    ],
)
def test_a_planted_defect_is_found_once(defect: str, expected: set[tuple[str, str]]) -> None:
    """One defect makes one finding, which names each operation that has it once, however many checks see it."""
    outcome = fuzz(detection_api(defect))
    assert found(outcome) == expected
    assert len(outcome.errors) <= len(expected)
    assert outcome.code(strict=False) == Exit.VIOLATIONS
    for finding in outcome.errors:
        assert finding.place.file == str(DETECTION)
        assert finding.place.line > 1
        assert finding.steps[-1].response is not None


@REACHES_NO_NEW_LINE
def test_a_finding_says_where_the_contract_is_broken() -> None:
    """The place of a finding is the line of the keyword that the response does not keep."""
    (finding,) = fuzz(detection_api("bad-date-time")).errors
    assert finding.place.pointer == "/components/schemas/DetectionSession/properties/started_at/format"
    assert DETECTION.read_text().splitlines()[finding.place.line - 1].strip() == "format: date-time"


@REACHES_NO_NEW_LINE
def test_what_a_finding_needs_comes_before_it() -> None:
    """A finding about a created resource shows the request that created it, then the one that fails."""
    (finding,) = fuzz(detection_api("created-session-lost")).errors
    created, read = finding.steps
    assert created.response is not None
    assert created.request.method == "POST"
    assert read.request.path.endswith(json.loads(created.response.body)["session_id"])


@REACHES_NO_NEW_LINE
def test_the_same_seed_makes_the_same_requests() -> None:
    """Two runs with one seed find the same, with the same requests."""
    first, second = (fuzz(detection_api("crash-on-valid-input"), seed=7) for _ in range(2))
    assert first.requests == second.requests
    assert [finding.steps for finding in first.findings] == [finding.steps for finding in second.findings]
    assert first.errors != []


@REACHES_NO_NEW_LINE
def test_a_failing_case_is_shrunk() -> None:
    """A finding that random cases made is shown with a small one: nothing in it that it does not need."""
    (finding,) = fuzz(detection_api("crash-on-odd-major"), max_examples=100).errors
    assert finding.rule == "not-a-server-error"
    body = json.loads(finding.steps[-1].request.body)
    assert set(body) == {"mode", "project_id", "contract_major"}


def test_a_wsgi_application_is_fuzzed_alike() -> None:
    """An application that is called as WSGI has it passes where it is sound, and is found out where it is not."""
    assert found(fuzz(as_wsgi(detection_api()))) == set()
    assert found(fuzz(as_wsgi(detection_api("wrong-enum")))) == {("response-body-schema", GET)}
    assert found(fuzz(as_wsgi(detection_api("crash-on-valid-input")))) == {("not-a-server-error", POST)}


@REACHES_NO_NEW_LINE
def test_what_an_application_raises_is_told() -> None:
    """A server error of an application in this process says what was raised, and where."""
    (finding,) = fuzz(detection_api("crash-on-valid-input")).errors
    assert finding.steps[-1].response is not None
    body = finding.steps[-1].response.body.decode()
    assert body.startswith("ValueError: a version below zero (")
    assert "detection_api.py:" in body


@REACHES_NO_NEW_LINE
def test_a_server_is_fuzzed_over_http() -> None:
    """The same holds over HTTP, below a base path, with several workers."""
    api = detection_api("wrong-enum")

    async def mounted(scope: Any, receive: Any, send: Any) -> None:
        assert scope["path"].startswith("/v2") or scope["path"] == "/"
        await api({**scope, "path": scope["path"].removeprefix("/v2")}, receive, send)

    with served(mounted) as url:
        outcome = fuzz(url=f"{url}/v2", workers=2)
    assert found(outcome) == {("response-body-schema", GET)}


@REACHES_NO_NEW_LINE
def test_a_curl_line_reproduces_its_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is printed, pasted into a shell, gets the response that was printed below it."""
    monkeypatch.setenv("TALLYSTICK_BEARER", TOKEN)
    with served(detection_api("wrong-const")) as url:
        outcome = fuzz(url=url)
        (finding,) = outcome.errors
        line = report.curl_line(finding.steps[-1].request, outcome)
        assert TOKEN not in line
        answer = subprocess.run(["sh", "-c", line], capture_output=True, check=True, text=True).stdout
    head, _, body = answer.partition("\n\n")
    assert head.startswith("HTTP/1.1 201")
    assert json.loads(body)["status"] == "pending"


def test_a_secret_is_never_printed() -> None:
    """No form of the report shows a token that was given, not even where the server sends it back."""
    secret = "s3cr3t-t0ken-of-somebody"

    async def echo(scope: Any, _: Any, send: Any) -> None:
        token = dict(scope["headers"]).get(b"authorization", b"")
        headers = [(b"content-type", b"text/plain"), (b"location", b"/?token=" + token)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": token})

    outcome = fuzz(echo, given=GivenCredentials(bearer=secret))
    printed = "".join(form.fuzz(report.result_of(outcome)) for form in (text, as_json, junit))
    assert outcome.errors != []
    assert secret not in printed
    assert "$TALLYSTICK_BEARER" in printed


def test_a_run_that_got_past_no_credentials_is_not_green() -> None:
    """Where every answer is a 401, the run fails, stops early, and says which flag is missing."""
    outcome = fuzz(detection_api(), given=GivenCredentials())
    assert outcome.code(strict=False) == Exit.VIOLATIONS
    assert "every answer was 401 or 403" in outcome.nothing
    assert "--bearer TOKEN" in outcome.nothing
    assert outcome.requests < 150


def test_an_operation_that_is_never_accepted_is_named() -> None:
    """An operation of which no request was ever accepted is only partly tested, and the report says so."""

    async def half(scope: Any, receive: Any, send: Any) -> None:
        api = detection_api()
        if scope["method"] == "POST":
            return await detection_api(token="another")(scope, receive, send)
        return await api(scope, receive, send)

    outcome = fuzz(half)
    assert any(note.startswith(f"never accepted, so only partly tested: {POST} (") for note in outcome.notes)
    assert outcome.code(strict=False) == Exit.CLEAN
    assert outcome.code(strict=True) == Exit.VIOLATIONS


def test_made_up_credentials_that_are_accepted_are_a_note() -> None:
    """Without credentials of the user, a server that takes any may be a mock: a note, and an error only if strict."""
    outcome = fuzz(detection_api("any-token"), given=GivenCredentials())
    assert outcome.errors == []
    assert {(finding.rule, finding.subject) for finding in outcome.warnings} == {
        ("ignored-auth", POST),
        ("ignored-auth", GET),
    }
    assert any(note.startswith("made-up credentials were accepted") for note in report.notes(outcome))
    assert (outcome.code(strict=False), outcome.code(strict=True)) == (Exit.CLEAN, Exit.VIOLATIONS)


def test_nothing_listening_is_unreachable() -> None:
    """A port where nothing listens ends the run with the reason, not with findings."""
    error = fuzz(url="http://127.0.0.1:9", include=["getDetectionSession"], max_examples=1).error
    assert isinstance(error, UnreachableError)
    assert str(error).startswith("http://127.0.0.1:9 cannot be reached")


def test_a_server_that_goes_away_is_told() -> None:
    """A server that stops in the middle is not green: the run ends at once, and its code says unreachable."""
    answered = 0

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            nonlocal answered
            answered += 1
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            if answered == 15:
                threading.Thread(target=stop).start()

        def log_message(self, *args: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)

    def stop() -> None:
        server.shutdown()
        server.server_close()

    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    outcome = fuzz(url=f"http://127.0.0.1:{server.server_address[1]}", include=["getDetectionSession"])
    thread.join()
    assert outcome.stopped == "server_unavailable"
    assert outcome.code(strict=False) == Exit.UNREACHABLE


def test_a_request_without_a_response_is_a_finding() -> None:
    """An operation that does not answer in time is found out, with the request that it did not answer."""
    api = detection_api()

    async def hanging(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"].startswith(f"{COLLECTION}/3c90"):
            await asyncio.sleep(60)
        await api(scope, receive, send)

    outcome = fuzz(hanging, timeout_seconds=0.2, max_examples=2)
    assert ("no-response", GET) in found(outcome)
    (finding,) = (finding for finding in outcome.errors if finding.rule == "no-response")
    assert finding.steps[-1].request.path.startswith("/api/detection/sessions/3c90")
    assert finding.steps[-1].response is None
    assert "(no response)" in text.fuzz(report.result_of(outcome))


def contract_without_refusals(folder: Path) -> Path:
    """The detection contract, documenting no client error but 404."""
    path = folder / "detection.yaml"
    path.write_text(DETECTION.read_text().replace("        4XX:", "        '404':"))
    return path


def test_an_undocumented_refusal_of_an_invalid_request_is_a_note(tmp_path: Path) -> None:
    """A server has to refuse an invalid request somehow: a status that nothing documents is told and fails nothing."""
    outcome = fuzz(detection_api(), contract=contract_without_refusals(tmp_path))
    assert outcome.errors == []
    assert {finding.rule for finding in outcome.warnings} == {"rejection-undocumented"}
    assert {finding.detail for finding in outcome.warnings} >= {"401", "422"}
    assert outcome.code(strict=False) == Exit.CLEAN
    assert outcome.code(strict=True) == Exit.VIOLATIONS
    assert sum("rejection-undocumented" in note for note in report.notes(outcome)) == 1


def test_an_undocumented_refusal_of_a_valid_request_is_one_finding(tmp_path: Path) -> None:
    """A valid request refused with a status that nothing documents breaks two of the checks, and is one finding."""
    outcome = fuzz(detection_api("refuses-valid-null"), contract=contract_without_refusals(tmp_path))
    assert found(outcome) == {("response-status-undocumented", POST)}
    assert len(outcome.errors) == 1
    assert "it refuses a valid request" in outcome.errors[0].message


@REACHES_NO_NEW_LINE
# The alarm of a run may go off in a callback of the garbage collector, where Python drops it; it goes off again.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_time_limit_is_kept_and_told() -> None:
    """A run that its time limit ends says so, and what it did not get to."""

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0.05)
        await detection_api()(scope, receive, send)

    outcome = fuzz(slow, max_seconds=2, max_examples=1000)
    assert outcome.seconds < 6
    assert outcome.stopped == "max_time"


@pytest.mark.parametrize("cache", ["a cache", "no cache"])
def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: str) -> None:
    """A run writes nothing into the working folder: what is slow to make goes to the user's cache, if there is one."""
    here, home = tmp_path / "here", tmp_path / "home"
    here.mkdir()
    home.touch() if cache == "no cache" else home.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    fuzz(detection_api("wrong-enum"))
    assert os.listdir(here) == []
    assert (home / "tallystick").is_dir() == (cache == "a cache")
