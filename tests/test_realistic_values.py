"""Generated values are what a person expects: by their names, by what the object around them is, and in agreement."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
from support.values import TEXT, WHOLE, closed, generated, ref

NUMBER: dict[str, Any] = {"type": "number"}


def rows(item: dict[str, Any], count: int = 4, **components: Any) -> list[Any]:
    """The items of a list that has as many."""
    values: list[Any] = generated({"type": "array", "minItems": count, "items": item}, **components)
    return values[:count]


def one(name: str, value: dict[str, Any] = TEXT, owner: str = "Thing", **others: Any) -> Any:
    """What a property of an object of some kind gets, beside other properties."""
    schema = closed(**{name: value}, **others)
    return generated(ref(owner), **{owner: schema})[name]


@pytest.mark.parametrize(
    ("name", "owner", "expected"),
    [
        ("name", "User", r"[A-Z]\w+ [A-Z]\w+"),
        ("name", "Repository", r"[a-z]+(-[a-z]+)+"),
        ("name", "Company", r"[A-Z].+"),
        ("name", "City", r"[A-Z].+"),
        ("name", "TaxRate", r"Tax rate 1"),
        ("companyName", "Thing", r"[A-Z].+"),
        ("title", "Thing", r"[A-Z][a-z]+ .+"),
        ("postal_code", "Thing", r"\d{5}"),
        ("phone-number", "Thing", r"\+1202555\d{4}"),
        ("currency", "Thing", "USD"),
        ("countryCode", "Thing", "[A-Z]{2}"),
        ("version", "Thing", r"1\.\d+\.0"),
        ("slug", "Thing", r"[a-z]+(-[a-z]+)+"),
        ("accentColor", "Thing", "#[0-9a-f]{6}"),
        ("widgetMode", "Thing", "widget mode 1"),
        ("type", "TaxRate", "tax_rate"),
        ("avatar_url", "Thing", r"http://localhost:4010/_tallystick/image/128x128\.svg\?text=thing\+1"),
        ("html_url", "Thing", r"https://example\.com/thing/1"),
        ("sha", "Thing", "[0-9a-f]{40}"),
    ],
)
def test_a_name_says_what_a_string_is(name: str, owner: str, expected: str) -> None:
    """The words of a name, and what the object around it is, decide what a string looks like."""
    assert re.fullmatch(expected, one(name, owner=owner))


@pytest.mark.parametrize(
    ("name", "type_name", "low", "high"),
    [
        ("width", "integer", 16, 4000),
        ("age", "integer", 18, 80),
        ("year", "integer", 2000, 2030),
        ("price", "number", 1, 200),
        ("percent", "number", 0, 100),
        ("confidence", "number", 0, 1),
        ("followers_count", "integer", 1, 500),
        ("created_at", "integer", 1_700_000_000, 1_800_000_000),
        ("created_ms", "integer", 1_700_000_000_000, 1_800_000_000_000),
        ("longitude", "number", -180, 180),
    ],
)
def test_a_name_says_what_a_number_is(name: str, type_name: str, low: int, high: int) -> None:
    """A number is of the size that its name means."""
    assert low <= one(name, {"type": type_name}) <= high


def test_an_amount_beside_a_currency_is_in_cents() -> None:
    """A whole amount beside a currency counts cents; without one, or with fractions, it is what one pays."""
    assert one("amount", WHOLE, currency=TEXT) >= 500
    assert one("amount", NUMBER, currency=TEXT) < 200
    assert one("amount", WHOLE) < 200


def test_a_person_is_one_person() -> None:
    """The names and the e-mail address of one object agree; those of a billing name are another person's."""
    person = closed(first_name=TEXT, last_name=TEXT, name=TEXT, email=TEXT, reviewer_name=TEXT)
    for value in rows(ref("User"), User=person):
        assert value["name"] == f"{value['first_name']} {value['last_name']}"
        assert value["email"] == f"{value['first_name']}.{value['last_name']}@example.com".lower()
        assert value["reviewer_name"] != value["name"]


