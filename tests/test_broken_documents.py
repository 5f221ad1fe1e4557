"""A document with one fault has one clear line."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.checking import CONTRACT, changed, checked, lines

from tallystick.nouns.errors import Exit


def test_an_unquoted_date_is_a_string(tmp_path: Path) -> None:
    """As a version and as a date it is right."""
    file = tmp_path / "days.yaml"
    file.write_text(CONTRACT)
    outcome = checked(file)
    assert lines(outcome) == []
    assert outcome.code() is Exit.CLEAN


SECOND = "paths:\n  /other:\n    get: {operationId: getDay, responses: {'200': {description: Another}}}\n"
BROKEN = {
    "an unquoted date where a time is wanted": (
        changed(("format: date", "format: date-time")),
        'x.yaml:13: example-not-valid: the example: "2024-01-01" is not of the format date-time; '
        "the time and the offset from UTC are missing, such as 2020-12-31T23:59:59Z (schema: line 12)",
    ),
    "a duplicate key": (
        changed(("paths:", "info: {}\npaths:")),
        "x.yaml:3: unreadable-document: duplicate key 'info'; a key may stand only once in an object",
    ),
    "a reference that leads nowhere": (
        changed(("{type: string, format: date}", "{$ref: '#/components/schemas/Day'}")),
        "x.yaml:12: reference-unresolvable: the reference #/components/schemas/Day leads nowhere; "
        "there is no '/components/schemas/Day' in FILE",
    ),
    "a reference to a file that is not there": (
        changed(("{type: string, format: date}", "{$ref: 'day.yaml#/Day'}")),
        "x.yaml:12: reference-unresolvable: the reference day.yaml#/Day cannot be read: "
        "FOLDER/day.yaml: there is no such file",
    ),
    "an example that does not fit": (
        changed(("example: 2024-01-01", "example: 5")),
        "x.yaml:13: example-not-valid: "
        "the example: 5 is an integer; expected a string; write it in quotes (schema: line 12)",
    ),
    "two equal operation ids": (
        changed(("paths:\n", SECOND)),
        "x.yaml:8: operation-id-not-unique: the operationId 'getDay' is not unique; GET /other has it too (FILE:5)",
    ),
    "a tab": (
        changed(("      operationId", "\toperationId")),
        "x.yaml:6: unreadable-document: not YAML: while scanning for the next token, "
        "found character that cannot start any token; YAML is indented with spaces, not tabs",
    ),
    "nothing": ("", "x.yaml: unreadable-document: the file is empty; an OpenAPI document was expected"),
    "responses that are extensions": (
        changed(("paths:\n", "paths:\n  /x:\n    get: {operationId: x, responses: {x-a: 1}}\n")),
        "x.yaml:5: field-invalid: `responses` is empty; write at least one, such as '200'",
    ),
    "a keyword of 3.0 in 3.1": (
        changed(("format: date}", "nullable: true}")),
        "x.yaml:12: keyword-of-other-version: "
        "OpenAPI 3.1 has no `nullable` in a schema; write `type: [string, 'null']`",
    ),
    "a keyword of 3.1 in 3.0": (
        changed(("openapi: 3.1.0", "openapi: 3.0.4"), ("type: string", "type: [string]")),
        "x.yaml:12: keyword-of-other-version: in OpenAPI 3.0 `type` is one type, and not null; write `type: string`",
    ),
    "only comments": (
        "# nothing\n\n",
        "x.yaml: unreadable-document: the file is empty; an OpenAPI document was expected",
    ),
    "no OpenAPI document": (
        "name: something\n",
        "x.yaml:1: unreadable-document: not an OpenAPI document: there is no `openapi` (or `swagger`) field; "
        "known versions: 2.0, 3.0, 3.1, 3.2",
    ),
    "a text": (
        "Once upon a time\n",
        "x.yaml:1: unreadable-document: not an OpenAPI document: an object was expected at the top",
    ),
    "a version to come": (
        changed(("3.1.0", "4.0.0")),
        "x.yaml:1: unreadable-document: the OpenAPI version '4.0.0' is not known; known versions: 2.0, 3.0, 3.1, 3.2",
    ),
    "a version that is a number": (
        changed(("3.1.0", "3.1")),
        "x.yaml:1: field-invalid: `openapi`: 3.1 is no version; expected a string such as '3.1.1'",
    ),
    "a second YAML document": (
        f"{CONTRACT}---\n",
        "x.yaml:14: unreadable-document: a second YAML document starts here; a file may hold only one",
    ),
    "bytes": (b"openapi: \xff\n", "x.yaml:1: unreadable-document: not text in UTF-8: byte 0xff at offset 9"),
    "a control character": (
        changed(("Days", "Da\x07ys")),
        "x.yaml:2: unreadable-document: not YAML: the character U+0007 is not allowed",
    ),
    "an alias bomb": (
        "openapi: 3.1.0\na: &a [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{b}: &{b} [{', '.join(10 * [f'*{a}'])}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
        "x.yaml:7: unreadable-document: the aliases expand to more than 1,000,000 nodes; refused",
    ),
    "a depth without end": (
        f"openapi: 3.1.0\nx-deep: {'[' * 200}{']' * 200}\n",
        "x.yaml: unreadable-document: nested more than 100 levels deep; refused",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_contract_has_one_clear_line(name: str, tmp_path: Path) -> None:
    """The line says where and what, and a contract that cannot be read has an exit code of its own."""
    written, expected = BROKEN[name]
    file = tmp_path / "x.yaml"
    file.write_bytes(written if isinstance(written, bytes) else written.encode())
    outcome = checked(file)
    assert lines(outcome) == [expected.replace("FILE", str(file)).replace("FOLDER", str(tmp_path))]
    is_unread = "unreadable-document" in expected or "reference-unresolvable" in expected
    assert outcome.code() is (Exit.UNREACHABLE if is_unread else Exit.VIOLATIONS)


BROKEN_JSON = {
    "a trailing comma": (
        '{"openapi": "3.1.0",\n "info": {},\n}',
        "x.json:2: unreadable-document: not JSON: Illegal trailing comma before end of object (column 12)"
        if sys.version_info >= (3, 13)  # the words are those of Python's own reader of JSON
        else "x.json:3: unreadable-document: not JSON: Expecting property name enclosed in double quotes (column 1)",
    ),
    "a duplicate key": (
        '{"openapi": "3.1.0",\n "info": {},\n "info": {}}',
        "x.json:3: unreadable-document: duplicate key 'info'; a key may stand only once in an object",
    ),
    "a number that is none": (
        '{"openapi": "3.1.0",\n "info": NaN}',
        "x.json:2: unreadable-document: not JSON: NaN is not a JSON value",
    ),
    "a depth without end": (
        f'{{"openapi": "3.1.0", "x-deep": {"[" * 5000}{"]" * 5000}}}',
        "x.json: unreadable-document: nested more than 100 levels deep; refused",
    ),
}


@pytest.mark.parametrize("name", BROKEN_JSON)
def test_broken_json_has_one_clear_line(name: str, tmp_path: Path) -> None:
    """What is no JSON is said to be none, at its line."""
    written, expected = BROKEN_JSON[name]
    file = tmp_path / "x.json"
    file.write_text(written)
    assert lines(checked(file)) == [expected]


def test_two_places_of_one_alias_are_one_fault(tmp_path: Path) -> None:
    """What YAML repeats by an alias is told once, where it is written."""
    file = tmp_path / "x.yaml"
    file.write_text(
        changed(
            ("      responses:", "      responses: &responses"),
            ("example: 2024-01-01", "example: 5"),
            ("paths:\n", "paths:\n"),
        )
        + "    put: {operationId: putDay, responses: *responses}\n"
    )
    assert [one.contract.line for one in checked(file).violations] == [13]
