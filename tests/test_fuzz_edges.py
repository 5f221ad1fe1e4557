"""Requests near the edges of what a contract allows, and what the run's own requests show of a server there."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import pytest
from support.asking import contract

from tallystick.examples.neighbours import neighbours
from tallystick.fuzz.body_faults import BodyFault
from tallystick.fuzz.clock import Clock
from tallystick.fuzz.credentials import GivenCredentials, authorized, credentials_for
from tallystick.fuzz.defects import Defect
from tallystick.fuzz.probes.edges import _in_turn
from tallystick.fuzz.probing import Probing
from tallystick.fuzz.sending import Sent
from tallystick.fuzz.settings import IN_PROCESS, Settings
from tallystick.fuzz.variations import varied
from tallystick.fuzz.verdicts import Verdict, verdict_of
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Exchange, Request, Response
from tallystick.nouns.schema import Direction
from tallystick.rules.judge import judge
from tallystick.wire.reading import operation_for

API = contract(
    """
    components:
      securitySchemes: {token: {type: http, scheme: bearer}}
      schemas:
        Book:
          type: object
          additionalProperties: false
          required: [isbn, title]
          properties:
            id: {type: integer, readOnly: true}
            isbn: {type: string, pattern: '^97[0-9]{6}$', example: '97000001'}
            title: {type: string, minLength: 1, maxLength: 8}
            tags: {type: array, maxItems: 2, items: {type: string, minLength: 1}}
    paths:
      /books:
        get:
          parameters: [{name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 5}}]
          responses:
            '200':
              description: Books.
              content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Book'}}}}
            '422': {description: Invalid.}
        post:
          security: [{token: []}]
          requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}}
          responses:
            '201':
              description: Created.
              content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}
            '401': {description: Who?}
            '409': {description: The ISBN is there already.}
            '415': {description: Not JSON.}
            '422': {description: Invalid.}
      /books/{bookId}:
        get:
          parameters: [{name: bookId, in: path, required: true, schema: {type: integer}}]
          responses:
            '200':
              description: A book.
              content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}
            '404': {description: None.}
            '422': {description: Invalid.}
    """
)
BOOK = API.operations[1].request_body
SCHEMA: Any = BOOK.content[0].schema if BOOK is not None else None


@dataclass
class Books:
    """A sound server of books, whose ISBNs are there once only; `flaw` says what it does wrong."""

    flaw: str = ""
    settings: Settings = field(default_factory=lambda: Settings(IN_PROCESS, "", 1, tuple(each.label for each in API)))
    clock: Clock = field(default_factory=lambda: Clock(None))
    contract: Contract = API
    books: dict[str, dict[str, Any]] = field(default_factory=dict)

    def operation_of(self, request: Request) -> Operation | None:
        match = operation_for(API, request.method, request.path)
        return match[0] if match else None

    def send(self, request: Request) -> Sent:
        return self.send_as_is(authorized(request, self.operation_of(request), self.settings.credentials))

    def send_as_is(self, request: Request) -> Sent:
        status, value = self.answer(request)
        body = json.dumps(value).encode() if value is not None else b""
        headers = (("content-type", "application/json"),) if body else ()
        seconds = 3.0 if self.flaw == "slow" and request.query else 0.01
        return Sent(Exchange(request, Response(status, headers, body)), seconds=seconds)

    def answer(self, request: Request) -> tuple[int, Any]:
        """The status and the value of an answer."""
        if request.method == "POST":
            is_known = ("authorization", "Bearer secret") in request.headers
            return self.add(request) if is_known else (401, None)
        if request.path == "/books":
            limit = parse_qs(request.query, keep_blank_values=True).get("limit", ["5"])[0]
            is_whole = limit.isascii() and limit.isdigit()
            if not is_whole or not (1 <= int(limit) <= 5 or self.flaw == "limit"):
                return 422, None
            return 200, [*self.books.values()][: int(limit)]
        book = self.books.get(request.path.rpartition("/")[2])
        return (200, book) if book is not None else (404, None)

    def add(self, request: Request) -> tuple[int, Any]:
        """Keeps a book, if it is one."""
        if dict(request.headers).get("content-type") != "application/json":
            return 415, None
        operation, exchange = API.operations[1], Exchange(request)
        wrong = {each.where for each in judge(operation, exchange)}
        if wrong - ({"body/title"} if self.flaw == "title" else set()):
            return 422, None
        book = json.loads(request.body)
        if any(each["isbn"] == book["isbn"] for each in self.books.values()):
            return 409, None
        if self.flaw == "tags" and book.get("tags") == []:
            return 500, None
        number = str(len(self.books) + 1)
        self.books[number] = {**book, "id": int(number)}
        return 201, self.books[number]


def told(server: Books, **settings: Any) -> set[tuple[str, str, str]]:
    """The rule, the operation and the beginning of the message of each error that the run's own requests show."""
    labels = tuple(each.label for each in API)
    credentials = credentials_for(API, GivenCredentials(bearer="secret"))
    server.settings = Settings(IN_PROCESS, "", 1, labels, credentials=credentials, **settings)
    defects: list[Defect] = []

    def judged(exchange: Exchange, fault: BodyFault | None) -> Verdict:
        return verdict_of(API, exchange, "", body_fault=fault)

    sender: Any = server
    Probing(API, server.settings, sender, lambda defect, _: defects.append(defect), {}, judged).run()
    return {(each.rule, each.subject, each.message.partition(": ")[0]) for each in defects if each.severity == "error"}


