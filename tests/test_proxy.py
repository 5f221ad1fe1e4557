"""The proxy judges what passes, and the mock answers where the upstream cannot."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from published_schemas import CONTROL
from support.asking import contract
from support.web import answering
from test_proxy_bytes import JSON, asked, eventually, port_of

from tallystick.contracts.read import read_contract
from tallystick.exchanges.reading import read_traffic
from tallystick.mock.app import create_app
from tallystick.mock.settings import MockSettings, OperationSettings
from tallystick.mock.upstream.address import Address, read_address
from tallystick.mock.upstream.connection import Head
from tallystick.mock.upstream.replies import incoming, rewritten
from tallystick.nouns.errors import UsageError
from tallystick.nouns.exchange import Exchange, Request, Response
from tallystick.rules.judge import judge
from tallystick.testing import RunningMock, mock
from tests.proxied.client import Fields, Seen
from tests.proxied.exchanges import CONTRACT
from tests.proxied.upstream import odd_upstream

NOBODY = "http://127.0.0.1:1"
"""An upstream that is down."""
PATHS: dict[str, Any] = {
    "paths": {
        "/404": {
            "get": {
                "responses": {
                    "200": {"description": "It", "content": {"application/json": {"example": {"a": 1}}}},
                    "404": {"description": "None", "content": {"application/json": {"schema": {"required": ["code"]}}}},
                }
            }
        },
        "/length": {
            "get": {
                "responses": {
                    "200": {"description": "Pets", "content": {"application/json": {"example": []}}},
                    "default": {"description": "Wrong", "content": {"application/json": {"schema": {}}}},
                }
            }
        },
    }
}


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    """The odd server; its URL."""
    with odd_upstream() as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def proxy(upstream: str) -> Iterator[RunningMock]:
    """A proxy of the odd server."""
    with mock(contract(CONTRACT), upstream=upstream) as running:
        yield running


@pytest.fixture(scope="module")
def strict(upstream: str) -> Iterator[RunningMock]:
    """A proxy of the odd server that refuses what breaks the contract."""
    with mock(contract(CONTRACT), upstream=upstream, errors=True) as running:
        yield running


def ask(proxy: RunningMock, line: str, fields: Fields | None = None, body: bytes = b"") -> Seen:
    """What a client sees of a proxy."""
    return asked(port_of(proxy), line, fields, body)


def rules(seen: Seen) -> list[str]:
    """The rules that the header of a reply tells."""
    return [each["rule"] for value in seen.named(b"tallystick-violations") for each in json.loads(value)]


def kind(seen: Seen) -> tuple[bytes, bytes]:
    """Who gave a reply, and why the mock did."""
    return b"".join(seen.named(b"tallystick-mock")), b"".join(seen.named(b"tallystick-remocked"))


def test_a_reply_says_that_the_upstream_gave_it(proxy: RunningMock) -> None:
    """A header says so, and nothing else where all is well."""
    seen = ask(proxy, "GET /length")
    assert (kind(seen), rules(seen)) == ((b"upstream", b""), [])


@pytest.mark.parametrize("path", ["/wrong", "/no-gzip", "/204"])
def test_violations_of_a_short_reply_are_told_by_its_header(proxy: RunningMock, path: str) -> None:
    """A short reply is held back until it is judged; its bytes are passed on as they are."""
    seen = ask(proxy, f"GET {path}")
    expected = {"/wrong": ["response-body-schema"], "/no-gzip": [], "/204": ["response-status-undocumented"]}
    assert rules(seen) == expected[path]


def test_the_body_of_a_coded_reply_is_judged_decoded(upstream: str) -> None:
    """A gzipped body that fits has no violation."""
    with mock(contract(CONTRACT), upstream=upstream) as proxy:
        assert rules(ask(proxy, "GET /gzip")) == []


def test_a_body_in_a_coding_that_is_not_known_is_told_as_not_judged(proxy: RunningMock) -> None:
    """The journal says so: a body that nobody has read would pass for one without violations."""
    assert rules(ask(proxy, "GET /unknown-coding")) == []
    (entry,) = eventually(lambda: [each for each in proxy.journal() if each["operation"] == "GET /unknown-coding"])
    assert entry["why"]["bodies"].startswith("the body of the response is not judged: the coding 'zstd' is not known")


def test_violations_of_a_request_are_told_and_it_is_passed_on(proxy: RunningMock) -> None:
    """The upstream has the request, whatever the contract says of it."""
    seen = ask(proxy, "POST /told", JSON, b'{"a":1}')
    assert (seen.status, json.loads(seen.body)["bytes"]) == (200, 7)
    assert rules(seen) == ["body-schema", "response-body-schema"]


def test_a_stream_tells_only_what_is_known_before_it(proxy: RunningMock) -> None:
    """Violations of its body are in the journal alone."""
    assert rules(ask(proxy, "GET /events")) == ["response-media-type"]
    assert rules(ask(proxy, "GET /lines")) == []
    entries = eventually(lambda: [each for each in proxy.journal() if each["operation"] == "GET /lines"])
    assert [each["rule"] for each in entries[-1]["violations"]] == ["response-body-schema"] * 2
    assert "content-length" not in {each["name"] for each in entries[-1]["response"]["headers"]}  # it came in chunks


def test_a_request_that_breaks_the_contract_is_refused_where_that_is_asked_for(strict: RunningMock) -> None:
    """With `errors`, the mock refuses it as without an upstream, and the upstream does not hear of it."""
    seen = ask(strict, "POST /told", JSON, b'{"a":1}')
    assert (seen.status, rules(seen)) == (422, ["body-schema"])
    assert kind(seen)[0] != b"upstream"


def test_a_reply_that_breaks_the_contract_is_replaced_where_that_is_asked_for(strict: RunningMock) -> None:
    """With `errors`, it becomes the 500 of the mock; one that keeps it passes."""
    seen = ask(strict, "GET /wrong")
    assert (seen.status, rules(seen)) == (500, ["response-body-schema"])
    assert ask(strict, "GET /length").status == 200


def test_what_the_contract_lacks_is_passed_on(proxy: RunningMock) -> None:
    """It is told in the journal with the reason why it was not judged."""
    seen = ask(proxy, "GET /299?x=1")
    assert (seen.status, kind(seen)) == (299, (b"upstream", b""))
    entries = eventually(lambda: [each for each in proxy.journal() if each["request"]["path"] == "/299"])
    assert "no path of test matches /299" in entries[-1]["why"]["sentence"]


def test_an_upstream_that_is_down_is_told() -> None:
    """The problem says what happened, and what would have worked."""
    with mock(contract(CONTRACT), upstream=NOBODY) as proxy:
        for path in ("/length", "/unknown"):
            seen = ask(proxy, f"GET {path}")
            assert seen.status == 502
            assert b"cannot be reached: connection refused" in seen.body
        assert b"--remock down" in ask(proxy, "GET /length").body


def test_an_upstream_that_is_down_is_mocked_instead() -> None:
    """Header, body and journal say so; a request that breaks the contract is refused as by a mock."""
    with mock(contract(CONTRACT), upstream=NOBODY, remock=frozenset(("down",))) as proxy:
        seen = ask(proxy, "GET /length")
        assert (seen.status, kind(seen)) == (200, (b"stateful", b"down"))
        (entry,) = eventually(proxy.journal)
        assert entry["why"]["remocked"] == "down"
        assert "so the mock answers" in entry["why"]["sentence"]
        assert ask(proxy, "POST /told", JSON, b'{"a":1}').status == 422


def test_an_upstream_that_is_slow_is_told_or_mocked() -> None:
    """Its reply is waited for as long as the settings say."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with mock(contract(CONTRACT), upstream=url, upstream_timeout=0.05) as proxy:
            seen = ask(proxy, "GET /length")
            assert seen.status == 504
            assert b"sent no reply within 0.05 seconds; --upstream-timeout" in seen.body
        with mock(contract(CONTRACT), upstream=url, upstream_timeout=0.05, remock=frozenset(("slow",))) as proxy:
            assert kind(ask(proxy, "GET /length")) == (b"stateful", b"slow")


