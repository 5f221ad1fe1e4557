"""Sound documents, in which the generator breaks something: a small one with every part, and pieces of real ones."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from tests.corpus import ROOT, corpus_folder

Value = Any
"""A value of JSON, to be broken: no type holds then."""

_VERSIONS = ("3.0.3", "3.1.0", "3.1.1", "3.2.0")
_LARGEST_WHOLE, _LARGEST_CUT = 60_000, 1_500_000
"""Bytes of the real documents that are taken whole, or a piece of; larger ones take long to read each time."""
_PROPERTIES = {
    "name": {"type": "string", "minLength": 1, "maxLength": 40, "example": "Rex"},
    "tag": {"type": "string", "enum": ["dog", "cat"], "default": "dog"},
    "age": {"type": "integer", "minimum": 0, "maximum": 40},
    "weight": {"type": "number", "multipleOf": 0.5},
    "born": {"type": "string", "format": "date"},
    "code": {"type": "string", "pattern": "^[A-Z]{2}[0-9]{3}$"},
    "friends": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}, "maxItems": 3},
    "extra": {"type": "object", "additionalProperties": {"type": "string"}},
}
_PET = {
    "type": "object",
    "title": "Pet",
    "description": "A pet.",
    "required": ["name"],
    "properties": _PROPERTIES,
}
_CAT = {
    "allOf": [
        {"$ref": "#/components/schemas/Pet"},
        {"type": "object", "properties": {"kind": {"type": "string"}, "lives": {"type": "integer"}}},
    ]
}
_ANY = {
    "oneOf": [{"$ref": "#/components/schemas/Pet"}, {"$ref": "#/components/schemas/Cat"}],
    "discriminator": {"propertyName": "kind", "mapping": {"pet": "#/components/schemas/Pet"}},
}


def sound(draw: Random) -> Value:
    """A small document that has every part which something may be wrong with."""
    if draw.random() < 0.15:
        return _swagger()
    version = draw.choice(_VERSIONS)
    pet = {"$ref": "#/components/schemas/Pet"}
    return copy.deepcopy(
        {
            "openapi": version,
            "info": {"title": "Pets", "version": "1", "description": "Some pets.", "contact": {"name": "A"}},
            "servers": [{"url": "https://{where}.example.com/v1", "variables": {"where": {"default": "api"}}}],
            "tags": [{"name": "pets", "description": "Pets."}],
            "security": [{}, {"key": []}],
            "paths": {
                "/pets": {"summary": "Pets", "get": _list_pets(), "post": _add_pet()},
                "/pets/{id}": {
                    "parameters": [{"$ref": "#/components/parameters/Id"}],
                    "get": {"operationId": "getPet", "responses": {"200": _reply(pet), "404": _GONE}},
                    "delete": {"operationId": "deletePet", "responses": {"204": {"description": "Gone"}}},
                },
            },
            "components": {
                "schemas": {"Pet": _PET, "Cat": _CAT, "AnyPet": _ANY},
                "parameters": {"Id": {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}},
                "responses": {"Gone": {"description": "Gone", "content": {"text/plain": {"example": "gone"}}}},
                "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
            },
        }
    )


_GONE = {"$ref": "#/components/responses/Gone"}


def _reply(schema: Value) -> Value:
    headers = {"X-Count": {"description": "How many", "schema": {"type": "integer"}, "example": 3}}
    examples = {"rex": {"summary": "Rex", "value": {"name": "Rex"}}}
    return {
        "description": "Well",
        "headers": headers,
        "content": {"application/json": {"schema": schema, "examples": examples}},
        "links": {"next": {"operationId": "getPet", "parameters": {"id": "$response.body#/id"}}},
    }


def _list_pets() -> Value:
    return {
        "tags": ["pets"],
        "operationId": "listPets",
        "summary": "List",
        "parameters": [
            {"name": "limit", "in": "query", "schema": {"type": "integer"}, "example": 3},
            {"name": "tags", "in": "query", "explode": False, "schema": {"type": "array", "items": {"type": "string"}}},
            {"name": "X-Trace", "in": "header", "schema": {"type": "string"}, "example": "abc"},
            {"name": "session", "in": "cookie", "schema": {"type": "string"}},
        ],
        "responses": {"200": _reply({"type": "array", "items": {"$ref": "#/components/schemas/Pet"}})},
    }


def _add_pet() -> Value:
    pet = {"$ref": "#/components/schemas/AnyPet"}
    form = {"type": "object", "properties": {"name": {"type": "string"}, "file": {"type": "string"}}}
    return {
        "operationId": "addPet",
        "description": "Adds a pet.",
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": pet, "example": {"kind": "pet", "name": "Rex"}},
                "application/x-www-form-urlencoded": {"schema": form},
                "multipart/form-data": {"schema": form, "encoding": {"file": {"contentType": "text/plain"}}},
                "application/xml": {"schema": {"$ref": "#/components/schemas/Pet"}},
            },
        },
        "callbacks": {"done": {"{$request.body#/url}": {"post": {"responses": {"200": {"description": "Ok"}}}}}},
        "responses": {"201": _reply(pet), "default": {"description": "Else"}},
    }


def _swagger() -> Value:
    pet = {"$ref": "#/definitions/Pet"}
    definition = {**_PET, "properties": {**_PROPERTIES, "friends": {"type": "array", "items": pet}}}
    return copy.deepcopy(
        {
            "swagger": "2.0",
            "info": {"title": "Pets", "version": "1"},
            "host": "example.com",
            "basePath": "/v1",
            "schemes": ["https"],
            "consumes": ["application/json"],
            "produces": ["application/json"],
            "securityDefinitions": {"key": {"type": "apiKey", "in": "query", "name": "key"}},
            "paths": {
                "/pets/{id}": {
                    "put": {
                        "operationId": "putPet",
                        "parameters": [
                            {"name": "id", "in": "path", "required": True, "type": "integer"},
                            {"name": "tags", "in": "query", "type": "array", "items": {"type": "string"}},
                            {"name": "pet", "in": "body", "required": True, "schema": pet},
                        ],
                        "responses": {"200": {"description": "Well", "schema": pet, "examples": {"a/b": {"name": 1}}}},
                    },
                    "post": {
                        "parameters": [
                            {"name": "id", "in": "path", "required": True, "type": "integer"},
                            {"name": "file", "in": "formData", "type": "file"},
                        ],
                        "responses": {"default": {"description": "Else"}},
                    },
                }
            },
            "definitions": {"Pet": definition},
        }
    )


@cache
def real_files() -> tuple[Path, ...]:
    """The single documents of the corpus, if it is there, and our own contracts."""
    corpus = [file for file in corpus_folder().glob("*.*") if file.suffix in (".json", ".yaml", ".yml")]
    return tuple(sorted([*corpus, *(ROOT / "openapi").glob("*.yaml")]))


@cache
def _real(file: Path) -> Value:
    text = file.read_text(encoding="utf-8")
    return (
        json.loads(text)
        if file.suffix == ".json"
        else json.loads(json.dumps(yaml.load(text, yaml.CSafeLoader), default=str))
    )


def real_text(draw: Random) -> bytes:
    """A small real document as it stands."""
    small = [file for file in real_files() if file.stat().st_size < _LARGEST_WHOLE]
    return draw.choice(small).read_bytes()


def piece(draw: Random) -> Value:
    """A few path items of a real document, and all that they refer to."""
    files = [file for file in real_files() if file.stat().st_size < _LARGEST_CUT]
    document = _real(draw.choice(files))
    if "components" not in document and "definitions" not in document:
        return copy.deepcopy(document)
    paths = document.get("paths") or {}
    chosen = {name: paths[name] for name in draw.sample(sorted(paths), min(3, len(paths)))}
    kept = {name: value for name, value in document.items() if name not in ("paths", "components", "definitions")}
    cut: Value = copy.deepcopy({**kept, "paths": chosen})
    cut.pop("webhooks", None)
    _take_along(document, cut)
    return cut


def _take_along(document: Value, cut: Value) -> None:
    """Copy what is referred to into a cut document, until nothing is missing or there is enough."""
    waiting, taken = [cut], set[str]()
    while waiting and len(taken) < 60:
        for reference in _references(waiting.pop()):
            names = [name.replace("~1", "/").replace("~0", "~") for name in reference.split("/")[1:]]
            if reference in taken or len(names) < 2 or not reference.startswith("#/"):
                continue
            taken.add(reference)
            source, place = document, cut
            for name in names[:-1]:
                source = source.get(name) if isinstance(source, Mapping) else None
                place = place.setdefault(name, {}) if isinstance(place, dict) else {}
            if isinstance(source, Mapping) and names[-1] in source and isinstance(place, dict):
                place[names[-1]] = copy.deepcopy(source[names[-1]])
                waiting.append(place[names[-1]])


def _references(value: Value) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [reference for member in value.values() for reference in _references(member)]
    return [reference for item in value for reference in _references(item)] if isinstance(value, list) else []
