"""The page of the journal: the table, its filter, what comes live, one exchange, two compared, and what is saved."""

from __future__ import annotations

import asyncio
import json
import re
import time
import urllib.request
from collections.abc import Sequence
from difflib import SequenceMatcher
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from support.asking import Ask, contract, header, request, scope_of
from support.commands import CONTRACT, written
from support.mocking import PETS
from support.running import running
from test_console import FORM, harmful, visitor, visitor_of
from test_scenarios import REPLY_KEYS, SCENARIO_KEYS, SEND_KEYS

from tallystick.documents import text as yaml
from tallystick.exchanges.har import read_archive
from tallystick.mock.app import Mock, create_app
from tallystick.mock.console import journal as page
from tallystick.mock.settings import MockSettings
from tallystick.nouns import budgets
from tallystick.nouns.exchange import Response

BROKEN = ("PUT /pets/3", {"Content-Type": "application/json"}, b"[1]")


def asked(app: Mock | None = None) -> Ask:
    """A mock that was asked for a few things: a pet, one that is not there, and something that breaks the contract."""
    visit = visitor_of(app) if app is not None else visitor(contract(PETS))
    visit("GET /pets/1?q=%3Cb%3E", {"X-Trace": "<i>"})
    visit("GET /nothing")
    visit(*BROKEN)
    return visit


def ids(visit: Ask, query: str = "") -> list[str]:
    """The ids of the exchanges in the table, the newest first."""
    body = visit(f"GET /_tallystick/page/journal{query}").body.decode()
    return re.findall(r'page/exchange\?id=([^"&]*)"', body)


def shown(reply: Response) -> str:
    """The text of a page."""
    assert reply.status == 200, reply.body
    return unescape(reply.body.decode())


def test_the_table_has_the_newest_exchange_first() -> None:
    """Each exchange is a row with its status, its path, who gave the reply and what it breaks."""
    body = shown(asked()("GET /_tallystick/page/journal"))
    assert re.findall(r'<span class="status s\d">(\d+)', body) == ["422", "404", "200"]
    assert re.findall(r'<td class="source">(\w+)', body) == ["refusal", "routing", "contract"]
    assert len(re.findall(r'<tr class="broken">', body)) == 1


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?q=nothing", 1),
        ("?q=PETS+get", 1),
        ("?q=rex", 1),
        ("?q=absent", 0),
        ("?status=4xx", 2),
        ("?status=200", 1),
        ("?status=2", 0),
        ("?operation=put", 1),
        ("?broken=1", 1),
        ("?broken=1&status=200", 0),
    ],
)
def test_a_filter_chooses(query: str, count: int) -> None:
    """Text of the URL or of a body, the status, the operation and violations choose, all that are given together."""
    assert len(ids(asked(), query)) == count


