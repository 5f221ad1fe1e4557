"""Secrets are masked wherever they stand: header fields, queries, URLs and bodies, by the names that they have."""

from __future__ import annotations

import pytest

from tallystick.exchanges.secrets import Secrets
from tallystick.nouns.exchange import Request


@pytest.mark.parametrize(
    "name",
    [
        *("password", "X-Api-Key", "client_secret", "refreshToken", "access-token", "X-Amz-Signature", "csrf_token"),
        *("private_key", "PRIVATE-TOKEN", "X-Vault-Token", "user_token", "user[password]", "client_token", "pwd"),
        *("id_token", "code_verifier", "device_code", "client_assertion", "SAMLResponse", "JSESSIONID", "session_id"),
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
        *("key", "sid", "code", "state", "zip_code", "session", "assertion"),
        "token_type",
        *("NextToken", "sync_token", "x-continuation-token", "max_token", "timeToFirstToken", "password[hint]"),
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
        (b'{"pwd": 12, "tokens": ["a"], "token": ["a", "b"]}', b'{"pwd": 0, "tokens": ["a"], "token": ["***"]}'),
        (b'{"u": "https://u:p@h/?a=1&sig=b"}', b'{"u": "https://***@h/?a=1&sig=***"}'),
        (b'{"u": "http://h/#a=1\\u0026sig=b", "v": 1}', b'{"u": "http://h/#a=1\\u0026sig=***", "v": 1}'),
        (b'{"u": "ssh://git@h/a", "db": "pg://u:p@h/a"}', b'{"u": "ssh://git@h/a", "db": "pg://***@h/a"}'),
        (b"a=1&user%5Bpassword%5D=b", b"a=1&user%5Bpassword%5D=***"),
        (
            b"grant_type=authorization_code&code=abc&redirect_uri=https%3A%2F%2Fa&code_verifier=b&client_id=c",
            b"grant_type=authorization_code&code=***&redirect_uri=https%3A%2F%2Fa&code_verifier=***&client_id=c",
        ),
        (b"code=abc&state=x%2Fy", b"code=***&state=***"),
        (b"country=DE&state=sold", b"country=DE&state=sold"),
        (b'{"grant_type": "authorization_code", "code": "a"}', b'{"grant_type": "authorization_code", "code": "***"}'),
        (b'{"country": "US", "state": "CA", "code": "90210"}', b'{"country": "US", "state": "CA", "code": "90210"}'),
        (
            b'<a href="/login?response_type=code&state=x">in</a> <a href="/pets?state=sold">pets</a>',
            b'<a href="/login?response_type=code&state=***">in</a> <a href="/pets?state=sold">pets</a>',
        ),
        (b'{"u": "/cb?code=a\\u0026state=b", "code": "x"}', b'{"u": "/cb?code=***\\u0026state=***", "code": "x"}'),
        (b'"token=1"', b'"token=1"'),
        (b'<a href="/cart;jsessionid=A1?x=1">1</a>', b'<a href="/cart;jsessionid=***?x=1">1</a>'),
        (b"let a = 1;token=read()", b"let a = 1;token=read()"),
        (b'<a pwd="x" b="y"/>', b'<a pwd="***" b="y"/>'),
        (b"<a><pwd><![CDATA[x]]></pwd></a>", b"<a><pwd>***</pwd></a>"),
        (
            b"--b\r\nContent-Disposition: form-data; name=password\r\n\r\nhush\r\n--b--",
            b"--b\r\nContent-Disposition: form-data; name=password\r\n\r\n***\r\n--b--",
        ),
        (b'\x89PNG\x00"password":"x"', b'\x89PNG\x00"password":"x"'),
    ],
)
def test_secrets_in_bodies_are_masked(body: bytes, expected: bytes) -> None:
    """Members of JSON, fields of forms, elements of XML and parts lose their texts; a binary body stays."""
    assert Secrets(()).in_body(body) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("code=abc&state=xyz&iss=https://a", "code=***&state=***&iss=https://a"),
        ("response_type=code&client_id=a&state=xyz&nonce=n", "response_type=code&client_id=a&state=***&nonce=***"),
        ("code=DE", "code=DE"),
        ("state=sold&page=2", "state=sold&page=2"),
        ("redirect_uri=https://a/cb?b&code=c", "redirect_uri=https://a/cb?b&code=***"),
    ],
)
def test_what_a_login_knows_is_masked(query: str, expected: str) -> None:
    """A code and a state are secrets beside other signs of OAuth: in queries, and in the redirects that have them."""
    assert Secrets(()).in_query(query) == expected
    assert Secrets(()).header("location", f"https://app.example/cb?{query}") == f"https://app.example/cb?{expected}"
    assert Secrets((), ["!code", "!state", "!nonce"]).in_query(query) == query


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


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("location", "https://app.example/#access_token=x&state=y", "https://app.example/#access_token=***&state=y"),
        ("referer", "https://u:p@app.example/a?token=x", "https://***@app.example/a?token=***"),
        ("x-original-url", "/a?api_key=x", "/a?api_key=***"),
        ("cookie", "a=b; c; d=e=f", "a=***; ***; d=***"),
        ("set-cookie", "sid; Path=/", "***; Path=/"),
        ("location", "cart;jsessionid=A1.n?x=1", "cart;jsessionid=***?x=1"),
        ("link", "</a;v=1;token=b/c>;rel=next", "</a;v=1;token=***/c>;rel=next"),
        ("content-type", "multipart/form-data; boundary=token=x", "multipart/form-data; boundary=token=x"),
    ],
)
def test_secrets_in_header_fields_are_masked(name: str, value: str, expected: str) -> None:
    """URLs lose who asks and the secrets of their queries and fragments; cookies lose their values, named or not."""
    assert Secrets(()).header(name, value) == expected


@pytest.mark.parametrize("first", [b"{", b"<a>", b"--b\r\n", b""])
@pytest.mark.parametrize(
    "piece",
    [
        *(b'"token": [ "a", ', b"<pwd><![CDATA[ ", b"http://u:", b"a?token=& ", b';name="a"\r\n', b'"token":"\\'),
        *(b';name="a"\r\n\r\n', b"<a ", b' a="', b"&a=", b"/a;token=", b";sid="),
    ],
)
def test_a_large_body_is_masked_in_time(first: bytes, piece: bytes) -> None:
    """A body that is full of beginnings of secrets takes a time that grows with its length only."""
    assert Secrets(()).in_body(first + piece * 20_000).startswith(first)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/cart;jsessionid=A1", "/cart;jsessionid=***"),
        ("/a;v=1;sid=b/c;token=d;e", "/a;v=1;sid=***/c;token=***;e"),
        ("/a%3Bjsessionid=A1/b", "/a%3Bjsessionid=***/b"),
        ("/a;v=1;color=red", "/a;v=1;color=red"),
    ],
)
def test_secrets_in_paths_are_masked(path: str, expected: str) -> None:
    """A session id in a parameter of a segment is as good as the cookie that it stands for."""
    assert Secrets(()).request(Request("GET", path)).path == expected
    assert Secrets(()).in_url(f"http://a{path}?token=x") == f"http://a{expected}?token=***"
    assert Secrets((), ["!*"]).request(Request("GET", path)).path == path


def test_nothing_is_masked_where_that_is_asked() -> None:
    """With `!*` a body and a header field stay as they are."""
    secrets, body = Secrets((), ["!*"]), b'{"token": "x", "u": "https://u:p@h/?sig=b"}'
    assert (secrets.in_body(body), secrets.header("referer", "https://u:p@h/?sig=b")) == (body, "https://u:p@h/?sig=b")
