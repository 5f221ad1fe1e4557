"""Answers a request by the newest override that means it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from tallystick.mock.faults.plan import Mishap, Plans
from tallystick.mock.memory import Memory
from tallystick.mock.off_loop import at_once
from tallystick.mock.overrides.keeping import Row
from tallystick.mock.overrides.making import reply_to, told, undocumented
from tallystick.mock.patterns.differences import Call, is_meant
from tallystick.mock.problem import Problem
from tallystick.mock.responders.examples import Replies, generated
from tallystick.mock.roles import Reply
from tallystick.nouns.contract import Operation
from tallystick.wire.reading import Reading
from tallystick.wire.values import MISSING

_WRITTEN = 64
"""How many replies of an override are kept as they were written."""


async def mishap_of(memory: Memory, rows: Sequence[Row], reading: Reading, operation: Operation) -> Mishap | None:
    """What goes wrong with a request by the newest override that means it, where that is nothing but a fault."""
    call = _call(memory, reading, operation)
    for row in rows:
        if is_meant(row.override.pattern, call):
            if not row.is_fault_only:
                return None
            number = await memory.overrides.taken(reading.session, row)
            if number is not None:
                mishap = await _answer(row, number, memory.replies_of(operation), reading)
                if isinstance(mishap, Mishap):
                    return mishap
    return None


async def answer(memory: Memory, rows: Sequence[Row], reading: Reading, operation: Operation) -> Reply | Mishap | None:
    """What the newest override answers that means a request, is not used up and is more than a fault; None for none."""
    call = _call(memory, reading, operation)
    for row in rows:
        if not row.is_fault_only and is_meant(row.override.pattern, call):
            number = await memory.overrides.taken(reading.session, row)
            if number is not None:
                return await _answer(row, number, memory.replies_of(operation), reading)
    return None


def _call(memory: Memory, reading: Reading, operation: Operation) -> Call:
    return Call(reading.request, reading, memory.contract_of(operation).name, reading.prefix)


async def _answer(row: Row, number: int, replies: Replies, reading: Reading) -> Reply | Mishap | None:
    """What an override answers to the request with a number, from 0; None where nothing goes wrong this time."""
    asked = row.override.reply(number)
    mishap: Mishap | None = None
    if asked.fault:
        plans = row.plans.get(reading.operation)
        if plans is None:
            plans = row.plans[reading.operation] = Plans(reading.operation, replies.settings)
        planned = plans.asked(asked.fault)
        if isinstance(planned, Mishap):
            mishap = replace(planned, override=row.id)
        if asked.is_fault_only or (mishap is not None and mishap.problem is not None):
            return mishap
    index = min(number, len(row.override.replies) - 1)
    reply = await at_once(partial(_reply, row, index, replies, reading))
    return told(reply, row.id) if mishap is None else replace(reply, mishap=mishap)


def _reply(row: Row, index: int, replies: Replies, reading: Reading) -> Reply:
    asked = row.override.replies[index]
    key = index, reading.operation, reading.headers.get("accept", "")
    reply = row.replies.get(key)
    if reply is not None:
        return reply
    answer = reply_to(asked, replies, reading)
    if isinstance(answer, Problem) and row.override.allow_invalid:
        answer = undocumented(asked, answer)
    reply = generated(answer) if isinstance(answer, Problem) else answer
    if row.override.allow_invalid and replies.settings.errors:
        reply = replace(reply, violations=(), mended=())  # it is sent as it was asked for, and not replaced by a 500
    if asked.body is not MISSING:
        if len(row.replies) >= _WRITTEN:
            row.replies.clear()
        row.replies[key] = reply
    return reply
