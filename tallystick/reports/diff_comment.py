"""A comment on a pull request, in GitHub's Markdown: what breaks, with the exchanges folded away."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.nouns.change import Change, Grade
from tallystick.nouns.printing import inline
from tallystick.nouns.words import counted, shortened
from tallystick.reports.diff_markdown import code, text
from tallystick.reports.diff_shown import advice, consumers, places, refusal, summary, witness_lines
from tallystick.reports.results import DiffResult

_SIGNS = {Grade.BREAKING: "🔴", Grade.WARNING: "🟡", Grade.INFO: "🔵"}
_LONGEST = 60_000
"""GitHub takes a comment of 65,536 characters."""
_MOST_OPERATIONS = 3


def diff(result: DiffResult) -> str:
    """The changes that may break somebody one by one, and the others folded away."""
    told = [change for change in result.changes if change.grade is not Grade.INFO]
    plain = [change for change in result.changes if change.grade is Grade.INFO]
    lines = [f"### API changes: {text(summary(result))}", ""]
    length, left = 0, 0
    for change in told:
        entry = [*_entry(change, result.origin)]
        length += sum(map(len, entry))
        if length > _LONGEST:
            left += 1
        else:
            lines += entry
    if left:
        lines += [f"and {left} more that may break somebody.", ""]
    if plain:
        lines += ["<details>", f"<summary>{counted(len(plain), 'change')} that break nobody</summary>", ""]
        for number, change in enumerate(plain):
            line = f"- {code(change.operation) + ' ' if change.operation else ''}{text(change.message)}"
            length += len(line)
            if length > _LONGEST:
                lines.append(f"- and {len(plain) - number} more")
                break
            lines.append(line)
        lines += ["", "</details>", ""]
    lines += [f"> {text(line)}" for line in (*advice(result), *result.notes)]
    return "\n".join(lines).rstrip() + "\n"


def _entry(change: Change, origin: str) -> Iterator[str]:
    operation = f"{code(change.operation)}: " if change.operation else ""
    yield f"- {_SIGNS[change.grade]} **{change.grade}** {operation}{text(change.message)} ({code(change.rule)})"
    yield f"  {text(places(change))}"
    if change.others:
        yield f"  also in {shortened([code(each) for each in change.others], _MOST_OPERATIONS)}"
    if seen := consumers(change):
        yield f"  {text(seen)}"
    if change.witness is not None:
        yield f"  <details><summary>{text(f'{refusal(change)}: {change.witness.reason}')}</summary>"
        yield from ("", "  ```console")
        yield from (f"  {inline(line).replace('```', '` ` `')}" for line in witness_lines(change.witness, origin))
        yield from ("  ```", "  </details>")
    yield ""
