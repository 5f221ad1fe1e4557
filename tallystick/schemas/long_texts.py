"""Long texts beside patterns for which the engine may take a time that grows with the square of their length.

The engine is linear for most patterns. One with a lookaround or a reference to a group is matched by trying; if it may
begin anywhere, it is tried at each character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import jsonschema_rs

from tallystick.nouns import budgets

_BY_TRYING = re.compile(r"\(\?<?[=!]|\\[1-9]|\\k<")
_TOKEN = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|[()|]", re.DOTALL)


@lru_cache(maxsize=4096)
def is_slow(pattern: str) -> bool:
    """Whether a pattern is matched by trying, and may begin anywhere in a text."""
    if _BY_TRYING.search(pattern) is None:
        return False
    if not pattern.startswith("^"):
        return True
    depth = 0
    for token in _TOKEN.findall(pattern):
        if token == "|" and depth == 0:
            return True
        depth += (token == "(") - (token == ")")
    return False


class ShortTexts:
    """A validator of values without long texts, for a schema with a slow pattern."""

    def __init__(self, validator: jsonschema_rs.Validator) -> None:
        self._validator = validator

    def is_valid(self, value: object) -> bool:
        """Whether a value fits; false for one that is not judged."""
        return not _has_long_text(value) and bool(self._validator.is_valid(value))

    def iter_errors(self, value: object) -> Iterator[jsonschema_rs.ValidationError]:
        """The errors of a value; `ValueError` for one that is not judged."""
        if _has_long_text(value):
            raise ValueError(
                f"a text of more than {budgets.PATTERN_TEXT:,} characters, and a pattern that is tried at each of them"
            )
        return iter(self._validator.iter_errors(value))


def _has_long_text(value: object) -> bool:
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            if len(part) > budgets.PATTERN_TEXT:
                return True
        elif isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            waiting += part.values()
            waiting += part
    return False
