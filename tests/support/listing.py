"""Builders for the tests of lists in replies: an operation that lists, and what its mock answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from support.asking import asker, contract

WHOLE, TEXT, FLAG = {"type": "integer"}, {"type": "string"}, {"type": "boolean"}
USER = {
    "type": "object",
    "required": ["id", "name", "role"],
    "properties": {
        "id": WHOLE,
        "name": TEXT,
        "role": {"enum": ["admin", "member", "guest"]},
        "age": WHOLE,
        "teamId": TEXT,
        "address": {"type": "object", "properties": {"city": TEXT}},
    },
}
USERS = {"type": "array", "items": USER}
AUTHORED = [{"id": 7, "name": "Ada", "role": "admin"}, {"id": 3, "name": "Grace", "role": "member"}]

Get = Callable[[str], Any]
"""Sends a GET to `/users` with a query (or to another URL), and gives the JSON of the answer."""


def of(**properties: Any) -> dict[str, Any]:
    """A schema of an envelope with these members, all of them required."""
    return {"type": "object", "required": list(properties), "properties": properties}


def listing(
    schema: Any, *parameters: Any, path: str = "/users", headers: Any = None, example: Any = None, **settings: Any
) -> Get:
    """A mock of one GET that documents a list; query parameters are names of numbers, or definitions."""
    described = [
        each if isinstance(each, dict) else {"name": each, "in": "query", "schema": WHOLE} for each in parameters
    ]
    content = {"schema": schema, **({} if example is None else {"example": example})}
    response = {"description": "All", "headers": headers or {}, "content": {"application/json": content}}
    ask = asker(
        contract({"paths": {path: {"get": {"parameters": described, "responses": {"200": response}}}}}), **settings
    )

    def get(query: str = "") -> Any:
        parts = urlsplit(query if "/" in query else f"{path}?{query}")
        response = ask(f"GET {parts.path}?{parts.query}", {"Host": "localhost:4010"})
        get.headers = dict(response.headers)  # type: ignore[attr-defined]
        assert response.status == 200, response.body
        return json.loads(response.body)

    return get


def query(name: str, schema: Any = None, **fields: Any) -> dict[str, Any]:
    """A query parameter; its values are texts where no schema is given."""
    return {"name": name, "in": "query", "schema": schema or TEXT, **fields}


def ids(rows: Any) -> list[Any]:
    """The ids of rows."""
    return [row["id"] for row in rows]
