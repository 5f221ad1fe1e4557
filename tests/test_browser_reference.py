"""The reference of an API, in a real browser: it reads each document, sends its requests to the mock, and is whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.browser import follow, look_at, missing, opened
from support.running import Running, running

pytestmark = [pytest.mark.skipif(bool(missing()), reason=missing())]

SPLIT = """
openapi: 3.1.0
info: {title: Shop, version: '1', description: 'A shop, with *marks*.'}
servers: [{url: 'https://shop.example/v1'}]
paths:
  /pets:
    post:
      tags: [pets]
      operationId: addPet
      security: [{login: []}]
      requestBody: {content: {application/json: {schema: {$ref: 'parts/pet.yaml'}, example: {name: Rex}}}}
      responses: {'201': {description: Made, content: {application/json: {schema: {$ref: 'parts/pet.yaml'}}}}}
    get:
      tags: [pets]
      operationId: listPets
      parameters: [{name: limit, in: query, schema: {type: integer}}]
      responses: {'200': {description: All, content: {application/json: {example: [{name: Rex}]}}}}
components:
  securitySchemes:
    login: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://shop.example/token', scopes: {}}}}
"""
PET = """
type: object
required: [name]
properties: {name: {type: string}, parent: {$ref: 'pet.yaml'}}
"""
OLD = """
swagger: '2.0'
info:
  title: Old shop
  version: '1'
  description: 'Old. <img src=x onerror="document.title=`stolen`"><a href="javascript:document.title=`stolen`">link</a>'
host: old.example
basePath: /api
paths:
  /hats:
    get:
      tags: [hats]
      operationId: listHats
      produces: [application/json]
      responses: {'200': {description: All, examples: {application/json: [bowler]}}}
"""


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A mock of a contract in several files, and of one in Swagger 2.0."""
    folder: Path = tmp_path_factory.mktemp("contracts")
    (folder / "parts").mkdir()
    (folder / "parts" / "pet.yaml").write_text(PET)
    (folder / "shop.yaml").write_text(SPLIT)
    (folder / "old.yaml").write_text(OLD)
    with running(str(folder / "shop.yaml"), str(folder / "old.yaml"), "-p", "0", "-q") as process:
        yield process


def executed(page: Any, operation: str) -> tuple[str, str]:
    """Try an operation out: the URL that was asked, and the status that came back."""
    if not page.is_visible(f"#operations-{operation} .execute"):
        page.click(f"#operations-{operation} .opblock-summary-control")
    page.click(f"#operations-{operation} .execute")
    status = page.wait_for_selector(f"#operations-{operation} .live-responses-table .response .response-col_status")
    return page.inner_text(f"#operations-{operation} .request-url").split()[-1], status.inner_text().split()[0]


def test_the_reference_sends_its_requests_to_the_mock(mock: Running, browser: Any) -> None:
    """What is tried out reaches the operation of the mock, in the session of the page; any token will do."""
    with opened(browser, f"{mock.origin}/~ann/_tallystick/docs/shop") as page:
        page.click("[data-tag=pets]")
        assert executed(page, "pets-listPets") == (f"{mock.origin}/~ann/shop/pets", "200")
        page.click("button.authorize")
        page.fill(".auth-container input", "any")
        page.click(".auth-btn-wrapper .authorize")
        page.click(".auth-btn-wrapper .btn-done")
        assert executed(page, "pets-addPet") == (f"{mock.origin}/~ann/shop/pets", "201")


def test_a_request_that_is_refused_opens_no_dialog(mock: Running, browser: Any) -> None:
    """A 401 is shown like any response; a link leads to the operation."""
    with opened(browser, f"{mock.origin}/_tallystick/docs/shop#/pets/addPet") as page:
        page.wait_for_selector("#operations-pets-addPet .execute")
        assert executed(page, "pets-addPet")[1] == "401"


def test_swagger_2_is_shown_as_it_is(mock: Running, browser: Any) -> None:
    """A contract in Swagger 2.0 is read, and its requests go to the mock; a text of the contract runs no script."""
    with opened(browser, f"{mock.origin}/_tallystick/docs/old", shows_harm=True) as page:
        page.click("[data-tag=hats]")
        assert executed(page, "hats-listHats") == (f"{mock.origin}/old/hats", "200")
        page.click("main a >> text=link")
        assert page.title() == "Old shop · tallystick"


def test_the_reference_is_for_everybody(mock: Running, browser: Any) -> None:
    """Closed and open, dark and light, narrow and wide, axe-core finds nothing."""
    with opened(browser, f"{mock.origin}/_tallystick/docs/") as page:
        look_at(page, "references")
        follow(page, "main >> text=Shop")
        page.wait_for_selector(".opblock-tag")
        assert page.title() == "Shop · tallystick"
        look_at(page, "reference")
        page.click("[data-tag=pets]")
        executed(page, "pets-addPet")
        executed(page, "pets-listPets")
        look_at(page, "reference-open")
