"""The page of a mock in a real browser: operations are found and tried, and the journal is followed, by anybody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from support.browser import follow, look_at, missing, opened
from support.running import Running, running

from tallystick.exchanges.scenarios import read_scenario

pytestmark = [pytest.mark.skipif(bool(missing()), reason=missing())]

SHOP = """
openapi: 3.1.0
info: {title: Shop, version: '1'}
tags: [{name: pets, description: Those that live in the house}]
paths:
  /pets:
    get:
      operationId: listPets
      summary: List the pets
      tags: [pets]
      parameters: [{name: limit, in: query, schema: {type: integer, maximum: 100}}]
      responses: {'200': {description: All, content: {application/json: {schema: {$ref: '#/components/schemas/Pets'}}}}}
    post:
      operationId: addPet
      summary: Add a pet
      tags: [pets]
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/Pet'}, example: {name: Rex}}
          application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/Pet'}}
      responses:
        '201': {description: Added, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
  /pets/{id}:
    get:
      operationId: getPet
      description: "A pet by its `id`. <script>document.title = 'stolen'</script>"
      tags: [pets]
      deprecated: true
      parameters: [{name: id, in: path, required: true, schema: {type: integer}, example: 7}]
      security: [{login: []}]
      responses:
        '200': {description: One, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
        '404': {description: There is none}
components:
  securitySchemes: {login: {type: http, scheme: bearer}}
  schemas:
    Pet: {type: object, required: [name], properties: {name: {type: string, minLength: 1}}}
    Pets: {type: array, items: {$ref: '#/components/schemas/Pet'}}
"""
HATS = """
openapi: 3.1.0
info: {title: Hats, version: '1'}
paths: {/hats: {get: {responses: {'200': {description: All, content: {application/json: {example: [bowler]}}}}}}}
"""


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A mock of two contracts."""
    folder: Path = tmp_path_factory.mktemp("contracts")
    (folder / "shop.yaml").write_text(SHOP)
    (folder / "hats.yaml").write_text(HATS)
    with running(str(folder / "shop.yaml"), str(folder / "hats.yaml"), "-p", "0", "-q") as process:
        yield process


def call(url: str, body: bytes | None = None) -> None:
    """A request of some client."""
    fields = {"Content-Type": "application/json"} if body is not None else {}
    with urlopen(Request(url, body, fields)):
        pass


def test_an_operation_is_found_and_tried(mock: Running, browser: Any) -> None:
    """Who types finds an operation, fills in its form, and sees the reply, its reason and a curl line."""
    with opened(browser, f"{mock.origin}/~try/_tallystick/") as page:
        page.keyboard.press("/")
        page.keyboard.type("GETpet")
        page.wait_for_selector("text=1 of 4 operations")
        follow(page, ".operations a")
        assert page.input_value("input[name='path:id']") == "7"
        page.fill("input[name='path:id']", "9")
        page.click("button:text('Send')")
        page.wait_for_selector("#reply .status >> text=200")
        assert f"{mock.origin}/~try/pets/9" in page.inner_text("#curl")
        assert "keeps the contract" in page.inner_text("#reply")
        page.fill("input[name='credentials:login']", "")
        page.click("button:text('Send')")
        page.wait_for_selector("#reply .status >> text=401")
        assert "credentials-missing" in page.inner_text("#reply")
        follow(page, "text=in the journal")
        assert page.inner_text("h2#why") == "Why this reply"
        assert page.title().startswith("GET /pets/9")


def test_a_body_is_edited_and_another_media_type_chosen(mock: Running, browser: Any) -> None:
    """The body begins with an example, and with that of the media type that is chosen."""
    with opened(browser, f"{mock.origin}/~body/_tallystick/page/operation?contract=shop&operation=POST+/pets") as page:
        assert json.loads(page.input_value("#body")) == {"name": "Rex"}
        page.fill("#body", '{"name": ""}')
        page.click("button:text('Send')")
        page.wait_for_selector("#reply .violations >> text=body/name")
        page.select_option("#media_type", "application/x-www-form-urlencoded")
        page.wait_for_selector("#body:has-text('name=')")
        page.click("button:text('Send')")
        page.wait_for_selector("#reply .status >> text=201")
        page.select_option("#prefer", label="201 Added")
        page.click("button:text('Send')")
        page.wait_for_selector("#reply .fields >> text=preference-applied", state="attached")


def test_the_journal_grows_while_one_looks(mock: Running, browser: Any) -> None:
    """New exchanges come into the table by themselves, as the filter wants them; pausing keeps it still."""
    with opened(browser, f"{mock.origin}/~live/_tallystick/page/journal") as page:
        page.wait_for_selector("#live-state >> text=live")
        call(f"{mock.origin}/~live/pets?limit=3")
        page.wait_for_selector("#rows tr")
        assert "/pets?limit=3" in page.inner_text("#rows tr")
        assert "New exchange" in page.text_content("#news")
        page.fill("#operation", "hats")
        page.wait_for_selector("#empty")
        call(f"{mock.origin}/~live/pets")
        call(f"{mock.origin}/~live/hats")
        page.wait_for_selector("#rows tr")
        assert page.locator("#rows tr").count() == 1
        page.click("#pause")
        call(f"{mock.origin}/~live/hats")
        page.click("#pause")
        page.wait_for_selector("#rows tr >> nth=1")
        page.check("#rows input >> nth=0")
        page.click("#pause")
        call(f"{mock.origin}/~live/hats")
        page.click("#pause")
        page.wait_for_selector("#rows tr >> nth=2")
        assert page.locator("#rows tr").count() == 3
        assert page.locator("#rows input >> nth=1").is_checked()


def test_two_calls_are_compared_and_saved(mock: Running, browser: Any, tmp_path: Path) -> None:
    """Two rows are chosen and compared; the journal is saved as an archive and as a scenario."""
    for name in ("Tom", "Kit"):
        call(f"{mock.origin}/~two/pets", json.dumps({"name": name}).encode())
    with opened(browser, f"{mock.origin}/~two/_tallystick/page/journal") as page:
        with page.expect_download() as download:
            page.click("text=Save as HAR")
        download.value.save_as(tmp_path / "session.har")
        assert len(json.loads((tmp_path / "session.har").read_text())["log"]["entries"]) == 2
        with page.expect_download() as download:
            page.click("text=Save as scenario")
        assert download.value.suggested_filename == "two.scenario.yaml"
        download.value.save_as(tmp_path / "two.scenario.yaml")
        assert [each.exchange.request.path for each in read_scenario(tmp_path / "two.scenario.yaml").exchanges] == [
            "/pets"
        ] * 2
        for box in page.locator("#rows input").all():
            box.check()
        follow(page, "button:text('Compare')")
        page.wait_for_selector("h1 >> text=Two calls compared")
        assert '-  "name": "Tom"' in page.inner_text(".difference >> nth=0").replace("\xa0", " ")
        look_at(page, "compare")


def test_a_session_is_begun_and_reset(mock: Running, browser: Any) -> None:
    """A session has a name, a journal of its own, and is empty after a reset."""
    with opened(browser, f"{mock.origin}/_tallystick/page/sessions") as page:
        page.fill("#name", "mine")
        follow(page, "button:text('Open')")
        page.wait_for_url("**/~mine/_tallystick/")
        call(f"{mock.origin}/~mine/hats")
        follow(page, "nav >> text=Journal")
        page.wait_for_selector("#rows tr")
        follow(page, "nav >> text=Sessions")
        look_at(page, "sessions")
        follow(page, "tr:has-text('mine') button")
        follow(page, "nav >> text=Journal")
        page.wait_for_selector("#empty")


def test_the_page_is_for_everybody(mock: Running, browser: Any) -> None:
    """Each page and each of its states: dark and light, narrow and wide, axe-core finds nothing."""
    with opened(browser, f"{mock.origin}/~look/_tallystick/") as page:
        look_at(page, "operations")
        page.fill("#q", "nothing at all")
        page.wait_for_selector(".empty")
        look_at(page, "operations-none")
        page.goto(f"{mock.origin}/~look/_tallystick/page/journal")
        look_at(page, "journal-empty")
        page.goto(f"{mock.origin}/~look/_tallystick/page/operation?contract=shop&operation=GET+/pets/%7Bid%7D")
        look_at(page, "operation")
        page.fill("input[name='path:id']", "seven")
        page.click("button:text('Send')")
        page.wait_for_selector("#reply .violations")
        page.click("text=Header fields (")
        look_at(page, "operation-tried")
        page.goto(f"{mock.origin}/~look/_tallystick/page/operation?contract=shop&operation=POST+/pets")
        page.click("text=More header fields")
        look_at(page, "operation-body")
        page.goto(f"{mock.origin}/~look/_tallystick/page/journal")
        page.wait_for_selector("#rows tr")
        look_at(page, "journal")
        follow(page, "#rows a")
        look_at(page, "exchange")
        page.goto(f"{mock.origin}/~look/_tallystick/page/nothing")
        look_at(page, "problem")


def test_keys_are_enough(mock: Running, browser: Any) -> None:
    """The first key leads past the navigation, and every control is reached and used without a mouse."""
    with opened(browser, f"{mock.origin}/~keys/_tallystick/page/operation?contract=hats&operation=GET+/hats") as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        page.keyboard.press("Enter")
        page.focus("#prefer")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Send"
        page.keyboard.press("Enter")
        page.wait_for_selector("#reply .status >> text=200")


def test_the_page_works_without_a_script(mock: Running, browser: Any) -> None:
    """Without JavaScript, forms and links do what the page is for."""
    with opened(browser, f"{mock.origin}/~plain/_tallystick/", java_script_enabled=False) as page:
        page.fill("#q", "hats")
        follow(page, "button:text('Search')")
        follow(page, ".operations a")
        follow(page, "button:text('Send')")
        assert "bowler" in page.inner_text("#reply")
        follow(page, "nav >> text=Journal")
        page.fill("#status", "200")
        follow(page, "button:text('Filter')")
        assert page.locator("#rows tr").count() == 1


def test_the_token_opens_the_page(browser: Any, tmp_path: Path) -> None:
    """Who knows the token enters it once, and is in until the browser is closed."""
    (tmp_path / "hats.yaml").write_text(HATS)
    with (
        running(str(tmp_path / "hats.yaml"), "-p", "0", "-q", "--control-token", "s3cret") as mock,
        opened(browser, f"{mock.origin}/_tallystick/") as page,
    ):
        look_at(page, "token")
        page.fill("#token", "wrong")
        follow(page, "text=Open the page")
        page.wait_for_selector("[role=alert]")
        look_at(page, "token-wrong")
        page.fill("#token", "s3cret")
        follow(page, "text=Open the page")
        follow(page, ".operations a")
        page.click("button:text('Send')")
        page.wait_for_selector("#reply .status >> text=200")
        follow(page, "nav >> text=Journal")
        page.wait_for_selector("#rows tr")
        cookies = [
            (each["name"].rpartition("-")[0], each["httpOnly"], each["sameSite"]) for each in page.context.cookies()
        ]
        assert cookies == [("tallystick-page", True, "Strict")]
