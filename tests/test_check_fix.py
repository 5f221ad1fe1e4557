"""`tallystick check --fix` and `--diff`: what has one obvious mend is mended, and the rest of the text stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.checking import CONTRACT, changed
from support.commands import run, written

from tallystick.documents.edits import Edit, Put, Remove, Rename, Replace, edited_text, edited_value
from tallystick.documents.text import parse

OLDER = ("openapi: 3.1.0", "openapi: 3.0.4")
SCHEMA = "schema: {type: string, format: date}"
EXAMPLE = ("              example: 2024-01-01\n", "")
MENDS = {
    "a response without a description": (
        (("description: A day\n          ", ""),),
        "'200':\n          description: OK\n",
    ),
    "an empty description": ((("A day", "''"),), "          description: OK\n"),
    "a name in the path": (
        (("/day:", "/day/{id}:"),),
        "    get:\n      parameters: [{name: id, in: path, required: true, schema: {type: string}}]\n",
    ),
    "a path parameter that is optional": (
        (
            ("/day:", "/day/{id}:"),
            ("getDay", "getDay\n      parameters:\n      - in: path # here\n        name: id\n        schema: {}"),
        ),
        "      - in: path # here\n        required: true\n        name: id\n",
    ),
    "an array without items": ((OLDER, (SCHEMA, "schema: {type: array}"), EXAMPLE), "schema: {type: array, items: {}}"),
    "nullable": (
        ((SCHEMA, "schema: {type: string, nullable: true, format: date} # or none"),),
        'schema: {type: [string, "null"], format: date} # or none',
    ),
    "null among the types": (
        (OLDER, (SCHEMA, "schema: {type: [string, 'null'], format: date}")),
        "schema: {type: string, nullable: true, format: date}",
    ),
    "an exclusive bound": (
        ((SCHEMA, "schema: {type: integer, minimum: 2, exclusiveMinimum: true}"), EXAMPLE),
        "schema: {type: integer, exclusiveMinimum: 2}",
    ),
    "const": ((OLDER, (SCHEMA, "schema: {const: 7}"), EXAMPLE), "schema: {enum: [7]}"),
    "a number that is a text": (
        ((SCHEMA, "schema: {type: string}"), ("2024-01-01\n", "1.10 # of\n")),
        'example: "1.10" # of',
    ),
    "a text that is a number": (((SCHEMA, "schema: {type: integer}"), ("e: 2024-01-01\n", "e: '7'\n")), "example: 7\n"),
    "a default in JSON": (((SCHEMA, 'schema: {"type": "boolean", "default": "true"}'), EXAMPLE), '"default": true'),
    "a number in an enum": (((SCHEMA, "schema: {type: string, enum: [a, 5]}"), EXAMPLE), 'enum: [a, "5"]'),
    "a version that is a number": ((("version: 2024-01-01", "version: 1.0"),), 'version: "1.0"'),
}


@pytest.mark.parametrize("name", MENDS)
def test_what_has_one_mend_is_mended(name: str, tmp_path: Path) -> None:
    """--fix mends the text in its place, and the mended contract has no violation."""
    changes, expected = MENDS[name]
    file = written(tmp_path, "day.yaml", changed(*changes))
    assert run("check", str(file)).output.count("day.yaml") >= 1
    result = run("check", str(file), "--fix")
    assert expected in file.read_text()
    assert f"{file}: mended" in result.output
    assert result.exit_code == 0, result.output


def test_diff_shows_what_fix_does_and_writes_nothing(tmp_path: Path) -> None:
    """--diff prints the changes as a unified diff; the file and the exit code stay those of the check."""
    text = changed(("A day", "''")).replace("\n", "\r\n")
    file = written(tmp_path, "day.yaml", "")
    file.write_bytes(text.encode())
    result = run("check", str(file), "--diff", "--strict")
    assert "-          description: ''\n+          description: OK\n" in result.output
    assert (file.read_bytes().decode(), result.exit_code) == (text, 1)
    run("check", str(file), "--fix")
    assert file.read_bytes().decode() == text.replace("''", "OK")


def test_what_is_not_sure_stays(tmp_path: Path) -> None:
    """What has no obvious mend stays as it is, and is told."""
    text = changed(("    get:\n", "    get: &day\n"), ("2024-01-01\n", "tomorrow\n")) + "    put: *day\n"
    file = written(tmp_path, "day.yaml", text)
    result = run("check", str(file), "--fix")
    assert file.read_text() == text
    assert "0 violations mended\n" in result.output
    assert result.exit_code == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_mended_file_keeps_its_encoding(tmp_path: Path, encoding: str) -> None:
    """A file with a byte order mark, and one in UTF-16, keeps it."""
    file = written(tmp_path, "day.yaml", "")
    file.write_bytes(changed(("A day", "''")).encode(encoding))
    run("check", str(file), "--fix")
    assert file.read_bytes() == changed(("A day", "OK")).encode(encoding)


def test_json_keeps_its_layout(tmp_path: Path) -> None:
    """A document in JSON is mended as JSON, line by line."""
    value = parse(changed(("description: A day\n          ", "")), "day.yaml")
    file = written(tmp_path, "day.json", json.dumps(value, indent=2))
    run("check", str(file), "--fix")
    lines = file.read_text().splitlines()
    assert json.loads(file.read_text())["paths"]["/day"]["get"]["responses"]["200"]["description"] == "OK"
    assert '            "description": "OK"' in lines
    assert len(lines) == len(json.dumps(value, indent=2).splitlines()) + 1


def test_each_file_of_a_contract_is_mended(tmp_path: Path) -> None:
    """What stands in another file is mended there."""
    day = "description: ''\ncontent: {}\n"
    other = written(tmp_path, "parts/day.yaml", day)
    start = CONTRACT.index("          description: A day")
    written(tmp_path, "day.yaml", CONTRACT[:start] + "          $ref: parts/day.yaml\n")
    run("check", str(tmp_path / "day.yaml"), "--fix")
    assert other.read_text() != day


TEXT = "a: {b: 1, c: [x]}\nd: # first\n  - e: 1 # one\n    f: two\ng: &g {h: 1}\ni: *g\n"
EDITS: dict[str, tuple[Edit, str | None]] = {
    "flow": (Put(("a",), "k", "v: w"), 'a: {b: 1, c: [x], k: "v: w"}\n'),
    "flow list": (Put(("a", "c"), "", True), "c: [true, x]"),
    "block": (Put(("d", "0"), "k", None), "  - k: null\n    e: 1 # one\n"),
    "behind": (Put(("d", "0"), "k", [1], behind="e"), "  - e: 1 # one\n    k: [1]\n    f: two\n"),
    "list": (Put(("d",), "", {"k": 1}), "d: # first\n  - {k: 1}\n  - e: 1 # one\n"),
    "replace": (Replace(("d", "0", "e"), "yes"), "  - e: "),
    "rename": (Rename(("d", "0", "f"), "k", 2), "    k: 2\ng:"),
    "remove": (Remove(("d", "0", "f")), "  - e: 1 # one\ng:"),
    "remove in flow": (Remove(("a", "b")), "a: {c: [x]}\n"),
    "remove the last in flow": (Remove(("a", "c")), "a: {b: 1}\n"),
    "behind an alias": (Put(("i",), "k", 1), None),
    "nowhere": (Replace(("x", "y"), 1), None),
    "the first of a list item": (Remove(("d", "0", "e")), None),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_means_what_it_says(name: str) -> None:
    """An edit changes its own characters, and the text means what the value then is; or there is no edit."""
    edit, expected = EDITS[name]
    text = edited_text(TEXT, [edit])
    if expected is None:
        assert text is None
        return
    assert text is not None
    assert expected in text
    assert parse(text, "") == edited_value(parse(TEXT, ""), [edit])


@pytest.mark.parametrize(
    ("text", "edit", "expected"),
    [
        ("b: 1\na: 'x' # y", Put((), "z", "q", behind="a"), "b: 1\na: 'x' # y\nz: q"),
        ("a:\n  b: 1 # why\n  c: 2\n", Remove(("a", "b")), "a:\n  # why\n  c: 2\n"),
        ("{a: 1, # why\n b: 2}\n", Remove(("a",)), None),
        ("{a: 1, # why\n b: 2}\n", Remove(("b",)), None),
        ("{a: 1, b: 2} # why\n", Remove(("b",)), "{a: 1} # why\n"),
    ],
)
def test_no_comment_is_lost(text: str, edit: Edit, expected: str | None) -> None:
    """A comment stays where its member is taken out; a last line without an end is edited as any other."""
    assert edited_text(text, [edit]) == expected
