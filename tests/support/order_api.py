"""An API whose creates want what nobody can guess: a request id, a known tenant, and a token that a login gives."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

TOKEN = "the-token-that-a-login-gives"
TENANT = "acme"
_ANY = {"application/json": {"schema": {}}}
_ORDER = {
    "type": "object",
    "required": ["id", "item", "quantity"],
    "properties": {"id": {"type": "integer"}, "item": {"type": "string"}, "quantity": {"type": "integer"}},
}
_NEW_ORDER = {
    "type": "object",
    "additionalProperties": False,
    "required": ["item", "quantity"],
    "properties": {
        "item": {"type": "string", "minLength": 1},
        "quantity": {"type": "integer", "minimum": 1, "maximum": 1000},
    },
}
_LOGIN = {
    "type": "object",
    "additionalProperties": False,
    "required": ["user", "password"],
    "properties": {"user": {"type": "string"}, "password": {"type": "string"}},
}


def _refusals(*statuses: str) -> dict[str, Any]:
    return {status: {"description": "refused", "content": _ANY} for status in statuses}


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def order_document(tenant: dict[str, Any] | None = None) -> dict[str, Any]:
    """The contract; `tenant` is added to the parameter `X-Tenant`."""
    headers = [
        {"name": "X-Request-Id", "in": "header", "required": True, "schema": {"type": "string"}},
        {"name": "X-Tenant", "in": "header", "required": True, "schema": {"type": "string"}, **(tenant or {})},
    ]
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}}
    order_id = {"name": "order_id", "in": "path", "required": True, "schema": {"type": "integer"}}
    token = {"type": "object", "required": ["access_token"], "properties": {"access_token": {"type": "string"}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Orders", "version": "1"},
        "servers": [{"url": "/v1"}],
        "paths": {
            "/orders": {
                "get": {
                    "operationId": "listOrders",
                    "parameters": [limit],
                    "responses": {"200": _answer("some", {"type": "array", "items": _ORDER}), **_refusals("422")},
                },
                "post": {
                    "operationId": "createOrder",
                    "security": [{"token": []}],
                    "parameters": headers,
                    "requestBody": _body(_NEW_ORDER),
                    "responses": {"201": _answer("made", _ORDER), **_refusals("401", "403", "422")},
                },
            },
            "/orders/{order_id}": {
                "parameters": [order_id],
                "get": {
                    "operationId": "readOrder",
                    "responses": {"200": _answer("it", _ORDER), **_refusals("404", "422")},
                },
                "delete": {
                    "operationId": "deleteOrder",
                    "security": [{"token": []}],
                    "responses": {"204": {"description": "gone"}, **_refusals("401", "404", "422")},
                },
            },
            "/token": {
                "post": {
                    "operationId": "login",
                    "requestBody": _body(_LOGIN),
                    "responses": {"200": _answer("in", token), **_refusals("401", "422")},
                }
            },
        },
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def order_contract(folder: Path, tenant: dict[str, Any] | None = None) -> Path:
    """The file of the contract."""
    path = folder / "orders.json"
    path.write_text(json.dumps(order_document(tenant)))
    return path


class Refusal(Exception):
    """A refusal of a request."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers


class OrderApi:
    """The application; `created` counts its orders, `asked` the requests by method."""

    def __init__(self, base_path: str = "/v1") -> None:
        self.base_path = base_path
        self.orders: dict[int, dict[str, Any]] = {}
        self.created = 0
        self.asked: Counter[str] = Counter()

    def reset(self) -> None:
        """Forgets all orders."""
        self.orders.clear()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise RuntimeError("only HTTP is served")
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        fields = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        self.asked[scope["method"]] += 1
        more: dict[str, str] = {}
        try:
            query = scope["query_string"].decode("latin-1")
            status, value = self.answer(scope["method"], scope["raw_path"].decode("latin-1"), query, fields, body)
        except Refusal as refusal:
            status, value, more = refusal.status, {"detail": str(refusal)}, refusal.headers
        headers = [(name.encode(), text.encode()) for name, text in more.items()]
        content = b"" if value is None else json.dumps(value).encode()
        if value is not None:
            headers.append((b"content-type", b"application/json"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content})

    def answer(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        """The status and the value of an answer; raises `Refusal`."""
        path = path.removeprefix(self.base_path) if path.startswith(f"{self.base_path}/") else ""
        item = re.fullmatch(r"/orders/([^/]*)", path)
        methods = {"/orders": "GET, POST", "/token": "POST"}.get(path, "GET, DELETE" if item else "")
        if not methods:
            raise Refusal(404, "no such page")
        if method not in methods.split(", "):
            raise Refusal(405, "not here", allow=methods)
        if path == "/token":
            if _members(headers, body, {"user": str, "password": str}) != {"user": "ada", "password": "lovelace"}:
                raise Refusal(401, "wrong password")
            return 200, {"access_token": TOKEN}
        if method in ("POST", "DELETE") and headers.get("authorization") != f"Bearer {TOKEN}":
            raise Refusal(401, "who are you?")
        if method == "POST":
            return 201, self._create(headers, body)
        if item is None:
            return 200, self._list(query)
        return self._item(method, unquote(item[1]))

    def _create(self, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        if "x-request-id" not in headers:
            raise Refusal(422, "there is no X-Request-Id")
        if headers.get("x-tenant", "") != TENANT:
            raise Refusal(403 if "x-tenant" in headers else 422, "the tenant is unknown")
        members = _members(headers, body, {"item": str, "quantity": int})
        if not members["item"] or not 1 <= members["quantity"] <= 1000:
            raise Refusal(422, "out of range")
        self.created += 1
        order = {"id": self.created, **members}
        self.orders[self.created] = order
        return order

    def _list(self, query: str) -> list[dict[str, Any]]:
        given = parse_qs(query, keep_blank_values=True).get("limit", ["100"])
        if len(given) != 1 or not re.fullmatch(r"[0-9]{1,3}", given[0]) or not 1 <= int(given[0]) <= 100:
            raise Refusal(422, "limit")
        return list(self.orders.values())[: int(given[0])]

    def _item(self, method: str, text: str) -> tuple[int, Any]:
        if not re.fullmatch(r"-?[0-9]{1,50}", text):
            raise Refusal(422, "order_id")
        if int(text) not in self.orders:
            raise Refusal(404, "there is no such order")
        if method == "DELETE":
            del self.orders[int(text)]
            return 204, None
        return 200, self.orders[int(text)]


def _members(headers: dict[str, str], body: bytes, types: dict[str, type]) -> dict[str, Any]:
    """The members of a JSON object that has exactly these."""
    if "json" not in headers.get("content-type", ""):
        raise Refusal(422, "no JSON")
    try:
        value = json.loads(body, parse_constant=lambda _: None)
    except ValueError:
        raise Refusal(422, "no JSON") from None
    if not isinstance(value, dict) or set(value) != set(types):
        raise Refusal(422, "other members")
    for name, expected in types.items():
        if expected is int and isinstance(value[name], float) and value[name].is_integer():
            value[name] = int(value[name])
        if type(value[name]) is not expected:
            raise Refusal(422, name)
    return value
