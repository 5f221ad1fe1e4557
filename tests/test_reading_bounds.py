"""Reading, checking and judging end soon, whatever the references, aliases and branches of a document do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from support.asking import contract, request, schema
from support.checking import checked, lines
from support.commands import run
from support.values import ref

from tallystick.examples.samples import body_sample
from tallystick.nouns import budgets
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.exchange import Exchange, Response
from tallystick.nouns.node import Node
from tallystick.nouns.schema import Direction
from tallystick.rules.contract.left_out import left_out
from tallystick.rules.judge import judge

SECONDS = 10
RESPONSES = {"200": {"description": "Done"}}


def document(schemas: dict[str, Any], **components: Any) -> dict[str, Any]:
    """A contract whose one operation answers with the schema `S0`."""
    content = {"application/json": {"schema": ref("S0")}}
    operation = {"operationId": "a", "responses": {"200": {"description": "Done", "content": content}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": operation}},
        "components": {"schemas": schemas, **components},
    }


def chain(length: int, step: Callable[[dict[str, Any]], Any], end: Any = True) -> dict[str, Any]:
    """Schemas `S0`, `S1` and so on, each made by a step from the reference to the next one, up to an end."""
    return {**{f"S{index}": step(ref(f"S{index + 1}")) for index in range(length)}, f"S{length}": end}


def found(folder: Path, value: dict[str, Any]) -> list[str]:
    """What a check finds in a document, which ends in time; unused components are left out."""
    file = folder / "api.json"
    file.write_text(json.dumps(value, indent=0))
    started = process_time()
    violations = lines(checked(file))
    assert process_time() - started < SECONDS
    return [line for line in violations if "component-unused" not in line]


DOUBLING: dict[str, Callable[[dict[str, Any]], Any]] = {
    "allOf": lambda to: {"allOf": [to, to]},
    "anyOf": lambda to: {"anyOf": [to, to]},
    "oneOf": lambda to: {"oneOf": [to, {"title": "the other", **to}]},
    "not and if": lambda to: {"not": to, "if": to, "then": to},
    "dependent schemas": lambda to: {"dependentSchemas": {"a": to, "b": to}},
    "unevaluated properties": lambda to: {"allOf": [to, to], "unevaluatedProperties": {"type": "integer"}},
}


@pytest.mark.parametrize("step", DOUBLING.values(), ids=DOUBLING)
@pytest.mark.parametrize("length", [22, 40, 200])
def test_references_that_double_at_each_step_are_told_and_judged_in_time(
    step: Callable[[dict[str, Any]], Any], length: int, tmp_path: Path
) -> None:
    """Schemas that refer to the next one twice each are told by `check` where they are too many, and refuse values."""
    value = document(chain(length, step, {"type": "string"}))
    told = [line for line in found(tmp_path, value) if "schema-too-branched" in line]
    assert 1 <= len([line for line in told if "no value is judged by" in line]) <= 2
    started = process_time()
    exchange = Exchange(request("GET /a"), Response(200, (("content-type", "application/json"),), b'{"a": 1, "b": 2}'))
    (violation,) = judge(contract(value).operations[0], exchange)
    assert "cannot be judged" in violation.message
    assert process_time() - started < SECONDS


def test_references_that_double_in_the_value_judge_a_value_as_it_is() -> None:
    """Where each property of an object is of the next schema, a value of few levels is judged in full."""

    def step(to: dict[str, Any]) -> dict[str, Any]:
        return {"type": "object", "required": ["a"], "properties": {"a": to, "b": to}}

    (operation,) = contract(document(chain(40, step))).operations
    body: dict[str, Any] = {"a": {"a": {}}}
    answer = Response(200, (("content-type", "application/json"),), json.dumps(body).encode())
    (violation,) = judge(operation, Exchange(request("GET /a"), answer))
    assert violation.where == "response.body/a/a"


def test_a_schema_that_applies_itself_twice_to_each_member_tells_no_more_reasons_than_are_bounded() -> None:
    """A circle of references that doubles with each level of a value refuses a deep value without all its reasons."""
    twice = {"allOf": [{"properties": {"a": ref("S0")}}, {"properties": {"a": ref("S0")}}], "type": "object"}
    (operation,) = contract(document({"S0": twice})).operations
    for depth, reasons in ((3, 1), (30, 0)):
        body = b'{"a":' * depth + b"1" + b"}" * depth
        answer = Response(200, (("content-type", "application/json"),), body)
        started = process_time()
        (violation,) = judge(operation, Exchange(request("GET /a"), answer))
        assert ("expected an object" in violation.message) is bool(reasons)
        assert process_time() - started < SECONDS


@pytest.mark.parametrize("branches", [1000, 10_000])
def test_a_wide_choice_is_judged_in_full(branches: int) -> None:
    """A `oneOf` of thousands of objects is no doubling: a value is judged, and told why it does not fit."""
    value = {"oneOf": [{"type": "object", "required": [f"p{index}"]} for index in range(branches)]}
    choice = schema(value)
    assert choice.is_valid({"p3": 1}, Direction.REQUEST)
    (error,) = choice.errors({"q": 1}, Direction.REQUEST)
    assert f"fits none of {branches} schemas" in error.message


@pytest.mark.parametrize("section", ["parameters", "responses", "examples", "requestBodies", "pathItems", "headers"])
def test_a_chain_of_references_is_told_once_where_it_gets_too_long(section: str, tmp_path: Path) -> None:
    """Of ten thousand references in a row, the one with a hundred others before the end is told."""
    ends: dict[str, Any] = {
        "parameters": {"name": "q", "in": "query", "schema": {}},
        "responses": {"description": "Done"},
        "examples": {"value": 1},
        "requestBodies": {"content": {}},
        "pathItems": {"get": {"operationId": "b", "responses": RESPONSES}},
        "headers": {"schema": {}},
    }
    links = {f"P{index}": {"$ref": f"#/components/{section}/P{index + 1}"} for index in range(10_000)}
    told = found(tmp_path, document({"S0": True}, **{section: {**links, "P10000": ends[section]}}))
    (line,) = [line for line in told if "reference-unresolvable" in line]
    assert f"/P9900 leads to more than {budgets.REFERENCE_CHAIN} others" in line


def test_a_chain_of_a_hundred_references_is_followed(tmp_path: Path) -> None:
    """As many references in a row as the budget allows lead to what stands at their end."""
    value = document({"S0": True}, parameters={f"P{index}": {} for index in range(budgets.REFERENCE_CHAIN)})
    for index in range(budgets.REFERENCE_CHAIN - 1):
        value["components"]["parameters"][f"P{index}"] = {"$ref": f"#/components/parameters/P{index + 1}"}
    last = f"P{budgets.REFERENCE_CHAIN - 1}"
    value["components"]["parameters"][last] = {"name": "q", "in": "query", "schema": {}}
    value["paths"]["/a"]["get"]["parameters"] = [{"$ref": "#/components/parameters/P0"}]
    assert found(tmp_path, value) == []
    assert [parameter.name for parameter in contract(value).operations[0].parameters] == ["q"]


def test_a_long_circle_of_references_is_told_once(tmp_path: Path) -> None:
    """Ten thousand references that lead back to the first one are one violation."""
    links = {f"P{index}": {"$ref": f"#/components/headers/P{(index + 1) % 10_000}"} for index in range(10_000)}
    (line,) = found(tmp_path, document({"S0": True}, headers=links))
    assert "leads back to itself" in line


@pytest.mark.parametrize("leads_to", [0, 2_000, 3_900])
def test_a_long_chain_without_an_end_is_followed_once(leads_to: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each reference of a circle, and of a long way into one, is followed a few times, however many there are."""
    count = 4_000
    links = {f"P{index}": {"$ref": f"#/components/headers/P{index + 1}"} for index in range(count)}
    value = document({"S0": True}, headers={**links, f"P{count}": {"$ref": f"#/components/headers/P{leads_to}"}})
    described = contract(value)
    followed, target = [0], Node.target

    def counted(node: Node, to: str) -> Node:
        followed[0] += 1
        return target(node, to)

    monkeypatch.setattr(Node, "target", counted)
    (fact,) = [each.message for each in left_out(described)]
    assert "leads back to itself" in fact
    assert followed[0] < 10 * count


