"""Lists in replies have as many rows as are asked for, and what stands around them agrees with the rows."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from support.asking import asker, contract
from support.listing import AUTHORED, FLAG, TEXT, USER, USERS, WHOLE, ids, listing, of, query

NULL_OR_TEXT = {"type": ["string", "null"]}
NULL_OR_URL = {"type": ["string", "null"], "format": "uri"}


# How many rows there are


def test_a_list_has_ten_rows() -> None:
    """Where neither the request nor the contract says how many rows, there are ten, with ids of their own."""
    rows = listing(USERS)()
    assert len(rows) == len(set(ids(rows))) == 10


def test_the_settings_say_how_many_rows() -> None:
    """`--items` goes before the default of a parameter, and the request before both."""
    assert len(listing(USERS, items=3)()) == 3
    get = listing(USERS, query("limit", {"type": "integer", "default": 20}))
    assert (len(get()), len(get("limit=4"))) == (20, 4)
    get = listing(USERS, query("limit", {"type": "integer", "default": 20}), items=3)
    assert (len(get()), len(get("limit=4"))) == (3, 4)


def test_the_schema_bounds_the_rows() -> None:
    """There are no more rows than fit, whatever is asked for, and no fewer than must be there."""
    assert len(listing({**USERS, "maxItems": 4}, "limit")("limit=9")) == 4
    assert len(listing({**USERS, "minItems": 12})()) >= 12
    assert len(listing({**USERS, "minItems": 2}, "limit")("limit=1")) >= 2


@pytest.mark.parametrize("name", ["data", "items", "results", "users", "_embedded"])
def test_the_list_in_an_envelope_is_found(name: str) -> None:
    """The list of a reply is the member with a usual name, or with the name of the path."""
    envelope = of(**{name: USERS, "tags": {"type": "array", "items": TEXT}})
    reply = listing(envelope)()
    assert len(reply[name]) == 10
    assert len(reply["tags"]) == 2


def test_a_list_further_in_is_found() -> None:
    """An envelope may stand in another one."""
    assert len(listing(of(result=of(users=USERS), time=WHOLE))()["result"]["users"]) == 10


def test_a_resource_with_lists_is_no_list() -> None:
    """The lists in one resource have a few items."""
    user = of(id=WHOLE, name=TEXT, orders={"type": "array", "items": USER})
    reply = listing(user, {"name": "id", "in": "path", "required": True, "schema": WHOLE}, path="/users/{id}")
    assert 1 <= len(reply("/users/5")["orders"]) <= 3


def test_lists_in_rows_have_a_few_items() -> None:
    """Only the list that was asked for is long."""
    row = of(id=WHOLE, lines={"type": "array", "items": of(id=WHOLE)})
    rows = listing({"type": "array", "items": row})()
    assert [len(each["lines"]) for each in rows] == [2] * 10


# Pages


@pytest.mark.parametrize(
    ("size", "place", "second", "third"),
    [
        ("limit", "offset", 10, 20),
        ("per_page", "page", 2, 3),
        ("pageSize", "page", 2, 3),
        ("take", "skip", 10, 20),
        ("$top", "$skip", 10, 20),
        ("page[size]", "page[number]", 2, 3),
        ("limit", "pageToken", "cm93OjEw", "cm93OjIw"),
    ],
)
def test_pages_have_other_rows(size: str, place: str, second: Any, third: Any) -> None:
    """Each page has rows of its own, the last one is shorter, and there is none after it."""
    get = listing(USERS, size, query(place, {} if isinstance(second, str) else WHOLE))
    pages = [get(), get(f"{place}={second}"), get(f"{place}={third}")]
    assert [len(page) for page in pages] == [10, 10, 5]
    assert len({each for page in pages for each in ids(page)}) == 25
    assert get(f"{size}=3&{place}={second}") != pages[0]
    assert get(f"{size}=25") == [row for page in pages for row in page]
    assert get() == pages[0]


def test_pages_are_counted_from_where_the_contract_counts_them() -> None:
    """A page parameter whose least value or default is 0 begins there."""
    for schema in ({"type": "integer", "minimum": 0}, {"type": "integer", "default": 0}):
        get = listing(USERS, "size", query("page", schema))
        assert get("page=0") == get()
        assert len(get("page=2")) == 5


def test_a_row_says_where_the_next_page_begins() -> None:
    """The id of the last row leads to the rows after it, and that of the first one back to those before."""
    envelope = of(data=USERS, has_more=FLAG)
    get = listing(envelope, "limit", "starting_after", "ending_before")
    first, seen = get("limit=10"), []
    page = first
    while True:
        seen += ids(page["data"])
        if not page["has_more"]:
            break
        page = get(f"limit=10&starting_after={seen[-1]}")
    assert len(seen) == len(set(seen)) == 25
    assert ids(get(f"limit=10&ending_before={seen[10]}")["data"]) == seen[:10]
    assert get("starting_after=99999999")["data"] == first["data"]


def test_a_cursor_that_comes_back_leads_on() -> None:
    """A cursor in the reply, given back, gives the next page; the last page has none."""
    envelope = of(data=USERS, next_cursor=NULL_OR_TEXT)
    get = listing(envelope, "limit", query("cursor"))
    seen, page = [], get("limit=10")
    while page["next_cursor"] is not None:
        seen += ids(page["data"])
        page = get(f"limit=10&cursor={page['next_cursor']}")
    assert len({*seen, *ids(page["data"])}) == 25


@pytest.mark.parametrize("schema", [{"type": ["integer", "null"]}, {"type": ["string", "null"], "format": "uuid"}])
def test_a_cursor_fits_its_schema(schema: Any) -> None:
    """A cursor may have to be a number or a UUID."""
    get = listing(of(items=USERS, nextCursor=schema), "limit", query("cursor", schema))
    page = get("limit=20")
    last = get(f"limit=20&cursor={page['nextCursor']}")
    assert len({*ids(page["items"]), *ids(last["items"])}) == 25
    assert last["nextCursor"] is None


def test_totals_and_flags_agree_with_the_rows() -> None:
    """What is said around the rows is true of them: on the first page, on one in the middle, and on the last."""
    meta = of(
        total=WHOLE, page=WHOLE, per_page=WHOLE, total_pages=WHOLE, count=WHOLE, hasNextPage=FLAG, hasPreviousPage=FLAG
    )
    get = listing(of(data=USERS, meta=meta), "page", "per_page")
    expected = {"total": 25, "page": 1, "per_page": 10, "total_pages": 3, "count": 10}
    assert get()["meta"] == {**expected, "hasNextPage": True, "hasPreviousPage": False}
    assert get("page=2")["meta"] == {**expected, "page": 2, "hasNextPage": True, "hasPreviousPage": True}
    last = {**expected, "page": 3, "count": 5, "hasNextPage": False, "hasPreviousPage": True}
    assert get("page=3")["meta"] == last


def test_spring_pages_are_told() -> None:
    """A page as Spring writes it counts from 0, and says of itself whether it is the first or last."""
    page = of(
        content=USERS,
        number=WHOLE,
        size=WHOLE,
        totalElements=WHOLE,
        totalPages=WHOLE,
        numberOfElements=WHOLE,
        first=FLAG,
        last=FLAG,
        empty=FLAG,
    )
    reply = listing(page, "page", "size")("page=2&size=10")
    assert len(reply.pop("content")) == 5
    assert reply == {
        "number": 2,
        "size": 10,
        "totalElements": 25,
        "totalPages": 3,
        "numberOfElements": 5,
        "first": False,
        "last": True,
        "empty": False,
    }


def test_urls_of_pages_point_at_the_mock() -> None:
    """The URL of the next page is the request's own on the mock, with the other parameters as they were."""
    envelope = of(results=USERS, count=WHOLE, next=NULL_OR_URL, previous=NULL_OR_URL)
    get = listing(envelope, "page", "page_size", query("role"))
    first = get("role=admin&page_size=2")
    assert first["next"] == "http://localhost:4010/users?role=admin&page_size=2&page=2"
    assert first["previous"] is None
    second = get(first["next"])
    assert second["previous"] == "http://localhost:4010/users?role=admin&page_size=2&page=1"
    assert get(second["previous"]) == first