def test_a_404_of_an_operation_that_documents_none_is_mocked(upstream: str) -> None:
    """It says that the upstream lacks the operation; without the setting, it is passed on."""
    with mock(contract(CONTRACT), upstream=upstream, remock=frozenset(("404",))) as proxy:
        assert kind(ask(proxy, "GET /404")) == (b"stateful", b"404")
    with mock(contract(CONTRACT), upstream=upstream) as proxy:
        assert ask(proxy, "GET /404").status == 404


def test_a_404_that_is_as_documented_is_passed_on(upstream: str) -> None:
    """It is what the operation itself says."""
    with mock(contract(PATHS), upstream=upstream, remock=frozenset(("404",))) as proxy:
        assert (ask(proxy, "GET /404").status, kind(ask(proxy, "GET /404"))) == (404, (b"upstream", b""))


def test_a_documented_404_that_is_not_as_documented_is_the_routers(upstream: str) -> None:
    """A server without the operation answers with a 404 of another shape."""
    paths = json.loads(json.dumps(PATHS).replace('"required": ["code"]', '"required": ["message"]'))
    with mock(contract(paths), upstream=upstream, remock=frozenset(("404",))) as proxy:
        assert kind(ask(proxy, "GET /404")) == (b"stateful", b"404")


def test_settings_of_single_operations_name_what_is_mocked(upstream: str) -> None:
    """One operation may have another upstream, or none, or be mocked where others are not."""
    own = (
        OperationSettings(("GET /length",), {"upstream": ""}),
        OperationSettings(("GET /wrong",), {"upstream": NOBODY, "remock": frozenset(("down",))}),
    )
    with mock(contract(CONTRACT), upstream=upstream, operations=own) as proxy:
        assert kind(ask(proxy, "GET /length")) == (b"stateful", b"")
        assert kind(ask(proxy, "GET /wrong")) == (b"stateful", b"down")
        assert kind(ask(proxy, "GET /gzip")) == (b"upstream", b"")


