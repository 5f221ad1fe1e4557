"""Fields of forms of which the contract says what they may not be: empty, or not percent-encoded."""

from __future__ import annotations

import pytest
from support.asking import asker, contract

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
RESERVED = """
    paths:
      /a:
        post:
          requestBody: {content: {application/x-www-form-urlencoded: {
            schema: {type: object, properties: {strict: {type: string}, lax: {type: string}, list: {type: array}}},
            encoding: {strict: {allowReserved: false}, list: {allowReserved: false, explode: false}}}}}
          responses: {'200': {description: Done}}
"""
SWAGGER = """
    swagger: '2.0'
    info: {title: Test, version: '1'}
    paths:
      /a:
        post:
          consumes: [application/x-www-form-urlencoded]
          parameters:
            - {name: strict, in: formData, type: string, allowEmptyValue: false}
            - {name: lax, in: formData, type: string}
            - {name: open, in: formData, type: string, allowEmptyValue: true}
          responses: {'200': {description: Done}}
"""


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"strict=a:b", 422),
        (b"strict=a%3Ab", 200),
        (b"strict=a+b*c", 200),
        (b"lax=a:b", 200),
        (b"list=a,b", 200),
    ],
)
def test_reserved_characters_are_encoded_where_the_contract_says_so(body: bytes, status: int) -> None:
    """`allowReserved: false` refuses a reserved character as it is; where nothing is said, it is read."""
    assert asker(contract(RESERVED))("POST /a", FORM, body).status == status


@pytest.mark.parametrize(("body", "status"), [(b"strict=", 422), (b"strict=x", 200), (b"lax=", 200), (b"open=", 200)])
def test_an_empty_field_is_refused_where_the_contract_says_so(body: bytes, status: int) -> None:
    """`allowEmptyValue: false` of a form field refuses an empty text; where nothing is said, it is read."""
    assert asker(contract(SWAGGER))("POST /a", FORM, body).status == status


def test_the_message_tells_the_field() -> None:
    """A refusal names the field and what the contract asks for."""
    told = asker(contract(RESERVED))("POST /a", FORM, b"strict=a:b").body
    assert b"strict: ':' is not percent-encoded, which `allowReserved: false` asks for" in told
    assert b"body/strict" in asker(contract(SWAGGER))("POST /a", FORM, b"strict=").body
