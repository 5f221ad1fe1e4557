"""What a fuzz run says of responses is what the judge says: Schemathesis's own opinion of them is no finding."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from schemathesis.checks import CHECKS
from schemathesis.core.failures import Failure
from support.fuzzing import JSON, Answers, Fields, found, fuzz, served, written

from tallystick.fuzz.credentials import GivenCredentials
from tallystick.fuzz.outcome import Outcome

INTEGER = {"type": "integer"}
OBJECT = {"type": "object", "required": ["a"], "properties": {"a": INTEGER, "b": {"type": "string"}}}

HEADERS: dict[str, tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]] = {
    "one-of": ({"schema": {"oneOf": [INTEGER, {"type": "string", "pattern": "^a"}]}}, ("5",), ("b",)),
    "any-of": ({"schema": {"anyOf": [{"type": "boolean"}, {"type": "number"}]}}, ("1.5",), ("x",)),
    "all-of": ({"schema": {"allOf": [INTEGER, {"minimum": 3}]}}, ("4",), ("2",)),
    "enum": ({"schema": {"enum": [1, 2, 3]}}, ("2",), ("4",)),
    "const": ({"schema": {"const": 7}}, ("7",), ("8",)),
    "lines": ({"schema": {"type": "array", "minItems": 3, "items": INTEGER}}, ("1, 2", "3"), ("1, 2",)),
    "boolean": ({"schema": {"type": "boolean"}}, ("true",), ("yes",)),
    "booleans": ({"schema": {"type": "array", "items": {"type": "boolean"}}}, ("true,false",), ("true,1",)),
    "either": ({"schema": {"type": "array", "items": {"oneOf": [INTEGER, {"const": "x"}]}}}, ("1,x",), ("1,y",)),
    "object": ({"schema": OBJECT}, ("a,1,b,x",), ("b,x",)),
    "exploded": ({"schema": OBJECT, "explode": True}, ("a=1,b=x",), ("a=y",)),
    "date": ({"schema": {"type": "string", "format": "date-time"}}, ("2026-11-20T09:15:04Z",), ("yesterday",)),
    "null": ({"schema": {"type": ["integer", "null"]}}, ("3",), ("x",)),
    "large": ({"schema": {"type": "integer", "minimum": 100}}, ("1000000000000000000000",), ("99",)),
    "content": ({"content": {"application/json": {"schema": OBJECT}}}, ('{"a": 1, "b": "x,y"}',), ('{"a": "x"}',)),
}
"""Response headers: what is documented, lines that fit it, and lines that do not."""

EVENTS = "text/event-stream"
USER = {
    "type": "object",
    "required": ["id", "password"],
    "properties": {"id": {"type": "string", "readOnly": True}, "password": {"type": "string", "writeOnly": True}},
}
EVENT = {"type": "object", "required": ["data"], "properties": {"event": {"const": "tick"}, "data": {"type": "string"}}}
XML = {**OBJECT, "xml": {"name": "r"}}
BODIES: dict[str, tuple[dict[str, Any], str, bytes, bytes]] = {
    "write-only": ({"application/json": {"schema": USER}}, "application/json", b'{"id": "x"}', b'{"id": 1}'),
    "events": ({EVENTS: {"schema": OBJECT}}, EVENTS, b'data: {"a": 1}\n\n', b'data: {"a": "x"}\n\n'),
    "fields": (
        {EVENTS: {"schema": EVENT}},
        EVENTS,
        b": hello\n\nevent: tick\ndata: 12\ndata: x\n\ndata: x\nid: 7\n\n",
        b"event: tock\ndata: x\n\n",
    ),
    "texts": ({EVENTS: {"schema": {"type": "string", "enum": ["x"]}}}, EVENTS, b"data: x\n\n", b"data: y\n\n"),
    "lines": ({"application/jsonl": {"schema": OBJECT}}, "application/jsonl", b'{"a": 1}\n', b'{"b": 1}\n'),
    "xml": ({"application/xml": {"schema": XML}}, "application/xml", b"<r><a>1</a></r>", b"<r><a>x</a></r>"),
    "text": ({"text/plain": {"schema": INTEGER}}, "text/plain", b"42", b"x"),
    "case": ({"APPLICATION/JSON": {"schema": INTEGER}}, "application/json;charset=utf-8", b"1", b"x"),
    "range": ({"text/*": {"schema": {"enum": [1, 2]}}}, "text/plain", b"2", b"3"),
    "form": (
        {"application/x-www-form-urlencoded": {"schema": OBJECT}},
        "application/x-www-form-urlencoded",
        b"a=1",
        b"b=1",
    ),
}
"""Response bodies: what is documented, the media type, a body that fits and one that does not."""


def with_headers(folder: Path, lines: dict[str, tuple[str, ...]]) -> Outcome:
    """A run over an API that answers each `GET /NAME` with the header `X-NAME` in these lines."""
    paths, answers = {}, {}
    for name, (header, _, _) in HEADERS.items():
        response = {"description": "", "headers": {f"X-{name}": header}}
        paths[f"/{name}"] = {"get": {"responses": {"200": response}}}
        answers[f"/{name}"] = (200, tuple((f"x-{name}", line) for line in lines[name]), b"")
    return run(folder, paths, answers)


def with_bodies(folder: Path, bodies: dict[str, bytes]) -> Outcome:
    """A run over an API that answers each `GET /NAME` with this body."""
    paths, answers = {}, {}
    for name, (content, media_type, _, _) in BODIES.items():
        paths[f"/{name}"] = {"get": {"responses": {"200": {"description": "", "content": content}}}}
        answers[f"/{name}"] = (200, (("content-type", media_type),), bodies[name])
    return run(folder, paths, answers)


def run(folder: Path, paths: dict[str, Any], answers: dict[str, tuple[int, Fields, bytes]]) -> Outcome:
    """A short run over an application that gives these answers."""
    return fuzz(Answers(answers), contract=written(folder, paths), given=GivenCredentials(), max_examples=2)


def test_lawful_headers_of_every_shape_are_no_finding(tmp_path: Path) -> None:
    """A header that fits what is documented is no finding, whichever way Schemathesis reads it."""
    assert found(with_headers(tmp_path, {name: lawful for name, (_, lawful, _) in HEADERS.items()})) == set()


def test_wrong_headers_of_every_shape_are_found_by_the_judge(tmp_path: Path) -> None:
    """A header that does not fit is one finding under the judge's rule."""
    outcome = with_headers(tmp_path, {name: wrong for name, (_, _, wrong) in HEADERS.items()})
    assert found(outcome) == {("response-header-schema", f"GET /{name}") for name in HEADERS}