def test_overrides_and_faults_go_before_the_upstream(proxy: RunningMock) -> None:
    """What is asked for on purpose is answered, and the upstream where it is not."""
    with proxy.session("flipped") as session:
        fields: Fields = [(b"Tallystick-Session", b"flipped")]
        session.override("GET /length", status=418, times=1, allow_invalid=True)
        assert [ask(proxy, "GET /length", fields).status for _ in range(2)] == [418, 200]
        assert ask(proxy, "GET /wrong", fields).status == 200
    assert ask(proxy, "GET /length", [(b"Tallystick-Fault", b"503")]).status == 503
    truncated = ask(proxy, "GET /length", [(b"Tallystick-Fault", b"truncate")])
    assert (truncated.status, truncated.is_broken) == (200, True)
    late = ask(proxy, "GET /length", [(b"Tallystick-Fault", b"latency=1ms")])
    assert (late.named(b"tallystick-fault"), kind(late)[0]) == ([b"latency=1ms"], b"upstream")


def test_a_handler_goes_before_the_upstream(upstream: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A function named after an operation answers valid requests; where it declines, the upstream does."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "own_told.py").write_text(
        "def tell(body):\n    return NotImplemented if body else ([{'name': 'ours'}], 200)\n"
    )
    operation = {**CONTRACT["paths"]["/told"]["post"], "operationId": "tell"}
    served = {"paths": {**CONTRACT["paths"], "/told": {"post": operation}}}
    with mock(contract(served), upstream=upstream, handlers="own_told") as proxy:
        own = ask(proxy, "POST /told", JSON, b"[]")
        assert (kind(own)[0], json.loads(own.body)) == (b"handler", [{"name": "ours"}])
        assert kind(ask(proxy, "POST /told", JSON, b'[{"name":"a"}]'))[0] == b"upstream"
        assert ask(proxy, "POST /told", JSON, b'{"a":1}').status == 422
        assert kind(ask(proxy, "GET /length"))[0] == b"upstream"


def test_a_session_in_the_path_is_not_passed_on(proxy: RunningMock) -> None:
    """The upstream knows nothing of sessions."""
    assert json.loads(ask(proxy, "POST /~mine/told", JSON, b"[]").body)["target"] == "/told"


def test_the_base_path_of_an_upstream_takes_the_place_of_the_contracts(upstream: str) -> None:
    """What a client asks for below the base path of a server of the contract is below that of the upstream."""
    served = {**CONTRACT, "servers": [{"url": "https://api.example/v1"}]}
    with mock(contract(served), upstream=f"{upstream}/base") as proxy:
        for line in ("GET /v1/length", "GET /length", "GET /unknown", "GET /base/unknown"):
            assert ask(proxy, line).status == 404  # the odd server has nothing there
        entries = eventually(lambda: len(proxy.journal()) == 4 and proxy.journal())
        assert {each["response"]["body"] == {} for each in entries} == {True}
    with mock(contract(served), upstream=upstream) as proxy:
        assert ask(proxy, "GET /length").status == 200
        assert ask(proxy, "GET /v1/length").status == 404


