"""The coverage of a contract: what exchanges touch, what they never touch, and what is kept of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.asking import contract, request

from tallystick.coverage.coverage import Coverage
from tallystick.coverage.least import least_coverage, shortfalls
from tallystick.coverage.parts import Kind, Part
from tallystick.coverage.result import coverage_result
from tallystick.nouns.contract import Operation
from tallystick.nouns.errors import UsageError
from tallystick.nouns.exchange import Exchange, Response
from tallystick.reports.covered import Figure

PETS = """
paths:
  /pets:
    get:
      parameters:
      - {name: limit, in: query, schema: {type: integer}, examples: {few: {value: 2}, many: {value: 100}}}
      - {name: tag, in: query, schema: {type: string}}
      responses:
        '200':
          description: Pets
          headers: {X-Total: {schema: {type: integer}}, Link: {schema: {type: string}}}
          content:
            application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}}
            text/csv: {}
        4XX: {description: Wrong}
    post:
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Pet'}
            examples: {rex: {value: {name: Rex}}, tom: {value: {name: Tom}}}
      responses:
        '201': {description: Made, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
        default: {description: Not made}
components:
  schemas:
    Pet:
      type: object
      properties:
        id: {type: integer, readOnly: true}
        name: {type: string}
        secret: {type: string, writeOnly: true}
        owner: {type: object, properties: {city: {type: string}}}
        parent: {$ref: '#/components/schemas/Pet'}
"""
JSON_BODY = {"Content-Type": "application/json"}


def exchange(line: str, status: int, sent: Any = None, answer: Any = None, **headers: str) -> Exchange:
    """An exchange whose bodies are JSON."""
    body = json.dumps(sent).encode() if sent is not None else b""
    fields = [("content-type", "application/json")] if answer is not None else []
    fields += [(name.replace("_", "-"), value) for name, value in headers.items()]
    octets = json.dumps(answer).encode() if answer is not None else b""
    return Exchange(request(line, JSON_BODY if body else None, body), Response(status, tuple(fields), octets))


def covered(*exchanges: Exchange, source: str = PETS) -> Coverage:
    """The coverage of a contract after some exchanges of it."""
    coverage = Coverage(contract(source))
    operations = {operation.label: operation for operation in coverage.contract}
    for each in exchanges:
        coverage.add(operations[f"{each.request.method} {each.request.path}"], each)
    return coverage


def seen(coverage: Coverage, kind: Kind) -> list[str]:
    """The parts of a kind that were seen, as reports name them."""
    return sorted(str(part) for part in coverage.seen if part.kind is kind)


def test_nothing_is_seen_before_the_first_exchange() -> None:
    """Every part of the contract is never seen where there was no exchange."""
    coverage = covered()
    assert coverage.never_seen() == list(coverage.parts)
    assert coverage_result(coverage).whole.percent == 0


def test_an_accepted_request_counts_with_what_it_has() -> None:
    """The operation, parameters, media type, members and examples of an accepted request are seen."""
    coverage = covered(
        exchange("GET /pets?limit=2", 200, answer=[]),
        exchange("POST /pets", 201, {"name": "Rex"}, {"id": 1}),
        exchange("POST /pets", 201, {"name": "Fido", "owner": {"city": "Bern"}, "parent": {"secret": "x"}}),
    )
    assert seen(coverage, Kind.OPERATION) == ["GET /pets", "POST /pets"]
    assert seen(coverage, Kind.PARAMETER) == ["GET /pets query.limit"]
    assert seen(coverage, Kind.REQUEST_TYPE) == ["POST /pets application/json"]
    assert seen(coverage, Kind.REQUEST_MEMBER) == [
        "Pet.name",
        "Pet.owner",
        "Pet.owner.city",
        "Pet.parent",
        "Pet.secret",
    ]
    assert seen(coverage, Kind.EXAMPLE) == ["GET /pets query.limit few", "POST /pets body application/json rex"]


def test_a_refused_request_is_only_its_response() -> None:
    """Of a refused request the documented response is seen, and nothing that the request has."""
    coverage = covered(exchange("GET /pets?limit=2", 401), exchange("POST /pets", 500, {"name": "Rex"}))
    assert {part.kind for part in coverage.seen} == {Kind.STATUS}
    assert seen(coverage, Kind.STATUS) == ["GET /pets 4XX", "POST /pets default"]


def test_an_operation_that_only_refuses_is_seen_by_its_refusal() -> None:
    """Where no success is documented, a refusal is all that there is to see."""
    source = "paths: {/old: {get: {parameters: [{name: a, in: query}], responses: {'410': {description: Gone}}}}}"
    coverage = covered(exchange("GET /old?a=1", 410), source=source)
    assert coverage.never_seen() == []


def test_a_response_counts_with_what_it_has() -> None:
    """The status, media type, header fields and members of a response are seen, those of each schema once."""
    coverage = covered(exchange("GET /pets", 200, answer=[{"id": 1}, {"name": "Rex"}], X_Total="2"))
    assert seen(coverage, Kind.STATUS) == ["GET /pets 200"]
    assert seen(coverage, Kind.RESPONSE_TYPE) == ["GET /pets 200 application/json"]
    assert seen(coverage, Kind.HEADER) == ["GET /pets 200 X-Total"]
    assert seen(coverage, Kind.RESPONSE_MEMBER) == ["Pet.id", "Pet.name"]


def test_members_belong_to_their_direction() -> None:
    """A read-only member is no part of requests, and a write-only one none of responses."""
    parts = covered().parts
    assert Part(Kind.REQUEST_MEMBER, "Pet", "id") not in parts
    assert Part(Kind.RESPONSE_MEMBER, "Pet", "id") in parts
    assert Part(Kind.REQUEST_MEMBER, "Pet", "secret") in parts
    assert Part(Kind.RESPONSE_MEMBER, "Pet", "secret") not in parts


def test_a_member_of_a_branch_is_seen_where_the_value_fits_the_branch() -> None:
    """Of several alternatives, the members of those are seen that the value fits."""
    source = """
    paths:
      /pet:
        get:
          responses:
            '200':
              description: Pet
              content:
                application/json:
                  schema:
                    oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
    components:
      schemas:
        Animal: {type: object, properties: {name: {type: string}}}
        Cat:
          allOf:
          - {$ref: '#/components/schemas/Animal'}
          - {required: [kind], properties: {kind: {const: cat}}}
        Dog: {required: [kind], properties: {kind: {const: dog}, name: {type: string}}}
    """
    coverage = covered(exchange("GET /pet", 200, answer={"kind": "cat", "name": "Tom"}), source=source)
    assert seen(coverage, Kind.RESPONSE_MEMBER) == ["Animal.name", "Cat.kind"]
    assert [str(part) for part in coverage.never_seen()] == ["Dog.kind", "Dog.name"]


def test_a_schema_that_refers_to_itself_as_a_branch_ends() -> None:
    """A schema among whose alternatives is the schema itself is looked at within bounds."""
    source = """
    paths:
      /a:
        get:
          responses:
            '200': {description: A, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}
    components: {schemas: {A: {properties: {b: {}}, allOf: [{$ref: '#/components/schemas/A'}]}}}
    """
    assert seen(covered(exchange("GET /a", 200, answer={"b": 1}), source=source), Kind.RESPONSE_MEMBER) == ["A.b"]


LINKED = """
paths:
  /users:
    post:
      responses:
        '201':
          description: Made
          headers: {X-Id: {schema: {type: string}}}
          content: {application/json: {}}
          links:
            by-body: {operationId: getUser, parameters: {id: $response.body#/id}}
            by-header: {operationRef: '#/paths/~1users~1{id}/delete', parameters: {id: $response.header.x-id}}
            elsewhere: {operationId: nobody}
  /users/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {operationId: getUser, responses: {'200': {description: User}}}
    delete: {responses: {'204': {description: Gone}}}
"""


def test_a_link_is_seen_once_a_request_follows_it() -> None:
    """A link counts when an accepted request has the values that it takes from the response."""
    coverage = Coverage(contract(LINKED))
    create, get, delete = coverage.contract.operations

    def seen_links(*steps: tuple[Operation, Exchange]) -> list[str]:
        for step in steps:
            coverage.add(*step)
        return seen(coverage, Kind.LINK)

    made = exchange("POST /users", 201, answer={"id": 7}, x_id="8")
    assert seen_links((create, made), (get, exchange("GET /users/8", 200))) == []
    assert seen_links((delete, exchange("DELETE /users/8", 404))) == []
    assert seen_links((delete, exchange("DELETE /users/8", 204))) == ["POST /users 201 by-header"]
    assert len(seen_links((get, exchange("GET /users/7", 200)))) == 2
    assert [str(part) for part in coverage.parts if part.kind is Kind.LINK] == [
        "POST /users 201 by-body",
        "POST /users 201 by-header",
    ]


def test_a_coverage_is_merged_and_kept_as_json() -> None:
    """What two runs have seen is one coverage, and the same after it was written and read."""
    one, other = (
        covered(exchange("GET /pets?tag=a", 200, answer=[])),
        covered(exchange("POST /pets", 201, {"name": ""})),
    )
    one.merge(other)
    record = json.loads(json.dumps(one.to_json()))
    again = Coverage.from_json(one.contract, record)
    assert again.seen == one.seen
    assert again.exchanges == 2
    assert again.to_json() == one.to_json()


@pytest.mark.parametrize("value", [None, [], {}, {"exchanges": "2", "seen": {}}, {"exchanges": 2, "seen": {"x": {}}}])
def test_what_is_no_coverage_is_refused(value: Any) -> None:
    """A JSON value that no coverage was written as is refused in one line."""
    with pytest.raises(UsageError, match="no coverage"):
        Coverage.from_json(contract(PETS), value)


def test_only_the_selected_operations_count() -> None:
    """The parts of operations that are not selected are no parts of the coverage, but what was seen of them is kept."""
    coverage = Coverage(contract(PETS), ["GET /pets"])
    assert {part.subject for part in coverage.parts} == {"GET /pets", "Pet", "Pet.owner"}
    assert Part(Kind.REQUEST_MEMBER, "Pet", "name") not in coverage.parts


def test_figures_are_told_by_kind_and_by_operation() -> None:
    """A result has the figure of all parts, of each kind, and of each operation by kind."""
    result = coverage_result(covered(exchange("GET /pets?limit=2", 200, answer=[{"id": 1}])))
    assert result.kinds[Kind.STATUS] == Figure(1, 4)
    assert result.kinds[Kind.PARAMETER] == Figure(1, 2)
    assert result.operations["GET /pets"][Kind.RESPONSE_TYPE] == Figure(1, 2)
    assert result.operations["POST /pets"][Kind.OPERATION] == Figure(0, 1)
    assert result.whole.total == len(covered().parts)
    unseen = {part.text: part.place.line for part in result.unseen}
    assert unseen["GET /pets query.tag"] == 9
    assert Figure(999, 1000).percent == 99.9
    assert Figure(9999, 10000).percent == 99.9


def test_the_least_coverage_is_asked_for_as_a_whole_or_by_kind() -> None:
    """A coverage that is less than was asked for is told with its figure."""
    result = coverage_result(covered(exchange("GET /pets?limit=2", 200, answer=[])))
    asked = [least_coverage("--min-coverage", text) for text in ("90%", "statuses=20", "request-members=1", "links=9")]
    whole, members = shortfalls(result, asked)
    assert whole.startswith("the coverage is ")
    assert whole.endswith(" 90 % were asked for")
    assert members == "the coverage of request members is 0 % (0 of 5), and 1 % were asked for"


@pytest.mark.parametrize("text", ["", "x", "101", "-1", "nan", "status=80", "statuses=", "=5"])
def test_a_least_coverage_that_cannot_be_is_refused(text: str) -> None:
    """What is no percentage, or names no kind, is refused with what would have worked."""
    with pytest.raises(UsageError, match=r"statuses=90|did you mean|known: "):
        least_coverage("--min-coverage", text)
