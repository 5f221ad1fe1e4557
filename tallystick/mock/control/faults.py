"""Faults of a session: what goes wrong with the requests that a pattern means, until it is dropped.

A fault is an override that leaves the reply as it is, so it is kept, matched and counted as one.
"""

from __future__ import annotations

from typing import cast

from tallystick.mock.control.call import Call, Function, done, refused, told
from tallystick.mock.json_members import WrongMemberError
from tallystick.mock.overrides.keeping import Counted, Row, TooManyOverridesError
from tallystick.mock.overrides.override import override_of
from tallystick.mock.patterns.pattern import operations_of
from tallystick.mock.roles import Reply
from tallystick.nouns.json_value import JSON


async def _list(call: Call) -> Reply:
    faults = [each for each in await call.memory.overrides.counted(call.session) if _is_fault(each.row)]
    return told({"faults": [_value(each) for each in faults]})


async def _add(call: Call) -> Reply:
    body = cast("dict[str, JSON]", call.body)
    spec: dict[str, JSON] = {"match": body.get("match", {}), "fault": body["fault"]}
    if "times" in body:
        spec |= {"times": body["times"]}
    try:
        override = override_of(spec)
        operations_of(override.pattern, call.memory.contracts, "match")
        if not override.replies[0].is_fault_only:
            raise WrongMemberError("fault", "nothing goes wrong by this; drop a fault to end it")
        added = await call.memory.overrides.add(call.session, spec, await call.memory.clock.now(call.session))
    except (WrongMemberError, TooManyOverridesError) as error:
        raise refused(409, str(error)) from None
    return told(_value(added), 201)


async def _drop(call: Call) -> Reply:
    id = call.text("fault")
    fault = await call.memory.overrides.get(call.session, id)
    if fault is None or not _is_fault(fault.row):
        raise refused(404, f"the session has no fault {id!r}")
    await call.memory.overrides.drop(call.session, id)
    return done()


async def _drop_all(call: Call) -> Reply:
    for row in await call.memory.overrides.rows(call.session):
        if _is_fault(row):
            await call.memory.overrides.drop(call.session, row.id)
    return done()


def _is_fault(row: Row) -> bool:
    """Whether an override is one fault, and nothing else."""
    return "fault" in row.spec


def _value(fault: Counted) -> JSON:
    value = fault.value()
    return {name: value[name] for name in ("id", "match", "fault", "remaining") if name in value}


FUNCTIONS: dict[str, Function] = {
    "listFaults": _list,
    "addFault": _add,
    "dropFault": _drop,
    "dropFaults": _drop_all,
}
