"""The findings of an earlier fuzz run, sent again: which are fixed, and which are there still."""

from __future__ import annotations

import binascii
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple, cast

from tallystick.exchanges.reading import bytes_of, json_in
from tallystick.fuzz.defects import Defect
from tallystick.fuzz.playing import play
from tallystick.fuzz.reported_rows import Row, place_of, request_of
from tallystick.fuzz.rules import NOT_A_SERVER_ERROR
from tallystick.fuzz.sending import NoResponseError, Sender, Sent
from tallystick.fuzz.sequences import Capture, Step
from tallystick.fuzz.settings import Settings
from tallystick.fuzz.showing import Showing
from tallystick.fuzz.variations import varied
from tallystick.fuzz.verdicts import exchange_below
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.exchange import Exchange, Request, Response
from tallystick.nouns.violation import Severity
from tallystick.rules.judge import judge

FIXED, THERE, UNKNOWN = "fixed", "still there", "not known"
REPORT_EXPECTED = "a report of a fuzz run was expected: `tallystick fuzz --format json` writes one"
_TRIES = 3
"""How often a finding is sent again that was not seen each time."""


class Report(NamedTuple):
    """What a report of a fuzz run in JSON says: the contract, the base URL, and the findings."""

    contract: str
    url: str
    findings: list[RecordedFinding]


@dataclass(frozen=True, slots=True)
class RecordedFinding:
    """A finding of a report; there are no steps where the report does not have its requests."""

    defect: Defect
    steps: tuple[Step, ...]
    last: Exchange
    """The exchange that showed it."""
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class Replayed:
    """A finding that was sent again: `state` is one of FIXED, THERE and UNKNOWN, and `why` says more of it."""

    finding: RecordedFinding
    state: str
    why: str
    exchanges: tuple[Exchange, ...] = ()


def read_report(path: Path) -> Report:
    """The report in a file; raises `UnreadableError` if it cannot be read, or is no such report."""
    value = json_in(str(path), bytes_of(str(path)), REPORT_EXPECTED)
    try:
        report = cast("Row", value)
        rows = cast("Sequence[Row]", report["findings"])
        errors = [row for row in rows if row["severity"] == Severity.ERROR]
        return Report(str(report["contract"]), str(report["url"]), [_finding(row) for row in errors])
    except (KeyError, TypeError, AttributeError, ValueError, IndexError, binascii.Error):
        raise UnreadableError(str(path), 0, f"it is something else; {REPORT_EXPECTED}") from None


def _finding(row: Row) -> RecordedFinding:
    rule, subject, message = str(row["rule"]), str(row["operation"]), str(row["message"])
    detail = str(row.get("detail") or "")
    if rule == NOT_A_SERVER_ERROR.id:
        detail = detail.split(" ")[0]  # the line of an exception moves when its file is edited
    defect = Defect(rule, Severity.ERROR, subject, detail, place_of(cast("Row", row["contract"])), message)
    rows = cast("Sequence[Row]", row["steps"])
    steps = tuple(_step(each) for each in rows if each.get("request") is not None)
    last = Exchange(steps[-1].request, _response(rows[-1])) if steps else Exchange(Request("GET", "/"))
    return RecordedFinding(defect, steps, last, row.get("known") is not None)


def _step(row: Row) -> Step:
    value = cast("Row", row["request"])
    captures = cast("Sequence[Mapping[str, str]]", row.get("captures") or ())
    status = row.get("status")
    is_accepted = isinstance(status, int) and 200 <= status < 300
    taken = tuple(Capture(each["name"], each["pointer"], each["header"]) for each in captures)
    return Step(request_of(value), taken, is_accepted, is_authorized=bool(value.get("is_authorized")))


def _response(row: Row) -> Response | None:
    status = row["status"]
    headers = cast("Mapping[str, str]", row["headers"])
    return (
        Response(status, tuple(headers.items()), str(row["body"] or "").encode()) if isinstance(status, int) else None
    )


def replayed(contract: Contract, settings: Settings, sender: Sender, report: Report) -> Iterator[Replayed]:
    """The findings of a report, each sent again."""
    showing = Showing(contract, settings)
    draw = random.Random(settings.seed)
    for finding in report.findings:
        yield _replayed(finding, showing, sender, draw)


def _replayed(finding: RecordedFinding, showing: Showing, sender: Sender, draw: random.Random) -> Replayed:
    if not finding.steps:
        return Replayed(finding, UNKNOWN, "the report does not have its requests")
    if not showing.can_replay(finding.defect):
        return Replayed(finding, UNKNOWN, "its rule cannot be asked of requests that are sent again")
    exchanges: tuple[Exchange, ...] = ()
    for _ in range(_TRIES):
        sent = _sent_again(finding, sender, draw)
        if isinstance(sent, str):
            return Replayed(finding, UNKNOWN, sent)
        exchanges = tuple(each.exchange for each in sent)
        if showing.shows(finding.defect, sent, finding.last):
            return Replayed(finding, THERE, finding.defect.message, exchanges)
        if len(finding.steps) > 1 and (refused := _refused(finding, sent)):
            return Replayed(finding, UNKNOWN, refused, exchanges)
    response = exchanges[-1].response
    answer = f"answered with {response.status}" if response is not None else "not answered"
    return Replayed(finding, FIXED, f"the request is {answer} now, and does not show it", exchanges)


def _refused(finding: RecordedFinding, sent: Sequence[Sent]) -> str:
    """Why the requests before the last one did not do what they did; "" where they did."""
    for number, (step, each) in enumerate(zip(finding.steps[:-1], sent, strict=False), 1):
        response = each.exchange.response
        if step.is_accepted and (response is None or response.status >= 400):
            answer = f"answered with {response.status}" if response is not None else "not answered"
            return f"request {number} of {len(finding.steps)}, which it needs, is {answer} now"
    return ""


def _sent_again(finding: RecordedFinding, sender: Sender, draw: random.Random) -> list[Sent] | str:
    """What came back; else why its requests cannot be sent again."""

    def send(request: Request, is_authorized: bool) -> Sent:
        try:
            return sender.send(request) if is_authorized else sender.send_as_is(request)
        except NoResponseError as error:
            return Sent(Exchange(error.request))

    played = play(finding.steps, send, partial(_varied, sender, draw))
    if played is None:
        return "a response lacks the id that later requests need"
    return played[1]


def _varied(sender: Sender, draw: random.Random, request: Request) -> Request:
    operation = sender.operation_of(request)
    if operation is None or request.method not in ("POST", "PUT", "PATCH"):
        return request
    base_path = sender.settings.base_path

    def violated(candidate: Request) -> set[tuple[str, str]]:
        below = exchange_below(Exchange(candidate), base_path)
        return {(violation.rule, violation.where) for violation in judge(operation, below)}

    before = violated(request)
    return varied(request, draw, lambda candidate: violated(candidate) == before)
