"""Coverage as a picture: the operations and statuses that the journal's exchanges have touched."""

from __future__ import annotations

import re

from support.asking import contract
from test_console import visitor

PETS = """
paths:
  /pets:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer}}]
      responses: {'200': {description: Pets}, '404': {description: None}, default: {description: Else}}
    post:
      responses: {'201': {description: Made}}
"""


def cells(page: str) -> list[list[tuple[str, str]]]:
    """The kinds and the texts of the cells of each row."""
    found = []
    for row in page.partition('<ul class="grid">')[2].split("<li>")[1:]:
        pairs = re.findall(r'<span class="cell (\w+)">(.*?)<span class="hidden', row)
        found.append([(kind, re.sub("<.*?>", "", text)) for kind, text in pairs])
    return found


def test_each_status_says_how_often_it_was_seen() -> None:
    """A documented status is seen or not, and one that the contract does not have is told from both."""
    visit = visitor(contract(PETS))
    for path in ("/pets", "/pets?limit=3", "/pets?limit=x"):
        visit(f"GET {path}")
    visit("POST /pets", {"Tallystick-Fault": "418"})
    page = visit("GET /_tallystick/page/coverage").body.decode()
    assert cells(page) == [
        [("seen", "200 2"), ("unseen", "404"), ("seen", "default 1")],
        [("unseen", "201"), ("odd", "418 1")],
    ]
    assert "1 of 2</b> operations" in page
    assert "2 of 4</b> statuses" in page
    assert "never accepted" in page
    assert "4 exchanges" in page


def test_what_was_not_seen_is_shown_alone() -> None:
    """Operations of which all was seen are left out where that is asked for, and sessions are apart."""
    visit = visitor(contract(PETS))
    visit("POST /pets")
    assert len(cells(visit("GET /_tallystick/page/coverage?unseen=1").body.decode())) == 1
    assert len(cells(visit("GET /~ann/_tallystick/page/coverage?unseen=1").body.decode())) == 2


def test_all_parts_of_a_contract_are_named() -> None:
    """Parameters and the like have a page of their own, with the names of what was never seen."""
    visit = visitor(contract(PETS))
    page = visit("GET /_tallystick/page/coverage/whole?contract=test").body.decode()
    assert "GET /pets query.limit" in page
    visit("GET /pets?limit=3")
    page = visit("GET /_tallystick/page/coverage/whole?contract=test").body.decode()
    assert "GET /pets query.limit" not in page
    assert visit("GET /_tallystick/page/coverage/whole?contract=x").status == 404


def test_a_mock_without_a_journal_has_no_coverage() -> None:
    """The page says what would have worked."""
    reply = visitor(contract(PETS), journal=0)("GET /_tallystick/page/coverage")
    assert (reply.status, b"without a journal" in reply.body) == (409, True)
