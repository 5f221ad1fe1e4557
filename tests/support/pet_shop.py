"""A small shop whose mock is asked, overridden and looked at in this process, without the control API."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from support.asking import Ask, asker_of, contract

from tallystick.mock.app import create_app
from tallystick.mock.journal.record import Record
from tallystick.mock.settings import MockSettings
from tallystick.nouns.contract import Contract

SHOP = """
    paths:
      /pets:
        get:
          operationId: listPets
          tags: [pets]
          parameters: [{name: limit, in: query, schema: {type: integer}}]
          responses: {'200': {description: Pets, content: {application/json: {example: [{id: 1, name: Rex}]}}}}
        post:
          operationId: createPet
          tags: [pets]
          requestBody:
            required: true
            content:
              application/json: {schema: {type: object, required: [name], properties: {name: {type: string}}}}
          responses:
            '201':
              description: Made
              content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}
            '409': {description: Taken, content: {application/json: {example: {message: taken}}}}
      /pets/{id}:
        parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
        get:
          operationId: getPet
          responses:
            '200':
              description: Pet
              headers: {X-Rate: {schema: {type: integer}, example: 7}}
              content:
                application/json:
                  schema: {$ref: '#/components/schemas/Pet'}
                  examples:
                    cat: {value: {id: 1, name: Tom}}
                    dog: {value: {id: 2, name: Rex}}
            '404': {description: Gone, content: {application/json: {example: {message: no such pet}}}}
    components:
      schemas:
        Pet: {type: object, required: [id, name], properties: {id: {type: integer}, name: {type: string}}}
"""
JSON_BODY = {"Content-Type": "application/json"}


class Shop:
    """A mock of the shop."""

    def __init__(self, source: str = SHOP, **settings: Any) -> None:
        self.contract: Contract = contract(source, "shop")
        app = create_app([self.contract], MockSettings(**settings))
        self.memory = app.memory
        self.ask: Ask = asker_of(app)

    def override(self, session: str = "", **spec: Any) -> str:
        """Set an override, and return its id."""
        return asyncio.run(self.memory.overrides.add(session, spec, 0.0)).row.id

    def overrides(self, session: str = "") -> list[Mapping[str, Any]]:
        """The overrides that are set."""
        return [each.value() for each in asyncio.run(self.memory.overrides.counted(session))]

    def drop(self, id: str = "") -> int:
        """Drop an override, or all."""
        return asyncio.run(self.memory.overrides.drop("", id))

    def records(self, session: str = "") -> Sequence[Record]:
        """The journal of a session."""
        assert self.memory.journal is not None
        return asyncio.run(self.memory.journal.records(session))
