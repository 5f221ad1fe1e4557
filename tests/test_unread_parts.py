"""A part of a contract that cannot be read is unknown: its operation stays, anything is let through there, and every
command tells how many such parts there are, and ends with an exit code of its own."""

from __future__ import annotations

import json
import re
from contextlib import chdir
from pathlib import Path

import pytest
from support.checking import checked, lines
from support.commands import run, written

from tallystick import Exchange, Request, Response, judge, read_contract
from tallystick.config import Configuration
from tallystick.contracts.self_contained import self_contained
from tallystick.nouns.errors import Exit

KINDS = {
    "a file that is not there": "none.yaml#/x",
    "a pointer that leads nowhere in a file": "parts.yaml#/none",
    "a pointer that leads nowhere here": "#/none",
    "a web address": "https://example.com/x.yaml#/x",
    "a folder": "sub",
    "a file outside of the folder": "../outside.yaml#/x",
    "a broken file": "broken.yaml#/x",
    "a reference that is broken itself": "parts.yaml#/broken-N",
    "a reference that leads back to itself": "parts.yaml#/circle-N",
}
"""References that cannot be followed, by what they lead to; N is another number at each use, as the kinds differ."""
THREE = """\
openapi: 3.1.0
info: {title: Parts, version: '1'}
paths:
  /a/{id}:
    parameters:
    - $ref: 'REF'
    - {name: q, in: query, schema: {type: integer}}
    get:
      operationId: get
      responses:
        '200': {$ref: 'REF'}
        '201':
          description: Made
          headers: {X-A: {$ref: 'REF'}}
          content: {application/json: {schema: {type: object, properties: {a: {$ref: 'REF'}, b: {type: integer}}}}}
    post:
      operationId: post
      requestBody: {$ref: 'REF'}
      responses: {'204': {description: Done}}
"""
SWAGGER = """\
swagger: '2.0'
info: {title: Parts, version: '1'}
paths:
  /a/{id}:
    parameters:
    - $ref: 'REF'
    - {name: q, in: query, type: integer}
    get:
      operationId: get
      produces: [application/json]
      responses:
        '200': {$ref: 'REF'}
        '201':
          description: Made
          schema: {type: object, properties: {a: {$ref: 'REF'}, b: {type: integer}}}
    post:
      operationId: post
      parameters: [{$ref: 'REF'}, {name: f, in: formData, type: integer}]
      responses: {'204': {description: Done}}
"""


def contract_with(folder: Path, ref: str, text: str = THREE) -> Path:
    """The file of a contract whose parts refer to `ref`, beside files that such a reference may mean."""
    numbers = [str(number) for number in range(text.count("REF"))]
    written(folder, "outside.yaml", "x: {name: x, in: query, schema: {type: integer}}\n")
    written(folder, "api/broken.yaml", "x: 1\ny: [\n")
    circles = {f"circle-{number}": {"$ref": f"#/circle-{number}"} for number in numbers}
    broken = {f"broken-{number}": {"$ref": f"none.yaml#/{number}"} for number in numbers}
    written(folder, "api/parts.yaml", json.dumps({**broken, **circles}))
    written(folder, "api/sub/x.yaml", "a: 1\n")
    pieces = text.split("REF")
    parts = [piece + ref.replace("-N", f"-{number}") for piece, number in zip(pieces, numbers, strict=False)]
    return written(folder, "api/main.yaml", "".join([*parts, pieces[-1]]))