def test_lawful_bodies_of_every_media_type_are_no_finding(tmp_path: Path) -> None:
    """A body that fits is no finding: without what is written only, in events, lines, elements, fields and texts."""
    assert found(with_bodies(tmp_path, {name: lawful for name, (_, _, lawful, _) in BODIES.items()})) == set()


def test_wrong_bodies_of_every_media_type_are_found_by_the_judge(tmp_path: Path) -> None:
    """A body that does not fit is a finding under the judge's rules alone."""
    outcome = with_bodies(tmp_path, {name: wrong for name, (_, _, _, wrong) in BODIES.items()})
    assert {subject for _, subject in found(outcome)} == {f"GET /{name}" for name in BODIES}
    assert {rule for rule, _ in found(outcome)} == {"response-body-schema", "response-body-malformed"}


def test_a_body_that_the_judge_does_not_read_is_left_to_schemathesis(tmp_path: Path) -> None:
    """A body in YAML, which only Schemathesis reads, is a finding in its words where it does not fit."""
    content = {"application/yaml": {"schema": OBJECT}}
    paths = {path: {"get": {"responses": {"200": {"description": "", "content": content}}}} for path in ("/a", "/b")}
    fields = (("content-type", "application/yaml"),)
    outcome = run(tmp_path, paths, {"/a": (200, fields, b"a: 1\n"), "/b": (200, fields, b"a: x\n")})
    assert found(outcome) == {("response-schema-conformance", "GET /b")}


