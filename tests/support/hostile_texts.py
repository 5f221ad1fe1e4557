"""Texts that would command a terminal or a CI service, documents that have them, and what a line may hold."""

from __future__ import annotations

import copy
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

COMMANDS = (
    "\x1b]0;title\x07\n::error file=a.py::x\r\n  ::add-mask::y\r##[error]z ##vso[task.x]y ##teamcity[x]\x1b[2J\x1b[31m"
)
INVISIBLE = "a\x00\x08\x7f\x85\x9b1m\xad\u061c\u200b\u200e\u202eb\u2028c\u2029\u2066d\ufeff\ufffe\U000e0041e"
BEGINNING = "::error::x"
HOSTILE = f"{BEGINNING}{COMMANDS}{INVISIBLE}"

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Days", "version": "1", "license": {"name": "free"}, "x-more": "more"},
    "tags": [{"name": "days", "description": "All days"}],
    "servers": [{"url": "/v1/{stage}", "variables": {"stage": {"default": "test"}}}],
    "security": [{"key": []}],
    "paths": {
        "/days/{id}": {
            "post": {
                "operationId": "addDay",
                "tags": ["days"],
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}, "example": "one"},
                    {"name": "q", "in": "query", "schema": {"enum": ["a", "b"]}, "example": "a"},
                    {"name": "X-Trace", "in": "header", "schema": {"type": "string", "pattern": "^t"}, "example": "t1"},
                    {"name": "seen", "in": "cookie", "schema": {"type": "string"}, "example": "yes"},
                ],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Day"}}}},
                "responses": {
                    "200": {
                        "description": "A day",
                        "headers": {"X-Left": {"schema": {"type": "string"}, "example": "some"}},
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/Day"},
                                "examples": {"first": {"value": {"name": "Monday", "kind": "work"}}},
                            }
                        },
                        "links": {"next": {"operationId": "addDay", "parameters": {"id": "$response.body#/name"}}},
                    }
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Day": {
                "type": "object",
                "title": "Day",
                "description": "One day",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "pattern": "^[A-Z]", "default": "Sunday"},
                    "kind": {"type": "string", "enum": ["work", "rest"], "format": "word"},
                    "next": {"$ref": "#/components/schemas/Day"},
                },
            }
        },
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
    },
}
"""A sound contract with most kinds of texts and keys."""

Steps = tuple[str | int, ...]


def places(value: object, path: Steps = ()) -> Iterator[tuple[Steps, bool]]:
    """Every string and every key in a document: the path to it, and whether the last step is a key to be replaced."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield (*path, key), True
            yield from places(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from places(child, (*path, index))
    elif isinstance(value, str):
        yield path, False


def with_text(path: Steps, is_key: bool, text: str) -> dict[str, Any]:
    """The document with a text in one place, which keeps its beginning where references, paths and patterns need it."""
    document = copy.deepcopy(DOCUMENT)
    holder: Any = document
    for step in path[:-1]:
        holder = holder[step]
    last = path[-1]
    if is_key:
        prefix = "/" if str(last).startswith("/") else ""
        items = [(f"{prefix}{text}" if key == last else key, child) for key, child in holder.items()]
        holder.clear()
        holder.update(items)
    else:
        before = holder[last]
        prefix = before if before.startswith(("#/", "/")) else ""
        holder[last] = f"{prefix}{text}"
    return document


_COMMAND = re.compile(r"^\W*::")
_ANYWHERE = re.compile(r"##\w*\[")
_JOINERS = "\u200c\u200d"


def assert_harmless(output: str, meant: str = "(?!)") -> None:
    """No line has a character that commands a terminal or hides, or is a workflow command other than those `meant`."""
    for line in output.split("\n"):
        bad = [
            letter
            for letter in line
            if letter != "\t"
            and letter not in _JOINERS
            and unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        ]
        assert not bad, (bad, line)
        assert not _COMMAND.search("" if re.match(meant, line) else line), line
        assert not _ANYWHERE.search(line), line
