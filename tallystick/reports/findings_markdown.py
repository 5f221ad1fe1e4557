"""A fuzz run in Markdown, as a comment or the summary of a step shows it."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.nouns.printing import printable
from tallystick.nouns.words import shortened
from tallystick.reports.findings import headline
from tallystick.reports.results import FuzzResult, ReportedFinding
from tallystick.reports.text import how_again

_MOST = 50
_MOST_OPERATIONS = 5
_SPECIAL = {letter: f"\\{letter}" for letter in "\\`*_[]<>|#~"}


def fuzz(result: FuzzResult) -> str:
    """A table of the findings, then each with its requests, folded."""
    lines = [f"## {_plain(result.title or result.name)}: {_plain(headline(result))}", ""]
    errors = result.errors
    if errors:
        lines += ["| finding | operation | contract |", "|---|---|---|"]
        lines += [_row(each) for each in errors[:_MOST]]
        if len(errors) > _MOST:
            lines.append(f"| and {len(errors) - _MOST:,} more | | |")
        lines.append("")
    lines += [line for finding in errors[:_MOST] for line in _details(finding)]
    lines += [f"> {_plain(note)}" for note in result.notes]
    return "\n".join(map(printable, lines)) + "\n"


def _row(finding: ReportedFinding) -> str:
    what = f"{_code(finding.rule)} {_plain(finding.message)}"
    return f"| {what} | {_code(finding.subject)}{_more(finding)} | {_code(str(finding.place))} |"


def _more(finding: ReportedFinding) -> str:
    others = len(finding.operations) - 1
    return f" and {others} more" if others else ""


def _details(finding: ReportedFinding) -> Iterator[str]:
    yield f"<details><summary>{_code(finding.rule)} {_plain(finding.subject)}</summary>"
    yield ""
    times = f"{finding.total:,} times{how_again(finding)}"
    yield f"{_plain(finding.message)} ({_plain(str(finding.place))}, {_plain(times)})"
    if len(finding.operations) > 1:
        yield from ("", f"Also in {_plain(shortened(finding.operations[1:], _MOST_OPERATIONS))}.")
    yield from ("", "```console")
    for step in finding.steps:
        yield f"$ {_fenced(step.curl)}"
        if step.response is not None:
            yield f"{step.response.status} {_fenced(step.response.body)}".rstrip()
    yield from ("```", "", "</details>", "")


def _fenced(text: str) -> str:
    """A text inside of a block of code, which it does not end."""
    return " ".join(text.split()).replace("```", "` ` `")


def _plain(text: str) -> str:
    return " ".join("".join(_SPECIAL.get(letter, letter) for letter in text).split())


def _code(text: str) -> str:
    """A text as code, which a table holds."""
    line = " ".join(text.split()).replace("|", "\\|")
    return f"`` {line} ``" if "`" in line else f"`{line}`"
