"""An exchange is read by its operation: each part once, with its value and what is wrong with how it is written."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from support.asking import operation, request

from tallystick.nouns.contract import Operation
from tallystick.nouns.exchange import Exchange, Response
from tallystick.wire.bodies import UNJUDGED
from tallystick.wire.reading import Reading, reader_of
from tallystick.wire.values import MISSING


def reading(known: Operation, line: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Reading:
    """The reading of a request."""
    return Reading(known, Exchange(request(line, headers, body)))


PETS = """
    servers: [{url: 'https://example.com/v2'}, {url: '/{tenant}/api'}]
    paths:
      /pets/{id}/{part}.txt:
        get:
          parameters:
            - {name: part, in: path, required: true, schema: {type: string}}
            - {name: id, in: path, required: true, schema: {type: integer}}
            - {name: nowhere, in: path, required: true, schema: {type: string}}
            - {name: limit, in: query, schema: {type: integer}}
            - {name: X-Trace, in: header, schema: {type: string}}
            - {name: sid, in: cookie, schema: {type: string}}
          responses: {'200': {description: Done}}
"""


def values(found: Reading) -> dict[str, Any]:
    """The values of a reading's parameters by their names."""
    return {parameter.name: read(found)[0] for parameter, read in reader_of(found.operation).parameters}


@pytest.mark.parametrize("base", ["", "/v2", "/acme/api"])
def test_path_parameters_are_read_below_each_base_path(base: str) -> None:
    """The path may stand below the base path of any server; a parameter that the template lacks is not read."""
    found = values(
        reading(operation(PETS), f"GET {base}/pets/7/head.txt?limit=2", {"x-trace": " a ", "cookie": "sid=1"})
    )
    assert found == {"part": "head", "id": 7, "limit": 2, "X-Trace": "a", "sid": "1"}


def test_a_path_that_is_another_has_no_parameters() -> None:
    """In a path that does not meet the template no parameter is found."""
    found = values(reading(operation(PETS), "GET /toys/7"))
    assert found == {"part": MISSING, "id": MISSING, "limit": MISSING, "X-Trace": MISSING, "sid": MISSING}


def test_header_fields_are_joined_and_read_as_utf_8() -> None:
    """Fields of one name are one, in any case; bytes beyond ASCII are UTF-8 where they can be."""
    known = operation(PETS)
    sent = request("GET /")
    fields = (("X-A", "1"), ("x-a", "2"), ("x-b", "Ã©"), ("x-c", "\xe9"), ("cookie", "a=1"), ("cookie", "b=2; a=3"))
    found = Reading(known, Exchange(type(sent)("GET", "/", headers=fields)))
    assert found.headers == {"x-a": "1, 2", "x-b": "é", "x-c": "\xe9", "cookie": "a=1; b=2; a=3"}


def test_cookies_are_told_by_their_names() -> None:
    """Each value of a name is kept, in order, and what has no equals sign is no cookie."""
    found = reading(operation(PETS), "GET /", {"Cookie": "a=1; b=x=y;a=2; flag; =c"})
    assert found.cookies == {"a": ["1", "2"], "b": ["x=y"], "": ["c"]}


def test_bodies_are_read_by_their_media_types() -> None:
    """A body without a description, or of another media type, has no value."""
    known = operation(
        """
        paths:
          /:
            post:
              requestBody: {content: {application/json: {schema: {}}, image/png: {schema: {}}}}
              responses: {}
        """
    )
    assert reading(known, "POST /", {"Content-Type": "application/json"}, b"[1]").body[3:5] == ([1], "")
    assert reading(known, "POST /", {"Content-Type": "image/png"}, b"[1]").body[3:5] == (UNJUDGED, "")
    assert reading(known, "POST /", {"Content-Type": "text/plain"}, b"[1]").body[3:5] == (MISSING, "")
    assert reading(operation(PETS), "POST /", {"Content-Type": "application/json"}, b"[1]").body[3:5] == (MISSING, "")


def test_a_response_is_read_by_the_response_that_covers_its_status() -> None:
    """The definition is the exact one, else the range, else the default; an undocumented status has none."""
    known = operation(
        """
        paths:
          /:
            get:
              responses:
                '200': {description: Exact, content: {application/json: {schema: {}}}}
                2XX: {description: Range}
        """
    )

    def response(status: int, **headers: str) -> Reading:
        fields = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        return Reading(known, Exchange(request("GET /"), Response(status, fields, b"{}")))

    exact = response(200, Content_Type="application/json; charset=utf-8")
    assert exact.definition is not None
    assert exact.definition.description == "Exact"
    assert exact.response_body[3:5] == ({}, "")
    other = response(299, Content_Type="application/json")
    assert other.definition is not None
    assert other.definition.description == "Range"
    assert other.response_body[3:5] == (MISSING, "")
    assert response(300).definition is None
    assert response(300).response_body[3:5] == (MISSING, "")
    assert response(200).response_body.format is None


def test_a_response_that_is_not_documented_is_not_taken_for_a_request() -> None:
    """What is known of the bodies of requests and of responses is kept apart."""
    known = operation(
        """
        paths:
          /:
            post:
              requestBody: {content: {application/json: {schema: {}}}}
              responses: {'200': {description: Done}}
        """
    )
    sent = request("POST /", {"Content-Type": "application/json"}, b"[1]")
    told = Response(500, (("content-type", "application/json"),), b"{}")
    for _ in range(2):
        found = Reading(known, Exchange(sent, told))
        assert found.response_body.format is None
        assert found.body.value == [1]


@pytest.mark.parametrize(
    ("method", "status", "expected"),
    [
        ("GET", 200, True),
        ("GET", 404, True),
        ("HEAD", 200, False),
        ("GET", 204, False),
        ("GET", 205, False),
        ("GET", 304, False),
        ("GET", 100, False),
    ],
)
def test_which_responses_may_have_a_body(method: str, status: int, expected: bool) -> None:
    """A response to HEAD has no body, nor has one of a status that ends without any (RFC 9110, section 6.4.1)."""
    found = Reading(operation(PETS), Exchange(request(f"{method} /"), Response(status)))
    assert found.response_may_have_body is expected


def test_an_operation_is_prepared_once_and_forgotten_with_it() -> None:
    """The readers of an operation are made on first use, and go when it goes."""
    known = operation(PETS)
    assert reader_of(known) is reader_of(known)
    forgotten = weakref.ref(reader_of(known))
    del known
    gc.collect()
    assert forgotten() is None
