"""Secrets are masked wherever they stand: header fields, queries, URLs and bodies, by the names that they have."""

from __future__ import annotations

import pytest

from tallystick.exchanges.secrets import Secrets
from tallystick.nouns.exchange import Request


@pytest.mark.parametrize(
    "name",
    [
        *("password", "X-Api-Key", "client_secret", "refreshToken", "access-token", "X-Amz-Signature", "csrf_token"),
        "private_key",
    ],
)
def test_a_name_looks_secret(name: str) -> None:
    """Names of passwords, keys, tokens and signatures are those of secrets, in every spelling."""
    assert Secrets(()).is_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "page_token",
        "nextPageToken",
        "key",
        "sid",
        "token_type",
        "secretary",
        "access-control-allow-credentials",
        "passenger",
    ],
)
def test_a_name_looks_like_no_secret(name: str) -> None:
    """What says where a list goes on, and what is only spelled alike, is none."""
    assert not Secrets(()).is_secret(name)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"password": "a\\"b", "name": "x"}', b'{"password": "***", "name": "x"}'),
        (b'data: {"token":"x"}\n\n', b'data: {"token":"***"}\n\n'),
        (b"user=a&client_secret=b&c=d", b"user=a&client_secret=***&c=d"),
        (
            b"<login><Password>x</Password><user>y</user></login>",
            b"<login><Password>***</Password><user>y</user></login>",
        ),
        (
            b'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\nhush\r\n--b--',
            b'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n***\r\n--b--',
        ),
        (b'\x89PNG\x00"password":"x"', b'\x89PNG\x00"password":"x"'),
    ],
)
def test_secrets_in_bodies_are_masked(body: bytes, expected: bytes) -> None:
    """Members of JSON, fields of forms, elements of XML and parts lose their texts; a binary body stays."""
    assert Secrets(()).in_body(body) == expected


def test_names_can_be_given() -> None:
    """A name that is given is a secret everywhere, one with an exclamation mark is none though it looks like one."""
    secrets = Secrets((), ["X-Tenant", "!id_token"])
    request = Request("GET", "/", "id_token=a&x-tenant=b", (("x-tenant", "c"),), b'{"xTenant":"d","idToken":"e"}')
    masked = secrets.request(request)
    assert masked.query == "id_token=a&x-tenant=***"
    assert masked.headers == (("x-tenant", "***"),)
    assert masked.body == b'{"xTenant":"***","idToken":"e"}'


def test_nothing_is_masked_where_that_is_asked_for() -> None:
    """With `!*` credentials, cookies and all other names are shown."""
    request = Request(
        "GET", "/", "access_token=a", (("authorization", "Bearer b"), ("cookie", "c=d")), b'{"token":"e"}'
    )
    assert Secrets((), ["!*"]).request(request) == request
