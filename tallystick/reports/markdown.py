"""Pages of the documentation that are made from the code, in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from tallystick.nouns.change import ChangeRule, Way
from tallystick.nouns.rule import Rule

_HEADS = {
    "contract": "Rules on contracts: `tallystick check`, and the start of the mock",
    "request": "Rules on requests: the mock refuses what breaks them",
    "response": "Rules on responses: the fuzz run reports what breaks them",
    "sequence": "Rules on sequences of exchanges: the fuzz run reports what breaks them",
}


_WAYS = {
    Way.CONTRACT: "Changes of a contract: `tallystick diff`",
    Way.REQUEST: "Changes of requests: what is narrowed breaks those who send",
    Way.RESPONSE: "Changes of responses: what is widened breaks those who read",
    Way.WEBHOOK: "Changes of webhooks and callbacks: what is widened breaks those who get them",
}


def rules_page(
    rules: Sequence[Rule],
    mock_rules: Sequence[Rule],
    fuzz_rules: Sequence[Rule],
    change_rules: Sequence[ChangeRule],
) -> str:
    """The page of all rules; `mock_rules` and `fuzz_rules` are those of the mock and of the fuzz run alone."""
    lines = ["# Rules", "", "This page is made from the rule table by `make docs`. An id is never renamed.", ""]
    for scope, head in _HEADS.items():
        lines += [f"## {head}", "", "| id | severity | rule |", "|---|---|---|"]
        lines += [f"| `{rule.id}` | {rule.severity} | {rule.sentence} |" for rule in rules if rule.scope == scope]
        lines.append("")
    for head, own_rules in (("the mock", mock_rules), ("the fuzz run", fuzz_rules)):
        lines += [f"## Rules of {head} alone", "", "| id | rule |", "|---|---|"]
        lines += [*(f"| `{rule.id}` | {rule.sentence} |" for rule in own_rules), ""]
    for way, head in _WAYS.items():
        rows = sorted((row for row in change_rules if row.way is way), key=lambda row: row.id)
        lines += [f"## {head}", "", "| id | severity | change |", "|---|---|---|"]
        lines += [*(f"| `{row.id}` | {row.grade} | {row.sentence} |" for row in rows), ""]
    return "\n".join(lines)
