"""Searches whose body says which rows are wanted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.asking import Ask, asker, contract

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
ROW = {"type": "object", "required": ["id", "name"], "properties": {"id": WHOLE, "name": TEXT}}
ROWS = [{"id": number, "name": f"Toy {10 - number}"} for number in range(1, 8)]
PAGE = {"type": "object", "properties": {"number": WHOLE, "size": WHOLE}}


def search(path: str = "/toys/search", example: Any = ROWS, **members: Any) -> Ask:
    """A mock of a search whose body has some members."""
    asked = {"application/json": {"schema": {"type": "object", "properties": members}}}
    reply = {"type": "object", "properties": {"items": {"type": "array", "items": ROW}, "total": WHOLE}}
    content: dict[str, Any] = {"schema": reply}
    if example is not None:
        content["example"] = {"items": example, "total": 99}
    responses = {"200": {"description": "Toys", "content": {"application/json": content}}}
    return asker(contract({"paths": {path: {"post": {"requestBody": {"content": asked}, "responses": responses}}}}))


def answered(ask: Ask, body: Any, path: str = "/toys/search") -> Any:
    return json.loads(ask(f"POST {path}", {"Content-Type": "application/json"}, json.dumps(body).encode()).body)


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ({"limit": 2}, [1, 2]),
        ({"limit": 2, "offset": 4}, [5, 6]),
        ({"limit": 3, "offset": 6}, [7]),
        ({"limit": 2, "sort": "-id"}, [7, 6]),
        ({"limit": 2, "sort": "name"}, [7, 6]),
        ({"limit": 2, "sort": ["name:asc", "id:desc"]}, [7, 6]),
        ({"limit": 0}, []),
        ({}, [1, 2, 3, 4, 5, 6, 7]),
        ({"limit": None, "offset": [1], "sort": {}}, [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_members_of_a_body_page_a_search(body: Any, ids: list[int]) -> None:
    """The limit, the place and the order in the body of a search are those of the rows, and the total is true."""
    members = {"limit": {}, "offset": {}, "sort": {}}
    ask = search(**members)
    found = answered(ask, body)
    assert [row["id"] for row in found["items"]] == ids
    assert found["total"] == (7 if ids != [row["id"] for row in ROWS] else found["total"])


def test_an_object_in_a_body_may_say_the_page() -> None:
    """`page: {number, size}` is a page of so many rows."""
    ask = search(page=PAGE)
    assert [row["id"] for row in answered(ask, {"page": {"number": 2, "size": 3}})["items"]] == [4, 5, 6]


def test_rows_that_are_made_up_are_paged_by_a_body() -> None:
    """A search of generated rows has pages, too, with other rows on each."""
    ask = search(example=None, limit=WHOLE, offset=WHOLE)
    first, second = (answered(ask, {"limit": 4, "offset": offset}) for offset in (0, 4))
    assert len(first["items"]) == len(second["items"]) == 4
    assert not {row["id"] for row in first["items"]} & {row["id"] for row in second["items"]}
    assert first["total"] == second["total"] > 8


def test_a_post_that_is_no_search_is_not_paged() -> None:
    """What is created may have a limit of its own."""
    ask = search("/toys", limit=WHOLE)
    assert len(answered(ask, {"limit": 2}, "/toys")["items"]) == len(ROWS)
