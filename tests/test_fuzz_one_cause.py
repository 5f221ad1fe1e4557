"""Findings that are one finding, since one thing in the server is wrong."""

from __future__ import annotations

from support.asking import contract

from tallystick.fuzz.causes import folded
from tallystick.fuzz.defects import defects_of_check, defects_of_probe
from tallystick.fuzz.failed_checks import DeletedFound, FailedCheck
from tallystick.fuzz.findings import Finding
from tallystick.fuzz.verdicts import verdict_of
from tallystick.nouns.exchange import Exchange, Request, Response

_BODY = "{content: {application/json: {schema: {type: object}}}}"
API = contract(
    f"""
    paths:
      /pets: {{post: {{requestBody: {_BODY}, responses: {{'201': {{description: A pet.}}}}}}}}
      /toys: {{post: {{requestBody: {_BODY}, responses: {{'201': {{description: A toy.}}}}}}}}
    """
)


def test_a_server_that_looks_at_no_media_type_has_one_finding() -> None:
    """A body of an undocumented media type that several operations accept is one cause."""
    findings = []
    for path in ("/pets", "/toys"):
        request = Request("POST", path, "", (("content-type", "text/plain"),), b"{}")
        exchange = Exchange(request, Response(201))
        (defect,) = defects_of_probe(verdict_of(API, exchange, ""), True)
        findings.append(Finding(defect, (exchange,)))
    (one,) = folded(findings)
    assert [one.subject, *(other.subject for other in one.others)] == ["POST /pets", "POST /toys"]


BOOKS = contract(
    """
    components:
      schemas:
        Book: {type: object, properties: {tags: {type: array, maxItems: 1}, pages: {type: integer, maximum: 9}}}
        Change: {type: object, properties: {tags: {type: array, maxItems: 1}}}
    paths:
      /books:
        post:
          requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}}
          responses:
            '201': {description: A book., content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}}
      /books/{id}:
        parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
        patch:
          requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Change'}}}}
          responses: {'204': {description: Changed.}}
        get:
          responses:
            '200': {description: A book., content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}}
        delete:
          responses: {'204': {description: Gone.}}
    """
)
JSON = (("content-type", "application/json"),)
TWO_TAGS = b'{"tags": [1, 2]}'
WRONG_PAGES = b'{"pages": 1.5}', b'{"pages": 10}'


def test_a_member_that_breaks_two_keywords_is_one_finding() -> None:
    """A member that is shown wrongly is one cause, whichever of its keywords each response breaks."""
    exchanges = [Exchange(Request("GET", "/books/1"), Response(200, JSON, body)) for body in WRONG_PAGES]
    findings = [
        Finding(defect, (each,)) for each in exchanges for defect in defects_of_probe(verdict_of(BOOKS, each, ""), True)
    ]
    assert len(findings) == 2
    assert len(folded(findings)) == 1


def test_a_check_of_a_member_that_is_missing_is_one_finding() -> None:
    """What several schemas say of one member, and the response that shows what was wrongly accepted, are one cause."""
    exchanges = [
        Exchange(Request("GET", "/books/1"), Response(200, JSON, TWO_TAGS)),
        Exchange(Request("POST", "/books", "", JSON, TWO_TAGS), Response(201, JSON, b"{}")),
        Exchange(Request("PATCH", "/books/1", "", JSON, TWO_TAGS), Response(204)),
    ]
    findings = [
        Finding(defect, (exchange,))
        for exchange in exchanges
        for defect in defects_of_probe(verdict_of(BOOKS, exchange, ""), True)
    ]
    assert len(findings) == 3
    (one,) = folded(findings)
    assert one.rule == "negative-data-rejection"
    assert {other.subject for other in one.others} | {one.subject} == {
        "POST /books",
        "PATCH /books/{id}",
        "GET /books/{id}",
    }


def test_what_says_of_itself_that_it_is_deleted_may_be_read() -> None:
    """A resource that is kept and marked as deleted is no finding of Schemathesis's check either."""
    operation = next(each for each in BOOKS if each.method == "DELETE")
    failed = FailedCheck("use-after-free", "Gone", "", "", DeletedFound("DELETE /books/1", "GET /books/1"))
    for body, expected in ((b'{"tags": []}', ["use-after-free"]), (b'{"isDeleted": true}', [])):
        verdict = verdict_of(BOOKS, Exchange(Request("GET", "/books/1"), Response(200, JSON, body)), "")
        assert [each.rule for each in defects_of_check(failed, verdict, operation, True)] == expected
