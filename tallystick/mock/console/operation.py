"""The page of one operation: what its contract says, a form to try it, and the reply that the mock gives."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from tallystick.examples.samples import Unsatisfiable
from tallystick.mock.console.asking import Outcome, ask
from tallystick.mock.console.bodies import on_one_line, shown_body
from tallystick.mock.console.contract_parts import about, description_of, excerpt, operation_named
from tallystick.mock.console.trying import Form, form_of, request_of
from tallystick.mock.console.visit import Html, Page, Visit, lost
from tallystick.mock.off_loop import off_loop
from tallystick.mock.serving.listing import prefix_of
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Request
from tallystick.reports.curl import curl


async def _show(visit: Visit) -> Html:
    return await off_loop(partial(_shown, visit))


def _shown(visit: Visit) -> Html:
    contract, operation = _asked(visit)
    media_type = visit.asked("media_type")
    form = form_of(operation, None, media_type, partial(about, contract))._replace(prefer=visit.asked("prefer"))
    values = {
        **_described(contract, operation),
        "form": form,
        "line": _line(visit, _example(visit, contract, operation, form)),
        "outcome": None,
    }
    return Html("operation.html", values, part="body" if media_type else "main")


async def _try(visit: Visit) -> Html:
    contract, operation = _asked(visit)
    request = await off_loop(partial(_wanted, visit, contract, operation))
    outcome = await ask(visit, request)
    return await off_loop(partial(_tried, visit, contract, operation, request, outcome))


def _tried(visit: Visit, contract: Contract, operation: Operation, request: Request, outcome: Outcome) -> Html:
    response = outcome.response
    around: Mapping[str, object] = {}
    if not visit.is_part:
        form = form_of(operation, visit.form, about=partial(about, contract))
        around = {**_described(contract, operation), "form": form}
    values = {
        **around,
        "operation": operation,
        "contract": contract,
        "line": _line(visit, request),
        "outcome": outcome,
        "shown": shown_body("Body of the reply", response.headers, response.body) if response is not None else None,
    }
    return Html("operation.html", values, part="reply")


async def _curl(visit: Visit) -> Html:
    contract, operation = _asked(visit)
    request = await off_loop(partial(_wanted, visit, contract, operation))
    return Html("operation.html", {"line": _line(visit, request)}, part="curl")


def _asked(visit: Visit) -> tuple[Contract, Operation]:
    return operation_named(visit, visit.asked("contract"), visit.asked("operation"))


def _described(contract: Contract, operation: Operation) -> Mapping[str, object]:
    """What is shown of an operation beside the form."""
    return {
        "contract": contract,
        "operation": operation,
        "description": description_of(contract, operation),
        "excerpt": excerpt(contract, operation.place),
    }


def _example(visit: Visit, contract: Contract, operation: Operation, form: Form) -> Request | None:
    """The request that a form asks for as it is shown; None where the contract allows none."""
    sent = {field.name: [field.value] for field in (*form.parameters, *form.credentials)}
    if form.body is not None:
        sent |= {"media_type": [form.body.chosen], "body": [form.body.text]}
        if form.body.binary_bytes:
            sent["as-it-is"] = ["1"]
    try:
        return _request(visit, contract, operation, sent)
    except Unsatisfiable:
        return None


def _wanted(visit: Visit, contract: Contract, operation: Operation) -> Request:
    """The request that a form asks for; `LostError` where none can be made."""
    try:
        return _request(visit, contract, operation, visit.form)
    except Unsatisfiable as error:
        raise lost(409, str(error)) from None


def _request(visit: Visit, contract: Contract, operation: Operation, sent: Mapping[str, list[str]]) -> Request:
    request = request_of(operation, sent, visit.headers.by_name.get("host", "localhost"))
    prefix = prefix_of(visit.routes, contract, operation)
    return request._replace(path=f"{visit.outside}{prefix}{request.path}")


def _line(visit: Visit, request: Request | None) -> str:
    """The curl line of a request, without what curl sends by itself, and its JSON on one line."""
    if request is None:
        return ""
    kept = tuple(field for field in request.headers if field != ("accept", "*/*"))
    return curl(request._replace(headers=kept, body=on_one_line(request.body)), visit.origin)


PAGES: dict[str, Page] = {
    "GET /page/operation": _show,
    "POST /page/operation/try": _try,
    "POST /page/operation/curl": _curl,
}
