"""What a contract lacks of recorded traffic is shown as lines to insert; no line that is there is changed."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from click.testing import CliRunner
from support.archives import entry, saved
from support.commands import run

from tallystick.cli import main
from tallystick.documents.text import parse
from tallystick.learn.patch import Insertion, patched

_API = """\
# By hand.
openapi: 3.0.3
info: {title: Shop, version: "1"}   # on one line
servers: [{url: 'https://api.example.com/v1'}]
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
        - name: limit   # how many
          in: query
          schema: {type: integer}
      responses:
        '200':
          description: Pets
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}

  # One pet
  /pets/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}}
    get:
      operationId: getPet
      responses:
        '200':
          description: A pet
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Pet'}

components:
  schemas:
    Pet:
      type: object
      properties:
        id: {type: integer}
        # what it is called
        name:
          type: string
    # the end
"""
_BASE = "https://api.example.com/v1"


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "api.yaml"
    file.write_text(_API)
    return file


def inserted(before: str, after: str) -> list[str]:
    """The lines that a text has more; all lines of the one before are there, in their order."""
    lines, rest = before.splitlines(), after.splitlines()
    new: list[str] = []
    for line in rest:
        if lines and line == lines[0]:
            lines.pop(0)
        else:
            new.append(line.strip())
    assert not lines, f"these lines were changed: {lines[:3]}"
    return new


@pytest.mark.usefixtures("api")
def test_a_contract_that_lacks_nothing_gets_no_patch(tmp_path: Path) -> None:
    """Nothing is printed where all that was recorded is documented, and the exit code is 0."""
    saved(tmp_path, entry(f"GET {_BASE}/pets?limit=1", 200, [{"id": 1, "name": "Rex"}]))
    result = run("learn", "traffic.har", "--contract", "api.yaml")
    assert (result.exit_code, result.stdout) == (0, "")


@pytest.mark.parametrize(
    ("recorded", "line"),
    [
        (entry(f"GET {_BASE}/pets?tag=a", 200, []), "- name: tag"),
        (entry(f"GET {_BASE}/pets/1", 200, {"id": 1, "born": "2024-01-01"}), "born:"),
        (entry(f"GET {_BASE}/pets", 200, [{"id": 1, "age": None}]), "age: {}"),
        (entry(f"GET {_BASE}/pets/1", 404, {"error": "none"}), '"404":'),
        (entry(f"DELETE {_BASE}/pets/1", 204), "delete:"),
        (entry(f"POST {_BASE}/pets", 201, {"id": 1}, {"name": "Rex"}), "post:"),
        (entry(f"GET {_BASE}/owners/7", 200, {"id": 7}), "/owners/{ownerId}:"),
    ],
)
def test_what_is_lacking_is_inserted(api: Path, tmp_path: Path, recorded: Any, line: str) -> None:
    """A parameter, a member, a status, a method and a path come as new lines; then the contract lacks nothing."""
    saved(tmp_path, recorded)
    shown = run("learn", "traffic.har", "--contract", "api.yaml")
    assert shown.exit_code == 1
    assert f"+{line}" in shown.stdout.replace(" ", "").replace("-name", "- name") or line in shown.stdout
    assert api.read_text() == _API
    assert run("learn", "traffic.har", "--contract", "api.yaml", "--write").exit_code == 0
    assert line in inserted(_API, api.read_text())
    again = run("learn", "traffic.har", "--contract", "api.yaml")
    assert (again.exit_code, again.stdout) == (0, "")
    assert run("check", "api.yaml").exit_code == 0
    assert run("judge", "traffic.har", "--contract", "api.yaml").exit_code == 0


def test_a_name_of_a_path_is_that_of_the_contract(api: Path, tmp_path: Path) -> None:
    """A method that is added to a path takes the names that the path has."""
    saved(tmp_path, entry(f"DELETE {_BASE}/pets/1", 204))
    run("learn", "traffic.har", "--contract", "api.yaml", "--write")
    value: Any = parse(api.read_text(), "api.yaml")
    assert value["paths"]["/pets/{id}"]["delete"]["parameters"][0]["name"] == "id"


def test_what_has_no_line_is_told(api: Path, tmp_path: Path) -> None:
    """An object on one line is left as it is, and a note says what to add by hand."""
    text = _API.replace("      properties:\n        id: {type: integer}\n", "      properties: {id: {type: integer}}\n")
    text = text.replace("        # what it is called\n        name:\n          type: string\n", "")
    api.write_text(text)
    saved(tmp_path, entry(f"GET {_BASE}/pets/1", 200, {"id": 1, "born": "2024-01-01"}))
    result = run("learn", "traffic.har", "--contract", "api.yaml", "--write")
    assert result.exit_code == 1
    fact = "the member /born is lacking, and there is no line to insert it at; add it by hand:\n    born:\n      type: "
    assert fact in result.stderr
    assert api.read_text() == text


@pytest.mark.parametrize(
    ("arguments", "fact"),
    [
        (["--write"], "name it with --contract"),
        (["--contract", "api.yaml", "-o", "x.yaml"], "--contract shows a patch"),
    ],
)
@pytest.mark.usefixtures("api")
def test_options_that_do_not_go_together_are_refused(arguments: list[str], fact: str) -> None:
    """What makes no sense together is a mistake in usage."""
    result = run("learn", "traffic.har", *arguments)
    assert (result.exit_code, fact in result.stderr) == (2, True)


@pytest.mark.usefixtures("api")
def test_traffic_of_another_api_is_told(tmp_path: Path) -> None:
    """Traffic with no exchange of the contract is told, with what would have worked."""
    saved(tmp_path, entry("GET https://other.example/x", 200, {}))
    result = run("learn", "traffic.har", "--contract", "api.yaml", "--url", _BASE)
    assert result.exit_code == 3
    assert "--url names where its API was recorded" in result.stderr


@pytest.mark.parametrize(
    ("text", "path", "name", "expected"),
    [
        ("a:\n  b: 1\n", ("a",), "c", "a:\n  b: 1\n  c: 2\n"),
        ("a:\n  b: 1", ("a",), "c", "a:\n  b: 1\n  c: 2"),
        ("a:\r\n  b: 1\r\nd: 1\r\n", ("a",), "c", "a:\r\n  b: 1\r\n  c: 2\r\nd: 1\r\n"),
        (
            "a:\n  b: |\n    x\n\n    # y\n\n# d\nd: 1\n",
            ("a",),
            "c",
            "a:\n  b: |\n    x\n\n    # y\n  c: 2\n\n# d\nd: 1\n",
        ),
        ("a:\n- 1\n- 2\nd: 1\n", ("a",), "", "a:\n- 1\n- 2\n- 2\nd: 1\n"),
        ("a:\n  - x: 1\n    y: 2\nd: 1\n", ("a",), "", "a:\n  - x: 1\n    y: 2\n  - 2\nd: 1\n"),
        ('{\n  "a": {\n    "b": 1\n  }\n}\n', ("a",), "c", '{\n  "a": {\n    "c": 2,\n    "b": 1\n  }\n}\n'),
        ("a: {b: 1}\n", ("a",), "c", None),
        ("a: {}\n", ("a",), "c", None),
        ("a: 1\n", ("b",), "c", None),
        ("a:\n  &x b: 1\nd: *x\n", ("d",), "c", None),
    ],
)
def test_a_member_is_inserted_as_a_line(text: str, path: tuple[str, ...], name: str, expected: str | None) -> None:
    """A member stands below the last one of its block, or first in JSON; where there is no line, it is left."""
    result = patched(dedent(text), "api.yaml", [Insertion(path, name, 2)])
    if expected is None:
        assert (result.text, len(result.left)) == (text, 1)
    else:
        assert (result.text, result.left) == (expected, [])


def test_many_members_are_inserted_at_once() -> None:
    """Members of blocks that end at one line stand inner ones first, and one that is at fault is left alone."""
    text = "a:\n  b:\n    c:\n    - 1\n  d: &x\n    e: 1\n  f: *x\n"
    insertions = [
        Insertion(("a",), "z", 1),
        Insertion(("a", "d"), "y", 1),
        Insertion(("a", "b"), "x", 1),
        Insertion(("a", "b", "c"), "", 2),
        Insertion(("a", "b", "c"), "", 3),
    ]
    result = patched(text, "api.yaml", insertions)
    assert result.text == "a:\n  b:\n    c:\n    - 1\n    - 2\n    - 3\n    x: 1\n  d: &x\n    e: 1\n  f: *x\n  z: 1\n"
    assert result.left == [insertions[1]]


def test_json_is_indented_as_it_is() -> None:
    """Members that are inserted into JSON are indented with its own tabs or spaces; a line separator ends no line."""
    text = '{\n\t"t": "\u2028",\n\t"a": {\n\t\t"b": [\n\t\t\t1\n\t\t]\n\t}\n}\n'
    result = patched(text, "api.json", [Insertion(("a",), "c", {"d": 1}), Insertion(("a", "b"), "", 2)])
    expected = '"a": {\n\t\t"c": {\n\t\t\t"d": 1\n\t\t},\n\t\t"b": [\n\t\t\t2,\n\t\t\t1\n'
    assert (expected in result.text, result.left) == (True, [])
    assert result.text.startswith('{\n\t"t": "\u2028",\n\t"a"')


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_patched_file_keeps_its_encoding(tmp_path: Path, api: Path, encoding: str) -> None:
    """A file with a byte order mark, and one in UTF-16, keeps it when the patch is applied."""
    api.write_bytes(_API.encode(encoding))
    saved(tmp_path, entry(f"GET {_BASE}/pets?offset=3", 200, []))
    assert run("learn", "traffic.har", "--contract", "api.yaml", "--write").exit_code == 0
    text = api.read_bytes().decode(encoding)
    assert "- name: offset" in text
    assert {*_API.splitlines()} <= {*text.splitlines()}
    assert text.encode(encoding) == api.read_bytes()


@pytest.mark.usefixtures("api")
def test_a_contract_that_is_no_file_is_not_written(tmp_path: Path) -> None:
    """A contract that came through standard input has no file that a patch could be applied to."""
    saved(tmp_path, entry(f"GET {_BASE}/pets?offset=3", 200, []))
    arguments = ("learn", "traffic.har", "--contract", "-", "--write")
    result = CliRunner().invoke(main, arguments, prog_name="tallystick", input=_API)
    assert (result.exit_code, [*tmp_path.glob("<*")]) == (3, [])
    assert "<stdin>: cannot be written: it is no file" in result.stderr


def test_what_several_operations_refer_to_is_patched_once(api: Path, tmp_path: Path) -> None:
    """A response of two operations that lacks its body gets it once, and nothing is left to add by hand."""
    shared = "        '404': {$ref: '#/components/responses/None'}\n"
    text = _API.replace("      responses:\n", f"      responses:\n{shared}")
    text = text.replace("components:\n", "components:\n  responses:\n    None:\n      description: None\n")
    api.write_text(text)
    saved(tmp_path, entry(f"GET {_BASE}/pets", 404, {"a": 1}), entry(f"GET {_BASE}/pets/1", 404, {"a": 1}))
    result = run("learn", "traffic.har", "--contract", "api.yaml", "--write")
    assert (result.exit_code, result.stderr) == (0, "")
    assert api.read_text().count("      content:\n        application/json:\n") == 1
    assert run("learn", "traffic.har", "--contract", "api.yaml").exit_code == 0