def test_moments_are_in_order() -> None:
    """What is created comes before its update and its end; a start before an end; an expiry is far away."""
    moment = {"type": "string", "format": "date-time"}
    names = ("created_at", "published_at", "updated_at", "closed_at", "expires_at")
    event = closed(**dict.fromkeys(names, moment), start={"type": "integer", "format": "unix-time"}, end=WHOLE)
    event["properties"]["end"] = {"type": "integer", "format": "unix-time"}
    values = rows(ref("Event"), Event=event)
    for value in values:
        texts = [value[name] for name in names]
        assert texts == sorted(texts)
        assert value["start"] < value["end"]
        assert value["expires_at"] > "2035"
    created = [value["created_at"] for value in values]
    assert created == sorted(created, reverse=True)


def test_identities_have_a_kind() -> None:
    """Ids of different kinds differ, and an id that leads to another object is that of the row at the same place."""
    order = closed(id=WHOLE, customer_id=WHOLE, key_id=TEXT)
    orders = rows(ref("Order"), Order=order)
    customers = rows(ref("Customer"), Customer=closed(id=WHOLE))
    assert [order["customer_id"] for order in orders] == [customer["id"] for customer in customers]
    assert {order["id"] for order in orders}.isdisjoint(order["customer_id"] for order in orders)
    assert one("id", owner="Invoice").startswith("invoice_")
    assert one("customerId", owner="Invoice") == one("id", owner="Customer")


def test_an_id_has_the_shape_of_its_example() -> None:
    """The ids of later rows look like the documented one: its prefix, its length, its letters."""
    item = closed(
        id={**TEXT, "example": "pi_3MtwBwLkdIwHu7ix28a3tqPa"},
        uri={**TEXT, "example": "spotify:track:4iV5W9uYEdYUVa79Axb7Rh"},
    )
    first, *others = rows(ref("Payment"), Payment=item)
    assert first["id"] == "pi_3MtwBwLkdIwHu7ix28a3tqPa"
    assert len({each["id"] for each in (first, *others)}) == 4
    for other in others:
        assert re.fullmatch("pi_[0-9A-Za-z]{24}", other["id"])
        assert re.fullmatch("spotify:track:[0-9A-Za-z]{22}", other["uri"])


def test_rows_are_not_copies_of_an_example() -> None:
    """In later rows what tells things apart is another value, and a documented day an earlier one."""
    item = closed(
        name={**TEXT, "example": "Ada Lovelace"},
        joined={**TEXT, "format": "date", "example": "2024-05-03"},
        plan={**TEXT, "example": "gold"},
    )
    values = rows(ref("Member"), Member=item)
    assert [value["joined"] for value in values] == ["2024-05-03", "2024-05-02", "2024-05-01", "2024-04-30"]
    assert values[0]["name"] == "Ada Lovelace"
    assert len({value["name"] for value in values}) == 4
    assert {value["plan"] for value in values} == {"gold"}


def test_enumerations_vary_along_a_list() -> None:
    """The rows of a list show each value of an enumeration."""
    values = rows(closed(id=WHOLE, kind={"enum": ["a", "b", "c"]}), 3)
    assert [value["kind"] for value in values] == ["a", "b", "c"]


def test_a_description_helps_where_a_name_does_not() -> None:
    """What the contract says in passing of a string or number is heeded."""
    assert re.fullmatch(r"2025-\d\d-\d\dT.*Z", one("x", {**TEXT, "description": "An ISO 8601 timestamp."}))
    assert one("x", {**WHOLE, "description": "Seconds since the Unix epoch"}) > 1_700_000_000
    assert one("currency", {**TEXT, "description": "ISO code, in lowercase"}) == "usd"


