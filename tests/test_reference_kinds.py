"""A reference to an object of another kind is named once, at its own line, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.checking import checked, lines

HEAD = """\
{version}
info: {{title: t, version: '1', description: text}}
x-shared: {{anything: {{description: may be of any kind}}}}
paths:
  /one:
    get:
      operationId: one
      responses: {{'200': {{description: ok}}}}
  /two:
    get:
      operationId: two
      {operation}
  {paths}
{components}
"""
TARGETS = {
    "#": "an OpenAPI document",
    "#/info": "an info object",
    "#/info/title": '"t"',
    "#/paths": "`paths`",
    "#/paths/~1one/get": "an operation",
    "#/paths/~1one/get/responses": "`responses`",
    "other.yaml": "an OpenAPI document",
    "other.yaml#/info": "an info object",
}
NEW = {
    "schema": "responses: {'200': {description: d, content: {text/plain: {schema: {$ref: '@'}}}}}",
    "response": "responses: {'200': {$ref: '@'}}",
    "parameter": "responses: {'200': {description: d}}\n      parameters: [{$ref: '@'}]",
    "request body": "responses: {'200': {description: d}}\n      requestBody: {$ref: '@'}",
    "header": "responses: {'200': {description: d, headers: {X: {$ref: '@'}}}}",
    "link": "responses: {'200': {description: d, links: {next: {$ref: '@'}}}}",
    "callback": "responses: {'200': {description: d}}\n      callbacks: {done: {$ref: '@'}}",
    "example": "responses: {'200': {description: d, content: {text/plain: {examples: {x: {$ref: '@'}}}}}}",
}
OLD = {
    "schema": "responses: {'200': {description: d, schema: {$ref: '@'}}}",
    "response": NEW["response"],
    "parameter": NEW["parameter"],
}
RESPONSE = "responses: {'200': {description: ok}}"


def document(version: str, operation: str = RESPONSE, paths: str = "", components: str = "") -> str:
    """A contract of a version with something in its second operation, its paths or at its end."""
    field = "swagger: '2.0'" if version == "2.0" else f"openapi: {version}.0"
    return HEAD.format(version=field, operation=operation, paths=paths, components=components)


def found(folder: Path, text: str) -> list[str]:
    """The violations in a document, beside which there is another whole document."""
    (folder / "api.yaml").write_text(text)
    (folder / "other.yaml").write_text("openapi: 3.0.3\ninfo: {title: o, version: '1'}\npaths: {}\n")
    return lines(checked(folder / "api.yaml"))


def line_of(text: str, part: str) -> int:
    """The number of the line in which a part of a text stands."""
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    ("version", "kind"),
    [("2.0", kind) for kind in OLD] + [(version, kind) for version in ("3.0", "3.1", "3.2") for kind in NEW],
)
def test_a_reference_to_another_kind_is_named_once(version: str, kind: str, target: str, tmp_path: Path) -> None:
    """Wherever a reference may stand, one violation says what it leads to, at its line, and nothing echoes it."""
    text = document(version, (OLD if version == "2.0" else NEW)[kind].replace("@", target))
    article = "an" if kind[0] in "aeiou" else "a"
    fact = f"the reference {target} leads to {TARGETS[target]}; expected {article} {kind}"
    warned = [line for line in found(tmp_path, text) if "operation-without-success" not in line]
    assert warned == [f"api.yaml:{line_of(text, '$ref')}: reference-to-other-kind: {fact}"]


@pytest.mark.parametrize("version", ["2.0", "3.0", "3.1", "3.2"])
@pytest.mark.parametrize("target", TARGETS)
def test_a_path_item_is_no_reference_to_another_kind(version: str, target: str, tmp_path: Path) -> None:
    """A path item that is a reference to something else is named once."""
    text = document(version, paths=f"/three: {{$ref: '{target}'}}")
    fact = f"the reference {target} leads to {TARGETS[target]}; expected a path item"
    assert found(tmp_path, text) == [f"api.yaml:{line_of(text, '$ref')}: reference-to-other-kind: {fact}"]


@pytest.mark.parametrize("version", ["3.0", "3.1", "3.2"])
@pytest.mark.parametrize("target", ["#/components/schemas", "#/components/schemas/S/properties", "#/components"])
def test_a_map_of_objects_is_none_of_them(version: str, target: str, tmp_path: Path) -> None:
    """A reference to all schemas at once, instead of to one, is named."""
    operation = "responses: {'200': {description: d, content: {text/plain: {schema: {$ref: '@'}}}}}"
    components = "components: {schemas: {S: {type: object, properties: {a: {type: string}}}}}"
    text = document(version, operation.replace("@", target), components=components)
    (violation, *unused) = found(tmp_path, text)
    name = target.rpartition("/")[2]
    assert violation.endswith(f"the reference {target} leads to `{name}`; expected a schema")
    assert all("component-unused" in line for line in unused)


@pytest.mark.parametrize("target", ["#/x-shared/anything", "#/components/x-more/R", "part.yaml", "parts.yaml#/R"])
def test_a_place_of_no_known_kind_may_hold_any_object(target: str, tmp_path: Path) -> None:
    """Extensions and files that are no whole documents are nothing else than what a reference takes them for."""
    (tmp_path / "part.yaml").write_text("description: a response\n")
    (tmp_path / "parts.yaml").write_text("R: {description: a response}\n")
    components = "components: {x-more: {R: {description: a response}}}"
    text = document("3.1", f"responses: {{'200': {{$ref: '{target}'}}}}", components=components)
    assert found(tmp_path, text) == []


@pytest.mark.parametrize("version", ["3.0", "3.1"])
@pytest.mark.parametrize(
    "content", [f"get: {{operationId: three, {RESPONSE}}}", "Pet: {type: object}\nDog: {type: object}"]
)
def test_a_file_without_any_keyword_is_no_schema(content: str, version: str, tmp_path: Path) -> None:
    """A file that holds a path item, or a map of schemas, is named where it is taken for one schema."""
    (tmp_path / "part.yaml").write_text(f"{content}\n")
    (violation,) = found(tmp_path, document(version, NEW["schema"].replace("@", "part.yaml")))
    assert violation.endswith("part.yaml leads to an object that has no field of a schema; expected a schema")


def test_a_part_that_is_used_as_two_kinds_is_named_at_the_second(tmp_path: Path) -> None:
    """A file that one reference takes for a response is no request body."""
    (tmp_path / "part.yaml").write_text("description: text\ncontent: {text/plain: {}}\n")
    operation = NEW["response"].replace("@", "part.yaml") + "\n      requestBody: {$ref: part.yaml}"
    (violation,) = found(tmp_path, document("3.0", operation))
    assert violation.endswith("part.yaml leads to a response; expected a request body")


def test_the_target_of_a_discriminator_is_a_schema(tmp_path: Path) -> None:
    """A mapping to a response is named at its line."""
    schema = "{oneOf: [{$ref: '#/components/schemas/S'}], discriminator: {propertyName: a, mapping: {r: '@'}}}"
    target = "#/components/responses/R"
    operation = f"responses: {{'200': {{description: d, content: {{text/plain: {{schema: {schema}}}}}}}}}"
    components = """\
