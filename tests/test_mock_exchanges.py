"""The journal of the mock: the exchanges of each session, and why each was answered as it was."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from support.asking import answer_of, asker, contract, request
from support.pet_shop import JSON_BODY, SHOP, Shop

from tallystick.exchanges.secrets import MASK, Secrets
from tallystick.mock.app import create_app
from tallystick.mock.journal.har import har_of
from tallystick.mock.journal.record import Record, read_record
from tallystick.mock.journal.why import other_replies
from tallystick.mock.settings import MockSettings
from tallystick.mock.stores.bounds import BOUNDS
from tallystick.mock.stores.memory import MemoryStore
from tallystick.nouns import budgets
from tallystick.nouns.exchange import Request


@pytest.fixture
def shop() -> Shop:
    return Shop()


def parts(record: Record) -> dict[str, str]:
    """What each part of a reply comes from."""
    rows: Any = record.why["parts"]
    return {row["part"]: row["from"] for row in rows}


def test_each_exchange_is_in_the_journal(shop: Shop) -> None:
    """The journal has each request with its response, its operation and when it came, in order."""
    shop.ask("GET /pets/7?q=1")
    shop.ask("POST /shop/pets", JSON_BODY, b'{"name": "Zoe"}')
    shop.ask("GET /nowhere")
    first, second, third = shop.records()
    assert (first.label, first.operation_id, first.contract) == ("GET /pets/{id}", "getPet", "shop")
    assert (first.request.path, first.request.query, first.response.status) == ("/pets/7", "q=1", 200)
    assert (second.prefix, second.request.path, second.request.body) == ("/shop", "/pets", b'{"name": "Zoe"}')
    assert second.url == "http://localhost/shop/pets"
    assert (third.label, third.response.status) == ("", 404)
    assert third.why["source"] == "routing"
    assert first.time <= second.time <= third.time
    assert len({record.id for record in (first, second, third)}) == 3


def test_the_journal_is_bounded() -> None:
    """The last exchanges stay, as many as were asked for; with none asked for there is no journal."""
    shop = Shop(journal=3)
    for id in range(5):
        shop.ask(f"GET /pets/{id}")
    assert [record.request.path for record in shop.records()] == ["/pets/2", "/pets/3", "/pets/4"]
    assert Shop(journal=0).memory.journal is None
    assert Shop(stateless=True).memory.journal is None
    assert Shop(stateless=True, journal=5).memory.journal is not None


def test_large_bodies_are_cut(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a body that is too large the journal has the beginning, and its whole size."""
    monkeypatch.setattr(budgets, "JOURNAL_BODY_BYTES", 10)
    body = b'{"name": "a long name"}'
    shop.ask("POST /pets", JSON_BODY, body)
    (record,) = shop.records()
    assert (record.request.body, record.request_bytes) == (body[:10], len(body))


def test_sessions_have_journals_of_their_own(shop: Shop) -> None:
    """An exchange is in the journal of its session only."""
    shop.ask("GET /pets/1", {"Tallystick-Session": "blue"})
    shop.ask("GET /~red/pets/2")
    shop.ask("GET /pets/3")
    assert [[each.request.path for each in shop.records(name)] for name in ("blue", "red", "")] == [
        ["/pets/1"],
        ["/pets/2"],
        ["/pets/3"],
    ]


def test_a_reply_says_which_example_it_is(shop: Shop) -> None:
    """The reasons name the response and the example, and what the request changed in it."""
    shop.ask("GET /pets/9")
    (record,) = shop.records()
    assert record.why["source"] == "contract"
    assert (record.why["response"], record.why["example"], record.why["media_type"]) == (
        "200",
        "cat",
        "application/json",
    )
    assert parts(record)["response.body"].startswith("the example 'cat' of the response 200 (shop.yaml:")
    assert parts(record)["response.body/id"] == "the path of the request"


def test_a_created_resource_says_what_was_taken_from_the_request(shop: Shop) -> None:
    """What a body of a request shows in its reply is told, part by part."""
    shop.ask("POST /pets", JSON_BODY, b'{"name": "Zoe"}')
    (record,) = shop.records()
    assert json.loads(record.response.body)["name"] == "Zoe"
    assert parts(record)["response.body/name"] in ("the body of the request", "what is kept")