def test_following_the_urls_gives_all_rows() -> None:
    """A client that follows `next` until there is none has seen as many rows as the total says, each once."""
    links = of(next={"type": "object", "properties": {"href": NULL_OR_URL}})
    get = listing(of(items=USERS, total=WHOLE, _links=links), "limit", "offset")
    page, seen = get(), []
    while url := page["_links"]["next"]["href"]:
        seen += ids(page["items"])
        page = get(url)
    assert len({*seen, *ids(page["items"])}) == page["total"] == 25


def test_an_end_without_null_is_left_out() -> None:
    """Where a member may not be null, it is left out at the end; where it must be there, it is empty."""
    envelope = {**of(data=USERS), "properties": {"data": USERS, "next": {"type": "string", "format": "uri"}}}
    assert "next" not in listing(envelope, "page")("page=3")
    assert listing(of(data=USERS, nextPageToken=TEXT), query("pageToken"))("pageToken=cm93OjIw")["nextPageToken"] == ""


def test_link_headers_say_what_is_true() -> None:
    """A documented `Link` leads to the pages around this one, and is not sent where there are none."""
    headers = {
        "Link": {"schema": TEXT, "example": '<https://x.example>; rel="next"'},
        "X-Total-Count": {"schema": WHOLE},
    }
    get: Any = listing(USERS, "page", "per_page", headers=headers)
    get("per_page=10")
    assert get.headers["link"].split(", ")[0] == '<http://localhost:4010/users?per_page=10&page=2>; rel="next"'
    assert get.headers["x-total-count"] == "25"
    get("per_page=25")
    assert "link" not in get.headers


