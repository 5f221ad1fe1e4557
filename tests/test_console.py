"""The page in the browser: who gets it, what protects it, and that nothing of it is there before its first visit."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from textwrap import dedent
from typing import Any

import pytest
from support.asking import Ask, asker_of, contract, header
from support.mocking import PETS

from tallystick.mock.app import Mock, create_app
from tallystick.mock.console import operations
from tallystick.mock.settings import MockSettings
from tallystick.nouns.contract import Contract
from tallystick.nouns.exchange import Response

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://localhost:4010"}


class _Tags(HTMLParser):
    """Collects the tags of a page that a browser may run, or be led away by."""

    def __init__(self) -> None:
        super().__init__()
        self.harmful: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        fields = {name: value or "" for name, value in attrs}
        addresses = [fields[name] for name in ("href", "src", "action", "hx-get", "hx-post") if name in fields]
        is_ours = all(re.match(r"/(~\w+/)?_tallystick|#|https?://|data:image/", each) for each in addresses)
        is_script = tag == "script" and not re.match(r"/_tallystick/page/(static|vendored)/\w", fields.get("src", ""))
        is_run = any(name.startswith(("on", "hx-on", "style", "srcdoc")) for name in fields)
        if is_script or is_run or not is_ours or tag in ("style", "iframe", "object", "base"):
            self.harmful.append(self.get_starttag_text() or tag)


def harmful(page: str) -> list[str]:
    """The tags of a page that run what stands in the page, or lead where no page of ours leads."""
    tags = _Tags()
    tags.feed(page)
    return tags.harmful


def visitor(*contracts: Contract, **settings: Any) -> Ask:
    """A mock in this process, visited by a browser on this machine."""
    return visitor_of(create_app(contracts, MockSettings(**settings)))


def visitor_of(app: Mock) -> Ask:
    """A mock that was made already, visited by a browser on this machine."""
    ask = asker_of(app)
    return lambda line, fields=None, body=b"": ask(line, {"Host": "localhost:4010", **HTML, **(fields or {})}, body)


def test_a_browser_gets_the_page_and_a_client_the_list_of_calls() -> None:
    """The root of the control API is a page for whoever asks for HTML, and is what it was for others."""
    visit = visitor(contract(PETS))
    page = visit("GET /_tallystick/")
    assert (page.status, header(page, "content-type")) == (200, "text/html; charset=utf-8")
    assert b"<code>/pets/{id}</code>" in page.body
    assert visit("GET /_tallystick").body == page.body
    for accept in ("*/*", "application/json"):
        assert header(visit("GET /_tallystick/", {"Accept": accept}), "content-type") == "application/json"
    assert visit("GET /_tallystick/version").status == 200


def test_each_page_is_safe_by_its_header_fields() -> None:
    """A page runs no script and loads no picture but those of the mock, and stands in no frame."""
    visit = visitor(contract(PETS))
    for path in ("/", "/page/nothing", "/page/static/console.css"):
        reply = visit(f"GET /_tallystick{path}")
        policy = header(reply, "content-security-policy") or ""
        assert "default-src 'none'; script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert header(reply, "x-content-type-options") == "nosniff"
        assert header(reply, "access-control-allow-origin") is None
        for inline in (b"<style", b" style=", b" onclick", b"javascript:"):
            assert inline not in reply.body


def test_a_page_that_is_not_there_says_so() -> None:
    """An unknown path is a page that says what is missing, and leads on."""
    reply = visitor(contract(PETS))("GET /_tallystick/page/<b>x</b>")
    assert reply.status == 404
    assert b"there is no page GET /page/&lt;b&gt;x" in reply.body


@pytest.mark.parametrize(
    "path", ["/page/static/../visit.py", "/page/static/..%2fvisit.py", "/page/static/.x", "/page/static/"]
)
def test_no_other_file_is_given_away(path: str) -> None:
    """Only the files in the folders of the page are served."""
    assert visitor(contract(PETS))(f"GET /_tallystick{path}").status == 404


def test_a_fault_of_the_page_itself_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong in a page is said to whoever looks at it, and ends nothing."""
    monkeypatch.delenv("TALLYSTICK_DEBUG")
    monkeypatch.setattr(operations, "groups_of", lambda *_: 1 / 0)
    visit = visitor(contract(PETS))
    reply = visit("GET /_tallystick/")
    assert (reply.status, b"a fault of tallystick itself: ZeroDivisionError" in reply.body) == (500, True)
    assert visit("GET /_tallystick/page/journal").status == 200


def test_a_page_of_a_foreign_site_is_refused() -> None:
    """The page stands behind the guard of the control API."""
    visit = visitor(contract(PETS))
    for fields in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        reply = visit("GET /_tallystick/", fields)
        assert (reply.status, b"/pets/" in reply.body) == (403, False)
        assert header(reply, "content-type") == "text/html; charset=utf-8"
    assert visitor(contract(PETS), control=False)("GET /_tallystick/").status == 404


LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


