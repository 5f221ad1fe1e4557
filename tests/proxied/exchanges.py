"""The contract of the odd upstream, which documents some of its paths."""

from __future__ import annotations

from typing import Any

from tests.proxied.upstream import AND_CLOSED, AND_RESET, AS_THEY_ARE, BROKEN

_PETS: dict[str, Any] = {
    "type": "array",
    "items": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
}
_OPERATION: dict[str, Any] = {
    "responses": {"200": {"description": "Pets", "content": {"application/json": {"schema": _PETS}}}}
}
_UNDOCUMENTED = ("/299", "/duplicates", "/reset", "/until-the-end", "/trailers", "/large", "/silence")
"""Paths that the contract lacks, so that they are passed on unjudged."""
CONTRACT: dict[str, Any] = {
    "paths": {
        **{
            path: {"get": _OPERATION}
            for path in (*AS_THEY_ARE, *AND_CLOSED, *AND_RESET, *BROKEN)
            if path not in _UNDOCUMENTED
        },
        "/lines": {
            "get": {
                "responses": {"200": {"description": "Pets", "content": {"application/x-ndjson": {"schema": _PETS}}}}
            }
        },
        "/told": {"post": {**_OPERATION, "requestBody": {"content": {"application/json": {"schema": _PETS}}}}},
        "/swallow": {"put": _OPERATION},
        "/leave": {"post": _OPERATION},
        "/early": {"post": _OPERATION},
        "/slowly": {"get": _OPERATION},
        "/in-time": {"get": _OPERATION},
        "/blocks/{count}": {
            "parameters": [{"name": "count", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": _OPERATION,
        },
    }
}