# An author's rows


def test_an_authors_rows_are_served_as_they_are() -> None:
    """A documented example is not filled up; a request may ask for some of its rows."""
    get = listing(USERS, "limit", "offset", example=AUTHORED)
    assert get() == AUTHORED
    assert get("limit=1") == AUTHORED[:1]
    assert get("offset=1") == AUTHORED[1:]
    assert get("offset=2") == []


def test_an_authors_envelope_agrees_where_a_page_is_asked_for() -> None:
    """The words of the author stand as long as nothing is asked for; else they are true of the rows."""
    envelope = of(data=USERS, total=WHOLE, next=NULL_OR_URL)
    example = {"data": AUTHORED, "total": 99, "next": "https://api.example.com/v1/users?page=2"}
    get = listing(envelope, "page", "limit", example=example)
    assert get() == {**example, "next": "http://localhost:4010/users?page=2"}
    first = get("limit=1")
    assert first == {"data": AUTHORED[:1], "total": 2, "next": "http://localhost:4010/users?limit=1&page=2"}
    assert get(first["next"]) == {"data": AUTHORED[1:], "total": 2, "next": None}


def test_an_authors_example_may_be_filled_up() -> None:
    """With `--items` rows are made after those of the author, and what is not said yet is added."""
    envelope = {
        "type": "object",
        "properties": {"users": USERS, "links": {"type": "object", "properties": {"next": {"type": "string"}}}},
    }
    example = {"users": AUTHORED, "links": {}}
    reply = listing(envelope, "page", example=example, items=4)()
    assert reply["users"][:2] == AUTHORED
    assert len(reply["users"]) == len(set(ids(reply["users"]))) == 4
    assert reply["links"]["next"] == "http://localhost:4010/users?page=2"
    assert len(listing(USERS, example=AUTHORED, items=1)()) == 1


# Filters and sorting


def test_a_filter_shows_the_rows_that_match() -> None:
    """A parameter named after a member of the rows, in any spelling, narrows them."""
    get = listing(of(data=USERS, total=WHOLE), "limit", query("role"), query("filter[name]"))
    reply = get("role=guest&limit=5")
    assert {row["role"] for row in reply["data"]} == {"guest"}
    assert reply["total"] in (8, 9)
    name = get()["data"][3]["name"]
    assert name in [row["name"] for row in get(f"filter[name]={name}")["data"]]


def test_rows_are_made_to_match() -> None:
    """Where no row has the wanted value, it is put into the rows: into one where it tells rows apart."""
    get = listing(USERS, query("team_id"), query("ids", {"type": "array", "items": WHOLE}, explode=False))
    assert {row["teamId"] for row in get("team_id=t-77")} == {"t-77"}
    assert ids(get("ids=901,902")) == [901, 902]


def test_a_value_that_no_row_may_have_narrows_nothing() -> None:
    """`role=all` shows all rows."""
    assert len(listing(USERS, query("role"))("role=all")) == 10
    assert len(listing(USERS, query("role"))("role=king")) == 10


