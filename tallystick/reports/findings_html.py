"""A fuzz run as one page that needs nothing else: its findings, its coverage, its operations and their answers."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from tallystick.nouns.printing import printable
from tallystick.nouns.words import counted
from tallystick.reports.covered import CoverageResult
from tallystick.reports.findings import headline
from tallystick.reports.results import FuzzedOperation, FuzzResult, ReportedFinding, Step
from tallystick.reports.text import how_again, related_lines

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --paper: #fff; --card: #f6f8fa; --line: #d8dde3; --soft: #59636e;
  --good: #2f8f5b; --bad: #c62828; --odd: #b26a00; --unseen: #e4e8ec; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ec; --paper: #16191d; --card: #1f2329; --line: #363c44; --soft: #9aa4af; --good: #47b37a;
    --bad: #ff7b72; --odd: #e3b341; --unseen: #2b3038; }
}
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 72rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .25rem; } h2 { font-size: 1.15rem; margin-top: 2.25rem; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
.soft { color: var(--soft); } .bad { color: var(--bad); } .good { color: var(--good); }
article { border: 1px solid var(--line); border-left: .3rem solid var(--bad); border-radius: .4rem; padding: .9rem 1rem;
  margin: 1rem 0; background: var(--card); }
article.warning { border-left-color: var(--odd); } article.known { border-left-color: var(--line); }
article p { margin: .4rem 0; overflow-wrap: anywhere; }
code, pre { font: .86em/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; }
code { overflow-wrap: anywhere; }
pre { margin: .5rem 0; padding: .6rem .8rem; border: 1px solid var(--line); border-radius: .3rem;
  background: var(--paper); white-space: pre-wrap; overflow-wrap: anywhere; }
ul { padding-left: 1.2rem; margin: .4rem 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th.number, td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.bar { display: block; min-width: 6rem; height: .8rem; margin-top: .35rem; border-radius: .2rem;
  background: var(--unseen); }
.bar span { display: block; height: 100%; border-radius: .2rem; background: var(--good); }
summary { cursor: pointer; padding: .2rem 0; }
"""


def fuzz(result: FuzzResult) -> str:
    """The page: what was found first, then what was tested."""
    title = _shown(result.title or result.name)
    body = [
        f"<h1>{title}</h1>",
        f'<p class="{"bad" if result.errors or result.nothing_tested else "good"}">{_shown(headline(result))}</p>',
        f'<p class="soft"><code>{_shown(result.file)}</code> at <code>{_shown(result.url)}</code></p>',
    ]
    new = [finding for finding in result.errors if not finding.known]
    known = [finding for finding in result.findings if finding.known]
    body += [line for finding in new for line in _finding(finding)]
    if known:
        body += ["<h2>Known findings</h2>", *(line for finding in known for line in _finding(finding))]
    if result.notes:
        body += ["<h2>Notes</h2><ul>", *(f"<li>{_shown(note)}</li>" for note in result.notes), "</ul>"]
    if result.coverage is not None:
        body += _coverage(result.coverage)
    body += _operations(result.operations)
    head = f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}: fuzz run</title>\n'
    view = '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    return f"{head}{view}<style>{_STYLE}</style>\n" + "\n".join(body) + "\n</html>\n"


def _finding(finding: ReportedFinding) -> Iterator[str]:
    kind = "known" if finding.known else str(finding.severity)
    yield f'<article class="{kind}"><h3><code>{_shown(finding.rule)}</code> {_shown(finding.subject)}</h3>'
    yield f"<p>{_shown(finding.message)}</p>"
    times = f"{counted(finding.total, 'time', ',')}{how_again(finding)}"
    yield f'<p class="soft"><code>{_shown(str(finding.place))}</code>, {_shown(times)}</p>'
    if finding.known:
        yield f"<p>{_shown(finding.known)}</p>"
    if finding.clause:
        yield _block("\n".join(finding.clause))
    related = [f"<li>{_shown(line)}</li>" for line in related_lines(finding)]
    if related:
        yield f"<ul>{''.join(related)}</ul>"
    if finding.steps:
        yield "<details open><summary>Requests that show it</summary>"
        yield from (_block(_step(step)) for step in finding.steps)
        yield "</details>"
    yield "</article>"


def _step(step: Step) -> str:
    lines = [f"$ {step.curl}"]
    if step.response is None:
        return "\n".join([*lines, "(no response)"])
    lines.append(str(step.response.status))
    lines += [f"{name}: {value}" for name, value in step.response.headers]
    return "\n".join([*lines, step.response.body] if step.response.body else lines)


def _coverage(coverage: CoverageResult) -> Iterator[str]:
    yield f"<h2>Coverage of the contract: {coverage.whole.percent:g} %</h2>"
    heads = '<th>kind</th><th class="number">seen</th><th></th><th class="number">%</th>'
    yield f'<div class="wide"><table><tr>{heads}</tr>'
    for kind, figure in coverage.kinds.items():
        bar = f'<span class="bar"><span style="width: {figure.percent:g}%"></span></span>'
        cells = f'<td class="number">{figure}</td><td>{bar}</td><td class="number">{figure.percent:g}</td>'
        yield f"<tr><td>{_shown(kind)}</td>{cells}</tr>"
    yield "</table></div>"
    for kind, parts in coverage.unseen_by_kind().items():
        yield f"<details><summary>Never seen: {_shown(kind)} ({len(parts):,})</summary><ul>"
        yield from (f"<li><code>{_shown(part.text)}</code></li>" for part in parts)
        yield "</ul></details>"


def _operations(operations: tuple[FuzzedOperation, ...]) -> Iterator[str]:
    yield '<h2>Operations</h2><div class="wide"><table><tr><th>operation</th><th class="number">requests</th>'
    yield "<th>answers</th></tr>"
    for operation in operations:
        counts = ", ".join(f"{count:,} x {status}" for status, count in sorted(operation.statuses.items()))
        total = sum(operation.statuses.values())
        yield f"<tr><td><code>{_shown(operation.label)}</code></td>"
        yield f'<td class="number">{total:,}</td><td>{_shown(counts or operation.untested)}</td></tr>'
    yield "</table></div>"


def _block(text: str) -> str:
    return f"<pre>{chr(10).join(_shown(line) for line in text.split(chr(10)))}</pre>"


def _shown(text: str) -> str:
    return escape(printable(text))
