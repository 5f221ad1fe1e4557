"""What is said of a text that is not JSON: what it seems to be instead, or what is wrong at which place."""

from __future__ import annotations

import pytest

from tallystick.wire.values import MISSING, read_json


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("name=Rex&age=3", "it looks like a form (name=value)"),
        ("name=Rex", "it looks like a form (name=value)"),
        ("<pet/>", "it looks like XML or HTML"),
        ("--x\r\nContent-Disposition: form-data", "it looks like a multipart body"),
        ("name: Rex\n", "it looks like YAML"),
        ("Rex", "it looks like plain text; a string stands in double quotes"),
        (
            "{'name': 1}",
            "unexpected character, expected a string key (line 1, column 2); strings and names stand in double quotes",
        ),
        ("{name: 1}", "unexpected character, expected a string key (line 1, column 2); names stand in double quotes"),
        (
            '{"ä": True}',
            "unexpected character, expected a JSON value (line 1, column 7); write true, false and null",
        ),
        ("[NaN]", "unexpected character, expected a JSON value (line 1, column 2); JSON has neither NaN nor Infinity"),
        ("// a\n1", "unexpected character, expected a JSON value (line 1, column 1); JSON has no comments"),
        ("[1", "unexpected end of data (line 1, column 3)"),
        ("", "it is empty"),
    ],
)
def test_what_is_not_json_is_told_by_what_it_seems_to_be(text: str, fault: str) -> None:
    """The fault names what people send in place of JSON, and for the rest what the parser says, with a hint."""
    assert read_json(text.encode()) == (MISSING, f"not JSON: {fault}")
