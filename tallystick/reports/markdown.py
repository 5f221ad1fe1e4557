"""Pages of the documentation that are made from the code, in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from tallystick.nouns.rule import Rule

_HEADS = {
    "contract": "Rules on contracts: `tallystick check`, and the start of the mock",
    "request": "Rules on requests: the mock refuses what breaks them",
    "response": "Rules on responses: the fuzz run reports what breaks them",
}


def rules_page(rules: Sequence[Rule], fuzz_rules: Sequence[Rule]) -> str:
    """The page of all rules; `fuzz_rules` are those of the fuzz run alone."""
    lines = ["# Rules", "", "This page is made from the rule table by `make docs`. An id is never renamed.", ""]
    for scope, head in _HEADS.items():
        lines += [f"## {head}", "", "| id | severity | rule |", "|---|---|---|"]
        lines += [f"| `{rule.id}` | {rule.severity} | {rule.sentence} |" for rule in rules if rule.scope == scope]
        lines.append("")
    lines += ["## Rules of the fuzz run alone", "", "| id | rule |", "|---|---|"]
    lines += [f"| `{rule.id}` | {rule.sentence} |" for rule in fuzz_rules]
    return "\n".join([*lines, ""])
