"""Patterns of ECMA-262 as the engines of Pydantic take them."""

from __future__ import annotations

import re

import pytest

from tallystick.models.patterns import engine_pattern


@pytest.mark.parametrize(("ecma", "text"), [(r"^a\c$", r"a\c"), (r"^[\c]{2}$", r"\c"), (r"^\cA$", "\x01")])
def test_an_escape_of_a_control_character_needs_a_letter(ecma: str, text: str) -> None:
    """Without one the backslash and the `c` stand for themselves (ECMA-262, annex B.1.2)."""
    pattern = engine_pattern(ecma)
    assert pattern is not None
    assert re.search(pattern.text, text)
