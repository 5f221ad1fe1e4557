"""A shop whose operations a user's own functions handle, and the folder that they are in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from support.asking import Ask, asker, contract

SHOP = """
    openapi: 3.1.0
    info: {title: Shop, version: '1'}
    paths:
      /pets:
        get:
          operationId: listPets
          parameters:
            - {name: limit, in: query, schema: {type: integer, default: 10}}
            - {name: tag, in: query, schema: {type: array, items: {type: string}}}
            - name: filter
              in: query
              style: deepObject
              schema: {type: object, properties: {age: {type: [integer, 'null']}}}
          responses:
            '200':
              description: Pets
              content: {application/json: {schema: {type: array, items: {type: object}}, example: []}}
        post:
          operationId: addPet
          requestBody: {content: {application/json: {schema: {type: object, required: [name]}}}}
          responses:
            '201':
              description: Added
              content:
                application/json:
                  schema: {type: object, required: [id], properties: {id: {type: integer}}}
                  example: {id: 1}
            '404': {description: No, content: {application/problem+json: {}}}
      /pets/{petId}/{kinds}:
        parameters:
          - {name: petId, in: path, required: true, schema: {type: integer}}
          - {name: kinds, in: path, required: true, schema: {type: array, items: {type: number}}}
        get:
          operationId: getPet
          responses:
            '200':
              description: Pet
              content: {text/plain: {example: Rex}, application/json: {example: {name: Rex}}}
      /toys:
        get: {responses: {'200': {description: Toys, content: {application/json: {example: [ball]}}}}}
      /uploads:
        post:
          operationId: upload
          requestBody:
            content:
              multipart/form-data:
                schema:
                  type: object
                  properties:
                    note: {type: string}
                    file: {type: string, format: binary}
                    pages: {type: array, items: {type: string, format: binary}}
              application/x-www-form-urlencoded: {schema: {type: object, properties: {count: {type: integer}}}}
          responses: {'200': {description: Done, content: {application/json: {example: {}}}}}
"""
JSON = {"Content-Type": "application/json"}
REX = b'{"name": "Rex"}'
"""A body that `POST /pets` takes."""


@pytest.fixture(name="shop")
def shop_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a user, in which modules are found, and which leaves none behind."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.partition(".")[0] == "shop":
            del sys.modules[name]


def write_module(folder: Path, name: str, text: str) -> None:
    """Writes a module of the user's, and the packages above it."""
    file = folder / f"{name.replace('.', '/')}.py"
    file.parent.mkdir(parents=True, exist_ok=True)
    for package in file.relative_to(folder).parents[:-1]:
        (folder / package / "__init__.py").touch()
    file.write_text(dedent(text))


def handled(folder: Path, text: str, **options: Any) -> Ask:
    """A mock of the shop whose handlers are a text."""
    write_module(folder, "shop.handlers", text)
    return asker(contract(SHOP), handlers="shop.handlers", **options)
