"""A small contract of pets, to be created, read, listed, replaced, changed and deleted; ids may be the client's own."""

from __future__ import annotations

PETS_API = """
openapi: 3.1.0
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 10}}
        - {name: offset, in: query, schema: {type: integer, minimum: 0}}
      responses:
        '200':
          description: Pets
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}}}
    post:
      operationId: createPet
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/NewPet'}}}
      responses:
        '201': {description: Created, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
        '409': {$ref: '#/components/responses/Problem'}
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string, minLength: 1}}]
    get:
      operationId: getPet
      responses:
        '200':
          description: Pet
          headers: {ETag: {schema: {type: string}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}
        '404': {$ref: '#/components/responses/Problem'}
    put:
      operationId: putPet
      parameters: [{name: If-Match, in: header, schema: {type: string}}]
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/NewPet'}}}
      responses:
        '200':
          description: Replaced
          headers: {ETag: {schema: {type: string}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}
        '404': {$ref: '#/components/responses/Problem'}
        '412': {$ref: '#/components/responses/Problem'}
    delete:
      operationId: deletePet
      responses:
        '204': {description: Deleted}
        '404': {$ref: '#/components/responses/Problem'}
components:
  responses:
    Problem: {description: Problem, content: {application/problem+json: {schema: {type: object}}}}
  schemas:
    NewPet:
      type: object
      required: [name]
      properties:
        id: {type: string, minLength: 1}
        name: {type: string}
        count: {type: integer}
    Pet:
      type: object
      required: [id, name]
      properties:
        id: {type: string, minLength: 1}
        name: {type: string}
        count: {type: integer}
"""
