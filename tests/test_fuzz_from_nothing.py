"""Findings of a fuzz run that begin with nothing: the rows and resources that they need are created first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.fuzzing import written

from tallystick.contracts.read import read_contract
from tallystick.fuzz.engine import execute
from tallystick.fuzz.findings import Finding
from tallystick.fuzz.settings import IN_PROCESS, Settings, select_operations

ITEM = {
    "type": "object",
    "required": ["id", "name", "quantity"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string", "maxLength": 40},
        "quantity": {"type": "integer", "default": 1},
    },
}
NEW_ITEM = {**ITEM, "required": ["name"], "properties": {k: v for k, v in ITEM["properties"].items() if k != "id"}}  # type: ignore[attr-defined] # it is a dict
CHANGE = {"type": "object", "properties": {"name": {"type": "string"}, "quantity": {"type": "integer"}}}
PAGE = {
    "type": "object",
    "required": ["items", "total"],
    "properties": {"items": {"type": "array", "items": ITEM}, "total": {"type": "integer"}},
}
_ID = {"name": "item_id", "in": "path", "required": True, "schema": {"type": "integer"}}
_LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 50, "default": 5}}


def _json(schema: Any) -> dict[str, Any]:
    return {"description": "", "content": {"application/json": {"schema": schema}}}


def contract_file(folder: Path) -> Path:
    """The contract of the API."""
    refusals = {status: {"description": "refused"} for status in ("400", "404", "405", "422")}
    paths = {
        "/items": {
            "get": {"parameters": [_LIMIT], "responses": {"200": _json(PAGE), **refusals}},
            "post": {
                "requestBody": {"required": True, **_json(NEW_ITEM)},
                "responses": {"201": _json(ITEM), **refusals},
            },
        },
        "/items/{item_id}": {
            "parameters": [_ID],
            "get": {"responses": {"200": _json(ITEM), **refusals}},
            "patch": {
                "requestBody": {"required": True, **_json(CHANGE)},
                "responses": {"200": _json(ITEM), **refusals},
            },
            "delete": {"responses": {"204": {"description": "gone"}, **refusals}},
        },
    }
    return written(folder, paths)


class Items:
    """The application, with one fault at a time."""

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.items: dict[int, dict[str, Any]] = {}
        self.last = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise RuntimeError("only HTTP is served")
        body = (await receive()).get("body", b"")
        status, value = self.answer(scope["method"], scope["path"], scope["query_string"].decode(), body)
        await send(
            {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]}
        )
        await send({"type": "http.response.body", "body": json.dumps(value).encode() if status != 204 else b""})

    def answer(self, method: str, path: str, query: str, body: bytes) -> tuple[int, Any]:
        """The status and the value of the answer to a request."""
        members = _members(body) if method in ("POST", "PATCH") else {}
        if members is None:
            return 422, {}
        if path == "/items":
            return self.listed(query) if method == "GET" else self.create(members)
        name = path.removeprefix("/items/")
        item = self.items.get(int(name)) if name.isdecimal() else None
        if item is None:
            return 404, {}
        if method == "PATCH":
            kept = {**item, "quantity": 1} if self.fault == "reset" else item
            item = self.items[item["id"]] = {**kept, **members}
        if method == "DELETE":
            if self.fault != "kept":
                del self.items[item["id"]]
            return 204, None
        return 200, item

    def listed(self, query: str) -> tuple[int, Any]:
        """A page of the items."""
        text = query.removeprefix("limit=") if query.startswith("limit=") else "5"
        if not (text.isdecimal() and 1 <= int(text) <= 50):
            return 422, {}
        rows = [*self.items.values()][: 100 if self.fault == "unpaged" else int(text)]
        return 200, {"items": rows, "total": len(self.items) + (self.fault == "total")}

    def create(self, members: dict[str, Any]) -> tuple[int, Any]:
        """Keeps an item."""
        if "name" not in members:
            return 422, {}
        self.last += 1
        self.items[self.last] = {"id": self.last, "quantity": 1, **members}
        return 201, self.items[self.last]


def _members(body: bytes) -> dict[str, Any] | None:
    """The members of a body; None where it is not valid."""
    try:
        value = json.loads(body)
        json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not isinstance(value.get("name", ""), str) or len(value.get("name", "")) > 40:
        return None
    quantity = value.get("quantity", 1)
    if isinstance(quantity, bool) or not isinstance(quantity, (int, float)) or quantity % 1:
        return None
    return {name: value[name] for name in ("name", "quantity") if name in value}


def findings(folder: Path, fault: str) -> list[Finding]:
    """What a run finds in the application with a fault, but what is not of sequences."""
    contract = read_contract(contract_file(folder))
    settings = Settings(IN_PROCESS, "", 1, select_operations(contract, (), ()), Items(fault), max_examples=2)
    rules = ("total-disagrees", "page-size-ignored", "use-after-free", "update-resets")
    return [each for each in execute(contract, settings, lambda _: None).findings if each.rule in rules]


@pytest.mark.parametrize(
    ("fault", "rule", "requests"),
    [
        ("total", "total-disagrees", ["GET"]),
        ("unpaged", "page-size-ignored", ["POST", "POST", "GET"]),
        ("kept", "use-after-free", ["POST", "DELETE", "GET"]),
        ("reset", "update-resets", ["POST", "PATCH"]),
    ],
)
def test_a_finding_creates_what_it_needs(tmp_path: Path, fault: str, rule: str, requests: list[str]) -> None:
    """The requests of a finding show it on a server that has nothing yet, and were seen to show it each time."""
    (finding,) = findings(tmp_path, fault)
    methods = [step.request.method for step in finding.sequence]
    assert (finding.rule, methods, finding.again, finding.tries) == (rule, requests, True, None)


def test_a_sound_application_has_no_finding(tmp_path: Path) -> None:
    """An application without a fault keeps, pages and counts its items."""
    assert findings(tmp_path, "") == []