def test_a_link_of_another_site_leads_to_the_page() -> None:
    """It is opened in a tab of its own, which nobody can frame: it reads, and changes nothing."""
    visit = visitor(contract(PETS))
    for site in ("cross-site", "same-site"):
        for path in ("/", "/page/journal", "/page/sessions"):
            reply = visit(f"GET /_tallystick{path}", {**LINK, "Sec-Fetch-Site": site})
            assert reply.status == 200
            assert "frame-ancestors 'none'" in (header(reply, "content-security-policy") or "")


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("GET /", {"Sec-Fetch-Mode": "cors"}),
        ("GET /", {"Sec-Fetch-Mode": "no-cors"}),
        ("GET /", {"Sec-Fetch-Dest": "iframe"}),
        ("GET /", {"Sec-Fetch-Dest": "embed"}),
        ("GET /", {"Origin": "https://evil.example"}),
        ("GET /", {"Host": "evil.example"}),
        ("HEAD /", {}),
        ("POST /page/sessions", {}),
        ("POST /page/journal/clear", {}),
        ("GET /page/journal/har", {}),
        ("GET /page/journal/events", {}),
        ("GET /page/sessions/open?name=ann", {}),
        ("GET /version", {}),
        ("GET /journal", {}),
    ],
)
def test_nothing_else_of_another_site_is_let_in(line: str, fields: dict[str, str]) -> None:
    """No script, no frame, no form, no file; and no name that somebody else gave this machine."""
    method, _, path = line.partition(" ")
    assert visitor(contract(PETS))(f"{method} /_tallystick{path}", {**LINK, **fields}).status == 403


def test_a_link_does_not_take_the_place_of_the_token() -> None:
    """Where one is asked for, a link leads to its form, or with the cookie to the page."""
    visit = visitor(contract(PETS), control_token="s3cret")
    assert visit("GET /_tallystick/", LINK).status == 401
    cookie = (header(enter(visit, "s3cret"), "set-cookie") or "").partition("; ")[0]
    assert visit("GET /_tallystick/", {**LINK, "Sec-Fetch-Site": "same-site", "Cookie": cookie}).status == 200
    assert visit("GET /_tallystick/version", {**LINK, "Sec-Fetch-Site": "same-site", "Cookie": cookie}).status == 403


def enter(visit: Ask, token: str, fields: dict[str, str] | None = None) -> Response:
    """What comes back of the form for the token."""
    body = f"token={token}".encode()
    return visit("POST /_tallystick/page/token", {**FORM, "Content-Length": str(len(body)), **(fields or {})}, body)


def test_the_token_is_entered_by_a_form() -> None:
    """Whoever sends the token gets a cookie that lets the browser in, and is no copy of the token."""
    visit = visitor(contract(PETS), control_token="s3cret")
    form = visit("GET /_tallystick/")
    assert (form.status, b"/pets/" in form.body, b'name="token"' in form.body) == (401, False, True)
    assert enter(visit, "wrong").status == 403
    assert enter(visit, "s3cret", {"Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-site"}).status == 403
    entered = enter(visit, "s3cret")
    assert (entered.status, header(entered, "location")) == (303, "/_tallystick/")
    cookie, _, attributes = (header(entered, "set-cookie") or "").partition("; ")
    assert attributes == "Path=/_tallystick; HttpOnly; SameSite=Strict"
    assert "s3cret" not in cookie
    assert b"/pets/" in visit("GET /_tallystick/", {"Cookie": f"a=b; {cookie}"}).body
    assert visit("GET /_tallystick/version", {"Cookie": cookie}).status == 200
    for fields in ({"Origin": "http://localhost:3000"}, {"Sec-Fetch-Site": "same-site"}):
        assert visit("GET /_tallystick/version", {"Cookie": cookie, **fields}).status == 403
    name = cookie.partition("=")[0]
    assert visit("GET /_tallystick/", {"Cookie": f"{name}=s3cret"}).status == 401
    second_tab = enter(visit, "s3cret", {"Cookie": cookie})
    assert (second_tab.status, header(second_tab, "location")) == (303, "/_tallystick/")
    assert b"/pets/" in visit("GET /_tallystick/", {"Authorization": "Bearer s3cret"}).body
    other = visit("GET /_tallystick/page/sessions/open?name=ann", {"Cookie": cookie})
    assert header(other, "location") == "/~ann/_tallystick/page/journal"
    assert "; Path=/~ann/_tallystick; " in (header(other, "set-cookie") or "")
    assert visit("GET /_tallystick/page/sessions/open?name=a;b", {"Cookie": cookie}).status == 400


def test_a_form_for_the_token_that_is_no_such_form_is_not_read() -> None:
    """Anybody may send the form for the token, so that it is read only where it is short."""
    visit = visitor(contract(PETS), control_token="s3cret")
    assert enter(visit, "s3cret" + " " * 10_000).status == 401


def test_mocks_of_two_tokens_let_the_same_browser_in() -> None:
    """The cookies of two tokens have two names: a browser has one of each name for all ports of a machine."""
    cookies = []
    for token in ("one", "two"):
        visit = visitor(contract(PETS), control_token=token)
        cookies.append((header(enter(visit, token), "set-cookie") or "").partition(";")[0])
        assert b"/pets/" in visit("GET /_tallystick/", {"Cookie": "; ".join(cookies)}).body
    assert len({cookie.partition("=")[0] for cookie in cookies}) == 2


def test_a_page_in_a_session_leads_to_pages_of_the_session() -> None:
    """The links of a page keep the session that its path names."""
    page = visitor(contract(PETS))("GET /~ann/_tallystick/")
    assert b'href="/~ann/_tallystick/"' in page.body
    assert b'href="/_tallystick' not in page.body


def test_nothing_of_the_page_is_imported_before_its_first_visit() -> None:
    """A mock that nobody looks at in a browser has none of the modules of the page."""
    code = """
        import sys
        import tallystick.mock.app, tallystick.mock.control.table
        print([name for name in sys.modules if name.startswith("tallystick.mock.console")])
    """
    done = subprocess.run([sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