components:
  schemas: {S: {type: object, required: [a], properties: {a: {type: string}}}}
  responses: {R: {description: r}}
"""
    text = document("3.0", operation.replace("@", target), components=components)
    (violation, _) = found(tmp_path, text)
    assert violation.endswith(f"the reference {target} leads to a response; expected a schema")


@pytest.mark.parametrize("target", ["#/paths/~1one", "#/info", "#"])
def test_the_target_of_a_link_is_an_operation(target: str, tmp_path: Path) -> None:
    """An `operationRef` to a path item, or to anything else that is no operation, is named."""
    text = document("3.1", NEW["link"].replace("$ref", "operationRef").replace("@", target))
    (violation,) = found(tmp_path, text)
    assert "link-target-missing" in violation
    assert violation.endswith("expected an operation")


@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_references_that_lead_back_to_themselves_are_told_once(version: str, tmp_path: Path) -> None:
    """A circle of references is named at its first one, and not where others lead into it."""
    operation = NEW["schema"].replace("@", "#/components/schemas/Into")
    schemas = ["Into: {$ref: '#/components/schemas/Left'}"]
    schemas += ["Left: {$ref: '#/components/schemas/Right'}", "Right: {$ref: '#/components/schemas/Left'}"]
    text = document(version, operation, components=f"components: {{schemas: {{{', '.join(schemas)}}}}}")
    told = [line for line in found(tmp_path, text) if "reference-unresolvable" in line]
    line = line_of(text, "Left: {")
    assert told == [
        f"api.yaml:{line}: reference-unresolvable: the reference #/components/schemas/Right leads back to itself"
    ]