def test_a_status_says_what_asked_for_it(shop: Shop) -> None:
    """The status is told with its reason: the documented success, a preference, an override, a fault, a refusal."""
    override = shop.override(match="getPet", reply={"code": 404}, times=1)
    shop.ask("GET /pets/1")
    shop.ask("GET /pets/1", {"Prefer": "code=404"})
    shop.ask("GET /pets/1", {"Tallystick-Fault": "503"})
    shop.ask("GET /pets/x")
    shop.ask("GET /pets/1")
    whys = [record.why for record in shop.records()]
    assert [why["source"] for why in whys] == ["override", "contract", "fault", "refusal", "contract"]
    statuses: list[Any] = [why["status"] for why in whys]
    assert [status["code"] for status in statuses] == [404, 404, 503, 404, 200]
    beginnings = (
        f"override {override} asks for it",
        "the request prefers it (code=404)",
        "the fault `503` asks for it",
        "the request is refused: ",
        "it is what the contract documents for a request like this (shop.yaml:",
    )
    for status, beginning in zip(statuses, beginnings, strict=True):
        assert status["because"].startswith(beginning)
    assert whys[2]["fault"] == "503"


def test_violations_are_told_with_their_side(shop: Shop) -> None:
    """The violations of the request and of the reply are told apart, each with its place."""
    shop.ask("GET /pets/x")
    shop.override(match="getPet", reply={"body": {"id": "x", "name": "y"}}, allow_invalid=True)
    shop.ask("GET /pets/1")
    first, second = shop.records()
    assert [(each["side"], each["where"]) for each in first.violations] == [("request", "path.id")]
    assert [(each["side"], each["where"]) for each in second.violations] == [("response", "response.body/id")]
    assert first.violations[0]["contract"].startswith("shop.yaml:")


def test_other_replies_are_named(shop: Shop) -> None:
    """The documented codes and named examples of an operation are told as values of Prefer."""
    operation = next(each for each in shop.contract if each.operation_id == "getPet")
    lines: Any = other_replies(operation)
    named = ["code=200, example=cat", "code=200, example=dog"]
    assert [line["prefer"] for line in lines] == ["code=200", *named, "code=404"]
    for line in lines:
        assert shop.ask("GET /pets/1", {"Prefer": line["prefer"]}).status == int(line["prefer"][5:8])


def test_a_record_is_read_back(shop: Shop) -> None:
    """A record is the same after it was kept as a text, whatever bytes its bodies have."""
    shop.ask("POST /pets", {"Content-Type": "text/plain", "X-Latin": "\xe9"}, b"\xff\x00")
    (record,) = shop.records()
    assert read_record("", record.text) == record


def test_entries_let_go_of_a_contract_that_has_changed(shop: Shop) -> None:
    """After a change of the contracts the entries of before are kept, and the contracts are not."""

    async def play() -> None:
        before = create_app([contract(SHOP, "shop")], MockSettings(), (), shop.memory)
        await answer_of(before, request("GET /pets/1"))
        after = create_app([contract(SHOP, "shop")], MockSettings(), (), before.memory)
        await answer_of(after, request("GET /pets/2"))
        journal = after.memory.journal
        assert journal is shop.memory.journal
        assert journal is not None
        records = await journal.records("")
        assert [record.request.path for record in records] == ["/pets/1", "/pets/2"]
        await answer_of(create_app([shop.contract], MockSettings(), (), after.memory), request("GET /pets/3"))
        await journal.flush()
        entries: Any = await after.memory.store.entries("")
        assert [entry.note is None for entry in entries] == [True, True, False]

    asyncio.run(play())


SECRET = """
    paths:
      /a:
        get:
          security: [{key: []}, {token: []}, {word: []}]
          responses: {'200': {description: Fine, content: {application/json: {example: 1}}}}
    components:
      securitySchemes:
        key: {type: apiKey, in: header, name: X-Key}
        word: {type: apiKey, in: query, name: api key}
        token: {type: http, scheme: bearer}
"""


def test_secrets_are_masked() -> None:
    """Credentials of the contract's schemes and cookies are not shown, wherever they stand."""
    secrets = Secrets([contract(SECRET)])
    headers = (
        ("authorization", "Bearer abc"),
        ("x-key", "abc"),
        ("cookie", "a=1; b=2"),
        ("set-cookie", "a=1; Path=/"),
        ("x-other", "abc"),
    )
    assert [value for _, value in secrets.fields(headers)] == [
        f"Bearer {MASK}",
        MASK,
        f"a={MASK}; b={MASK}",
        f"a={MASK}; Path=/",
        "abc",
    ]
    assert secrets.in_query("a=1&api+key=abc&b") == f"a=1&api+key={MASK}&b"
    assert [secrets.hides(where) for where in ("header.X-Key", "query.api key", "cookie.a", "header.Accept")] == [
        True,
        True,
        True,
        False,
    ]


def test_a_url_in_a_header_field_shows_no_secret() -> None:
    """A page's address, a redirect and a link to the next page repeat the query, in any spelling."""
    secrets = Secrets([contract(SECRET)])
    url = "http://a/?x=1&{}=abc#part"
    for name in ("referer", "location", "link"):
        for key in ("api+key", "api%20key", "access_token"):
            assert secrets.header(name, url.format(key)) == url.format(key).replace("abc", MASK)
    assert secrets.header("link", "<http://a/?api+key=abc>; rel=next") == f"<http://a/?api+key={MASK}>; rel=next"


