"""A page in a real browser calls mocks from another origin, as the page of a frontend developer does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.browser import SCREENSHOTS, chromium, missing
from support.folders import CORPUS, ROOT
from support.running import running
from support.web import serving

NEWS = """
openapi: 3.2.0
info: {title: News, version: '1'}
paths:
  /news:
    get:
      operationId: followNews
      responses:
        '200':
          description: Each piece of news as it comes
          content:
            text/event-stream:
              itemSchema:
                type: object
                required: [data]
                properties:
                  data:
                    type: string
                    contentMediaType: application/json
                    contentSchema: {type: object, required: [title], properties: {title: {type: string}}}
"""


WANTING = missing() or ("" if CORPUS.is_dir() else "there is no corpus with the contracts of Museum and Stripe")
pytestmark = [pytest.mark.skipif(bool(WANTING), reason=WANTING)]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The page, open in a browser, with all that it loads at first."""
    news = tmp_path_factory.mktemp("contracts") / "news.yaml"
    news.write_text(NEWS)
    html = (ROOT / "tests" / "support" / "page.html").read_bytes()
    contracts = [str(CORPUS / "museum.yaml"), str(CORPUS / "stripe.yaml"), str(news)]
    with (
        running(*contracts, "-p", "0", "-q", "--stream-delay", "50ms") as mock,
        serving({f"/?mock={mock.origin}": (200, html)}) as (origin, _),
        chromium() as browser,
    ):
        page = browser.new_page(viewport={"width": 1200, "height": 1100})
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{origin}/?mock={mock.origin}")
        page.wait_for_selector("body[data-ready]", timeout=60_000)
        assert page.get_attribute("body", "data-ready") == "ok; ok; ok; ok"
        assert errors == []
        yield page
        if SCREENSHOTS:
            page.screenshot(path=Path(SCREENSHOTS) / "page.png", full_page=True)


def rows(page: Any, table: str = "rows") -> list[list[str]]:
    """The texts of a table."""
    return [row.locator("td").all_inner_texts() for row in page.locator(f"#{table} tr").all()]


def test_a_table_has_the_rows_of_its_page(page: Any) -> None:
    """Each page of a list has as many rows as were asked for, and other ones."""
    first = rows(page)
    page.click("#next")
    page.wait_for_selector("body[data-page='2']")
    second = rows(page)
    assert len(first) == len(second) == 4
    assert not {name for name, *_ in first} & {name for name, *_ in second}


def test_a_row_leads_to_its_detail_view(page: Any) -> None:
    """The detail view of a row has the id that was asked for, and what stood in the row."""
    row = page.locator("#rows tr").nth(1)
    (name, location, _), identifier = row.locator("td").all_inner_texts(), row.get_attribute("data-id")
    row.click()
    page.wait_for_selector("#detail-eventId")
    assert page.inner_text("#detail-eventId") == identifier
    assert (page.inner_text("#detail-name"), page.inner_text("#detail-location")) == (name, location)


def test_a_form_shows_what_is_wrong_and_then_what_was_saved(page: Any) -> None:
    """A refused body says why, and one that fits comes back with an id."""
    page.fill("[name=name]", "Night of the owls")
    page.fill("[name=price]", "no number")  # NaN is null in JSON
    page.click("form button")
    page.wait_for_selector("#error:not(:empty)")
    assert re.match(r"4(00|22): .*price.*null", page.inner_text("#error"))
    page.fill("[name=price]", "12")
    page.click("form button")
    page.wait_for_selector("#saved:not(:empty)")
    assert re.fullmatch(r"Night of the owls has the id [0-9a-f-]{36}", page.inner_text("#saved"))
    assert page.inner_text("#error") == ""


def test_a_file_is_uploaded(page: Any, tmp_path: Path) -> None:
    """A multipart upload is accepted, and its fields come back."""
    evidence = tmp_path / "evidence.pdf"
    evidence.write_bytes(b"%PDF-1.4\n" + bytes(range(256)) * 4000)
    page.set_input_files("#file", evidence)
    page.wait_for_selector("#uploaded:not(:empty)")
    assert re.fullmatch(
        r'\{"id":"file_[^"]+","purpose":"dispute_evidence","object":"file"\}', page.inner_text("#uploaded")
    )


def test_a_picture_is_drawn(page: Any) -> None:
    """A documented picture is one that a browser decodes."""
    width, height = map(int, page.inner_text("#size").split(" by "))
    assert (width > 0, height > 0) == (True, True)


def test_an_event_stream_is_followed(page: Any) -> None:
    """The browser's own reader of event streams gets each event, with its JSON."""
    page.wait_for_selector("#events li >> nth=1")
    assert all(page.locator("#events li").all_inner_texts())


def test_a_slow_request_is_slow(page: Any) -> None:
    """A page of another origin may ask for latency, and gets it."""
    assert int(page.inner_text("#slow")) >= 700


def test_a_list_of_customers_looks_like_customers(page: Any) -> None:
    """Stripe's customers have ids, names and addresses that differ."""
    customers = rows(page, "customers")
    assert len(customers) == 5
    assert len({identifier for identifier, *_ in customers}) == 5
    assert all(identifier.startswith("cus") and name and "@" in address for identifier, name, address in customers)
