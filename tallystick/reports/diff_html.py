"""The report of a diff as one HTML page that needs nothing else: each change with what both contracts say there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape

from tallystick.nouns.change import Change, Grade
from tallystick.nouns.contract import Contract
from tallystick.nouns.json_pointer import part_at
from tallystick.nouns.printing import printable
from tallystick.nouns.violation import Place
from tallystick.nouns.words import counted, shortened
from tallystick.reports.diff_shown import advice, by_operation, consumers, refusal, summary, witness_lines
from tallystick.reports.results import Compared, DiffResult

_BEFORE, _AFTER = 2, 7
_WIDEST = 140
_MOST_LINES = 14
_MOST_OPERATIONS = 6
_STYLE = """
:root { color-scheme: light dark; --bad: #c62828; --warn: #b26a00; --info: #1565c0; --line: #8884; --soft: #8881; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --warn: #ffb74d; --info: #90caf9; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 1200px; padding: 24px; }
h1 { font-size: 22px; margin: 0 0 4px; } h2 { font-size: 17px; margin: 32px 0 8px; overflow-wrap: anywhere; }
code, pre { font: 12.5px/1.5 ui-monospace, monospace; } pre { margin: 0; overflow-x: auto; padding: 8px 10px; }
.counts { display: flex; flex-wrap: wrap; gap: 8px; margin: 12px 0; padding: 0; list-style: none; }
.counts label { border: 1px solid var(--line);
  border-radius: 14px; cursor: pointer; display: block; padding: 2px 12px; }
article { border: 1px solid var(--line); border-left: 4px solid var(--grade); border-radius: 6px; }
article { margin: 10px 0; padding: 10px 14px; }
.breaking { --grade: var(--bad); } .warning { --grade: var(--warn); } .info { --grade: var(--info); }
.grade { color: var(--grade); font-weight: 600; } .rule, .quiet { opacity: .75; font-size: 13px; }
article p { margin: 2px 0; overflow-wrap: anywhere; }
.sides { display: grid; gap: 10px; margin-top: 8px; }
.sides { grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr)); }
.side { background: var(--soft); border-radius: 5px; min-width: 0; }
.side > b { display: block; font-size: 12px; font-weight: 500; overflow-wrap: anywhere; padding: 6px 10px 0; }
.here { background: color-mix(in srgb, var(--grade) 18%, transparent); display: inline-block; min-width: 100%; }
details { margin-top: 8px; } summary { cursor: pointer; overflow-wrap: anywhere; }
#breaking:not(:checked) ~ main .breaking, #warning:not(:checked) ~ main .warning { display: none; }
#info:not(:checked) ~ main .info { display: none; }
body > input { position: absolute; opacity: 0; }
"""


def diff(result: DiffResult) -> str:
    """The page: the counts, which show and hide the changes of each severity, then the changes by operation."""
    return "\n".join(printable(line) for line in _page(result)) + "\n"


def _page(result: DiffResult) -> Iterator[str]:
    title = escape(f"{result.old} → {result.new}")
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield f'<meta name="viewport" content="width=device-width"><title>API changes: {title}</title>'
    yield from ("<style>", *_STYLE.strip().split("\n"), "</style></head><body>")
    changes = result.changes
    for grade in Grade:
        yield f'<input type="checkbox" id="{grade}" checked aria-label="show {grade}">'
    yield f'<h1>API changes</h1><p class="quiet">{title}</p><p>{escape(summary(result))}</p>'
    yield '<ul class="counts">'
    for grade in Grade:
        count = sum(change.grade is grade for change in changes)
        yield f'<li class="{grade}"><label for="{grade}"><span class="grade">{grade}</span> {count}</label></li>'
    yield "</ul>"
    for line in (*advice(result), *result.notes):
        yield f"<p>{escape(line)}</p>"
    yield "<main>"
    for compared in result.compared:
        if len(result.compared) > 1 and compared.changes:
            yield f"<h1>{escape(compared.name)}</h1>"
        for operation, group in by_operation(compared).items():
            yield f"<section><h2>{escape(operation or 'The API as a whole')}</h2>"
            for change in group:
                yield from _article(change, compared, result.origin)
            yield "</section>"
    yield "</main></body></html>"


def _article(change: Change, compared: Compared, origin: str) -> Iterator[str]:
    yield f'<article class="{change.grade}"><p><span class="grade">{change.grade}</span> {escape(change.message)}</p>'
    yield f'<p class="rule">{escape(change.rule)}</p>'
    if change.others:
        yield f'<p class="quiet">also in {escape(shortened(change.others, _MOST_OPERATIONS))}</p>'
    if seen := consumers(change):
        yield f"<p>{escape(seen)}</p>"
    yield '<div class="sides">'
    for name, contract, place in (("old", compared.old, change.old), ("new", compared.new, change.new)):
        yield from _side(name, contract, place)
    yield "</div>"
    if change.witness is not None and change.grade is not Grade.INFO:
        is_open = " open" if change.grade is Grade.BREAKING else ""
        yield f"<details{is_open}><summary>{escape(f'{refusal(change)}: {change.witness.reason}')}</summary>"
        lines = witness_lines(change.witness, origin)
        yield f'<pre class="side">{"&#10;".join(escape(line) for line in lines)}</pre></details>'
    yield "</article>"


def _side(name: str, contract: Contract | None, place: Place | None) -> Iterator[str]:
    if place is None or contract is None:
        yield f'<div class="side"><b>{name}: nothing</b></div>'
        return
    shown = "&#10;".join(_lines(contract, place))
    yield f'<div class="side"><b>{name}: {escape(str(place))}</b><pre>{shown}</pre></div>'


def _lines(contract: Contract, place: Place) -> Iterator[str]:
    """The lines of a contract around a place, the line itself marked; of a minified document the part as JSON."""
    document = next((each for each in contract.root.document.family if each.file == place.file), None)
    if document is None or not place.line:
        return
    if document.is_minified:
        try:
            part = part_at(document.value, place.path)
        except KeyError:
            return
        lines = json.dumps(part, indent=2, ensure_ascii=False).split("\n")
        yield from (escape(line[:_WIDEST]) for line in lines[:_MOST_LINES])
        if len(lines) > _MOST_LINES:
            yield escape(f"... {counted(len(lines) - _MOST_LINES, 'line')} more")
        return
    lines = document.source.split("\n")
    first = max(place.line - 1 - _BEFORE, 0)
    for number, line in enumerate(lines[first : place.line + _AFTER], first + 1):
        text = escape(f"{number:5}  {line[:_WIDEST].rstrip()}")
        yield f'<span class="here">{text}</span>' if number == place.line else text
