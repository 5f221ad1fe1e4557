"""The proxy speaks HTTP/2 with an upstream that asks for it."""

from __future__ import annotations

import hashlib
import json
import ssl
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from support.asking import contract

from tallystick.testing import RunningMock, mock
from tests.proxied.client import Client, Fields, Seen
from tests.proxied.upstream import odd_upstream

pytest.importorskip("h2")
trustme = pytest.importorskip("trustme")

from tests.proxied.http2 import LARGE, http2_server  # noqa: E402  # it needs both

JSON: Fields = [(b"Content-Type", b"application/json")]
_OPERATION = {"responses": {"200": {"description": "Told", "content": {"application/json": {"schema": {}}}}}}
CONTRACT: dict[str, Any] = {"paths": {"/told": {"get": _OPERATION, "post": _OPERATION}}}


def server_tls() -> ssl.SSLContext:
    """How a server of the tests speaks TLS."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def proxy() -> Iterator[RunningMock]:
    """A proxy of a server that speaks HTTP/2 alone."""
    with (
        http2_server(server_tls()) as port,
        mock(contract(CONTRACT), upstream=f"https://127.0.0.1:{port}", upstream_insecure=True) as running,
    ):
        yield running


def client_of(proxy: RunningMock) -> Client:
    """A connection to a mock."""
    return Client(int(proxy.url.rpartition(":")[2].partition("/")[0]))


def ask(proxy: RunningMock, line: str, fields: Fields | None = None, body: bytes = b"") -> Seen:
    """What a client sees on a connection of its own."""
    with closing(client_of(proxy)) as client:
        return client.ask(line, fields, body)


def told(seen: Seen) -> dict[str, Any]:
    """What the server tells of a request."""
    assert seen.status == 200, seen
    value: dict[str, Any] = json.loads(seen.body)
    return value


def test_a_request_has_the_fields_of_http_2(proxy: RunningMock) -> None:
    """Method, scheme, authority and path as it has them; none of one connection; the rest as it came."""
    odd: Fields = [(b"Cookie", b"a=1"), (b"X-Odd", b"\xfc"), (b"Connection", b"X-Own, TE"), (b"X-Own", b"1")]
    seen = ask(proxy, "GET /told?a=1%20&b", [*odd, (b"TE", b"trailers"), (b"X-Odd", b"2")])
    fields = told(seen)["fields"]
    assert [name for name, _ in fields[:4]] == [":method", ":scheme", ":authority", ":path"]
    assert fields[0][1] == "GET"
    assert fields[3][1] == "/told?a=1%20&b"
    assert [value for name, value in fields if name == "x-odd"] == ["ü", "2"]
    named = dict(fields)
    assert not {"host", "connection", "x-own", "transfer-encoding", "upgrade"} & set(named)
    assert (named["te"], named["cookie"], named["x-forwarded-host"]) == ("trailers", "a=1", "api.example")
    assert seen.phrase == b"OK"


@pytest.mark.parametrize("is_chunked", [False, True])
@pytest.mark.parametrize("body", [b"[]", LARGE])
def test_a_body_goes_there_as_fast_as_it_is_taken(proxy: RunningMock, body: bytes, is_chunked: bool) -> None:
    """Larger than the window of a stream; what has no length has trailer fields."""
    sent, fields = body, JSON
    if is_chunked:
        sent = b"%x\r\n%b\r\n0\r\nX-End: ok\r\nHost: other\r\n\r\n" % (len(body), body)
        fields = [*JSON, (b"Transfer-Encoding", b"chunked"), (b"Trailer", b"X-End")]
    asked = told(ask(proxy, "POST /told", fields, sent))
    assert asked["sha256"] == hashlib.sha256(body).hexdigest()
    assert asked["trailers"] == ([["x-end", "ok"]] if is_chunked else [])


def test_a_large_body_comes_back(proxy: RunningMock) -> None:
    """Larger than the window of a stream and of the connection; another one follows on the same."""
    with closing(client_of(proxy)) as client:
        for _ in range(3):
            seen = client.ask("GET /large")
            assert (seen.status, seen.is_broken) == (200, False)
            assert seen.body == LARGE


def test_a_reply_comes_as_the_upstream_sent_it(proxy: RunningMock) -> None:
    """Informational responses, fields that are there twice, bytes beyond ASCII, trailer fields."""
    seen = ask(proxy, "GET /trailers")
    assert [status for status, _ in seen.informed] == [103]
    assert seen.named(b"set-cookie") == [b"a=1", b"b=\xfc"]
    assert (seen.body, seen.trailers) == (b"[]", [(b"x-end", b"ok")])
    assert ask(proxy, "GET /none").status == 204
    seen = ask(proxy, "HEAD /told")
    assert (seen.status, seen.named(b"content-length"), seen.body) == (200, [b"17"], b"")


def test_a_connection_is_used_again(proxy: RunningMock) -> None:
    """For the next request; not after the upstream has said that it takes no more, though that reply is whole."""
    with closing(client_of(proxy)) as client:
        first = told(client.ask("GET /told"))["connection"]
        assert told(client.ask("GET /told"))["connection"] == first
        while (seen := client.ask("GET /going")).status == 502:  # it takes the first stream of a connection alone
            pass
        assert (seen.status, seen.body) == (200, b"[1]")
        assert told(client.ask("GET /told"))["connection"] > first


@pytest.mark.parametrize(
    ("path", "fact"),
    [
        ("/reset-at-once", b"the upstream reset its reply (ENHANCE_YOUR_CALM)"),
        ("/away", b"the upstream went away before its reply was there as a whole (NO_ERROR)"),
        ("/no-http", b"the upstream sent what is no HTTP/2"),
    ],
)
def test_what_is_no_reply_is_told(proxy: RunningMock, path: str, fact: bytes) -> None:
    """The client gets a 502, which says what the upstream did."""
    seen = ask(proxy, f"GET {path}")
    assert (seen.status, fact in seen.body) == (502, True), seen


def test_a_reply_that_is_reset_is_broken_for_the_client(proxy: RunningMock) -> None:
    """As one that ends too early in HTTP/1.1: with a 502 where it was held back still, else it has no end."""
    seen = ask(proxy, "GET /reset")
    assert seen.is_broken or seen.status == 502


def test_a_reply_may_come_before_the_body_is_sent(proxy: RunningMock) -> None:
    """The upstream takes no more of it; the next request is answered."""
    with closing(client_of(proxy)) as client:
        client.sock.sendall(b"POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n" + bytes(100_000))
        assert client.seen("POST").status == 413
    assert ask(proxy, "GET /told").status == 200


def test_an_upgrade_goes_over_http_1(proxy: RunningMock) -> None:
    """A server that speaks HTTP/2 alone refuses it, which is told."""
    wish: Fields = [(b"Connection", b"upgrade"), (b"Upgrade", b"websocket")]
    seen = ask(proxy, "GET /told", wish)
    assert (seen.status, b"the upstream speaks HTTP/2" in seen.body) == (502, True), seen


def test_an_upstream_that_speaks_both_has_http_1() -> None:
    """It has phrases and the case of names, which HTTP/2 has not."""
    tls = server_tls()
    tls.set_alpn_protocols(["http/1.1", "h2"])
    with (
        odd_upstream(tls) as port,
        mock(contract({"paths": {}}), upstream=f"https://127.0.0.1:{port}", upstream_insecure=True) as running,
    ):
        assert ask(running, "GET /length").status == 200


def test_without_the_extra_what_would_have_worked_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The upstream speaks HTTP/2 and nothing else."""
    monkeypatch.setattr("tallystick.mock.upstream.agreement.find_spec", lambda _: None)
    with (
        http2_server(server_tls()) as port,
        mock(contract(CONTRACT), upstream=f"https://127.0.0.1:{port}", upstream_insecure=True) as running,
    ):
        seen = ask(running, "GET /told")
    assert (seen.status, b"pip install 'tallystick[http2]'" in seen.body) == (502, True), seen
