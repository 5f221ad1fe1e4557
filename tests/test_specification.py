"""The table of the specification's demands names rules that there are, and each rule does what the table says of it."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from support.folders import ROOT

from tallystick.check.run import RULES
from tallystick.contracts.read import read_contract
from tallystick.fuzz.rules import FUZZ_RULES
from tallystick.nouns.errors import UnreadableError
from tallystick.rules.contract.document import DOCUMENT_RULES, UNREADABLE_DOCUMENT, judge_document

PAGE = (ROOT / "docs" / "specification.md").read_text(encoding="utf-8")
ROWS = [line.split(" | ") for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| demand")]
RULE_ID = re.compile(r"`([a-z]+(?:-[a-z]+)+)`")


def test_every_rule_in_the_table_exists() -> None:
    """The last column of a demand, and the first of a rule of ours, name rules of the rule table."""
    named = {name for row in ROWS for name in RULE_ID.findall(row[-1] if len(row) == 4 else row[0])}
    assert named <= {rule.id for rule in (*RULES, *FUZZ_RULES)}
    assert len(named) > 40


def test_every_rule_on_documents_is_in_the_table() -> None:
    """No rule on documents is without a demand, or a reason why it is there."""
    assert {rule.id for rule in DOCUMENT_RULES} <= set(RULE_ID.findall(PAGE))


def test_every_demand_has_a_rule_or_a_reason() -> None:
    """A demand says where it stands, in which versions, and what holds it or why nothing does."""
    demands = [row for row in ROWS if len(row) == 4]
    assert len(demands) > 80
    for row in demands:
        assert re.fullmatch(r"all|\d\.\d(( to |, )\d\.\d)*", row[2]), row
        assert RULE_ID.search(row[3]) or row[3].startswith("none: "), row


OPERATION: dict[str, Any] = {"operationId": "a", "responses": {"200": {"description": "Done"}}}
MODERN: dict[str, Any] = {
    "info": {"title": "t", "version": "1"},
    "paths": {"/a": {"get": OPERATION}},
    "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "k"}}},
    "security": [{"key": []}],
}
BASES: dict[str, dict[str, Any]] = {
    "2.0": {"swagger": "2.0", "info": MODERN["info"], "paths": MODERN["paths"]},
    **{version: {"openapi": f"{version}.0", **MODERN} for version in ("3.0", "3.1", "3.2")},
}
QUERY = {"name": "q", "in": "query", "schema": {}}
LINK = {"operationId": "a"}
CASES: list[tuple[str, str, Any, str]] = [
    ("2.0", "swagger", "2.1", "unreadable-document"),
    ("3.1", "openapi", "3.1", "field-invalid"),
    ("3.0", "paths", None, "required-field-missing"),
    ("3.0", "info", {"title": "t"}, "required-field-missing"),
    ("3.1", "inf", {}, "field-not-allowed"),
    ("3.2", "$self", "a#b", "field-invalid"),
    ("3.1", "jsonSchemaDialect", "https://example.com/unknown", "schema-dialect-unknown"),
    ("3.1", "components/schemas", {"a b": {}}, "field-invalid"),
    ("3.0", "tags", [{"name": "a"}, {"name": "a"}], "tag-declared-twice"),
    ("3.2", "tags", [{"name": "a", "parent": "b"}], "tag-parent-undeclared"),
    ("3.0", "info/contact", {"email": "nobody"}, "field-invalid"),
    ("3.1", "info/contact", {"email": "nobody"}, "field-invalid"),
    ("2.0", "externalDocs", {"url": "a b"}, "field-invalid"),
    ("3.2", "externalDocs", {"url": "a b"}, "field-invalid"),
    ("3.1", "info/license", {"name": "n", "url": "a", "identifier": "b"}, "field-not-allowed"),
    ("2.0", "host", "http://example.com", "field-invalid"),
    ("2.0", "basePath", "v1", "field-invalid"),
    ("2.0", "schemes", ["ftp"], "field-invalid"),
    ("3.1", "servers", [{"url": "https://example.com?a=1"}], "server-url-malformed"),
    ("3.0", "servers", [{"url": "{a}", "variables": {"a": {}}}], "required-field-missing"),
    ("3.1", "servers", [{"url": "{a}", "variables": {"a": {"enum": [], "default": "b"}}}], "field-invalid"),
    (
        "3.0",
        "servers",
        [{"url": "{a}", "variables": {"a": {"enum": ["c"], "default": "b"}}}],
        "server-default-not-allowed",
    ),
    ("3.0", "paths/b", {}, "field-not-allowed"),
    ("3.0", "paths/~1a~1{b}", {"get": OPERATION}, "path-parameter-undefined"),
    ("3.2", "paths/~1a/additionalOperations", {"POST": OPERATION}, "field-invalid"),
    ("2.0", "paths/~1a/get", {"operationId": "a"}, "required-field-missing"),
    ("3.0", "paths/~1a/get", {"operationId": "a"}, "required-field-missing"),
    ("2.0", "consumes", ["json"], "field-invalid"),
    ("3.0", "paths/~1a/get/parameters", [QUERY, QUERY], "parameter-defined-twice"),
    ("3.0", "paths/~1a/get/parameters", [{**QUERY, "in": "body"}], "field-invalid"),
    ("3.0", "paths/~1a/parameters", [{**QUERY, "in": "path"}], "required-field-missing"),
    ("2.0", "paths/~1a/get/parameters", [{"name": "f", "in": "query", "type": "file"}], "field-invalid"),
    ("3.0", "paths/~1a/get/parameters", [{"name": "q", "in": "query"}], "required-field-missing"),
    ("3.1", "paths/~1a/get/parameters", [{**QUERY, "content": {"a/b": {}}}], "field-invalid"),
    ("3.1", "paths/~1a/get/parameters", [{"name": "q", "in": "query", "content": {}}], "field-invalid"),
    ("3.0", "paths/~1a/get/parameters", [{**QUERY, "style": "matrix"}], "field-invalid"),
    ("3.1", "paths/~1a/get/parameters", [{**QUERY, "in": "header", "allowEmptyValue": True}], "field-not-allowed"),
    ("3.1", "paths/~1a/get/parameters", [{**QUERY, "example": 1, "examples": {}}], "field-invalid"),
    ("3.2", "paths/~1a/get/parameters", [{**QUERY, "in": "querystring"}], "required-field-missing"),
    ("3.0", "paths/~1a/get/responses/200/headers", {"X": {"name": "X", "schema": {}}}, "field-not-allowed"),
    ("3.1", "paths/~1a/get/responses/200/headers", {"X": {"in": "header", "schema": {}}}, "field-not-allowed"),
    ("3.1", "paths/~1a/get/responses/200/headers", {"X": {"style": "form", "schema": {}}}, "field-invalid"),
    ("3.0", "paths/~1a/get/requestBody", {}, "required-field-missing"),
    ("3.0", "paths/~1a/get/responses", {}, "field-invalid"),
    ("3.0", "paths/~1a/get/responses/600", {"description": "d"}, "field-not-allowed"),
    ("3.1", "paths/~1a/get/responses/200", {}, "response-without-description"),
    ("3.0", "paths/~1a/get/responses/200/links", {"l": {}}, "required-field-missing"),
    ("3.2", "paths/~1a/get/responses/200/links", {"l": {}}, "required-field-missing"),
    ("3.0", "paths/~1a/get/responses/200/links", {"l": {**LINK, "operationRef": "#/paths/~1a/get"}}, "field-invalid"),
    ("3.0", "paths/~1a/get/responses/200/content", {"a/b": {"example": 1, "examples": {}}}, "field-invalid"),
    ("3.1", "components/examples", {"e": {"value": 1, "externalValue": "a"}}, "field-invalid"),
    ("3.0", "components/schemas", {"S": {"type": ["string"]}}, "keyword-of-other-version"),
    ("3.0", "components/schemas", {"S": {"items": [{}]}}, "schema-invalid"),
    ("2.0", "definitions", {"S": {"oneOf": [{}]}}, "keyword-of-other-version"),
    ("3.1", "components/schemas", {"S": {"minLength": "1"}}, "schema-invalid"),
    ("3.0", "components/schemas", {"S": {"xml": {"namespace": "relative"}}}, "schema-invalid"),
    ("3.2", "components/schemas", {"S": {"xml": {"nodeType": "text", "wrapped": True}}}, "schema-invalid"),
    (
        "3.0",
        "components/securitySchemes/o",
        {"type": "oauth2", "flows": {"implicit": {"scopes": {}}}},
        "required-field-missing",
    ),
    ("3.0", "security", [{"nobody": []}], "security-scheme-undefined"),
    ("3.0", "security", [{"key": ["admin"]}], "scopes-not-allowed"),
]


def rules_of(document: object, file: Path) -> set[str]:
    """The ids of the rules that a document breaks."""
    file.write_text(json.dumps(document))
    try:
        return {violation.rule for violation in judge_document(read_contract(file))}
    except UnreadableError:
        return {UNREADABLE_DOCUMENT.id}


def changed(version: str, pointer: str, value: object) -> dict[str, Any]:
    """The sound document of a version with one part set to a value; None takes the part away."""
    document = deepcopy(BASES[version])
    *way, key = [step.replace("~1", "/") for step in pointer.split("/")]
    part = document
    for step in way:
        part = part[step]
    if value is None:
        del part[key]
    else:
        part[key] = value
    return document


@pytest.mark.parametrize("version", BASES)
def test_a_sound_document_breaks_no_rule(version: str, tmp_path: Path) -> None:
    """The documents of which one part is changed below are sound."""
    assert rules_of(BASES[version], tmp_path / "api.json") <= {"component-unused"}


@pytest.mark.parametrize(("version", "pointer", "value", "rule"), CASES, ids=lambda part: str(part)[:40])
def test_a_demand_is_held_by_its_rule(version: str, pointer: str, value: object, rule: str, tmp_path: Path) -> None:
    """A document that breaks one demand of the table breaks the rule that the table names."""
    assert rule in rules_of(changed(version, pointer, value), tmp_path / "api.json")
