"""The requests of a fuzz run of its own: what they find on a server with a fault, and not on one that is sound."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from support.folders import TESTS

from tallystick.contracts.read import read_contract
from tallystick.fuzz.application import with_error_responses
from tallystick.fuzz.clock import Clock
from tallystick.fuzz.credentials import GivenCredentials, credentials_for
from tallystick.fuzz.defects import Defect
from tallystick.fuzz.findings import TestedOperation
from tallystick.fuzz.in_process import ServedApplication
from tallystick.fuzz.probes.probed import Probed
from tallystick.fuzz.probing import Probing
from tallystick.fuzz.sending import Sender
from tallystick.fuzz.settings import IN_PROCESS, Settings, select_operations
from tallystick.fuzz.verdicts import verdict_of
from tallystick.mock.app import create_app
from tallystick.mock.settings import MockSettings
from tallystick.nouns.violation import Severity

CONTRACT = read_contract(TESTS / "relations" / "contract.yaml")


class Notes:
    """A sound server of notes with a list of what it does wrong; what it keeps is read a while later."""

    def __init__(self, fault: str = "", lag_seconds: float = 0.0) -> None:
        self.fault, self.lag_seconds = fault, lag_seconds
        self.notes: dict[int, tuple[dict[str, Any], float]] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise RuntimeError("only HTTP is served")
        body, is_json = (await receive()).get("body", b""), (b"content-type", b"application/json") in scope["headers"]
        if (b"authorization", b"Bearer secret-token") not in scope["headers"]:
            status, answer = 401, {}
        elif scope["method"] == "POST" and not is_json:
            status, answer = 415, {}
        else:
            status, answer = self.answer(scope["method"], scope["path"], body)
        headers = [(b"content-type", b"application/json"), (b"www-authenticate", b"Bearer")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        """The status and the body for a request."""
        if (method, path) == ("POST", "/notes"):
            return self.create(body)
        number = path.removeprefix("/notes/")
        note, since = self.notes.get(int(number), (None, 0.0)) if number.isdecimal() else (None, 0.0)
        if method != "GET" or note is None or time.monotonic() < since + self.lag_seconds:
            return 404, {}
        return 200, note

    def create(self, body: bytes) -> tuple[int, Any]:
        """Keeps a note."""
        try:
            note = json.loads(body)
        except ValueError:
            return 422, {}
        if not isinstance(note, dict) or not isinstance(note.get("text"), str):
            return 422, {}
        number = len(self.notes) + 1 if self.fault != "one id" else 1
        kept = {"id": number, "text": note["text"]}
        self.notes[number] = ({**kept, "text": "?"} if self.fault == "lost" else kept, time.monotonic())
        return 201, kept


def probed(application: Any, settle_seconds: float = 0.0, only: str = "") -> tuple[list[Defect], Probed, int]:
    """The defects, what was asked, and how many requests were answered."""
    selected = tuple(label for label in select_operations(CONTRACT, (), ()) if only in label)
    settings = Settings(
        IN_PROCESS,
        "",
        1,
        selected,
        application,
        credentials_for(CONTRACT, GivenCredentials(bearer="secret-token")),
        settle_seconds=settle_seconds,
    )
    clock, defects = Clock(120), list[Defect]()
    served = ServedApplication(with_error_responses(application), clock)
    with served, Sender(CONTRACT, settings, clock, served) as sender:
        probing = Probing(
            CONTRACT,
            settings,
            sender,
            lambda defect, _: defects.append(defect),
            {label: TestedOperation(label) for label in selected},
            lambda exchange, fault: verdict_of(CONTRACT, exchange, "", None, frozenset(), fault),
        )
        told = probing.run()
    return defects, told, probing.answered


def rules(defects: list[Defect]) -> set[tuple[str, str]]:
    """The rule and the operation of each error."""
    return {(each.rule, each.subject) for each in defects if each.severity is Severity.ERROR}


def test_the_probes_find_nothing_on_the_mock() -> None:
    """Our own mock keeps what is written, pages and filters its lists, and knows conditions."""
    defects, told, answered = probed(create_app([CONTRACT], MockSettings()), only="/pets")
    assert [each for each in defects if each.severity is Severity.ERROR] == []
    assert answered > 50
    assert "pets" in told.lived


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("", set()),
        ("lost", {("written-value-lost", "POST /notes")}),
        ("one id", {("id-not-unique", "POST /notes")}),
    ],
)
def test_the_probes_find_what_a_server_does_wrong(fault: str, expected: set[tuple[str, str]]) -> None:
    """A sound server has no finding, and a fault has one."""
    assert rules(probed(Notes(fault), only="/notes")[0]) == expected


@pytest.mark.parametrize(("form", "expected"), [("text/csv", set()), ("text/plain", {"response-media-type"})])
def test_each_documented_form_of_a_list_is_asked_for(form: str, expected: set[str]) -> None:
    """A list that is documented as JSON and as CSV is read as both, so that a wrong type of the second is found."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise RuntimeError("only HTTP is served")
        await receive()
        is_csv = (b"accept", b"text/csv") in scope["headers"]
        headers = [(b"content-type", form.encode() if is_csv else b"application/json")]
        status = 200 if (scope["method"], scope["path"]) == ("GET", "/rows") else 404
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"id" if is_csv else b"[]"})

    defects, _, _ = probed(application, only="/rows")
    assert {each.rule for each in defects} == expected


def test_reads_that_lag_behind_may_settle() -> None:
    """What is read too early is a finding, unless the run was told to wait."""
    lagging = ("ensure-resource-availability", "POST /notes")
    assert lagging in rules(probed(Notes(lag_seconds=0.4), only="/notes")[0])
    assert lagging not in rules(probed(Notes(lag_seconds=0.4), settle_seconds=5, only="/notes")[0])