COOKIES = ("a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT", "b=2")


def with_cookies(folder: Path, most: int, is_served: bool) -> Outcome:
    """A run over an API that sets two cookies, of which this many are allowed."""
    schema = {"type": "array", "minItems": 2, "maxItems": most, "items": {"type": "string", "pattern": "^[ab]="}}
    responses = {"200": {"description": "", "headers": {"Set-Cookie": {"required": True, "schema": schema}}}}
    contract = written(folder, {"/a": {"get": {"responses": responses}}})
    application = Answers({"/a": (200, tuple(("set-cookie", cookie) for cookie in COOKIES), b"")})
    if not is_served:
        return fuzz(application, contract=contract, given=GivenCredentials(), max_examples=1)
    with served(application) as url:
        return fuzz(contract=contract, url=url, given=GivenCredentials(), max_examples=1)


@pytest.mark.parametrize("is_served", [False, True], ids=["in process", "over HTTP"])
def test_two_cookies_are_two_values(tmp_path: Path, is_served: bool) -> None:
    """Each `Set-Cookie` line is one cookie: none is cut at the comma of its date, and none is lost."""
    assert found(with_cookies(tmp_path, 2, is_served)) == set()
    assert found(with_cookies(tmp_path, 1, is_served)) == {("response-header-schema", "GET /a")}


def test_a_problem_body_where_none_is_documented_is_no_finding(tmp_path: Path) -> None:
    """A refusal that documents no body may have one, of any media type."""
    path = {"name": "id", "in": "path", "required": True, "schema": INTEGER}
    responses = {"404": {"description": "gone"}, "default": {"description": "any"}}
    paths = {"/a/{id}": {"get": {"parameters": [path], "responses": responses}}}
    problem = (404, (("content-type", "application/problem+json"),), json.dumps({"title": "x"}).encode())
    outcome = run(tmp_path, paths, {"/a/0": problem})
    assert {rule for rule, _ in found(outcome)} <= {"unsupported-method"}  # the application answers all with 404


@contextmanager
def check_that_fails(failure: type[Failure]) -> Iterator[None]:
    """Another check of Schemathesis, as a later release may have one, that finds every response wrong."""

    def response_colour_conformance(_: Any, __: Any, case: Any) -> None:
        raise failure(operation=case.operation.label, title="Wrong colour", message="it is red")

    schemathesis.check(response_colour_conformance)
    try:
        yield
    finally:
        CHECKS.unregister("response_colour_conformance")


class _OfResponses(Failure):
    checks = ("response_schema_conformance",)


class _CodedAsOfResponses(Failure):
    code = "ST199"
    checks = ("response_colour_conformance",)


class _OfRequests(Failure):
    code = "ST299"
    checks = ("request_colour_conformance",)


@pytest.mark.parametrize(
    ("failure", "is_kept"), [(_OfResponses, False), (_CodedAsOfResponses, False), (_OfRequests, True)]
)
def test_failures_are_dropped_by_their_kind(tmp_path: Path, failure: type[Failure], is_kept: bool) -> None:
    """A failure of an unknown class is dropped if its check or its code is about responses, else it is a finding."""
    paths = {"/a": {"get": {"responses": {"200": {"description": "", "content": {"application/json": {}}}}}}}
    with check_that_fails(failure):
        outcome = run(tmp_path, paths, {"/a": (200, (JSON,), b"{}")})
    assert found(outcome) == ({("request-colour-conformance", "GET /a")} if is_kept else set())