def test_an_authors_rows_are_filtered_truly() -> None:
    """No row is made up among those of an author."""
    get = listing(USERS, query("role"), example=AUTHORED)
    assert get("role=member") == AUTHORED[1:]
    assert get("role=guest") == []


def test_a_path_value_comes_back_in_the_rows() -> None:
    """The rows below a resource belong to it."""
    team = {"name": "teamId", "in": "path", "required": True, "schema": TEXT}
    get = listing(USERS, team, path="/teams/{teamId}/users")
    assert {row["teamId"] for row in get("/teams/t-9/users")} == {"t-9"}


@pytest.mark.parametrize(
    ("wanted", "key", "downwards"),
    [
        ("sort=age", "age", False),
        ("sort=-age", "age", True),
        ("sort=age:desc", "age", True),
        ("sort=age%20desc", "age", True),
        ("sort=age,desc", "age", True),
        ("sort=age&order=desc", "age", True),
        ("sort=name&order=asc", "name", False),
        ("sort=role,-age", "age", None),
    ],
)
def test_rows_are_sorted(wanted: str, key: str, downwards: bool | None) -> None:
    """Sort parameters name a member, and say upwards or downwards in any usual way."""
    get = listing(USERS, "limit", query("sort"), query("order"))
    rows = get(f"limit=25&{wanted}")
    values = [row[key] for row in rows]
    if downwards is None:
        assert [(row["role"], -row["age"]) for row in rows] == sorted((row["role"], -row["age"]) for row in rows)
    else:
        assert values == sorted(values, reverse=downwards)
    assert sorted(ids(rows)) == sorted(ids(get("limit=25")))


def test_sorting_goes_before_paging() -> None:
    """The pages of sorted rows are sorted as a whole."""
    get = listing(USERS, "limit", "offset", query("sort"))
    ages = [row["age"] for offset in (0, 10, 20) for row in get(f"sort=age&offset={offset}")]
    assert len(ages) == 25
    assert ages == sorted(ages)


def test_a_sort_that_names_no_member_changes_nothing() -> None:
    """What cannot be sorted by is passed over."""
    get = listing(USERS, query("sort"))
    assert get("sort=stars") == get()
    assert get("sort=address.city") != []


def test_an_example_with_rows_goes_before_an_empty_one() -> None:
    """A list is shown empty by default only where an author wrote no rows at all; by name each example is sent."""
    examples = {"none": {"value": []}, "some": {"value": AUTHORED}}
    content = {"application/json": {"schema": USERS, "examples": examples}}
    ask = asker(
        contract({"paths": {"/users": {"get": {"responses": {"200": {"description": "", "content": content}}}}}})
    )
    assert json.loads(ask("GET /users").body) == AUTHORED
    assert json.loads(ask("GET /users", {"Prefer": "example=none"}).body) == []


def test_rows_of_examples_alone_differ() -> None:
    """Where each member of a row has an example, the rows after the first one are made without these."""
    size = {"enum": ["small", "large"], "example": "small"}
    rows = listing({"type": "array", "items": of(relay={**TEXT, "example": "a.example"}, size=size)})()
    assert rows[0] == {"relay": "a.example", "size": "small"}
    assert len(rows) == 10
    assert all(row not in rows[:index] for index, row in enumerate(rows))


def test_rows_that_a_list_must_have_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that must have more rows than a page is served as it was made: its rows are not made one by one."""

    def refuse(*_: object) -> None:
        raise AssertionError("a row was made")

    monkeypatch.setattr("tallystick.mock.tailoring.lists.listing.generate_rows", refuse)
    assert len(listing({**USERS, "minItems": 30}, "limit")("limit=3")) == 30


def test_a_wish_to_sort_is_bounded() -> None:
    """What is far too long to name a member, and what comes after many members, does not sort."""
    get = listing(USERS, query("sort"), query("limit", WHOLE))
    started = time.process_time()
    rows = get("limit=3")
    assert get(f"limit=3&sort={'a' * 30_000}{'%20' * 10_000}!") == rows
    assert get(f"limit=3&sort={','.join(['name', '-age'] * 5_000)}") != rows
    assert time.process_time() - started < 1