def test_usual_keys_are_masked_where_no_contract_names_them() -> None:
    """A client may send its key to an operation whose contract does not speak of it."""
    secrets = Secrets([contract(SHOP)])
    assert secrets.header("x-api-key", "abc") == MASK
    assert secrets.in_query("access_token=abc&a=1") == f"access_token={MASK}&a=1"


def test_an_archive_is_as_browsers_read_it() -> None:
    """The archive has what HAR 1.2 demands: times, sizes, texts (base64 for other bytes), and no secret."""
    made = contract(SECRET)
    app_records: list[Record] = []
    shop = Shop(SECRET)
    fields = {"Host": "api.test", "X-Key": "secret-1", "Cookie": "sid=secret-2", "Accept": "*/*"}
    shop.ask(Request("GET", "/a", "api%20key=secret-3&x=%C3%A9", tuple((k.lower(), v) for k, v in fields.items()), b""))
    shop.ask("POST /nowhere", {"Content-Type": "image/png"}, b"\xff\x00")
    app_records += shop.records()
    log: Any = har_of(app_records, Secrets([made]))["log"]
    assert (log["version"], log["creator"]["name"]) == ("1.2", "tallystick")
    first, second = log["entries"]
    assert first["request"]["url"].startswith("http://api.test/a?")
    assert {"name": "x", "value": "é"} in first["request"]["queryString"]
    assert first["response"]["content"] == {"size": 1, "mimeType": "application/json", "text": "1"}
    assert first["response"]["statusText"] == "OK"
    assert first["time"] == first["timings"]["wait"] >= 0
    assert first["startedDateTime"].endswith("Z")
    assert "secret" not in json.dumps(log)
    assert second["response"]["status"] == 404
    for entry in (first, second):
        assert entry.keys() >= {"startedDateTime", "time", "request", "response", "cache", "timings"}
        assert entry["request"].keys() >= set("method url httpVersion cookies headers queryString".split())
        assert entry["request"].keys() >= {"headersSize", "bodySize"}
        assert entry["response"].keys() >= set("status statusText httpVersion cookies headers content".split())
        assert entry["response"].keys() >= {"redirectURL", "headersSize", "bodySize"}


def test_a_listener_beside_the_journal_still_hears() -> None:
    """Other listeners hear of each exchange as before."""
    heard: list[str] = []
    ask = asker(contract(SHOP), listeners=[lambda answered: heard.append(answered.why)])
    ask("GET /pets/1")
    assert len(heard) == 1


def test_a_body_that_was_not_sent_is_not_in_the_journal(shop: Shop) -> None:
    """A 204 has none, whatever an override gave it."""
    shop.override(match="getPet", reply={"code": 204, "body": {"id": 1}}, allow_invalid=True)
    shop.ask("GET /pets/1")
    (record,) = shop.records()
    assert (record.response.status, record.response.body, record.response_bytes) == (204, b"", 0)


def test_an_entry_counts_all_that_a_client_sends() -> None:
    """Long paths, queries, header fields and many violations take memory too, and are counted."""
    shop = Shop()

    def size(line: str, fields: dict[str, str] | None = None) -> int:
        shop.ask(line, fields)
        shop.records()
        (*_, entry) = asyncio.run(shop.memory.store.entries(""))
        return entry.size

    usual = size("GET /pets/1")
    assert size("GET /pets/1?q=" + "x" * 10_000) > usual + 9_000
    assert size("GET /" + "x" * 10_000) > usual + 9_000
    assert size("GET /pets/1", {"X-Long": "x" * 10_000}) > usual + 9_000
    assert size("GET /pets/x") > usual + 500


def test_the_journals_of_all_sessions_are_bounded() -> None:
    """Where all journals take too much, those of the sessions that nobody uses any more are shortened first."""

    class Note:
        def __init__(self, name: str) -> None:
            self.text = name.encode()
            self.size = 40

    async def play() -> None:
        store = MemoryStore(replace(BOUNDS, journals_bytes=200))
        for name in ("", "a", "b"):
            await store.log(name, [Note(f"{name}{number}") for number in range(3)], 10)
        left = {name: [entry.text.decode() for entry in await store.entries(name)] for name in ("", "a", "b")}
        assert left == {"": ["0", "1", "2"], "a": [], "b": ["b1", "b2"]}
        await store.drop("b")
        await store.log("a", [Note("a4")], 10)
        assert [entry.text for entry in await store.entries("a")] == [b"a4"]

    asyncio.run(play())
