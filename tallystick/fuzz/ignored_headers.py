"""Header parameters that the specification ignores: they are not made up, and what they document is sent as it is.

A definition of `Accept`, `Content-Type` or `Authorization` "SHALL be ignored" (OpenAPI, Parameter Object), so a server
can neither be blamed for a value that it refuses, nor for one that it misses. An optional `Content-Encoding` is not
made up either: it would not be true of the body.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from tallystick.fuzz.credentials import MADE_UP
from tallystick.nouns.contract import Contract, Operation

_IGNORED = frozenset(("accept", "authorization", "content-type"))
_CODING = "content-encoding"
_NOT_SENT = frozenset(("content-type", _CODING))
"""Those that follow from the body."""


def take_ignored_headers(document: dict[str, Any], methods: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Takes such parameters out of a document that refers to nothing outside; what to send, by label and header name.

    `methods` are the members of a path item that are operations. A header without a documented value is not sent, but
    for `Authorization`, which has to be something where a server looks at it.
    """
    sent: dict[str, dict[str, str]] = {}
    paths = document.get("paths")
    for path, item in (paths if isinstance(paths, dict) else {}).items():
        shared = list(_taken(document, item))
        for method in methods:
            operation = item.get(method)
            if isinstance(operation, dict):
                headers = dict([*shared, *_taken(document, operation)])
                if headers:
                    sent[f"{method.upper()} {path}"] = headers
    return sent


def documented_fields(contract: Contract, operation: Operation) -> dict[str, str] | None:
    """What an operation documents of such header fields; None where its parameters stand in several files."""
    root, path = contract.root, operation.place.path
    if operation.place.file != root.place.file or not isinstance(root.value, dict):
        return None
    owners: list[dict[str, Any]] = []
    for keys in (path[:-1], path):
        owner: object = root.value
        for key in keys:
            owner = owner.get(key) if isinstance(owner, dict) else None
        owners.append(dict(owner) if isinstance(owner, dict) else {})  # a copy, from which they are taken
    parameters = [each for owner in owners if isinstance(each := owner.get("parameters"), list)]
    references = [each.get("$ref", "#") for listed in parameters for each in listed if isinstance(each, dict)]
    if not all(str(reference).startswith("#") for reference in references):
        return None
    return dict(field for owner in owners for field in _taken(root.value, owner))


def _taken(document: dict[str, Any], owner: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Takes the ignored parameters from a path item or an operation; each name and value that is to be sent."""
    parameters = owner.get("parameters")
    if not isinstance(parameters, list):
        return
    resolved = [(parameter, _resolved(document, parameter)) for parameter in parameters]
    owner["parameters"] = [parameter for parameter, target in resolved if not _is_ignored(target)]
    for _, target in resolved:
        if _is_ignored(target) and target["name"].lower() not in _NOT_SENT:
            value = _documented(target)
            if value is None and target["name"].lower() == "authorization":
                value = f"Bearer {MADE_UP}"
            if value is not None:
                yield target["name"].title(), value


def _resolved(document: dict[str, Any], parameter: object) -> dict[str, Any]:
    """A parameter, or the component that it refers to; empty where it is neither."""
    if isinstance(parameter, dict) and isinstance(parameter.get("$ref"), str):
        target: Any = document
        for key in parameter["$ref"].removeprefix("#/").split("/"):
            name = unquote(key).replace("~1", "/").replace("~0", "~")
            target = target.get(name) if isinstance(target, dict) else None
        parameter = target
    return parameter if isinstance(parameter, dict) else {}


def _is_ignored(parameter: dict[str, Any]) -> bool:
    name = parameter.get("name")
    if parameter.get("in") != "header" or not isinstance(name, str):
        return False
    return name.lower() in _IGNORED or (name.lower() == _CODING and parameter.get("required") is not True)


def _documented(parameter: dict[str, Any]) -> str | None:
    """The first text that a parameter documents as its value: an example, its default, or what it has to be."""
    schema = parameter.get("schema")
    for part in (parameter, schema if isinstance(schema, dict) else {}):
        examples = part.get("examples")
        named = list(examples.values()) if isinstance(examples, dict) else []
        values = [example.get("value") for example in named if isinstance(example, dict)]
        listed = [part.get(key) for key in ("examples", "enum")]
        values += [value for values in listed if isinstance(values, list) for value in values[:1]]
        for value in (*(part.get(key) for key in ("example", "default", "const")), *values):
            if isinstance(value, str) and value.isascii() and value.isprintable():
                return value
    return None
