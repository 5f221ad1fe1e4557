"""Sows changes into a document, compares it with what it was, and says whether the answer was right."""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from unittest.mock import patch

from tallystick.diff import run
from tallystick.diff.run import compare
from tallystick.nouns.change import Change, Grade
from tests.sown_changes import operation_kinds, schema_kinds
from tests.sown_changes.documents import Path_, Sown, edited, pointer
from tests.sown_changes.operation_kinds import BREAKING, HARMLESS, NOTHING
from tests.sown_changes.rewriting import REWRITINGS
from tests.sown_changes.uses import Uses, operations, uses_of
from tests.sown_changes.verification import verdict

TODAY = date(2026, 1, 1)
HARMED_BY_LESS, HARMED_BY_MORE = {"request"}, {"response", "webhook"}


@dataclass(frozen=True)
class Case:
    """One change: the values before and after, what is expected, and where."""

    name: str
    document: Sown
    before: Any
    after: Any
    expected: str
    path: Path_
    roots: tuple[tuple[str, str, Path_], ...] = ()
    operation: str = ""


@dataclass
class Answer:
    """What a diff said of a case; `losses` say what was wrong with it."""

    case: Case
    losses: list[str] = field(default_factory=list)
    is_witnessed: bool = False
    is_verified: bool = False


def cases(document: Sown, most: int, seed: int) -> Iterator[Case]:
    """Up to so many changes of each kind, and their opposites, at places drawn by the seed."""
    uses = uses_of(document)
    for kind in schema_kinds.KINDS:
        yield from _of_schema(document, uses, kind, most, seed, narrows=True)
    for kind in schema_kinds.WIDER:
        yield from _of_schema(document, uses, kind, most, seed, narrows=False)
    own = list(operations(document))
    for operation_kind in operation_kinds.KINDS:
        yield from _of_operation(document, own, operation_kind, most, seed)


def _draw(name: str, seed: int, document: Sown) -> random.Random:
    return random.Random(zlib.crc32(f"{seed} {document.name} {name}".encode()))


def _of_schema(
    document: Sown, uses: Uses, kind: schema_kinds.SchemaKind, most: int, seed: int, narrows: bool
) -> Iterator[Case]:
    if kind.is_modern and not document.is_modern:
        return
    if kind.name == "nullable" and (document.is_modern or document.is_swagger):
        return
    places = [
        path for path in uses.ways if path not in uses.unsure and uses.roots[path] and kind.fits(document.part(path))
    ]
    for path in _draw(kind.name, seed, document).sample(places, min(most, len(places))):
        ways = uses.ways[path]
        after = edited(document.value, path, kind.edit)
        less, more = bool(ways & HARMED_BY_LESS), bool(ways & HARMED_BY_MORE)
        roots = tuple(uses.roots[path])
        if kind.nothing:
            less_is, more_is = NOTHING, NOTHING
        elif kind.both:
            less_is = more_is = BREAKING
        else:
            less_is = BREAKING if less else HARMLESS
            more_is = BREAKING if more and not kind.is_mild else HARMLESS
        names = ("", " back") if narrows else (" back", "")
        pair = (document.value, after) if narrows else (after, document.value)
        yield Case(kind.name + names[0], document, *pair, less_is, path, roots)
        yield Case(kind.name + names[1], document, *pair[::-1], more_is, path, roots)


def _of_operation(
    document: Sown, own: list[tuple[str, Path_]], kind: operation_kinds.OperationKind, most: int, seed: int
) -> Iterator[Case]:
    draw = _draw(kind.name, seed, document)
    count = 0
    for label, path in draw.sample(own, len(own)):
        edit = kind.edit(operation_kinds.Site(document, path, document.part(path)))
        if edit is None:
            continue
        after = edited(document.value, *edit)
        if after == document.value:
            continue
        yield Case(kind.name, document, document.value, after, kind.forward, edit[0], operation=label)
        yield Case(f"{kind.name} back", document, after, document.value, kind.backward, edit[0], operation=label)
        count += 1
        if count == most:
            return


def answer(case: Case) -> Answer:
    """What a diff says of a case."""
    result = Answer(case)
    plain, document = case.document.value, case.document
    old, new = (document.old if value is plain else document.contract(value) for value in (case.before, case.after))
    changes = compare(old, new, TODAY)
    breaking = [change for change in changes if change.grade is Grade.BREAKING]
    if case.expected == NOTHING and changes:
        result.losses.append(f"told: {_shown(changes)}")
    if case.expected == HARMLESS:
        if breaking:
            result.losses.append(f"alarm: {_shown(breaking)}")
        elif not changes and case.path:
            result.losses.append("unseen")
    if case.expected == BREAKING:
        if not breaking:
            result.losses.append(f"missed; told: {_shown(changes)}")
        elif not any(_is_there(change, case) for change in breaking):
            result.losses.append(f"misplaced: {_shown(breaking)}")
        elif elsewhere := [change for change in breaking if not _is_there(change, case)]:
            result.losses.append(f"alarm: {_shown(elsewhere)}")
        result.is_witnessed = any(change.witness is not None for change in breaking)
        _verify(result, breaking)
    return result


def rewritten(document: Sown) -> Iterator[str]:
    """What a diff says of a document that was only written in another way: nothing, where all is well."""
    with patch.object(run, "is_same_text", return_value=False):
        for name, rewriting in REWRITINGS.items():
            if changes := compare(document.old, document.contract(rewriting(document)), TODAY):
                yield f"{name}: {_shown(changes)}"


def _is_there(change: Change, case: Case) -> bool:
    """Whether a change names the place that was changed, something in it, or its operation."""
    sown = pointer(case.path)
    for place in (change.old, change.new):
        if place is not None and (
            f"{place.pointer}/".startswith(f"{sown}/") or f"{sown}/".startswith(f"{place.pointer}/")
        ):
            return True
    return bool(case.operation) and case.operation in (change.operation, *change.others)


def _verify(result: Answer, breaking: list[Change]) -> None:
    """Ask jsonschema-rs about the bodies of the witnesses."""
    case = result.case
    for change in breaking:
        root = next((root for root in case.roots if root[1] == change.operation), None)
        if change.witness is None or root is None or not _is_there(change, case):
            continue
        way, _, path = root
        exchange = change.witness.exchange
        is_response = change.rule.startswith("response-")
        if is_response is not (way == "response") or (is_response and exchange.response is None):
            continue
        message = exchange.response if is_response and exchange.response is not None else exchange.request
        body = json.loads(message.body)
        fits = [verdict(case.document, value, path, way, body) for value in (case.before, case.after)]
        if fits != [way == "request", way != "request"]:
            result.losses.append(f"unproven: {change.rule}: {message.body[:200]!r}: {fits}")
        result.is_verified = True


def _shown(changes: list[Change]) -> str:
    return "; ".join(f"{change.rule} {change.message[:90]}" for change in changes[:3]) or "nothing"
