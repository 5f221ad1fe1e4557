"""The page of one exchange: what was sent and answered, why, and the lines of the contract that say so."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from tallystick.exchanges.secrets import Secrets
from tallystick.mock.console.asking import ask
from tallystick.mock.console.bodies import ShownBody, shown_body
from tallystick.mock.console.comparing import compared
from tallystick.mock.console.contract_parts import Excerpt, excerpt
from tallystick.mock.console.journal import journal_of
from tallystick.mock.console.visit import Html, Page, Visit, lost, see, unmarked
from tallystick.mock.journal.record import Record
from tallystick.mock.journal.why import other_replies
from tallystick.mock.off_loop import off_loop
from tallystick.mock.roles import Reply
from tallystick.mock.sessions import HEADER as SESSION_HEADER
from tallystick.mock.sessions import session_of
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Headers, Request
from tallystick.nouns.json_pointer import to_keys
from tallystick.nouns.request_fields import fields_that_matter
from tallystick.nouns.violation import Place
from tallystick.reports.curl import curl

_EXCERPTS = 6
"""How many places of the contract are shown beside an exchange."""
_AROUND = 24
"""How many lines of each."""


class Shown(NamedTuple):
    """An exchange for people: without its secrets, and with what the contract says of it."""

    record: Record
    path: str
    url: str
    request_fields: Headers
    request_body: ShownBody
    response_fields: Headers
    response_body: ShownBody
    operation: Operation | None
    others: Sequence[Mapping[str, str]]
    excerpts: Sequence[Excerpt]
    line: str


async def record_of(visit: Visit, id: str) -> Record:
    """The exchange with an id; `LostError` where the journal has it no more."""
    record = await journal_of(visit).find(visit.session, id)
    if record is None:
        raise lost(404, f"The journal of this session has no exchange {id!r}, or no more.")
    return record


async def _show(visit: Visit) -> Html:
    record = await record_of(visit, visit.asked("id"))
    shown = await off_loop(partial(_shown, visit, record))
    return Html("exchange.html", {"shown": shown, "record": record})


def _shown(visit: Visit, record: Record) -> Shown:
    secrets = Secrets(visit.memory.contracts)
    request, response = record.request, record.response
    contract = next((each for each in visit.memory.contracts if each.name == record.contract), None)
    operation = next((each for each in contract or () if each.label == record.label), None)
    others = other_replies(operation) if operation is not None else []
    return Shown(
        record,
        secrets.in_path(request.path),
        secrets.in_url(record.url),
        secrets.fields(request.headers),
        shown_body("Body of the request", request.headers, request.body, record.request_bytes),
        secrets.fields(record.sent_headers),
        shown_body("Body of the reply", response.headers, response.body, record.response_bytes),
        operation,
        [{name: str(value) for name, value in each.items()} for each in others if isinstance(each, dict)],
        _excerpts(contract, operation, record) if contract is not None and operation is not None else (),
        _line(record, operation, secrets),
    )


def _excerpts(contract: Contract, operation: Operation, record: Record) -> list[Excerpt]:
    """The lines that say what is broken; then the documented reply, and the operation."""
    places = [_place(contract, each["contract"]) for each in record.violations]
    response = operation.response_for(record.response.status)
    places += [response.place if response is not None else None, operation.place]
    shown: dict[str, Excerpt] = {}
    for place in places:
        if place is not None and str(place) not in shown and len(shown) < _EXCERPTS:
            lines = excerpt(contract, place, _AROUND)
            if lines is not None:
                shown[str(place)] = lines
    return list(shown.values())


def _place(contract: Contract, text: str) -> Place | None:
    """The place that a violation names: `pets.yaml:49`, in a minified document with the pointer."""
    where, _, pointer = text.partition("#")
    file, _, number = where.rpartition(":")
    if not number.isdecimal() or all(each.file != file for each in contract.root.document.family):
        return None
    line = int(number)
    return Place(file, to_keys(pointer), lambda _: line)


def _line(record: Record, operation: Operation | None, secrets: Secrets) -> str:
    """The curl line of an exchange, with what its reply depends on; a secret in it is a variable of the shell."""
    request = record.request
    if len(request.body) < record.request_bytes:
        return ""
    request = request._replace(headers=_copied(request.headers, operation))
    origin = f"{record.scheme}://{dict(record.request.headers).get('host', 'localhost')}{record.prefix}"
    return curl(request, origin, _hidden(request, secrets))


def _copied(headers: Headers, operation: Operation | None) -> Headers:
    """The header fields of a line; a cookie that names the session is a field, since all cookies are one variable."""
    documented = {each.name.lower() for each in operation.parameters if each.location == "header"} if operation else ()
    fields: list[tuple[str, str]] = []
    for name, value in fields_that_matter(headers, documented):
        session = session_of({name: value}) if name == "cookie" else ""
        fields += [(SESSION_HEADER, session)] if session else []
        fields += [(name, value)] if not session or ";" in value else []
    return tuple(fields)


def _hidden(request: Request, secrets: Secrets) -> dict[str, str]:
    """The secrets in the path, the query and the header fields of a request, with the variables that stand for them."""
    hidden = {value: re.sub(r"\W", "_", name.upper()) for name, value in secrets.of_path(request.path)}
    for field in request.query.split("&"):
        if secrets.in_query(field) != field:
            name, _, value = field.partition("=")
            hidden[value] = re.sub(r"\W", "_", name.upper())
    for name, value in request.headers:
        if name == "cookie":
            hidden[value] = "COOKIE"
        elif secrets.header(name, value) != value:
            _, blank, token = value.partition(" ")
            is_scheme = bool(blank) and name in ("authorization", "proxy-authorization")
            hidden[token if is_scheme else value] = "TOKEN" if is_scheme else re.sub(r"\W", "_", name.upper())
    return {value: name for value, name in hidden.items() if value}


async def _again(visit: Visit) -> Reply:
    record = await record_of(visit, visit.sent("id"))
    if len(record.request.body) < record.request_bytes:
        raise lost(409, "The body of this request was too large for the journal, so that it cannot be sent again.")
    path = f"{visit.outside}{unmarked(record.prefix)}{record.request.path}"
    outcome = await ask(visit, record.request._replace(path=path))
    if outcome.record is None:
        raise lost(409, outcome.note or "The request was sent; the journal does not have it.")
    return see(visit.url("/page/exchange", id=outcome.record.id))


async def _compare(visit: Visit) -> Html:
    ids = [id for id in visit.query.get("id", []) if id]
    if len(ids) != 2:
        raise lost(400, "Choose two exchanges of the journal to compare them.")
    first, second = sorted([await record_of(visit, id) for id in ids], key=lambda record: record.time)
    sides = await off_loop(partial(compared, first, second, Secrets(visit.memory.contracts)))
    return Html("compare.html", {"first": first, "second": second, "sides": sides})


PAGES: dict[str, Page] = {
    "GET /page/exchange": _show,
    "POST /page/exchange/again": _again,
    "GET /page/compare": _compare,
}
