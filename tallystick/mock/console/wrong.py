"""What is wrong with a text in an editor, each with its line there and its place in the contract."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from tallystick.documents.text import read
from tallystick.mock.problem import Problem
from tallystick.nouns import budgets
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.json_pointer import to_keys

_IN_BODY = re.compile(r"(?:response\.)?body(/.*)?", re.DOTALL)
_LINE = re.compile(r"\(line (\d{1,9}), column")


class Wrong(NamedTuple):
    """Something that is wrong: the line of the editor (0 for none), the part, the fact, and the contract's place."""

    line: int
    where: str
    message: str
    rule: str = ""
    place: str = ""


def wrong_text(fact: str) -> Wrong:
    """A fact about a text as a whole, or about the line that it names."""
    match = _LINE.search(fact)
    return Wrong(int(match[1]) if match else 0, "", fact)


def wrong_in(problem: Problem | None, text: str) -> list[Wrong]:
    """What a problem says is wrong, by the lines of the text that it is about; nothing where there is no problem."""
    if problem is None:
        return []
    if not problem.violations:
        return [wrong_text(problem.detail)]
    line_of = _lines(text)
    return [
        Wrong(line_of(each.where), each.where, each.message, each.rule, str(each.contract))
        for each in problem.violations[: budgets.FAULTS_LISTED]
    ]


def _lines(text: str) -> Callable[[str], int]:
    try:
        _, locate = read(text, "body.json")
    except UnreadableError:
        return lambda _: 0

    def line_of(where: str) -> int:
        match = _IN_BODY.fullmatch(where)
        return locate(to_keys(match[1] or "")) if match else 0

    return line_of
