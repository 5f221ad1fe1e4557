"""A base path that was forgotten: every answer is a 404, and below another path the operations are found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tallystick.fuzz.findings import TestedOperation
from tallystick.fuzz.sending import NoResponseError, Sender
from tallystick.fuzz.settings import Settings
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange, Request, Response
from tallystick.nouns.path_templates import template_names
from tallystick.rules.exchange.body import RESPONSE_MEDIA_TYPE
from tallystick.rules.exchange.status import REJECTION_UNDOCUMENTED, RESPONSE_STATUS_UNDOCUMENTED
from tallystick.rules.judge import judge

_MOST_OPERATIONS = 4
"""How many operations are asked for before another base path is looked for."""
_USUAL = ("", "/api", "/v1", "/api/v1", "/v2", "/api/v2", "/v3", "/api/v3", "/rest")
"""Base paths that APIs often have, tried behind those that the contract names."""
_ANY_VALUE = "1"
_OF_ANOTHER = frozenset((RESPONSE_STATUS_UNDOCUMENTED.id, REJECTION_UNDOCUMENTED.id, RESPONSE_MEDIA_TYPE.id))
"""What a response breaks that is not of the operation, such as a page for people at every path."""


def lost_base_path(contract: Contract, settings: Settings, sender: Sender) -> str:
    """Why nothing can be tested at the base path of the settings, with the one that was probably meant; "" if it can.

    Sends one request where that is answered, and a few more where it is not found.
    """
    asked = list(_harmless(contract, settings.selected))
    for operation in asked:
        response = _answer(sender, operation, settings.base_path)
        if response is None or response.status != 404:
            return ""
    if not asked:
        return ""
    for base_path in _candidates(contract, settings.base_path):
        for operation in asked:
            response = _answer(sender, operation, base_path)
            if response is not None and _is_of(operation, response):
                return _sentence(contract, settings, base_path, operation)
    return ""


def _sentence(contract: Contract, settings: Settings, base_path: str, operation: Operation) -> str:
    tried = f"{settings.origin}{settings.base_path}"
    fact = f"every answer below {tried} was 404, but {operation.label} is found below {base_path or '/'}"
    named = " (the contract names it)" if base_path in _named(contract) else ""
    return f"{fact}{named}: nothing was tested; give --url {settings.origin}{base_path}"


def all_not_found(contract: Contract, settings: Settings, tested: Iterable[TestedOperation]) -> str:
    """Why a run tested nothing whose every answer was a 404; "" where there were others.

    Where all paths have values in them, nothing may be there that they name, and the base path is right.
    """
    answered = [operation for operation in tested if operation.requests]
    if not answered or any(set(operation.statuses) - {404, 405} for operation in answered):
        return ""
    labels = {operation.label for operation in answered if 404 in operation.statuses}
    if not any(operation.label in labels and not template_names(operation.path) for operation in contract):
        return ""
    others = [path for path in _named(contract) if path != settings.base_path]
    named = f" (the contract names {' and '.join(path or '/' for path in others)})" if others else ""
    where = f"{settings.origin}{settings.base_path}"
    return f"every answer below {where} was 404: nothing was tested; if the API is elsewhere{named}, --url says where"


def _named(contract: Contract) -> list[str]:
    """The base paths that a contract names, each once."""
    servers = (*contract.servers, *(server for operation in contract for server in operation.servers))
    return list(dict.fromkeys(server.base_path for server in servers))


def _candidates(contract: Contract, base_path: str) -> list[str]:
    return [path for path in dict.fromkeys((*_named(contract), *_USUAL)) if path != base_path]


def _harmless(contract: Contract, labels: Sequence[str]) -> Iterator[Operation]:
    """A few selected operations that change nothing, those first whose path has no values."""
    selected = frozenset(labels)
    reads = [operation for operation in contract if operation.method == "GET" and operation.label in selected]
    reads.sort(key=lambda operation: bool(template_names(operation.path)))
    yield from reads[:_MOST_OPERATIONS]


def _answer(sender: Sender, operation: Operation, base_path: str) -> Response | None:
    path = operation.path
    for name in template_names(path):
        path = path.replace(f"{{{name}}}", _ANY_VALUE)
    try:
        return sender.send_as_is(Request("GET", base_path + path, "", (("accept", "*/*"),))).exchange.response
    except NoResponseError:
        return None


def _is_of(operation: Operation, response: Response) -> bool:
    """Whether a response is one that the operation gives: documented, and of a media type that it documents."""
    if response.status == 404 or response.status >= 500:
        return False
    if response.status in (401, 403):
        return bool(operation.security)
    violations = judge(operation, Exchange(Request("GET", operation.path), response))
    return not any(each.rule in _OF_ANOTHER for each in violations)
