"""Schemas that nobody writes on purpose: each is judged in a moment, and no fault of theirs stops a check."""

from __future__ import annotations

import time
from typing import Any

import pytest
from support.asking import contract

from tallystick.rules.contract import unfit
from tallystick.rules.contract.document import judge_document
from tallystick.schemas.bundle import Bundle


def rules_of(schemas: dict[str, Any], version: str = "3.1.0") -> list[str]:
    """The rules that a document with some named schemas breaks."""
    document = {"openapi": version, "info": {"title": "T", "version": "1"}, "paths": {}}
    violations = judge_document(contract({**document, "components": {"schemas": schemas}}))
    return [violation.rule for violation in violations]


@pytest.mark.parametrize("wrong", [{}, [{}], [["string"]], 5, None])
def test_a_type_of_any_kind_is_told(wrong: Any) -> None:
    """A `type` that is no name is one violation, also beside the types of other parts and branches."""
    parts = {"allOf": [{"type": wrong}, {"type": "string"}]}
    beside = {"type": wrong, "anyOf": [{"type": "string"}]}
    assert rules_of({"A": parts}) == ["schema-invalid"]
    assert rules_of({"A": beside}) == ["schema-invalid"]


def test_suspects_are_proved_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Schemas that refer to each other are compiled once for each direction, however many may contradict themselves."""
    bundles: list[Bundle] = []

    def counted(*arguments: Any) -> Bundle:
        bundles.append(Bundle(*arguments))
        return bundles[-1]

    monkeypatch.setattr(unfit, "Bundle", counted)
    twins = {"oneOf": [{"type": "string"}, {"type": "string"}]}
    following = {f"S{number}": {"$ref": f"#/components/schemas/S{number + 1}"} for number in range(20)}
    schemas = {name: {**twins, "properties": {"next": ref}} for name, ref in following.items()}
    assert rules_of({**schemas, "S20": {}}) == ["schema-fits-nothing"] * 20
    assert len(bundles) == 2


def test_a_part_that_many_ways_lead_to_speaks_once() -> None:
    """A schema that stands in an `allOf` by thousands of ways is told once, with one place."""
    ref = "#/components/schemas/S"
    ways = {f"S{number}": {"allOf": [{"$ref": f"{ref}{number + 1}"}] * 2} for number in range(12)}
    last = {"properties": {"secret": {"type": "string", "writeOnly": True}}}
    media_type = {"schema": {"$ref": f"{ref}0"}, "example": {"secret": "s"}}
    response = {"description": "d", "content": {"application/json": media_type}}
    paths = {"/": {"get": {"operationId": "ask", "responses": {"200": response}}}}
    (violation,) = judge_document(contract({"paths": paths, "components": {"schemas": {**ways, "S12": last}}}))
    assert (violation.rule, "likewise" in violation.message) == ("write-only-in-response", False)


def test_a_dynamic_reference_that_leads_nowhere_is_told() -> None:
    """A `$dynamicRef` is a reference, from OpenAPI 3.1 on; before, it is no keyword."""
    lost = {"type": "array", "items": {"$dynamicRef": "#nowhere"}}
    sound = {"$dynamicAnchor": "node", "items": {"$dynamicRef": "#node"}}
    assert rules_of({"A": lost, "B": sound}) == ["reference-unresolvable"]
    assert "reference-unresolvable" not in rules_of({"A": lost}, "3.0.3")


def test_a_name_is_no_branch() -> None:
    """A text where `anyOf` has a list of schemas gets no hint to put it into a list, which would be wrong as well."""
    document = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}}
    schemas = {"A": {"anyOf": "B"}, "B": {"required": "b"}}
    messages = [each.message for each in judge_document(contract({**document, "components": {"schemas": schemas}}))]
    assert messages == [
        '`anyOf`: "B" is a string; expected an array',
        '`required`: "b" is a string; expected an array; write `required: [b]`',
    ]


def test_components_that_lead_nowhere_hide_nothing() -> None:
    """A `$ref` in place of `components` that leads nowhere is told beside the other violations of the document."""
    document = {"openapi": "3.0.3", "info": {"title": "T"}, "paths": {}, "components": {"$ref": "#/nowhere"}}
    rules = {violation.rule for violation in judge_document(contract(document))}
    assert rules == {"required-field-missing", "reference-unresolvable", "reference-not-allowed"}


def test_a_check_of_many_branches_ends_soon() -> None:
    """To prove that a `oneOf` with two equal branches fits nothing, few branches are compared; the rest is proved."""
    bad = {"type": "string", "minLength": 5, "maxLength": 3}
    for count, rules in ((1, ["schema-fits-nothing"] * 2), (400, ["schema-fits-nothing"])):
        branches = [{"maxLength": 5 + number} for number in range(count)]
        start = time.process_time()
        assert rules_of({"A": {"oneOf": [*branches, branches[0]]}, "B": bad}) == rules
        assert time.process_time() - start < 4


def test_branches_that_are_told_apart_are_many() -> None:
    """A `oneOf` of hundreds of branches with a constant each keeps no schema that leads to it from being proved."""
    kinds = {f"K{number}": {"required": ["k"], "properties": {"k": {"const": number}}} for number in range(300)}
    every = {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in kinds]}
    bad = {"type": "string", "allOf": [{"type": "integer"}], "properties": {"one": {"oneOf": list(kinds.values())}}}
    assert rules_of({**kinds, "Every": every, "Bad": bad}) == ["schema-fits-nothing"]
