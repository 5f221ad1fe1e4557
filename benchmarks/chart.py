"""`docs/benchmarks.svg`: the rates of all servers for GET and POST, as bars beside that of a bare function."""

from __future__ import annotations

from html import escape
from pathlib import Path

from benchmarks.contenders import OURS
from benchmarks.results import ROOT, Table, median, number

CHART = ROOT / "docs" / "benchmarks.svg"
_WIDTH, _LEFT, _RIGHT, _BAR, _GAP = 820, 335, 70, 18, 7
_STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f } .title { font-weight: 600 } .ours { font-weight: 600 }
  .bar { fill: #9aa5b1 } .bar.ours { fill: #b5651d } .grid { stroke: #d0d7de }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .bar { fill: #6e7781 } .grid { stroke: #30363d }
    .bar.ours { fill: #e09f5e } }
"""


def write(tables: dict[str, Table]) -> Path | None:
    """Draw the rates of GET and POST; None where neither was measured."""
    parts: list[str] = []
    top = 10
    for step in ("get", "post"):
        if step not in tables:
            continue
        rates = {
            name: median([load["requests"] / load["seconds"] for load in loads])
            for name, loads in tables[step].raw.items()
        }
        group, top = _group(tables[step].title, rates, top)
        parts += group
    if not parts:
        return None
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" width="{_WIDTH}" height="{top}"'
    title = "Requests a second, as shares of what a bare function on the same server reaches"
    CHART.write_text(
        f'{head} role="img">\n<title>{title}</title>\n<style>{_STYLE}</style>\n' + "\n".join(parts) + "\n</svg>\n"
    )
    return CHART


def _group(title: str, rates: dict[str, float], top: int) -> tuple[list[str], int]:
    """The bars of one step, the fastest first, and the position below them."""
    bare = next(iter(rates.values()))
    scale = (_WIDTH - _LEFT - _RIGHT) / max(1.0, *(rate / bare for rate in rates.values()))
    parts = [f'<text class="title" x="10" y="{top + 14}">{escape(title)} (bare function = 1)</text>']
    first = top + 26
    y = first
    for name, rate in sorted(rates.items(), key=lambda item: -item[1]):
        ours = " ours" if name.startswith(OURS) else ""
        share = rate / bare
        width = max(1.0, share * scale)
        parts.append(f'<text class="name{ours}" x="{_LEFT - 8}" y="{y + 14}" text-anchor="end">{escape(name)}</text>')
        parts.append(f'<rect class="bar{ours}" x="{_LEFT}" y="{y}" width="{width:.1f}" height="{_BAR}" rx="2"/>')
        parts.append(f'<text class="{ours.strip()}" x="{_LEFT + width + 6:.1f}" y="{y + 14}">{number(share)}</text>')
        y += _BAR + _GAP
    line = f'<line class="grid" x1="{_LEFT}" x2="{_LEFT}" y1="{first - 4}" y2="{y}"/>'
    return [*parts, line], y + 14
