"""The journal of a session: listed, looked into, verified, taken away as an HTTP archive, and forgotten."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from time import time

from tallystick.exchanges.secrets import Secrets
from tallystick.mock.control.call import Call, Function, done, refused, told
from tallystick.mock.journal.har import har_of
from tallystick.mock.journal.journal import Journal
from tallystick.mock.journal.record import Record
from tallystick.mock.journal.verify import expectation_of, verify
from tallystick.mock.journal.why import other_replies
from tallystick.mock.json_members import WrongMemberError
from tallystick.mock.memory import Memory
from tallystick.mock.off_loop import off_loop
from tallystick.mock.patterns.differences import Call as Asked
from tallystick.mock.patterns.differences import is_meant
from tallystick.mock.patterns.pattern import pattern_of, refuse_unknown
from tallystick.mock.problem import Problem
from tallystick.mock.roles import Reply
from tallystick.mock.routes import normal_base_path
from tallystick.mock.sessions import target_of
from tallystick.nouns.contract import Operation
from tallystick.nouns.exchange import Exchange, Headers, Response
from tallystick.nouns.json_value import JSON
from tallystick.nouns.media_type import MediaKind, parse_media_type
from tallystick.nouns.moment import moment
from tallystick.wire.negotiation import negotiate
from tallystick.wire.reading import Reading

_MOST = 100
"""How many exchanges are listed where the call does not say."""


async def _list(call: Call) -> Reply:
    mark = _mark()
    records, known = await _chosen(call), _Known(call.memory)
    shown = records[-call.number("count", _MOST) :]
    return await off_loop(
        lambda: told({"exchanges": [known.value(each) for each in shown], "total": len(records), "mark": mark})
    )


async def _get(call: Call) -> Reply:
    id = call.text("exchange")
    record = next((each for each in await _journal(call).records(call.session) if each.id == id), None)
    if record is None:
        raise refused(404, f"the journal of the session has no exchange {id!r}, or no more")
    return told(_Known(call.memory).value(record))


async def _clear(call: Call) -> Reply:
    await _journal(call).clear(call.session)
    return done()


async def _take_mark(_: Call) -> Reply:
    return told({"mark": _mark()})


def _mark() -> str:
    """What names the moment after which calls count: a Unix time."""
    return f"{time():.6f}"


async def _verify(call: Call) -> Reply:
    try:
        expectation = expectation_of(call.body)
        refuse_unknown(expectation.pattern, call.memory.contracts, "match")
        for index, pattern in enumerate(expectation.in_order):
            refuse_unknown(pattern, call.memory.contracts, f"in_order[{index}]")
    except WrongMemberError as error:
        raise refused(409, str(error)) from None
    known = _Known(call.memory)
    since = _time_of(expectation.since)
    records = [each for each in await _journal(call).records(call.session) if each.time > since]
    verdict = await off_loop(lambda: verify(expectation, records, known.asked))
    content = call.reading.operation.responses[0].content
    wanted = negotiate(content, call.reading.headers.get("accept", ""))
    if wanted is not None and wanted.media_type.kind is not MediaKind.JSON:
        text = f"{verdict.text(known.secrets)}\n".encode()
        return Reply(Response(200, (("content-type", "text/plain; charset=utf-8"),), text), "control")
    return told(verdict.value(known.secrets))


async def _archive(call: Call) -> Reply:
    records, secrets = await _chosen(call), Secrets(call.memory.contracts)
    headers = (("content-disposition", f'attachment; filename="{call.session or "session"}.har"'),)
    return await off_loop(lambda: told(har_of(records, secrets), headers=headers))


async def _chosen(call: Call) -> Sequence[Record]:
    """The exchanges that the query of a call asks for."""
    records = await _journal(call).records(call.session)
    since, status, operation = _time_of(call.text("since")), call.text("status"), call.text("operation")
    records = [each for each in records if each.time > since]
    if status:
        fits = re.compile(status.lower().replace("x", r"\d"))
        records = [each for each in records if fits.fullmatch(str(each.response.status))]
    if operation:
        try:
            pattern, known = pattern_of(operation, ""), _Known(call.memory)
        except WrongMemberError as error:
            raise refused(409, str(error)) from None
        return await off_loop(lambda: [each for each in records if is_meant(pattern, known.asked(each))])
    return records


def _time_of(mark: object) -> float:
    return float(str(mark)) if mark else 0.0


def _journal(call: Call) -> Journal:
    if call.memory.journal is None:
        raise refused(409, "the mock was started without a journal; --journal 1000 has it keep the last exchanges")
    return call.memory.journal


class _Known:
    """What is known of the contracts, to tell of an exchange what it was."""

    def __init__(self, memory: Memory) -> None:
        self.secrets = Secrets(memory.contracts)
        self.bases = ("", normal_base_path(memory.settings.base_path))
        self.operations = {
            (contract.name, operation.label): operation for contract in memory.contracts for operation in contract
        }

    def operation(self, record: Record) -> Operation | None:
        """The operation of an exchange; None where it reached none, or none that the contracts still have."""
        return self.operations.get((record.contract, record.label))

    def asked(self, record: Record) -> Asked:
        """The request of an exchange, as a pattern looks at it."""
        operation, request = self.operation(record), record.request
        if operation is None:  # no routing has taken the session away
            target = target_of("", request.path, self.bases)
            request = request if isinstance(target, Problem) else request._replace(path=target.path)
        reading = Reading(operation, Exchange(request)) if operation is not None else None
        return Asked(request, reading, record.contract, record.prefix)

    def value(self, record: Record) -> dict[str, JSON]:
        """An exchange as JSON, without its secrets."""
        request, response, operation = record.request, record.response, self.operation(record)
        why: dict[str, JSON] = dict(record.why)
        why["sentence"] = self.secrets.in_urls(str(record.why.get("sentence", "")))
        why["others"] = other_replies(operation) if operation is not None else []
        return {
            "id": record.id,
            "time": moment(record.time),
            "seconds": round(record.seconds, 6),
            "contract": record.contract,
            "operation": record.label,
            "operation_id": record.operation_id,
            "request": {
                "method": request.method,
                "url": self.secrets.in_url(record.url),
                "path": self.secrets.in_path(request.path),
                "query": self.secrets.in_query(request.query),
                "headers": self._fields(request.headers),
                "size": record.request_bytes,
                **_body(request.headers, request.body, record.request_bytes),
            },
            "response": {
                "status": response.status,
                "headers": self._fields(record.sent_headers),
                "size": record.response_bytes,
                **_body(response.headers, response.body, record.response_bytes),
            },
            "why": why,
            "violations": [dict(violation) for violation in record.violations],
        }

    def _fields(self, headers: Headers) -> list[JSON]:
        return [{"name": name, "value": value} for name, value in self.secrets.fields(headers)]


def _body(headers: Headers, body: bytes, size: int) -> Mapping[str, JSON]:
    """A body as JSON: its value where it is JSON and whole, else its text, else its bytes in base64."""
    if not body:
        return {}
    content_type = next((value for name, value in headers if name == "content-type"), "")
    if parse_media_type(content_type).kind is MediaKind.JSON and len(body) == size:
        try:
            return {"body": json.loads(body, parse_constant=str)}
        except (ValueError, RecursionError):
            pass
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(body).decode()}


FUNCTIONS: dict[str, Function] = {
    "listExchanges": _list,
    "getExchange": _get,
    "clearJournal": _clear,
    "takeMark": _take_mark,
    "verifyCalls": _verify,
    "getArchive": _archive,
}
