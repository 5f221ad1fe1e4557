"""Lists that are narrowed to a range of numbers or moments, or to rows with some words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.asking import Ask, asker, contract

TEXT, MOMENT, WHOLE = {"type": "string"}, {"type": "string", "format": "date-time"}, {"type": "integer"}
BOUNDS = {"type": "object", "properties": dict.fromkeys(("gt", "gte", "lt", "lte"), WHOLE)}
PARAMETERS: dict[str, dict[str, Any]] = {
    "created": {"schema": {"anyOf": [BOUNDS, WHOLE]}, "style": "deepObject", "explode": True},
    **{name: {"schema": {"type": "number"}} for name in ("min_price", "priceTo", "price_min")},
    **{name: {"schema": MOMENT} for name in ("updated_after", "since", "until")},
    "soldBefore": {"schema": {"type": "string", "format": "date"}},
    "soldTo": {"schema": {"type": "string", "format": "date"}},
    "Price<": {"schema": {"type": "number"}},
    "Price>": {"schema": {"type": "number"}},
    "q": {"schema": TEXT},
    "name": {"schema": TEXT},
}
ROW = {
    "type": "object",
    "properties": {
        "id": WHOLE,
        "name": TEXT,
        "price": {"type": "number"},
        "created": WHOLE,
        "updatedAt": MOMENT,
        "sold": MOMENT,
        "tags": {"type": "array", "items": TEXT},
    },
}
ROWS = [
    {
        "id": number,
        "name": name,
        "price": 10 * number,
        "created": 1_700_000_000 + number,
        "updatedAt": f"2024-0{number}-01T12:00:00Z",
        "sold": f"2024-0{number}-02T12:00:00Z",
        "tags": ["red"] if number == 2 else [],
    }
    for number, name in enumerate(("Ball", "Bear", "Train", "Big Bear"), 1)
]


def shop(example: Any = None) -> Ask:
    """A mock of a list, whose rows are an example's or made up."""
    parameters = [{"name": name, "in": "query", **described} for name, described in PARAMETERS.items()]
    content: dict[str, Any] = {"schema": {"type": "array", "items": ROW}}
    if example is not None:
        content["example"] = example
    responses = {"200": {"description": "Toys", "content": {"application/json": content}}}
    return asker(contract({"paths": {"/toys": {"get": {"parameters": parameters, "responses": responses}}}}))


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("created[gte]=1700000003", [3, 4]),
        ("created[gt]=1700000003", [4]),
        ("created[lt]=1700000003&created[gte]=1700000002", [2]),
        ("created[lte]=1700000002", [1, 2]),
        ("min_price=20&priceTo=30", [2, 3]),
        ("price_min=40", [4]),
        ("Price%3E=20&Price%3C=30", [2, 3]),
        ("updated_after=2024-03-01T00:00:00Z", [3, 4]),
        ("since=2024-03-01T14:00:00%2B02:00&until=2024-03-31T00:00:00Z", [3]),
        ("soldBefore=2024-02-02", [1]),
        ("soldTo=2024-02-02", [1, 2]),
        ("q=bear", [2, 4]),
        ("q=BIG%20bear", [4]),
        ("q=red", [2]),
        ("q=nothing", []),
        ("created[gte]=1800000000", []),
        ("name=Bear&q=bear", [2]),
    ],
)
def test_a_bound_narrows_a_list(query: str, ids: list[int]) -> None:
    """A parameter that says a bound of a member, or words, leaves the rows that are within it, or have them."""
    reply = shop(ROWS)(f"GET /toys?{query}")
    assert reply.status == 200
    assert [row["id"] for row in json.loads(reply.body)] == ids


def test_rows_that_are_made_up_are_within_the_bounds() -> None:
    """A range holds of generated rows, too; a search that finds none of them narrows nothing."""
    ask = shop()
    rows = json.loads(ask("GET /toys").body)
    middle = sorted(row["price"] for row in rows)[len(rows) // 2]
    within = json.loads(ask(f"GET /toys?min_price={middle}").body)
    assert all(row["price"] >= middle for row in within)
    assert [row for row in within if row in rows] == [row for row in rows if row["price"] >= middle]
    assert json.loads(ask("GET /toys?q=xyzzy").body) == rows
    word = rows[3]["name"].split()[0]
    found = json.loads(ask(f"GET /toys?q={word}").body)
    assert rows[3] in found


def test_moments_may_be_written_as_in_mail() -> None:
    """A moment of RFC 5322 is compared with one of ISO 8601, and with a day."""
    rows = [{"sent": f"Thu, 0{day} Feb 2024 10:00:00 +0000"} for day in (1, 8)]
    row = {"type": "object", "properties": {"sent": {"type": "string", "format": "date-time-rfc-2822"}}}
    parameters = [{"name": name, "in": "query", "schema": TEXT} for name in ("Sent>", "Sent<")]
    content = {"application/json": {"schema": {"type": "array", "items": row}, "example": rows}}
    responses = {"200": {"description": "Calls", "content": content}}
    ask = asker(contract({"paths": {"/calls": {"get": {"parameters": parameters, "responses": responses}}}}))
    assert json.loads(ask("GET /calls?Sent%3E=2024-02-05").body) == rows[1:]
    assert json.loads(ask("GET /calls?Sent%3C=2024-02-05T00:00:00Z").body) == rows[:1]


def test_what_is_no_bound_narrows_nothing() -> None:
    """A parameter without a member, and one whose member has no order, leaves the list as it is."""
    parameters = [{"name": name, "in": "query", "schema": TEXT} for name in ("minName", "maxWeight", "after_lunch")]
    content = {"application/json": {"schema": {"type": "array", "items": ROW}, "example": ROWS}}
    responses = {"200": {"description": "Toys", "content": content}}
    ask = asker(contract({"paths": {"/toys": {"get": {"parameters": parameters, "responses": responses}}}}))
    for query in ("minName=x", "maxWeight=3", "after_lunch=yes"):
        assert json.loads(ask(f"GET /toys?{query}").body) == ROWS