@pytest.mark.parametrize("more", [{}, {"title": "T"}])
def test_a_long_circle_of_schemas_is_like_a_short_one(more: dict[str, Any]) -> None:
    """Hundreds of schemas that refer to one another in a circle let through what one that refers to itself does."""
    verdicts = []
    for length in (1, 500):
        value = document({f"S{index}": {**ref(f"S{(index + 1) % length}"), **more} for index in range(length)})
        (operation,) = contract(value).operations
        (body,) = operation.responses[0].content
        sample = body_sample(body, Direction.RESPONSE)
        assert sample is not None
        answer = Response(200, (("content-type", "application/json"),), json.dumps(sample.value).encode())
        verdicts.append(list(judge(operation, Exchange(request("GET /a"), answer))))
    assert verdicts == [[], []]


def test_a_chain_of_files_is_read_as_far_as_its_budget(tmp_path: Path) -> None:
    """Files that each refer to the next one are told at the file that is one too far from the end."""
    for index in range(300):
        (tmp_path / f"f{index}.json").write_text(json.dumps({"$ref": f"f{index + 1}.json"}))
    (tmp_path / "f300.json").write_text("{}")
    (line,) = found(tmp_path, document({"S0": {"$ref": "f0.json"}}))
    assert line.startswith("f199.json:1: reference-unresolvable")


