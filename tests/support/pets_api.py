"""A small contract of pets, whose ids may be the client's own, and of orders, whose ids are the server's."""

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
  /orders:
    post:
      operationId: createOrder
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [pet], properties: {pet: {type: string}}}}}
      responses:
        '201': {description: Created, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
  /orders/{orderId}:
    parameters: [{name: orderId, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getOrder
      responses:
        '200': {description: Order, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
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
    Order:
      type: object
      required: [id, pet]
      properties:
        id: {type: integer, readOnly: true, minimum: 1}
        pet: {type: string}
    Pet:
      type: object
      required: [id, name]
      properties:
        id: {type: string, minLength: 1}
        name: {type: string}
        count: {type: integer}
"""
