"""A base path that was forgotten is one sentence, and no finding for each operation."""

from __future__ import annotations

import json
from pathlib import Path

from support.fuzzing import fuzz
from support.order_api import TOKEN, OrderApi, order_contract, order_document

from tallystick.fuzz.credentials import GivenCredentials
from tallystick.nouns.errors import Exit

KNOWN = GivenCredentials(bearer=TOKEN)


def test_the_base_path_of_the_contract_is_named(tmp_path: Path) -> None:
    """Where the operations are found below the contract's own base path, the run ends at once and names it."""
    api = OrderApi("/v1")
    outcome = fuzz(api, order_contract(tmp_path), KNOWN, url="http://localhost:8000/v2")
    assert outcome.findings == []
    assert outcome.nothing == (
        "every answer below http://localhost:8000/v2 was 404, but GET /orders is found below /v1 (the contract names "
        "it): nothing was tested; give --url http://localhost:8000/v1"
    )
    assert outcome.code(strict=False) == Exit.VIOLATIONS
    assert api.asked.total() < 10


def test_a_usual_base_path_is_found(tmp_path: Path) -> None:
    """Where the contract names no base path, usual ones are tried."""
    path = tmp_path / "api.json"
    path.write_text(json.dumps({**order_document(), "servers": []}))
    outcome = fuzz(OrderApi("/api/v1"), path, KNOWN)
    assert outcome.nothing.endswith("nothing was tested; give --url http://localhost:8000/api/v1")


def test_every_answer_a_404_is_one_sentence(tmp_path: Path) -> None:
    """Where nothing is found anywhere, the run says so once, with what the contract names, and has no finding."""
    outcome = fuzz(OrderApi("/elsewhere"), order_contract(tmp_path), KNOWN, url="http://localhost:8000", max_examples=2)
    assert outcome.findings == []
    assert outcome.nothing == (
        "every answer below http://localhost:8000 was 404: nothing was tested; if the API is elsewhere (the contract "
        "names /v1), --url says where"
    )


def test_an_item_that_is_not_there_is_no_lost_base_path(tmp_path: Path) -> None:
    """A contract of items alone, none of which is there, is tested as it is."""
    document = order_document()
    del document["paths"]["/orders"], document["paths"]["/token"]
    path = tmp_path / "api.json"
    path.write_text(json.dumps(document))
    outcome = fuzz(OrderApi("/v1"), path, KNOWN, url="http://localhost:8000/v1", max_examples=2)
    assert outcome.lost == ""
