"""The document behind the reference of an API: whole, with the mock as its server."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.asking import contract
from support.mocking import PETS
from test_console import visitor

from tallystick.nouns import budgets

OLD = """
swagger: '2.0'
info: {title: Old, version: '1'}
host: old.example
basePath: /api
paths: {/hats: {get: {responses: {}}}}
"""
LOGIN = """
servers: [{url: 'https://example.com/v1'}]
paths: {/a: {get: {security: [{login: []}], responses: {}}}}
components:
  securitySchemes:
    login:
      type: oauth2
      description: How to log in
      flows: {implicit: {authorizationUrl: 'https://example.com/', scopes: {}}}
"""


def document(path: str, *contracts: Any, **settings: Any) -> Any:
    """The document at a path of the page."""
    reply = visitor(*contracts, **settings)(f"GET {path}")
    assert reply.status == 200
    return json.loads(reply.body)


def test_the_servers_of_the_document_are_the_mock() -> None:
    """Requests go to where the mock serves the contract: below its base path, its session, and its name if it must."""
    assert document("/_tallystick/docs/login.json", contract(LOGIN, "login"))["servers"] == [{"url": "/"}]
    assert document("/~ann/_tallystick/docs/login.json", contract(LOGIN, "login"), base_path="/api")["servers"] == [
        {"url": "/~ann/api"}
    ]
    old = document("/_tallystick/docs/old.json", contract(LOGIN, "login"), contract(OLD, "old"))
    assert (old["basePath"], "host" in old) == ("/old", False)


def test_any_token_will_do_in_the_reference() -> None:
    """A scheme of OAuth 2 would lead to the real server: it is a bearer token, with what the contract says of it."""
    schemes = document("/_tallystick/docs/login.json", contract(LOGIN, "login"))["components"]["securitySchemes"]
    assert schemes == {"login": {"type": "http", "scheme": "bearer", "description": "How to log in"}}


def test_one_contract_needs_no_list_of_references() -> None:
    """The list of references leads on where there is one; an unknown name is told."""
    visit = visitor(contract(PETS, "pets"))
    assert visit("GET /_tallystick/docs/").status == 303
    lost = visit("GET /_tallystick/docs/pet.json")
    assert (lost.status, b"there is no contract &#39;pet.json&#39;" in lost.body) == (404, True)
    both = visitor(contract(PETS, "pets"), contract(OLD, "old"))("GET /_tallystick/docs/")
    assert b"/_tallystick/docs/old" in both.body
    assert b'data-document="/_tallystick/docs/pets.json?short=1"' in visit("GET /_tallystick/docs/pets").body


def test_what_the_page_shows_of_a_schema_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A schema that leads to very many others is named where others lead to it; the document itself is whole."""
    monkeypatch.setattr(budgets, "SCHEMAS_SHOWN_WITHIN", 3)
    names = ["A", "B", "C", "D", "E"]
    schemas = {
        name: {"properties": {"next": {"$ref": f"#/components/schemas/{following}"}}}
        for name, following in zip(names, [*names[1:], "A"], strict=True)
    }
    schemas["Few"] = {"items": {"$ref": "#/components/schemas/One"}}
    schemas["One"] = {"type": "string"}
    wide = contract({"paths": {}, "components": {"schemas": schemas}}, "wide")
    assert document("/_tallystick/docs/wide.json", wide)["components"]["schemas"] == schemas
    shown = document("/_tallystick/docs/wide.json?short=1", wide)["components"]["schemas"]
    assert shown["A"]["properties"]["next"]["title"] == "B"
    assert "$ref" not in shown["A"]["properties"]["next"]
    assert shown["Few"] == schemas["Few"]


def test_references_that_double_at_each_step_fill_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in place of references has room for so many parts; further references are empty objects."""
    monkeypatch.setattr(budgets, "INLINED_PARTS", 200)
    known: dict[str, Any] = {"paths": {"/a": {"get": {"responses": {}, "callbacks": {"c": {"$ref": "#/x-0"}}}}}}
    for number in range(14):
        doubled = {name: {"$ref": f"#/x-{number + 1}"} for name in ("a", "b")}
        known[f"x-{number}"] = {"/c": {"post": {"responses": {}, "callbacks": doubled}}}
    known["x-14"] = {"/c": {"post": {"responses": {}}}}
    callback = document("/_tallystick/docs/test.json", contract(known))["paths"]["/a"]["get"]["callbacks"]["c"]
    assert set(callback["/c"]["post"]["callbacks"]) == {"a", "b"}
    assert len(json.dumps(callback)) < 20_000