@pytest.mark.parametrize("path", ["/api/told", "/api/~mine/told", "/~mine/api/told"])
def test_the_base_path_of_the_proxy_stays_here(upstream: str, path: str) -> None:
    """The upstream knows nothing of it, whether the contract has the operation or not."""
    with mock(contract(CONTRACT), upstream=upstream, base_path="/api") as proxy:
        for method in ("POST", "PUT"):  # of the contract, and not
            seen = asked(port_of(proxy), f"{method} {path}", JSON, b"[]")
            assert json.loads(seen.body)["target"] == "/told"


def test_redirects_and_cookies_are_rewritten_where_that_is_asked_for() -> None:
    """They lead to the proxy, and not past it; without it they stay as they are."""
    fields = [
        (b"Location", b"https://api.example/base/next?a=b"),
        (b"Location", b"/base/next"),
        (b"Location", b"https://elsewhere.example/base/next"),
        (b"Set-Cookie", b"id=1; Domain=api.example; Path=/base/x; Secure"),
        (b"Set-Cookie", b"other=1; Path=/; secure; HttpOnly"),
    ]
    address = Address("https", "api.example", 443, "/base")
    given = incoming(Head(302, b"Found", tuple(fields)))
    ours = rewritten(given, address, {"headers": [(b"host", b"localhost:4010")], "scheme": "http"})
    assert [value.decode() for _, value in ours.fields] == [
        "http://localhost:4010/next?a=b",
        "/next",
        "https://elsewhere.example/base/next",
        "id=1; Path=/x",
        "other=1; Path=/; HttpOnly",
    ]


def test_the_journal_keeps_the_contract_of_the_control_api(proxy: RunningMock) -> None:
    """What it says of an upstream is documented there."""
    ask(proxy, "GET /length")
    seen = eventually(lambda: proxy.journal() and ask(proxy, "GET /_tallystick/journal?count=3"))
    headers = tuple((name.decode().lower(), value.decode("latin-1")) for name, value in seen.fields)
    (operation, _) = next(read_contract(str(CONTROL)).candidates("GET", "/journal"))
    exchange = Exchange(Request("GET", "/journal", "count=3"), Response(seen.status, headers, seen.body))
    assert [each for each in judge(operation, exchange) if each.where.startswith("response")] == []


@pytest.mark.parametrize("method", ["FOO", "PROPFIND", "TRACE", "DELETE"])
def test_a_method_that_the_contract_lacks_is_passed_on(proxy: RunningMock, method: str) -> None:
    """Whatever it is."""
    value = json.loads(ask(proxy, f"{method} /told/%2F//a/../b?x=%zz").body)
    assert (value["method"], value["target"]) == (method, "/told/%2F//a/../b?x=%zz")


def test_a_recording_says_which_bodies_are_cut(upstream: str, tmp_path: Path) -> None:
    """What is larger than what is kept is not taken for whole later."""
    with mock(contract(CONTRACT), upstream=upstream, record=str(tmp_path)) as proxy:
        assert len(ask(proxy, "GET /blocks/40").body) == 40 * 65_536
        assert ask(proxy, "GET /length").status == 200
        eventually(lambda: len(list(tmp_path.rglob("*.yaml"))) >= 2 or len(list(tmp_path.iterdir())) >= 2)
    recording = read_traffic(str(tmp_path))
    whole = {each.exchange.request.path: each.has_whole_response for each in recording.exchanges}
    assert whole == {"/blocks/40": False, "/length": True}


def test_a_loop_is_told() -> None:
    """A request that comes back to the proxy is refused, so that it does not go round for ever."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    with mock(contract(CONTRACT), upstream=f"http://127.0.0.1:{port}", port=port) as proxy:
        for path in ("/length", "/unknown"):
            seen = ask(proxy, f"GET {path}")
            assert seen.status == 508
            assert b"leads back to this proxy" in seen.body


def test_a_page_of_another_origin_may_call(proxy: RunningMock) -> None:
    """The fields of CORS are the proxy's own, once each."""
    seen = ask(proxy, "GET /length", [(b"Origin", b"http://page.example")])
    assert seen.named(b"access-control-allow-origin") == [b"http://page.example"]


