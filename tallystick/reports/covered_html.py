"""The coverage of contracts as one page that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from tallystick.nouns.printing import printable
from tallystick.nouns.words import counted
from tallystick.reports.covered import CoverageReport, CoverageResult, Figure

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --paper: #fff; --line: #d8dde3; --seen: #2f8f5b; --unseen: #e4e8ec; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ec; --paper: #16191d; --line: #363c44; --seen: #47b37a; --unseen: #2b3038; }
}
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 70rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th.number, td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
.bar { display: block; min-width: 6rem; height: .8rem; margin-top: .35rem; border-radius: .2rem;
  background: var(--unseen); }
.bar span { display: block; height: 100%; border-radius: .2rem; background: var(--seen); }
.low { color: #c62828; font-weight: 600; }
summary { cursor: pointer; padding: .3rem 0; }
"""


def coverage(report: CoverageReport) -> str:
    """A page with a table by kind and one by operation for each contract, and all that was never seen."""
    body = [line for result in report.results for line in _contract(result)]
    body += [f"<p>{_shown(note)}</p>" for note in report.notes]
    head = '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Coverage of the contract</title>\n'
    view = '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    return f"{head}{view}<style>{_STYLE}</style>\n" + "\n".join(body) + "\n</html>\n"


def _contract(result: CoverageResult) -> Iterator[str]:
    yield f"<h1>{_shown(result.title or result.file)}: {result.whole.percent:g} % of the contract was seen</h1>"
    exchanges = counted(result.exchanges, "exchange", ",")
    yield f"<p>{result.whole} parts of <code>{_shown(result.file)}</code> in {exchanges}.</p>"
    yield from (f'<p class="low">{_shown(shortfall)}</p>' for shortfall in result.shortfalls)
    yield "<h2>By kind</h2>"
    yield from _table("kind", result.kinds.items())
    yield "<h2>By operation</h2>"
    sums = [
        (label, Figure(sum(each.seen for each in kinds.values()), sum(each.total for each in kinds.values())))
        for label, kinds in result.operations.items()
    ]
    yield from _table("operation", sums)
    if result.unseen:
        yield "<h2>Never seen</h2>"
    for kind, parts in result.unseen_by_kind().items():
        yield f"<details><summary>{kind.capitalize()} ({len(parts):,})</summary><ul>"
        yield from (f"<li><code>{_shown(part.text)}</code> ({_shown(str(part.place))})</li>" for part in parts)
        yield "</ul></details>"


def _table(head: str, rows: Iterable[tuple[str, Figure]]) -> Iterator[str]:
    heads = f'<th>{head}</th><th class="number">seen</th><th></th><th class="number">%</th>'
    yield f'<div class="wide"><table><tr>{heads}</tr>'
    for name, figure in rows:
        bar = f'<span class="bar"><span style="width: {figure.percent:g}%"></span></span>'
        cells = f'<td class="number">{figure}</td><td>{bar}</td><td class="number">{figure.percent:g}</td>'
        yield f"<tr><td><code>{_shown(name)}</code></td>{cells}</tr>"
    yield "</table></div>"


def _shown(text: str) -> str:
    return escape(printable(text))
