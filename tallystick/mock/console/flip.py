"""The pages that flip replies: the form of an operation, judged while one types, and the overrides in force."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial

from tallystick.mock.console.contract_parts import operation_named
from tallystick.mock.console.flipping import FAULTS, Chosen, chosen, documented, offered, override_in
from tallystick.mock.console.visit import Html, Page, Visit, lost, see
from tallystick.mock.console.wrong import Wrong, wrong_in, wrong_text
from tallystick.mock.control.call import RefusedError
from tallystick.mock.control.overriding import fault_of, set_override
from tallystick.mock.off_loop import off_loop
from tallystick.mock.overrides.keeping import Counted
from tallystick.mock.roles import Reply
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.json_value import JSON

_OVERRIDES = "/page/overrides"
_SHOWN = 400


async def _show(visit: Visit) -> Html:
    contract, operation = _asked(visit)
    return await _page(visit, contract, operation, chosen(visit, operation), None)


async def _judge(visit: Visit) -> Html:
    """What is wrong with what the form holds; nothing is set."""
    contract, operation = _asked(visit)
    form = chosen(visit, operation)
    wrong = await off_loop(partial(_judged, visit, contract, operation, form))
    if not visit.is_part:
        return await _page(visit, contract, operation, form, wrong)
    return Html("flip.html", {"wrong": wrong}, part="verdict")


async def _set(visit: Visit) -> Html | Reply:
    contract, operation = _asked(visit)
    form = chosen(visit, operation)
    try:
        spec = await off_loop(partial(_spec, visit, contract, operation, form))
        if spec is None:
            raise ValueError("nothing is asked for yet: choose a reply, change its body, or let something go wrong")
        await set_override(visit.memory, visit.session, spec)
    except ValueError as error:
        return await _page(visit, contract, operation, form, [wrong_text(str(error))])
    except RefusedError as error:
        return await _page(visit, contract, operation, form, wrong_in(error.problem, form.body))
    return see(visit.url("/page/flip", contract=contract.name, operation=operation.label, set="1"))


async def _list(visit: Visit) -> Html:
    return Html("overrides.html", {"overrides": await _overrides(visit)})


async def _drop(visit: Visit) -> Reply:
    await visit.memory.overrides.drop(visit.session, visit.sent("override"))
    contract, operation = visit.asked("contract"), visit.asked("operation")
    back = "/page/flip" if operation else _OVERRIDES
    return see(visit.url(back, contract=contract, operation=operation))


def _asked(visit: Visit) -> tuple[Contract, Operation]:
    return operation_named(visit, visit.asked("contract"), visit.asked("operation"))


def _judged(visit: Visit, contract: Contract, operation: Operation, form: Chosen) -> list[Wrong] | None:
    """What is wrong with what a form asks for; None where it asks for nothing."""
    try:
        spec = _spec(visit, contract, operation, form)
    except ValueError as error:
        return [wrong_text(str(error))]
    return wrong_in(fault_of(visit.memory, spec), form.body) if spec is not None else None


def _spec(visit: Visit, contract: Contract, operation: Operation, form: Chosen) -> dict[str, JSON] | None:
    named = contract if len(visit.memory.contracts) > 1 else None
    return override_in(form, named, operation, documented(visit, operation, form))


async def _page(
    visit: Visit, contract: Contract, operation: Operation, form: Chosen, wrong: list[Wrong] | None
) -> Html:
    """The page with the form; `wrong` is what is wrong with what was sent, None where that is nothing yet."""
    body = await off_loop(partial(documented, visit, operation, form))
    values = {
        "contract": contract,
        "operation": operation,
        "form": form if form.body else form._replace(body=body.text),
        "documented": body,
        "offered": offered(operation),
        "faults": FAULTS,
        "wrong": wrong,
        "was_set": bool(visit.asked("set")) and wrong is None,
        "overrides": await _overrides(visit, operation),
    }
    return Html("flip.html", values, part="body", status=409 if wrong else 200)


async def _overrides(visit: Visit, operation: Operation | None = None) -> list[Mapping[str, object]]:
    """The overrides of the session, the newest first; those of one operation, where it is given."""
    return [
        _shown(each)
        for each in await visit.memory.overrides.counted(visit.session)
        if operation is None or each.row.override.pattern.names(operation, ())
    ]


def _shown(override: Counted) -> Mapping[str, object]:
    value = override.value()
    replies = value.get("replies", value.get("reply", {"fault": value.get("fault", "")}))
    return {
        "id": override.row.id,
        "match": override.row.override.pattern.label,
        "only": _text(
            {name: each for name, each in override.row.override.pattern.value().items() if name != "operation"}
        ),
        "reply": _text(replies),
        "remaining": value["remaining"],
        "calls": override.calls,
        "is_invalid": override.row.override.allow_invalid,
    }


def _text(value: JSON) -> str:
    text = json.dumps(value, ensure_ascii=False) if value else ""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


async def _drop_one(visit: Visit) -> Reply:
    if not visit.sent("override"):
        raise lost(409, "no override was named")
    return await _drop(visit)


PAGES: dict[str, Page] = {
    "GET /page/flip": _show,
    "POST /page/flip": _set,
    "POST /page/flip/judge": _judge,
    f"GET {_OVERRIDES}": _list,
    f"POST {_OVERRIDES}/drop": _drop_one,
    f"POST {_OVERRIDES}/drop-all": _drop,
}
