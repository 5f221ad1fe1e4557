"""Swagger 2.0: `collectionFormat` wherever values are written, tuples in `items`, and examples of responses."""

from __future__ import annotations

from typing import Any

import pytest
from support.asking import asker, contract, header, request

from tallystick import Exchange, Response, example_request, judge
from tallystick.models import module_of
from tallystick.nouns.contract import Contract, Operation
from tallystick.rules.contract.document import judge_document

DELIMITERS = {"csv": ",", "ssv": " ", "tsv": "\t", "pipes": "|"}
ENCODED = {"csv": "%2C", "ssv": "%20", "tsv": "%09", "pipes": "%7C"}
INTEGERS: dict[str, Any] = {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}


def swagger(path: str, operation: dict[str, Any], **fields: Any) -> Contract:
    """A Swagger 2.0 contract of one operation, whose responses have no body unless it says otherwise."""
    described = {"responses": {"200": {"description": "Done"}}, **operation}
    info = {"title": "Test", "version": "1"}
    return contract({"swagger": "2.0", "info": info, "paths": {path: {"post": described}}, **fields})


def faults(operation: Operation, line: str, headers: dict[str, str] | None = None, body: bytes = b"") -> list[str]:
    """The `where` of each violation in a request."""
    return [violation.where for violation in judge(operation, Exchange(request(line, headers, body), None))]


def parts(name: str, *values: str) -> tuple[dict[str, str], bytes]:
    """The headers and the bytes of a multipart body with a part of this name for each value."""
    texts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for text in values]
    return {"content-type": "multipart/form-data; boundary=b"}, ("".join(texts) + "--b--\r\n").encode()


@pytest.mark.parametrize("form", [*DELIMITERS, None])
@pytest.mark.parametrize("location", ["path", "query", "header", "urlencoded", "multipart"])
def test_an_array_is_read_as_its_collection_format_says(location: str, form: str | None) -> None:
    """csv is what holds without one; another delimiter is a violation, wherever the parameter is."""
    own = DELIMITERS[form or "csv"]
    known = {"in": "formData" if location in ("urlencoded", "multipart") else location, "required": True}
    parameter = {"name": "p", **known, **INTEGERS, **({"collectionFormat": form} if form else {})}
    consumes = {"urlencoded": ["application/x-www-form-urlencoded"], "multipart": ["multipart/form-data"]}
    path = "/{p}" if location == "path" else "/"
    fields: dict[str, Any] = {"consumes": consumes[location]} if location in consumes else {}
    (operation,) = swagger(path, {"parameters": [parameter], **fields})

    def violations(text: str, encoded: str) -> list[str]:
        match location:
            case "path":
                return faults(operation, f"POST /{encoded}")
            case "query":
                return faults(operation, f"POST /?p={encoded}")
            case "header":
                return faults(operation, "POST /", {"p": text})
            case "urlencoded":
                headers = {"content-type": "application/x-www-form-urlencoded"}
                return faults(operation, "POST /", headers, f"p={encoded}".encode())
        return faults(operation, "POST /", *parts("p", text))

    assert violations(f"1{own}2", f"1{ENCODED[form or 'csv']}2") == []
    assert violations(f"1{own}x", f"1{ENCODED[form or 'csv']}x") != []
    for other in set(DELIMITERS) - {form or "csv"}:
        assert violations(f"1{DELIMITERS[other]}2", f"1{ENCODED[other]}2") != [], other
    composed = example_request(operation)
    assert judge(operation, Exchange(composed, None)) == []
    if location == "multipart":
        assert composed.body.count(b"Content-Disposition") == 1


def test_multi_is_a_field_or_a_part_for_each_item() -> None:
    """It is what a query and a form have, and headers do not."""
    multi = {**INTEGERS, "collectionFormat": "multi"}
    (operation,) = swagger(
        "/",
        {
            "consumes": ["multipart/form-data"],
            "parameters": [{"name": "q", "in": "query", **multi}, {"name": "f", "in": "formData", **multi}],
        },
    )
    sent = parts("f", "1", "2")
    assert faults(operation, "POST /?q=1&q=2", *sent) == []
    assert set(faults(operation, "POST /?q=1,2", *sent)) == {"query.q", "query.q/0"}
    assert set(faults(operation, "POST /?q=1&q=2", *parts("f", "1,2"))) == {"body/f", "body/f/0"}


@pytest.mark.parametrize("outer", DELIMITERS)
@pytest.mark.parametrize("inner", DELIMITERS)
@pytest.mark.parametrize("location", ["path", "query", "header"])
def test_arrays_in_an_array_have_a_format_of_their_own(location: str, outer: str, inner: str) -> None:
    """The outer delimiter cuts first; a request that is composed is read to the same values."""
    if outer == inner:
        return
    items = {**INTEGERS, "collectionFormat": inner}
    known = {"name": "p", "in": location, "required": True, "collectionFormat": outer}
    path = "/{p}" if location == "path" else "/"
    (operation,) = swagger(path, {"parameters": [{**known, "type": "array", "items": items, "minItems": 2}]})
    first, last = (f"{number}{DELIMITERS[inner]}{number}" for number in (1, 2))
    text = f"{first}{DELIMITERS[outer]}{last}"
    first, last = (f"{number}{ENCODED[inner]}{number}" for number in (1, 2))
    encoded = f"{first}{ENCODED[outer]}{last}"
    lines = {"path": f"POST /{encoded}", "query": f"POST /?p={encoded}", "header": "POST /"}
    if location != "query":  # there, a delimiter that is encoded is one
        assert faults(operation, lines[location], {"p": text}) == []
        assert faults(operation, lines[location].replace("1", "x"), {"p": text.replace("1", "x")}) != []
    assert judge(operation, Exchange(example_request(operation), None)) == []


