"""Overrides of a session: what the mock answers to the requests that a pattern means, set, listed and dropped."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import cast

from tallystick.mock.control.call import Call, Function, done, instant, refused, told
from tallystick.mock.json_members import WrongMemberError
from tallystick.mock.memory import Memory
from tallystick.mock.off_loop import off_loop
from tallystick.mock.overrides.keeping import Counted, TooManyOverridesError
from tallystick.mock.overrides.making import problems_of
from tallystick.mock.overrides.override import Override, override_of
from tallystick.mock.patterns.pattern import operations_of
from tallystick.mock.problem import Problem
from tallystick.mock.roles import Reply
from tallystick.nouns import budgets
from tallystick.nouns.json_value import JSON


async def _list(call: Call) -> Reply:
    return told({"overrides": [_value(each) for each in await call.memory.overrides.counted(call.session)]})


async def _add(call: Call) -> Reply:
    return told(_value(await set_override(call.memory, call.session, cast("Mapping[str, JSON]", call.body))), 201)


async def set_override(memory: Memory, session: str, spec: Mapping[str, JSON]) -> Counted:
    """Set an override; raises `RefusedError` where it means nothing, or breaks the contract and is not allowed to."""
    try:
        override = override_of(spec)
        problem = await off_loop(partial(_problem, override, memory))
        if problem is not None and not override.allow_invalid:
            raise refused(409, problem.detail, problem.violations)
        return await memory.overrides.add(session, spec, await memory.clock.now(session))
    except (WrongMemberError, TooManyOverridesError) as error:
        raise refused(409, str(error)) from None


def fault_of(memory: Memory, spec: Mapping[str, JSON]) -> Problem | None:
    """What is wrong with an override, which is not set; None where it is right, whether it is allowed or not."""
    try:
        return _problem(override_of(spec), memory)
    except WrongMemberError as error:
        return Problem(409, str(error))


def _problem(override: Override, memory: Memory) -> Problem | None:
    """The first thing that is wrong with an override by the contracts; `WrongMemberError` where it means nothing."""
    operations = operations_of(override.pattern, memory.contracts, "match")[: budgets.OVERRIDE_OPERATIONS]
    return next(problems_of(override, operations, [memory.replies_of(each) for each in operations]), None)


async def _get(call: Call) -> Reply:
    override = await call.memory.overrides.get(call.session, call.text("override"))
    if override is None:
        raise _unknown(call)
    return told(_value(override))


async def _drop(call: Call) -> Reply:
    if not await call.memory.overrides.drop(call.session, call.text("override")):
        raise _unknown(call)
    return done()


async def _drop_all(call: Call) -> Reply:
    await call.memory.overrides.drop(call.session)
    return done()


def _unknown(call: Call) -> Exception:
    return refused(404, f"the session has no override {call.text('override')!r}; it was dropped, or is used up")


def _value(override: Counted) -> JSON:
    return {**override.value(), "since": instant(override.row.since)}


FUNCTIONS: dict[str, Function] = {
    "listOverrides": _list,
    "addOverride": _add,
    "getOverride": _get,
    "dropOverride": _drop,
    "dropOverrides": _drop_all,
}
