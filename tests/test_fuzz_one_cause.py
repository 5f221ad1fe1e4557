"""Findings that are one finding, since one thing in the server is wrong."""

from __future__ import annotations

from support.asking import contract

from tallystick.fuzz.causes import folded
from tallystick.fuzz.defects import defects_of_probe
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