@pytest.mark.parametrize("keyword", ["allOf", "oneOf"])
def test_schemas_far_inside_one_another_are_told_once(keyword: str, tmp_path: Path) -> None:
    """A chain of compositions with thousands of schemas for one value is one violation, and refuses values."""
    value = document(chain(4000, lambda to: {keyword: [to], "required": ["a"]}, {"type": "string"}))
    (line,) = [line for line in found(tmp_path, value) if "schema-too-branched" in line]
    assert f"more than {budgets.SCHEMA_STEPS} schemas" in line


@pytest.mark.parametrize("kind", ["allOf", "properties"])
def test_aliases_that_double_are_refused_with_their_line(kind: str, tmp_path: Path) -> None:
    """YAML whose aliases stand for more than a million values is refused where they get too many."""
    inner = "allOf: [*a{0}, *a{0}]" if kind == "allOf" else "properties: {{p: *a{0}, q: *a{0}}}"
    rows = [f"  s{index + 1}: &a{index + 1} {{{inner.format(index)}}}" for index in range(30)]
    file = tmp_path / "api.yaml"
    file.write_text("\n".join(["openapi: 3.1.0", "x-schemas:", "  s0: &a0 {type: string}", *rows, "paths: {}"]))
    (line,) = lines(checked(file))
    assert f"the aliases expand to more than {budgets.ALIAS_NODES:,} nodes" in line


def test_an_alias_is_compiled_once() -> None:
    """A schema that aliases repeat ten thousand times is compiled as one, and judges as if it were written out."""
    rows = [f"  s{index + 1}: &a{index + 1} {{properties: {{p: *a{index}, q: *a{index}}}}}" for index in range(13)]
    text = ["x-schemas:", "  s0: &a0 {type: string}", *rows, "paths: {/a: {get: {responses: {'200': "]
    source = "\n".join(text) + "{description: Done, content: {application/json: {schema: *a13}}}}}}}"
    (operation,) = contract(source).operations
    body = b'{"p":' * 13 + b"1" + b"}" * 13
    (violation,) = judge(
        operation, Exchange(request("GET /a"), Response(200, (("content-type", "application/json"),), body))
    )
    assert violation.where == "response.body" + "/p" * 13
    assert violation.message == "1 is an integer; expected a string"
    assert violation.contract.path[-1] == "type"


def test_many_schema_resources_and_anchors_are_found_in_time(tmp_path: Path) -> None:
    """Ten thousand schemas with an `$id` or an anchor of their own, each with a reference to the next, are judged."""
    identified = {
        f"S{index}": {"$id": f"https://example.com/{index}", "properties": {"a": {"$ref": str(index + 1)}}}
        for index in range(10_000)
    }
    identified["S10000"] = {"$id": "https://example.com/10000"}
    assert found(tmp_path, document(identified)) == []
    anchored = {f"S{index}": {"$anchor": f"n{index}", "items": {"$ref": f"#n{index + 1}"}} for index in range(10_000)}
    anchored["S10000"] = {"$dynamicAnchor": "n10000", "type": "string"}
    started = process_time()
    (operation,) = contract(document(anchored)).operations
    answer = Response(200, (("content-type", "application/json"),), b"[[1]]")
    assert judge(operation, Exchange(request("GET /a"), answer)) == []
    assert process_time() - started < SECONDS