def test_a_position_has_the_longitude_first() -> None:
    """The numbers of a position in GeoJSON are a longitude and a latitude."""
    pair = {"type": "array", "minItems": 2, "maxItems": 2, "items": NUMBER}
    whole = generated(ref("Point"), Point=closed(coordinates=pair, latitude=NUMBER, longitude=NUMBER))
    assert whole["coordinates"] == [whole["longitude"], whole["latitude"]]


@pytest.mark.parametrize("word", ["avatar", "banner", "cover", "favicon", "icon", "img", "poster", "splash", "thumb"])
def test_a_url_named_after_a_picture_is_one_of_a_picture(word: str) -> None:
    """The URL of what is a picture by its name leads to one that the mock draws."""
    link = {**TEXT, "format": "uri"}
    assert "/_tallystick/image/" in generated(closed(**{f"{word}_url": link}))[f"{word}_url"]


def test_a_start_imports_nothing_that_it_has_no_use_for() -> None:
    """Faker, what mends examples, files of SQLite and another mock's words are imported once they are needed."""
    program = """
import sys
from support.asking import contract
from tallystick.mock.app import create_app
from tallystick.mock.serving.listing import Where, first_try, listing
person = {"type": "object", "properties": {"name": {"type": "string"}}}
content = {"application/json": {"schema": person}}
post = {"requestBody": {"content": content}, "responses": {"200": {"description": "d", "content": content}}}
shop = contract({"paths": {"/people": {"post": post}}})
create_app([shop])
assert first_try([shop], Where("http://localhost:4010"))
assert "curl" in list(listing([shop], Where("http://localhost:4010")))[-1]
for name in ("faker", "sqlite3", "redis", "tallystick.examples.mending", "tallystick.mock.prism"):
    assert name not in sys.modules, name
"""
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONPATH": "tests:."})


def test_faker_is_not_imported_for_what_is_documented() -> None:
    """A value that the contract documents, and one of numbers and ids, is given without an import of Faker."""
    program = """
import sys
from support.values import TEXT, WHOLE, closed, generated
generated(closed(id=TEXT, count=WHOLE, name={**TEXT, "example": "Ada"}))
assert "faker" not in sys.modules
generated(closed(name=TEXT, email=TEXT))
assert "faker" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONPATH": "tests:."})


def test_an_id_has_the_shape_of_those_in_its_document() -> None:
    """An id without an example looks like that of its kind elsewhere, or else like the others, with its own prefix."""
    shown = closed(id={**TEXT, "example": "cus_9s6XKzkNRiz8i3"})
    order = closed(id=TEXT, customer_id=TEXT)
    value = generated(ref("Order"), Order=order, Customer=shown)
    assert re.fullmatch("order_[0-9A-Za-z]{14}", value["id"])
    assert re.fullmatch("cus_[0-9A-Za-z]{14}", value["customer_id"])


def test_what_may_be_an_object_with_an_id_is_that_id() -> None:
    """Where a schema allows an object in place of a string, the string is the id of that object."""
    charge = closed(payer={"anyOf": [TEXT, ref("Customer")]})
    value = generated(ref("Charge"), Charge=charge, Customer=closed(id=TEXT))
    assert value["payer"] == one("id", owner="Customer")


def test_the_state_of_one_thing_is_that_nothing_went_wrong() -> None:
    """Of the states that a schema enumerates, those of success come first."""
    assert one("status", {"enum": ["failed", "pending", "succeeded"]}) == "succeeded"


def test_a_map_has_keys_that_can_be_told_apart() -> None:
    """The keys of a map are numbered, and its values are what the map is of."""
    assert one("labels", {"type": "object", "additionalProperties": TEXT}) == {"key1": "Thing 1"}


@pytest.mark.parametrize("name", ["metadata", "inputSchema", "tokenizer_config", "settings"])
def test_what_is_called_as_objects_are_is_one_where_every_type_is_allowed(name: str) -> None:
    """A client that reads `metadata` without a type reads an object; what a schema says of a type goes before."""
    assert one(name, {}) == {}
    assert isinstance(one(name, {"maxLength": 40}), str)
    assert isinstance(one("input", {}), str)