@pytest.mark.parametrize(
    ("url", "fact"),
    [
        ("ftp://a", "expected the base URL"),
        ("api.example", "expected the base URL"),
        ("http://", "expected the base URL"),
        ("http://a:99999", "out of range"),
        ("http://a/b?c=d", "no query"),
        ("http://me:secret@a", "no name or password"),
        ("http://a b", "expected the base URL"),
    ],
)
def test_a_wrong_upstream_is_refused(url: str, fact: str) -> None:
    """The message says what is expected, and no password."""
    with pytest.raises(UsageError, match=fact) as error:
        read_address(url)
    assert "secret" not in str(error.value)


def test_https_is_spoken_with_certificates_that_are_trusted(tmp_path: Path) -> None:
    """By a file of authorities, or unjudged where that is asked for; else the reason is told."""
    trustme = pytest.importorskip("trustme")
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    with odd_upstream(server) as port:
        url = f"https://127.0.0.1:{port}"
        for settings, status in (({"upstream_ca": str(file)}, 200), ({"upstream_insecure": True}, 200), ({}, 502)):
            with mock(contract(CONTRACT), upstream=url, **settings) as proxy:
                seen = ask(proxy, "GET /length")
                assert seen.status == status, settings
        assert b"a certificate that is not trusted" in seen.body
        assert b"--upstream-ca FILE" in seen.body


def test_a_file_without_certificates_is_refused(tmp_path: Path) -> None:
    """Before the first request."""
    file = tmp_path / "none.pem"
    file.write_text("nothing")
    for name in (str(file), str(tmp_path / "missing.pem")):
        with pytest.raises(UsageError, match="--upstream-ca"):
            mock(contract(CONTRACT), upstream="https://127.0.0.1:1", upstream_ca=name)


def test_redirects_and_cookies_are_rewritten_below_the_base_path_of_the_proxy() -> None:
    """It stands before each path; the usual port of a scheme may be named or not."""
    fields = [
        (b"Location", b"http://API.example:80/next"),
        (b"Location", b"/next"),
        (b"Location", b"next"),
        (b"Location", b"http://api.example:8080/next"),
        (b"Location", b"http://api.example:x/next"),
        (b"Set-Cookie", b"id=1; Path=/x"),
    ]
    given = incoming(Head(302, b"Found", tuple(fields)))
    scope = {"headers": [(b"host", b"localhost:4010")], "scheme": "http"}
    ours = rewritten(given, Address("http", "api.example", 80, ""), scope, "/api")
    assert [value.decode() for _, value in ours.fields] == [
        "http://localhost:4010/api/next",
        "/api/next",
        "next",
        "http://api.example:8080/next",
        "http://api.example:x/next",
        "id=1; Path=/api/x",
    ]


@pytest.mark.parametrize(("base", "before"), [("", "/~mine"), ("/api", "/api/~mine"), ("/api", "/~mine/api")])
def test_redirects_and_cookies_stay_in_the_session_that_the_path_names(base: str, before: str) -> None:
    """Whether the contract has the operation or not; a session that a header names needs nothing there."""
    reply = b"HTTP/1.1 302 Found\r\nLocation: /next\r\nSet-Cookie: id=1; Path=/x\r\nContent-Length: 0\r\n\r\n"
    for path in ("/length", "/unknown"):
        with answering(reply) as (url, _):
            upstream = url.removesuffix("/a")
            with mock(contract(CONTRACT), upstream=upstream, base_path=base, rewrite=True) as proxy:
                seen = ask(proxy, f"GET {before}{path}")
                assert (seen.named(b"location"), seen.named(b"set-cookie")) == (
                    [f"{before}/next".encode()],
                    [f"id=1; Path={before}/x".encode()],
                )
                seen = ask(proxy, f"GET {base}{path}", [(b"Tallystick-Session", b"mine")])
                assert seen.named(b"location") == [f"{base}/next".encode()]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "what comes is passed on to http://127.0.0.1:1, and nothing is mocked"),
        (("501",), "what comes is passed on to http://127.0.0.1:1, and mocked where that answers 501"),
        (("slow", "501", "down", "404"), "and mocked where that is down or slow, or answers 404 or 501"),
    ],
)
def test_a_start_says_where_the_mock_answers(words: tuple[str, ...], sentence: str) -> None:
    """By the words of the settings, in a sentence."""
    settings = MockSettings(upstream=NOBODY, remock=frozenset(words))
    assert create_app([], settings).summaries[0].endswith(sentence)