@pytest.mark.parametrize("text", [THREE, SWAGGER], ids=["3.1", "2.0"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_operation_is_lost(kind: str, text: str, tmp_path: Path) -> None:
    """Each operation stays, with the parts of it that can be read; the others let anything through."""
    contract = read_contract(contract_with(tmp_path, KINDS[kind], text))
    get, post = contract.operations
    assert [operation.label for operation in contract] == ["GET /a/{id}", "POST /a/{id}"]
    assert [(each.name, each.location) for each in get.parameters] == [("q", "query")]
    assert [response.status for response in get.responses] == ["200", "201"]

    def violations(exchange: Exchange) -> list[str]:
        return [violation.where for violation in judge(get, exchange)]

    request = Request("GET", "/a/1", "q=1&x=any")
    media_type = (("content-type", "text/anything"),)
    assert violations(Exchange(request, Response(200, media_type, b"whatever"))) == []
    assert violations(Exchange(Request("GET", "/a/1", "q=x"), None)) == ["query.q"]
    body = (("content-type", "application/json"), ("x-a", "any"))
    assert violations(Exchange(request, Response(201, body, b'{"a": [{}], "b": 1}'))) == []
    assert violations(Exchange(request, Response(201, body, b'{"a": 1, "b": "x"}'))) == ["response.body/b"]
    if text is THREE:
        assert judge(post, Exchange(Request("POST", "/a/1", "", media_type, b"whatever"), None)) == []


@pytest.mark.parametrize("text", [THREE, SWAGGER], ids=["3.1", "2.0"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_command_tells_it_and_ends_with_3(kind: str, text: str, tmp_path: Path) -> None:
    """`check`, `models` and the list of `mock` do what can be done, count what was left out, and end alike."""
    file = contract_with(tmp_path, KINDS[kind], text)
    sentences = set()
    for command in (["check"], ["models", "-o", f"{tmp_path}/models"], ["mock", "--list"], ["mock", "--strict"]):
        result = run(*command, str(file))
        assert result.exit_code == Exit.UNREACHABLE, result.output
        sentences.update(line for line in result.stderr.splitlines() if "could not be read, and anything" in line)
    assert len(sentences) == 1
    assert (tmp_path / "models" / "main.py").is_file()


@pytest.mark.parametrize("kind", KINDS)
def test_a_grade_of_the_configuration_decides_the_exit_code(kind: str, tmp_path: Path) -> None:
    """As a warning it is told and fails nothing."""
    file = contract_with(tmp_path, KINDS[kind])
    grades = {"reference-not-followed": "warning", "reference-unresolvable": "warning"}
    assert checked(file).code() is Exit.UNREACHABLE
    assert checked(file, configuration=Configuration(rules=grades)).code() is Exit.CLEAN
    written(tmp_path, "tallystick.toml", "[rules]\n" + "".join(f'{key} = "{grade}"\n' for key, grade in grades.items()))
    with chdir(tmp_path):
        for command in (["check"], ["models", "-o", "models"], ["mock", "--list"]):
            result = run(*command, str(file))
            assert result.exit_code == Exit.CLEAN, result.output
            assert "could not be read, and anything is let through there" in result.stderr


def test_each_reference_is_told_once_where_it_breaks(tmp_path: Path) -> None:
    """A chain is told at the reference that breaks it, and a circle at a reference of the circle."""
    for kind in ("a reference that is broken itself", "a reference that leads back to itself"):
        messages = lines(checked(contract_with(tmp_path, KINDS[kind])))
        assert len(messages) == THREE.count("REF")
        assert all(re.match(r"parts\.yaml:1(#\S+)?: reference-unresolvable: ", message) for message in messages)


def test_a_name_of_the_path_is_not_missed_beside_an_unread_parameter(tmp_path: Path) -> None:
    """The parameter that cannot be read may define it."""
    messages = lines(checked(contract_with(tmp_path, KINDS["a file that is not there"])))
    assert {message.split(": ")[1] for message in messages} == {"reference-unresolvable"}


def test_what_would_allow_a_reference_is_a_relative_path_that_exists(tmp_path: Path) -> None:
    """The hint can be copied; where the reference leads to no file, there is nothing to allow."""
    file = contract_with(tmp_path, "../outside.yaml#/x")
    with chdir(tmp_path / "api"):
        hint = checked("main.yaml").violations[0].message
        assert hint == "the reference ../outside.yaml#/x leaves the contract's folder; allow it with --allow-ref .."
        assert run("check", "main.yaml", "--allow-ref", "..").exit_code != Exit.UNREACHABLE
    file.write_text(THREE.replace("REF", "../none.yaml#/x"))
    expected = "the reference ../none.yaml#/x leaves the contract's folder, and leads to no file"
    assert checked(file).violations[0].message == expected


def test_a_content_or_a_path_item_that_cannot_be_read_leaves_the_rest(tmp_path: Path) -> None:
    """A media type whose format is unknown has any body of it; a path item keeps what stands beside its reference."""
    file = written(
        tmp_path,
        "x.yaml",
        "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths:\n"
        "  /a: {$ref: none.yaml, get: {operationId: a, responses: {'200': {description: A, content: "
        "{text/csv: {$ref: none.yaml}}}}}}\n"
        "  /b: {get: {operationId: b, parameters: {$ref: none.yaml}, responses: {$ref: none.yaml}, "
        "callbacks: {c: {$ref: none.yaml}}}}\n"
        "  /c: {$ref: none.yaml}\n",
    )
    contract = read_contract(file)
    assert [operation.label for operation in contract] == ["GET /a", "GET /b"]
    (csv,) = contract.operations[0].responses[0].content
    assert (str(csv.media_type), csv.schema) == ("text/csv", None)
    assert checked(file).code() is Exit.UNREACHABLE


def test_the_copy_for_a_fuzz_run_has_every_operation(tmp_path: Path) -> None:
    """Unread parameters, request bodies and links are left out of it, other unread parts are empty."""
    text = THREE.replace("description: Made", "description: Made\n          links: {l: {$ref: 'REF'}}")
    item = self_contained(read_contract(contract_with(tmp_path, "none.yaml", text)))["paths"]["/a/{id}"]
    assert [parameter["name"] for parameter in item["parameters"]] == ["q"]
    assert "requestBody" not in item["post"]
    assert item["get"]["responses"]["200"] == {}
    assert item["get"]["responses"]["201"]["links"] == {}
    assert "$ref" not in json.dumps(item)


def test_a_component_of_a_file_that_is_no_whole_document_is_of_its_kind(tmp_path: Path) -> None:
    """A file that has nothing but `components` is referred to by many contracts, and its schemas are schemas."""
    components = {"schemas": {"Item": {"type": "object"}}, "responses": {"Done": {"description": "Done"}}}
    written(tmp_path, "common.json", json.dumps({"components": components}))
    done = "{$ref: 'common.json#/components/responses/Done'}"
    item = "{$ref: 'common.json#/components/schemas/Item'}"
    file = written(
        tmp_path,
        "x.yaml",
        "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths:\n  /a:\n    get:\n      operationId: a\n"
        f"      responses:\n        '204': {done}\n"
        f"        '200': {{description: A, content: {{application/json: {{schema: {item}}}}}}}\n",
    )
    assert lines(checked(file)) == []
