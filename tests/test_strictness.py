"""How strict the mock is: which violations of a request are refused, only told, or not looked for."""

from __future__ import annotations

import base64
import json

import pytest
from support.asking import asker, contract

from tallystick.mock.settings import OperationSettings
from tallystick.nouns.exchange import Response

SHOP = """
    paths:
      /orders:
        get:
          operationId: listOrders
          security: [{login: ['orders:read', 'orders:list']}, {key: []}]
          parameters: [{name: limit, in: query, schema: {type: integer}}, {name: page, in: query, schema: {}}]
          responses:
            '200': {description: Orders, content: {application/json: {example: [1]}}}
            '403': {description: Forbidden, content: {application/json: {example: {message: no}}}}
            '422':
              description: Invalid
              content: {application/json: {examples: {first: {value: {a: 1}}, second: {value: {b: 2}}}}}
    components:
      securitySchemes:
        login: {type: oauth2, flows: {implicit: {authorizationUrl: 'https://a.example/', scopes: {}}}}
        key: {type: apiKey, in: header, name: X-Key}
"""
KEY = {"X-Key": "k"}


def told(reply: Response) -> str:
    """The violations that a reply tells in its header."""
    return dict(reply.headers).get("tallystick-violations", "")


def bearer(claims: object) -> dict[str, str]:
    """The credentials with a JWT of these claims, signed by nobody."""
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return {"Authorization": f"Bearer e30.{payload}.c2ln"}


@pytest.mark.parametrize(
    ("validate", "status", "tells"), [("enforce", 422, True), ("report", 200, True), ("off", 200, False)]
)
def test_violations_are_refused_told_or_passed_over(validate: str, status: int, tells: bool) -> None:
    """`validate` decides about all violations but those of credentials."""
    ask = asker(contract(SHOP), validate=validate)
    reply = ask("GET /orders?limit=x", KEY)
    assert (reply.status, "parameter-schema" in told(reply)) == (status, tells)
    assert ask("GET /orders").status == 401


@pytest.mark.parametrize(
    ("documented", "status"),
    [
        ("'401'", 401),
        ("'403'", 403),
        ("'401', '403'", 401),
        ("default, '403'", 401),
        ("4XX, '403'", 401),
        ("'404'", 401),
    ],
)
def test_credentials_are_refused_as_the_contract_says(documented: str, status: int) -> None:
    """Where 403 is the only status that the contract has for it, a caller without credentials gets that, else 401.

    A 403 of an operation with scopes is for those who lack them.
    """
    refusals = "".join(f", {code.strip()}: {{description: Refused}}" for code in documented.split(","))
    shop = (
        SHOP.partition("          responses:")[0]
        + f"          responses: {{'200': {{description: Orders}}{refusals}}}\n"
    )
    shop += SHOP[SHOP.index("    components:") :]
    assert asker(contract(shop))("GET /orders").status == 401
    reply = asker(contract(shop.replace("['orders:read', 'orders:list']", "[]")))("GET /orders")
    assert (reply.status, "credentials-missing" in told(reply)) == (status, True)


@pytest.mark.parametrize(
    ("auth", "status", "tells"), [("enforce", 401, True), ("report", 200, True), ("off", 200, False)]
)
def test_credentials_are_refused_told_or_passed_over(auth: str, status: int, tells: bool) -> None:
    """`auth` decides about credentials alone, also about those that say that they are invalid."""
    ask = asker(contract(SHOP), auth=auth)
    for credentials in ({}, {"X-Key": "invalid"}):
        reply = ask("GET /orders", credentials)
        assert (reply.status, "credentials-" in told(reply)) == (status, tells)
    assert ask("GET /orders?limit=x", {}).status == (401 if auth == "enforce" else 422)


