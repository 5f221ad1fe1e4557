"""What a fuzz run says of refusals that the contract does not document, or that it leaves to the server."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.asking import contract

from tallystick.fuzz.defects import Defect, defects_of_check, defects_of_response
from tallystick.fuzz.failed_checks import CredentialsIgnored, FailedCheck, ValidRefused
from tallystick.fuzz.verdicts import verdict_of
from tallystick.nouns.exchange import Exchange, Request, Response
from tallystick.nouns.violation import Severity

API = contract(
    """
    components: {securitySchemes: {token: {type: http, scheme: bearer}}}
    paths:
      /pets/{id}:
        get:
          security: [{token: []}]
          parameters:
            - {name: id, in: path, required: true, schema: {type: integer}}
            - {name: weight, in: query, schema: {type: number}}
            - {name: tag, in: query, schema: {type: string, maxLength: 3}}
          responses: {'200': {description: A pet.}, '401': {description: Who?}, '422': {description: What?}}
      /toys:
        get:
          security: [{token: []}]
          parameters: [{name: tag, in: query, schema: {type: string, maxLength: 3}}]
          responses: {'200': {description: Toys.}}
    """
)
TOKEN = ("Authorization", "Bearer abc")


def told(target: str, status: int, *headers: tuple[str, str], has_credentials: bool = True) -> Defect:
    """The one defect of a response to a GET."""
    path, _, query = target.partition("?")
    verdict = verdict_of(API, Exchange(Request("GET", path, query, headers), Response(status)), "")
    (defect,) = defects_of_response(verdict, has_credentials)
    return defect


def refused(target: str, base_path: str = "") -> list[Defect]:
    """The defects of a refusal with 422 that Schemathesis calls wrong."""
    path, _, query = target.partition("?")
    verdict = verdict_of(API, Exchange(Request("GET", base_path + path, query, (TOKEN,)), Response(422)), base_path)
    failed = FailedCheck("positive-data-acceptance", "", "", "", ValidRefused())
    assert verdict.operation is not None
    return defects_of_check(failed, verdict, verdict.operation, True)


def test_403_is_an_error_where_401_is_documented_for_requests_without_credentials() -> None:
    """A request that brings no credentials is refused as the contract says, and not with another status."""
    defect = told("/pets/1", 403)
    assert (defect.rule, defect.severity) == ("response-status-undocumented", Severity.ERROR)
    assert defect.message.endswith("requests without known credentials are refused with 401 by the contract")


def test_an_undocumented_refusal_of_an_invalid_request_is_a_warning_that_names_what_is_documented() -> None:
    """A contract need not name all refusals, and what it names for invalid requests is told."""
    defect = told("/pets/1?tag=long", 400, TOKEN)
    assert (defect.rule, defect.severity) == ("rejection-undocumented", Severity.WARNING)
    assert defect.message.endswith("the contract documents 422 for invalid requests")


@pytest.mark.parametrize("headers", [(), (TOKEN,)])
def test_a_contract_that_says_nothing_of_refusals_is_told_so(headers: tuple[tuple[str, str], ...]) -> None:
    """Where no refusal is documented, the warning says that."""
    defect = told("/toys?tag=long", 400, *headers)
    assert (defect.rule, defect.severity) == ("rejection-undocumented", Severity.WARNING)
    assert defect.message.endswith("the contract does not say how invalid requests are refused")


def test_made_up_credentials_may_be_refused_otherwise() -> None:
    """Who gave no credentials learns with which status the contract refuses unknown ones; that is no error."""
    defect = told("/pets/1", 403, TOKEN, has_credentials=False)
    assert (defect.rule, defect.severity) == ("rejection-undocumented", Severity.WARNING)
    assert defect.message.endswith("the contract documents 401 for requests without known credentials")


def test_the_users_own_credentials_are_refused_for_no_documented_reason() -> None:
    """A valid request with the user's credentials is not refused with an undocumented status."""
    defect = told("/pets/1", 403, TOKEN)
    assert (defect.rule, defect.severity) == ("response-status-undocumented", Severity.ERROR)
    assert defect.message.endswith("it refuses a valid request")


@pytest.mark.parametrize("base_path", ["", "/v1"])
@pytest.mark.parametrize(
    ("target", "is_told"),
    [("/pets/29", True), ("/pets/29.0", False), ("/pets/2.9e1", False), ("/pets/29?weight=1.0", True)],
)
def test_a_whole_number_with_a_fraction_may_be_refused(target: str, is_told: bool, base_path: str) -> None:
    """`29.0` is an integer to JSON Schema, and no integer to most servers: OpenAPI does not say how one is spelled."""
    assert bool(refused(target, base_path)) is is_told


def test_credentials_that_were_drawn_show_nothing() -> None:
    """Values are drawn from the literals of an application, so a drawn token may be one that it knows."""
    verdict = verdict_of(API, Exchange(Request("GET", "/pets/1", "", (TOKEN,)), Response(200)), "")
    assert verdict.operation is not None
    for is_drawn in (True, False):
        failed = FailedCheck("ignored-auth", "", "", "", CredentialsIgnored(200, is_bare=False, is_drawn=is_drawn))
        assert bool(defects_of_check(failed, verdict, verdict.operation, True)) is not is_drawn


@pytest.mark.parametrize("is_forged", [True, False])
def test_a_stranger_may_be_refused_for_other_reasons(is_forged: bool) -> None:
    """Who is slowed down after wrong credentials learns of an undocumented 429; that is no error."""
    headers = (TOKEN,) if is_forged else ()
    verdict = verdict_of(API, Exchange(Request("GET", "/pets/1", "", headers), Response(429)), "")
    (defect,) = defects_of_response(replace(verdict, is_forged=is_forged), True)
    assert (defect.rule, defect.severity) == ("rejection-undocumented", Severity.WARNING)
    assert defect.message.endswith("the contract documents 401 for requests without known credentials")
