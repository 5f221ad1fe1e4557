"""Each rule over sequences of exchanges has sequences that break it, and lawful ones that do not."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from support.asking import contract
from support.folders import TESTS

from tallystick.contracts.read import read_contract
from tallystick.documents import text
from tallystick.nouns.exchange import Exchange, Headers, Request, Response
from tallystick.rules.sequence.relations import RULES, relations

FOLDER = TESTS / "relations"
CONTRACT = read_contract(FOLDER / "contract.yaml")
_LINE = re.compile(
    r"(?P<method>\S+) (?P<target>\S+)(?: \[(?P<sent_fields>[^\]]*)\])?(?: (?P<sent>[{\[].*?))? -> "
    r"(?P<status>\d+)(?: \[(?P<fields>[A-Z][^\]]*)\])?(?: (?P<shown>.*))?"
)


def files() -> dict[str, Any]:
    """What each file says."""
    names = sorted(file for file in FOLDER.glob("*.yaml") if file.stem != "contract")
    return {file.stem: text.parse(file.read_text(encoding="utf-8"), str(file)) for file in names}


FILES = files()
FIRES = [(name, case) for name, said in FILES.items() for case in said["fires"]]
SILENT = [(name, case) for name, said in FILES.items() for case in said["silent"]]


def exchange(line: str) -> Exchange:
    """The exchange that a line describes."""
    match = _LINE.fullmatch(line)
    assert match is not None, line
    path, _, query = match["target"].partition("?")
    sent = fields(match["sent_fields"], match["sent"])
    request = Request(match["method"], path, query, sent, (match["sent"] or "").encode())
    shown = fields(match["fields"], match["shown"])
    return Exchange(request, Response(int(match["status"]), shown, (match["shown"] or "").encode()))


def fields(written: str | None, body: str | None) -> Headers:
    """Header fields as a line has them, and the media type of a body, where they do not name it: JSON, else a text."""
    named = [tuple(field.split(": ", 1)) for field in written.split("; ")] if written else []
    is_json = body is not None and body[:1] in "{["
    headers = tuple((name.lower(), value) for name, value in named)
    if not body or "content-type" in dict(headers):
        return headers
    return (*headers, ("content-type", "application/json" if is_json else "text/plain"))


@pytest.mark.parametrize(("name", "case"), FIRES)
def test_a_sequence_that_breaks_a_rule_is_reported(name: str, case: str) -> None:
    """Each relation names the rule, the operation to blame, the steps that show it, and what is wrong."""
    said = FILES[name]["fires"][case]
    sequence = [exchange(line) for line in said["exchanges"]]
    reported = [
        f"{each.violation.rule}: {each.subject}: {' '.join(map(str, each.steps))}: "
        f"{each.violation.where}: {each.violation.message}"
        for each in relations(CONTRACT, sequence, closed_world=FILES[name].get("closed_world", False))
    ]
    assert len(reported) == len(said["relations"]), reported
    for line, expected in zip(reported, said["relations"], strict=True):
        assert line.startswith(expected)


@pytest.mark.parametrize(("name", "case"), SILENT)
def test_a_lawful_sequence_is_not_reported(name: str, case: str) -> None:
    """A rule is silent where the contract gives no evidence, or where something else may be the reason."""
    sequence = [exchange(line) for line in FILES[name]["silent"][case]]
    assert relations(CONTRACT, sequence, closed_world=FILES[name].get("closed_world", False)) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_rule_has_a_sequence_that_breaks_it(rule: Any) -> None:
    """No rule is without a case that fires it."""
    lines = json.dumps(FILES)
    assert f"{rule.id}: " in lines


@pytest.mark.parametrize(
    ("words", "expected"),
    [("Replaces the pet.", True), ("Changes the pet.", False), ("Replaces members; what is omitted is kept.", False)],
)
def test_a_put_replaces_where_the_contract_says_so(words: str, expected: bool) -> None:
    """A contract has to say in words that its PUT leaves nothing of what was there."""
    pet = {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}
    shown = {"type": "object", "properties": {**pet["properties"], "id": {"type": "integer"}}}  # type: ignore[dict-item]
    body = {"required": True, "content": {"application/json": {"schema": pet}}}
    response = {"description": "A pet.", "content": {"application/json": {"schema": shown}}}
    path_id = {"name": "petId", "in": "path", "required": True, "schema": {"type": "integer"}}
    paths = {
        "/pets": {"post": {"requestBody": body, "responses": {"201": response}}},
        "/pets/{petId}": {
            "parameters": [path_id],
            "get": {"responses": {"200": response}},
            "put": {"summary": words, "requestBody": body, "responses": {"200": response}},
        },
    }
    api = contract(f"paths: {json.dumps(paths)}")
    lines = [
        'POST /pets {"name": "Rex", "age": 3} -> 201 {"id": 1, "name": "Rex", "age": 3}',
        'PUT /pets/1 {"name": "Max"} -> 200 {"id": 1, "name": "Max", "age": 3}',
        'GET /pets/1 -> 200 {"id": 1, "name": "Max", "age": 3}',
    ]
    rules = [each.violation.rule for each in relations(api, [exchange(line) for line in lines])]
    assert rules == (["replacement-merges"] if expected else [])