def test_older_exchanges_are_behind_a_link_that_stays_true(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of the table have every exchange once, whatever is asked meanwhile."""
    visit = visitor(contract(PETS))
    for number in range(25):
        visit(f"GET /pets/{number}")
    rows = page.rows_of
    monkeypatch.setattr(page, "rows_of", lambda *arguments: rows(*arguments, most=10))
    seen: list[str] = []
    link = "/_tallystick/page/journal"
    while link:
        body = shown(visit(f"GET {link}"))
        seen += re.findall(r"<code>/pets/(\d+)", body)
        visit("GET /pets/99")
        found = re.search(r'href="([^"]*)">Older', body)
        link = found[1] if found else ""
    assert seen == [str(number) for number in reversed(range(25))]


def test_a_journal_that_others_share_is_shown_too(tmp_path: Path) -> None:
    """Exchanges that another process may have noted are listed, found by their ids and followed."""
    app = create_app([contract(PETS)], MockSettings(state=(str(tmp_path / "shop.sqlite"),)))
    visit = asked(app)
    try:
        newest, *_ = ids(visit, "?status=4xx")
        assert "body-schema" in shown(visit(f"GET /_tallystick/page/exchange?id={newest}"))
        assert visit("GET /_tallystick/page/exchange?id=x").status == 404
    finally:
        asyncio.run(app.memory.bare_store.close())


def test_a_search_that_takes_long_goes_on_behind_a_link(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not found within a time is looked for further back when somebody asks."""
    visit = asked()
    monkeypatch.setattr(budgets, "PAGE_SEARCH_SECONDS", -1.0)
    monkeypatch.setattr(page, "_CHUNK", 1)
    body = shown(visit("GET /_tallystick/page/journal?status=200"))
    assert "None of the last 1 exchanges is like that" in body
    link = re.search(r'href="([^"]*)">Older', body)
    assert link is not None
    assert "skip=1" in link[1]


def test_an_empty_journal_says_what_to_do() -> None:
    """A session in which nothing was asked leads to the operations, and a mock without a journal to its flag."""
    assert "try an operation" in shown(visitor(contract(PETS))("GET /_tallystick/page/journal"))
    none = visitor(contract(PETS), journal=0)("GET /_tallystick/page/journal")
    assert (none.status, b"--journal 1000" in none.body) == (409, True)


def test_an_exchange_says_why() -> None:
    """The page of an exchange has the reason, what is broken, the lines of the contract and a curl line."""
    visit = asked()
    body = shown(visit(f"GET /_tallystick/page/exchange?id={ids(visit)[0]}"))
    for text in ("Why this reply", "body-schema", "test.yaml:", "requestBody", "curl -i", "code=204", "[1]"):
        assert text in body, text
    assert visit("GET /_tallystick/page/exchange?id=nothing").status == 404


def test_a_secret_is_not_shown() -> None:
    """Credentials are masked on every page, and a variable in the curl line."""
    visit = visitor(contract(PETS))
    visit(
        "GET /pets/1?access_token=s3cret1",
        {"Authorization": "Bearer s3cret2", "Cookie": "a=s3cret3", "X-Api-Key": "s3cret4"},
    )
    (id,) = ids(visit)
    pages = [f"exchange?id={id}", "journal", f"exchange/har?id={id}", f"exchange/scenario?id={id}", "journal/scenario"]
    for path in pages:
        assert "s3cret" not in shown(visit(f"GET /_tallystick/page/{path}")), path
    line = shown(visit(f"GET /_tallystick/page/exchange?id={id}"))
    assert all(f'"${name}"' in line for name in ("ACCESS_TOKEN", "TOKEN", "COOKIE", "X_API_KEY"))
    visit("GET /cart;jsessionid=s3cret5")
    assert "s3cret" not in shown(visit("GET /_tallystick/page/journal"))
    in_path, _ = ids(visit)
    assert '/cart;jsessionid=\'"$JSESSIONID"' in shown(visit(f"GET /_tallystick/page/exchange?id={in_path}"))


def test_an_exchange_is_sent_again() -> None:
    """The same request is asked again in the session, and its new exchange is shown."""
    visit = visitor(contract(PETS))
    visit("PUT /~ann/pets/3", {"Content-Type": "application/json"}, b'{"a": 1}')
    body = visit("GET /~ann/_tallystick/page/journal").body.decode()
    (id,) = re.findall(r'exchange\?id=([^"&]*)"', body)
    again = visit("POST /~ann/_tallystick/page/exchange/again", FORM, urlencode({"id": id}).encode())
    assert again.status == 303
    assert "/~ann/pets/3" in shown(visit(f"GET {header(again, 'location')}"))
    assert len(re.findall(r"exchange\?id=", visit("GET /~ann/_tallystick/page/journal").body.decode())) == 2
    assert ids(visit) == []


def test_two_exchanges_are_compared() -> None:
    """The lines in which two calls differ have a sign, and those that both have stand between them."""
    visit = asked()
    newest, _, oldest = ids(visit)
    body = shown(visit(f"GET /_tallystick/page/compare?id={newest}&id={oldest}"))
    assert "Two calls compared" in body
    assert '<span class="sign">-</span>GET /pets/1' in body
    assert '<span class="sign">+</span>PUT /pets/3' in body
    assert '<span class="sign"> </span>host: localhost:4010' in body
    assert "No difference" in shown(visit(f"GET /_tallystick/page/compare?id={oldest}&id={oldest}"))
    assert visit(f"GET /_tallystick/page/compare?id={newest}").status == 400


def test_bodies_of_few_words_are_compared_in_few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two long bodies whose lines are all alike take no more steps than others: each step looks at all of them."""
    steps = 0
    step = SequenceMatcher.find_longest_match

    def counted(*arguments: Any) -> Any:
        nonlocal steps
        steps += 1
        return step(*arguments)

    monkeypatch.setattr(SequenceMatcher, "find_longest_match", counted)
    visit = visitor(contract(PETS))
    for body in ([0] * 1_400, [0, 1] * 700):
        visit("PUT /pets/3", {"Content-Type": "application/json"}, json.dumps(body).encode())
    newest, oldest = ids(visit)
    assert "Two calls compared" in shown(visit(f"GET /_tallystick/page/compare?id={newest}&id={oldest}"))
    assert steps < 100


def test_the_archive_is_read_again() -> None:
    """What is saved as HAR has the exchanges that the filter wants."""
    visit = asked()
    reply = visit("GET /_tallystick/page/journal/har?status=4xx")
    assert 'filename="session.har"' in (header(reply, "content-disposition") or "")
    assert len(json.loads(reply.body)["log"]["entries"]) == 2
    assert len(read_archive("session.har", json.loads(reply.body)).exchanges) == 2


def test_a_scenario_has_the_form_of_those_that_the_suite_runs() -> None:
    """What is saved as scenario has the form of `tests/scenarios`, and says of the mock what it did."""
    visit = asked()
    reply = visit("GET /_tallystick/page/journal/scenario?operation=pets")
    value = yaml.parse(reply.body.decode(), "session.yaml")
    assert [each["send"] for each in value["exchanges"]] == ["GET /pets/1?q=%3Cb%3E", "PUT /pets/3"]
    assert value["contract"] == "test.yaml"
    assert set(value) <= SCENARIO_KEYS
    assert all(set(each) <= SEND_KEYS and set(each["reply"]) <= REPLY_KEYS for each in value["exchanges"])
    assert value["exchanges"][0]["reply"]["json"] == {"name": "Rex"}
    assert value["exchanges"][1]["violations"][0].startswith("body | body-schema | ")


def test_clearing_asks_for_a_form() -> None:
    """The journal is forgotten by a form, and not by a link."""
    visit = asked()
    assert visit("GET /_tallystick/page/journal/clear").status == 404
    assert len(ids(visit)) == 3
    assert visit("POST /_tallystick/page/journal/clear", FORM).status == 303
    assert ids(visit) == []


def test_a_hostile_request_is_shown_as_text() -> None:
    """No text of a request becomes a tag, an attribute or a script on any page of the journal."""
    visit = visitor(contract(PETS))
    hostile = '"><script>alert(1)</script>'
    visit(f"GET /pets/{hostile}?{hostile}", {"X-A": hostile, "Content-Type": hostile}, hostile.encode())
    visit(f"GET /{hostile}?__code={hostile}", {"Prefer": f"code={hostile}", "Cookie": hostile})
    first, second = ids(visit)
    for path in (f"journal?q={hostile}&status={hostile}", f"exchange?id={first}", f"exchange?id={second}"):
        assert harmful(visit(f"GET /_tallystick/page/{path}").body.decode()) == [], path
    assert harmful(visit(f"GET /_tallystick/page/compare?id={first}&id={second}").body.decode()) == []
    assert harmful(visit(f"GET /_tallystick/page/exchange?id={hostile}").body.decode()) == []


def test_sessions_are_listed_opened_and_reset() -> None:
    """A session is begun by its name, has an own journal, and forgets it with all that it holds."""
    visit = visitor(contract(PETS))
    visit("GET /~ann/pets/1")
    opened = visit("POST /_tallystick/page/sessions", FORM, b"name=ann")
    assert (opened.status, header(opened, "location")) == (303, "/~ann/_tallystick/")
    page_of_ann = shown(visit("GET /~ann/_tallystick/page/sessions"))
    assert 'href="/~ann/_tallystick/page/sessions/open?name=">shared' in page_of_ann
    assert header(visit("GET /~ann/_tallystick/page/sessions/open?name="), "location") == "/_tallystick/page/journal"
    assert "<b>ann</b>" in page_of_ann
    assert header(visit("POST /~ann/_tallystick/page/sessions", FORM, b"name="), "location") == "/_tallystick/"
    assert visit("POST /_tallystick/page/sessions", FORM, b"name=a/b").status == 400
    assert "exchange?id=" in shown(visit("GET /~ann/_tallystick/page/journal"))
    assert visit("POST /_tallystick/page/sessions/reset", FORM, b"name=ann").status == 303
    assert "exchange?id=" not in shown(visit("GET /~ann/_tallystick/page/journal"))


def followed(asks: Sequence[str], query: str = "", fields: dict[str, str] | None = None) -> tuple[list[str], Any]:
    """What a live table gets while some requests are sent, and the tasks that are left after it is closed."""
    app = create_app([contract(PETS)], MockSettings())
    sent: list[dict[str, Any]] = []

    async def run() -> Any:
        arrived, closing = asyncio.Event(), asyncio.Event()

        async def receive() -> dict[str, Any]:
            await closing.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)
            if b"event: rows" in message.get("body", b""):
                arrived.set()

        async def nothing() -> dict[str, Any]:
            return {"type": "http.request"}

        async def unheard(_: dict[str, Any]) -> None:
            pass

        line = f"GET /_tallystick/page/journal/events{query}"
        stream = asyncio.ensure_future(
            app(scope_of(request(line, {"Host": "localhost:4010", **(fields or {})})), receive, send)
        )
        await asyncio.sleep(0)
        for ask in asks:
            await app(scope_of(request(ask, {"Host": "localhost:4010"})), nothing, unheard)
        await asyncio.wait_for(arrived.wait(), 30)
        closing.set()
        await stream
        await asyncio.sleep(0)
        return [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]

    left = asyncio.run(run())
    return [message.get("body", b"").decode() for message in sent], left


def test_new_exchanges_come_live_and_a_closed_page_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A live table gets the rows that its filter wants, and no task is left once the browser has gone."""
    monkeypatch.setattr(page, "_PAUSE_SECONDS", 0.01)
    texts, left = followed(["GET /pets/1", "GET /pets/2", "GET /nothing"], "?status=404")
    rows = "".join(texts)
    assert "/nothing" in rows
    assert "/pets/1" not in rows
    assert left == []


def test_a_reader_that_comes_back_gets_what_it_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last id that a browser has seen says where its table goes on."""
    monkeypatch.setattr(page, "_PAUSE_SECONDS", 0.01)
    texts, _ = followed(["GET /pets/1", "GET /pets/2"], fields={"Last-Event-ID": "unknown"})
    assert re.search(r"^id: \w+-\w+$", "".join(texts), re.MULTILINE)


def test_who_asks_for_the_head_of_the_live_table_gets_an_end() -> None:
    """`HEAD` of what has no end is answered and over."""
    reply = asked()("HEAD /_tallystick/page/journal/events")
    assert (reply.status, header(reply, "content-type")) == (200, "text/event-stream; charset=utf-8")


def test_the_page_of_a_stream_is_text_for_event_sources() -> None:
    """The table says where its live rows come from, with the filter and the newest row that it has."""
    visit = asked()
    body = shown(visit("GET /_tallystick/page/journal?status=404"))
    found = re.search(r'data-events="([^"]*)"', body)
    assert found is not None
    assert found[1].startswith("/_tallystick/page/journal/events?status=404&after=")


def test_a_page_that_is_open_does_not_keep_a_mock_from_its_end(tmp_path: Path) -> None:
    """Its live table ends with the server, which waits for no response that has no end."""
    with (
        running(str(written(tmp_path, "pets.yaml", CONTRACT)), "-p", "0") as mock,
        urllib.request.urlopen(f"{mock.origin}/_tallystick/page/journal/events", timeout=20) as stream,
    ):
        assert stream.readline() == b"retry: 1000\n"
        started = time.monotonic()
        code, _, _ = mock.end()
        assert (code, time.monotonic() - started < 1) == (0, True)