def test_a_sound_server_shows_nothing_at_its_edges() -> None:
    """A server that refuses what is invalid, and what is there already, has no findings."""
    assert told(Books()) == set()


@pytest.mark.parametrize(
    ("flaw", "expected"),
    [
        ("title", ("negative-data-rejection", "POST /books", "body/title")),
        ("limit", ("negative-data-rejection", "GET /books", "query.limit")),
        ("tags", ("not-a-server-error", "POST /books", "a valid request was answered with 500")),
    ],
)
def test_what_only_a_fresh_request_shows_is_found(flaw: str, expected: tuple[str, str, str]) -> None:
    """A flaw at an edge is found although a value that is there already would be refused for that."""
    assert expected in told(Books(flaw))


def test_valid_requests_near_an_edge_are_sent_between_invalid_ones() -> None:
    """Where time is short, both kinds are sent: a valid one behind each two that are not, and then the rest."""
    broken, sound = ([Request("GET", f"/{name}{number}") for number in range(5)] for name in ("broken", "sound"))
    sent = [request.path[1] + request.path[-1] for request in _in_turn(broken, sound, 9)]
    assert sent == ["b0", "b1", "s0", "b2", "b3", "s1", "b4", "s2", "s3"]


def test_a_slow_response_is_a_finding_where_that_is_asked_for() -> None:
    """A response that takes longer than the user allows is a finding, and none without a limit."""
    slow = ("response-slow", "GET /books", "the response took 3.00 s; the most is 1 s")
    assert slow not in told(Books("slow"))
    assert slow in told(Books("slow"), max_response_seconds=1.0)


def test_each_neighbour_differs_in_one_part() -> None:
    """Beside a valid value stand valid and invalid ones, each with one change; read-only members are not among them."""
    book = {"isbn": "97000001", "title": "Emma", "tags": ["old"]}
    changes = [*neighbours(SCHEMA, book, Direction.REQUEST)]
    values = [each.of(book) for each in changes]
    assert {"isbn": "97000001", "title": "Emmaaaaaa", "tags": ["old"]} in values
    assert {"title": "Emma", "tags": ["old"]} in values
    assert {**book, "tags": []} in values
    assert {**book, "tallystick": "tallystick"} in values
    assert not any(each.way[:1] == ("id",) for each in changes)
    assert {SCHEMA.is_valid(value, Direction.REQUEST) for value in values} == {True, False}


def test_a_text_with_a_pattern_is_varied_at_its_end() -> None:
    """A request that asks for what is there already is sent again with a value that fits the pattern, too."""
    request = Request("POST", "/books", "", (("content-type", "application/json"),), b'{"isbn":"97000001"}')

    def is_alike(candidate: Request) -> bool:
        return re.fullmatch("97[0-9]{6}", json.loads(candidate.body)["isbn"]) is not None

    isbn = json.loads(varied(request, random.Random(1), is_alike).body)["isbn"]
    assert isbn != "97000001"
    assert isbn.startswith("9700")