@pytest.mark.parametrize("form", DELIMITERS)
def test_a_response_header_is_written_and_judged_in_its_format(form: str) -> None:
    """The mock writes what the judge reads; the same items with another delimiter are a violation."""
    headers = {"X-A": {**INTEGERS, "collectionFormat": form}}
    (operation,) = contract_ = swagger("/", {"responses": {"200": {"description": "Done", "headers": headers}}})
    reply = asker(contract_)("POST /")
    assert DELIMITERS[form] in (header(reply, "x-a") or "")
    exchange = Exchange(request("POST /"), reply)
    assert judge(operation, exchange) == []
    for other in set(DELIMITERS) - {form}:
        sent = (("x-a", f"1{DELIMITERS[other]}2"),)
        assert [each.where for each in judge(operation, Exchange(request("POST /"), Response(200, sent, b"")))] != []


def test_files_in_an_array_are_parts() -> None:
    """No delimiter stands between files, whatever the default is."""
    files = {"name": "f", "in": "formData", "type": "array", "items": {"type": "file"}}
    (operation,) = swagger("/", {"consumes": ["multipart/form-data"], "parameters": [files]})
    assert faults(operation, "POST /", *parts("f", "a,b", "c")) == []


PAIR: dict[str, Any] = {
    "type": "array",
    "minItems": 2,
    "items": [{"type": "integer"}, {"$ref": "#/definitions/Named"}],
    "additionalItems": {"$ref": "#/definitions/More"},
}
DEFINITIONS: dict[str, Any] = {
    "Named": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "enum": ["a"]}}},
    "More": {"type": "boolean"},
}


def test_a_tuple_has_a_schema_for_each_position() -> None:
    """The judge, the mock, the models and the rules on components see the positions, and what follows them."""
    response = {"description": "Done", "schema": PAIR}
    body = {"name": "b", "in": "body", "required": True, "schema": PAIR}
    operation = {"parameters": [body], "responses": {"200": response}}
    (tuples,) = known = swagger("/", operation, definitions=DEFINITIONS)
    json = {"content-type": "application/json"}
    assert faults(tuples, "POST /", json, b'[1, {"name": "a"}, true, false]') == []
    where = faults(tuples, "POST /", json, b'["1", {"name": "b"}, 2]')
    assert set(where) == {"body/0", "body/1/name", "body/2"}
    reply = asker(known)("POST /", json, b'[1, {"name": "a"}]')
    assert reply.body == b'[1,{"name":"a"}]'
    assert "component-unused" not in {violation.rule for violation in judge_document(known)}
    assert "Named" in module_of(known, "x.yaml").text


def test_a_tuple_without_more_items_is_closed_or_open() -> None:
    """`additionalItems: false` allows nothing after the positions; without it, anything may follow."""
    for more, expected in (({"additionalItems": False}, ["body/1"]), ({}, [])):
        schema = {"type": "array", "items": [{"type": "integer"}], **more}
        (operation,) = swagger("/", {"parameters": [{"name": "b", "in": "body", "schema": schema}]})
        assert faults(operation, "POST /", {"content-type": "application/json"}, b'[1, "x"]') == expected


@pytest.mark.parametrize(
    ("produces", "key", "media_type"),
    [
        (["application/json"], "application/json", "application/json"),
        (["application/json; charset=utf-8"], "application/json", "application/json; charset=utf-8"),
        (["application/json"], "application/json; charset=utf-8", "application/json"),
        (["application/JSON"], "Application/json", "application/JSON"),
        (["application/json"], "*/*", "application/json"),
        (["application/json"], "application/*", "application/json"),
        (["*/*"], "application/json", "application/json"),
        (["application/*"], "application/vnd.a+json", "application/vnd.a+json"),
        ([], "application/json", "application/json"),
    ],
)
@pytest.mark.parametrize("schema", [{"type": "object"}, None], ids=["with a schema", "without"])
def test_an_example_of_a_response_is_served_under_its_media_type(
    produces: list[str], key: str, media_type: str, schema: dict[str, Any] | None
) -> None:
    """A key of `examples` is compared with `produces` as media types and ranges are, with or without a schema."""
    response = {"description": "Done", "examples": {key: {"a": 1}}, **({"schema": schema} if schema else {})}
    known = swagger("/", {"responses": {"200": response}, **({"produces": produces} if produces else {})})
    reply = asker(known)("POST /")
    assert (reply.status, reply.body) == (200, b'{"a":1}')
    sent = (header(reply, "content-type") or "").lower()
    assert sent.partition(";")[0] == media_type.lower().partition(";")[0]
    (operation,) = known
    assert judge(operation, Exchange(request("POST /"), reply)) == []


def test_a_response_without_a_schema_allows_what_no_example_shows() -> None:
    """Its examples are served, and nothing else is refused."""
    response = {"description": "Done", "examples": {"application/xml": "<a/>"}}
    (operation,) = swagger("/", {"responses": {"200": response}})
    for headers, body in (((), b""), ((("content-type", "text/csv"),), b"a,b"), ((("content-type", "a/b"),), b"")):
        assert judge(operation, Exchange(request("POST /"), Response(200, headers, body))) == []