def test_an_operation_is_as_strict_as_the_configuration_says() -> None:
    """What holds for one operation in the configuration goes before what holds for all."""
    own = OperationSettings(("listOrders",), {"validate": "off", "auth": "off"})
    assert asker(contract(SHOP), operations=(own,))("GET /orders?limit=x").status == 200


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"scope": "orders:read orders:list"}, 200),
        ({"scp": ["orders:read"]}, 403),
        ({"scopes": []}, 403),
        ({"sub": "anybody"}, 200),
        ("no object", 200),
    ],
)
def test_a_token_that_says_its_scopes_needs_those_that_are_required(claims: object, status: int) -> None:
    """A JWT whose claims lack a required scope gets the documented 403; one that claims none is accepted."""
    reply = asker(contract(SHOP))("GET /orders", bearer(claims))
    assert reply.status == status
    if status == 403:
        assert "scopes-missing" in told(reply)
        challenge = dict(reply.headers)["www-authenticate"]
        assert challenge == 'Bearer error="insufficient_scope", scope="orders:read orders:list"'


def test_the_configuration_says_the_scopes_of_tokens() -> None:
    """A token of any form has the scopes that the configuration gives it; another alternative may do without."""
    ask = asker(contract(SHOP), tokens=(("reader", frozenset(("orders:read",))),))
    assert ask("GET /orders", {"Authorization": "Bearer reader"}).status == 403
    assert ask("GET /orders", {"Authorization": "Bearer another"}).status == 200
    assert ask("GET /orders", {"Authorization": "Bearer reader", **KEY}).status == 200
    report = asker(contract(SHOP), tokens=(("reader", frozenset()),), auth="report")
    reply = report("GET /orders", {"Authorization": "Bearer reader"})
    assert (reply.status, "scopes-missing" in told(reply)) == (200, True)


def test_an_undocumented_query_name_is_refused_where_that_is_asked_for() -> None:
    """The near name is suggested; without `strict_query` any name passes."""
    assert asker(contract(SHOP))("GET /orders?limits=1", KEY).status == 200
    reply = asker(contract(SHOP), strict_query=True)("GET /orders?limits=1&page=2&__code=200", KEY)
    assert reply.status == 422
    assert "unknown query name 'limits'; did you mean 'limit'?" in told(reply)


@pytest.mark.parametrize(
    ("prefer", "status", "body"),
    [
        ("code=422, example=second", 422, b'{"b":2}'),
        ("example=second", 422, b'{"b":2}'),
        ("code=403", 403, None),
        ("code=200", 422, None),
        ("code=422, example=third", 404, None),
        ("code=200, example=third", 422, None),
    ],
)
def test_preferences_choose_among_the_errors_of_what_is_refused(prefer: str, status: int, body: bytes | None) -> None:
    """An invalid request gets the documented error that it prefers, and never a success."""
    reply = asker(contract(SHOP))("GET /orders?limit=x", {"Prefer": prefer, **KEY})
    assert reply.status == status
    assert body is None or reply.body == body


def test_a_reply_says_which_preferences_it_grants() -> None:
    """`Preference-Applied` has what was granted, and `Vary` says that another request gets another reply."""
    ask = asker(contract(SHOP))
    headers = dict(ask("GET /orders", {"Prefer": "code=422, example=second, dynamic=false", **KEY}).headers)
    assert headers["preference-applied"] == "code=422, example=second, dynamic=false"
    assert headers["vary"] == "Prefer"
    assert "preference-applied" not in dict(ask("GET /orders", {"Prefer": "respond-async", **KEY}).headers)


def test_a_body_is_refused_where_only_a_415_is_documented_for_it() -> None:
    """An operation without a request body that documents a 415 refuses a body with it."""
    document = contract("paths: {/a: {post: {responses: {'200': {description: Yes}, '415': {description: No body}}}}}")
    ask = asker(document)
    assert ask("POST /a", {"Content-Type": "text/plain"}, b"a").status == 415
    assert ask("POST /a").status == 200


def test_an_exact_status_goes_before_a_range() -> None:
    """A valid request gets the documented 201, and not the range that begins with 200."""
    responses = "{'2XX': {description: Any}, '201': {description: Created}, default: {description: Other}}"
    assert asker(contract(f"paths: {{/a: {{get: {{responses: {responses}}}}}}}"))("GET /a").status == 201
