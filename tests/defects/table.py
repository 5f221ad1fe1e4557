"""What the trials came to: a table by defect, and the figures under it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict

from tests.defects.rows.table import DEFECTS
from tests.defects.trials import PLAIN, WAYS, Result

Row = tuple[str, str]
"""A name and a server."""


def by_row(results: Sequence[Result]) -> dict[Row, dict[str, list[Result]]]:
    """The results of each defect on each server, by the way in which they were had."""
    rows: dict[Row, dict[str, list[Result]]] = defaultdict(lambda: defaultdict(list))
    for result in results:
        rows[result.trial.name, result.trial.server][result.trial.way].append(result)
    return rows


def verdict(results: Sequence[Result]) -> str:
    """How a defect was found over all seeds, in a few characters."""
    attributed = sum(bool(result.attributed) for result in results)
    found = sum(bool(result.findings) for result in results)
    faults = sum(bool(result.fault) for result in results)
    warned = sum(bool(result.warnings) for result in results)
    if faults:
        return f"fault {faults}/{len(results)}"
    if attributed == len(results):
        word = "found"
    elif attributed:
        word = f"found {attributed}/{len(results)}"
    elif found:
        word = "WRONG"
    else:
        word = "warned" if warned else "MISSED"
    count = sum(len(result.findings) for result in results) / len(results)
    return f"{word} ({count:g})"


def lines(results: Sequence[Result]) -> list[str]:
    """The table, and the figures."""
    rows = by_row(results)
    ways = [way for way in WAYS if any(way in each for each in rows.values())]
    text = ["defect | server | part | " + " | ".join(ways), "--- | --- | --- | " + " | ".join("---" for _ in ways)]
    for (name, server), each in rows.items():
        if name in DEFECTS:
            cells = [verdict(each[way]) if way in each else "" for way in ways]
            text.append(f"{name} | {server} | {DEFECTS[name].part} | " + " | ".join(cells))
    return [
        *text,
        "",
        *(_figures(results, way) for way in ways),
        "",
        *_false(results),
        *_wrong(results),
        *_faults(results),
    ]


def _figures(results: Sequence[Result], way: str) -> str:
    tried = [result for result in results if result.trial.way == way and result.trial.name in DEFECTS]
    found = [result for result in tried if result.findings]
    attributed = [result for result in tried if result.attributed]
    sound = [result for result in results if result.trial.way == way and result.trial.name not in DEFECTS]
    false = sum(len(result.findings) for result in sound)
    each = sum(len(result.findings) for result in attributed) / max(1, len(attributed))
    again = sum(found.seen_again is False for result in attributed for found in result.findings)
    seconds = sorted(result.seconds for result in results if result.trial.way == way)
    return (
        f"{way}: {len(attributed)} of {len(tried)} found and attributed ({len(found)} found), "
        f"{each:.2f} findings each, {again} of them not seen again; {false} false in {len(sound)} sound runs; "
        f"{seconds[len(seconds) // 2] if seconds else 0:.0f} s a run (median)"
    )


def _false(results: Sequence[Result]) -> list[str]:
    sound = [result for result in results if result.trial.name not in DEFECTS]
    return [
        f"FALSE on {r.trial.name or 'a sound server'}, {r.trial.server}, {r.trial.way}, seed {r.trial.seed}: "
        f"{each.rule} {each.operation}: {each.message}"
        for r in sound
        for each in r.findings
    ]


def _wrong(results: Sequence[Result]) -> list[str]:
    """What was found where it was not to blame: of a run that blames nothing else, and beside what is right."""
    text = []
    for result in results:
        right = result.attributed
        for each in result.findings:
            if result.trial.name in DEFECTS and each not in right and result.trial.way != PLAIN:
                kind = "beside" if right else "WRONG"
                where = f"{result.trial.name}, {result.trial.server}, {result.trial.way}, seed {result.trial.seed}"
                text.append(f"{kind} {where}: {each.rule} {each.operation} {each.pointer}: {each.message[:200]}")
    return text


def _faults(results: Sequence[Result]) -> list[str]:
    return [f"FAULT {result.trial}: {result.fault}" for result in results if result.fault]


def as_json(results: Sequence[Result]) -> list[dict[str, object]]:
    """All results, for a program."""
    return [asdict(result) | {"attributed": [asdict(each) for each in result.attributed]} for result in results]