def test_many_errors_without_a_warning_are_grouped(tmp_path: Path) -> None:
    """A check with hundreds of errors and no warning is reported by rule."""
    properties = {f"p{index}": {"type": f"t{index}"} for index in range(400)}
    file = tmp_path / "api.json"
    file.write_text(json.dumps(document({"S0": {"properties": properties}})))
    assert "... and" in run("check", str(file)).stdout


def test_an_unreadable_alias_names_its_line() -> None:
    """An alias without an anchor is told as before."""
    with pytest.raises(UnreadableError, match="has no anchor"):
        contract("paths: *nowhere")


def test_thousands_of_wrong_names_are_told_in_time(tmp_path: Path) -> None:
    """The first wrong names come with the one that was meant; later ones, and very long ones, are told without."""
    names = {f"colour{index}": {"type": "string"} for index in range(10_000)}
    wrong = [f"colr{index}" for index in range(10_000)]
    told = found(tmp_path, document({"S0": {"type": "object", "required": wrong, "properties": names}}))
    assert len(told) == len(wrong)
    assert "did you mean" in told[0]
    assert "did you mean" not in told[-1]
    unknown = found(tmp_path, document({"S0": ref("x" * 1_000_000), "x" * 900_000: True}))
    assert any("reference-unresolvable" in line for line in unknown)


TREE = {"properties": {"a": {"type": "integer"}, "below": {"type": "array", "items": ref("S0")}}}
LIST = {"properties": {"below": {"type": "array", "items": {"properties": {"a": {"type": "integer"}}}}}}


@pytest.mark.parametrize("wrong", [1, 40_000])
@pytest.mark.parametrize("schema_", [TREE, LIST], ids=["a schema that refers to itself", "a plain one"])
def test_a_large_value_is_told_where_it_does_not_fit(schema_: dict[str, Any], wrong: int) -> None:
    """Of forty thousand items, the wrong ones are told with the reason, as many as are told of any body."""
    items = [{"a": "wrong"}] * wrong + [{"a": 1}] * (40_000 - wrong)
    answer = Response(200, (("content-type", "application/json"),), json.dumps({"below": items}).encode())
    (operation,) = contract(document({"S0": schema_})).operations
    started = process_time()
    first, *others = judge(operation, Exchange(request("GET /a"), answer))
    assert process_time() - started < SECONDS
    assert first.where == "response.body/below/0/a"
    assert '"wrong" is a string; expected an integer' in first.message
    assert len(others) == (budgets.VIOLATIONS if wrong > 1 else 0)


def test_a_long_row_of_alternatives_is_judged(tmp_path: Path) -> None:
    """Ninety `else` one inside the other, as deep as a document may be, are no violation, and judge a value."""
    ladder: dict[str, Any] = {"required": ["last"]}
    for number in range(90):
        ladder = {"if": {"properties": {"a": {"const": number}}}, "then": {"required": ["b"]}, "else": ladder}
    assert found(tmp_path, document({"S0": ladder})) == []
    (operation,) = contract(document({"S0": ladder})).operations
    answer = Response(200, (("content-type", "application/json"),), b'{"a": 80}')
    (violation,) = judge(operation, Exchange(request("GET /a"), answer))
    assert "'b' is missing" in violation.message


@pytest.mark.parametrize(
    "value",
    [
        {"allOf": [{"required": [f"p{index}"], "properties": {f"p{index}": {}}} for index in range(15_000)]},
        {"allOf": [{"enum": [f"{letter}{index}" for index in range(30_000)]} for letter in "ab"]},
        {"type": "object", "required": [f"p{index}" for index in range(30_000)], "additionalProperties": False},
    ],
    ids=["properties of many parts", "two large enumerations", "many properties that are not allowed"],
)
def test_a_wide_schema_is_checked_for_contradictions_in_time(value: dict[str, Any], tmp_path: Path) -> None:
    """Whether any value fits is found in time for schemas with thousands of parts, properties or values."""
    fits = "properties" in value["allOf"][0] if "allOf" in value else False
    assert any("schema-fits-nothing" in line for line in found(tmp_path, document({"S0": value}))) is not fits


def test_a_reference_of_any_length_is_told_in_a_few_words(tmp_path: Path) -> None:
    """What is too long to be a reference is not followed, and no message repeats it as a whole."""
    long = document({"S0": ref("a" * budgets.REFERENCE_CHARACTERS)})
    (told,) = [line for line in found(tmp_path, long) if "the reference" in line]
    assert " characters; at most 20,000 are followed" in told
    assert len(told) < 300
