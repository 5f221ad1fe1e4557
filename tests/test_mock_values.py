"""The mock's generated replies: another seed, another country, fresh values by request, pictures that load."""

from __future__ import annotations

import json
from typing import Any

from support.asking import asker, contract
from support.commands import run
from support.values import TEXT, WHOLE, closed

USER = closed(id=WHOLE, name=TEXT, email=TEXT, city=TEXT, avatar_url={"type": "string", "format": "uri"})
EXAMPLE = {"id": 1, "name": "Ada", "email": "ada@example.org", "city": "Lisbon", "avatar_url": "https://example.org/a"}


def users(example: Any = None, **settings: Any) -> Any:
    """A mock of a user, with an example if there is one."""
    fields = {"example": example} if example else {}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/User"}, **fields}}
    document = {
        "paths": {"/me": {"get": {"responses": {"200": {"description": "You", "content": content}}}}},
        "components": {"schemas": {"User": USER}},
    }
    return asker(contract(document), **settings)


def test_another_seed_gives_another_reply() -> None:
    """The same seed always gives the same reply, be it the mock's or the request's."""
    plain, seeded = users()("GET /me").body, users(seed=7)("GET /me").body
    assert plain != seeded
    assert seeded == users(seed=7)("GET /me").body == users()("GET /me", {"Prefer": "seed=7"}).body


def test_a_fresh_value_is_made_in_place_of_an_example() -> None:
    """`dynamic=true` gives a generated value where there is an example, and another one for each seed."""
    ask = users(EXAMPLE)
    assert json.loads(ask("GET /me").body) == EXAMPLE
    fresh = [json.loads(ask("GET /me", {"Prefer": wish}).body) for wish in ("dynamic=true", "dynamic=true, seed=2")]
    assert len({each["name"] for each in (EXAMPLE, *fresh)}) == 3


def test_people_are_of_the_country_of_the_locale() -> None:
    """A locale changes people and places."""
    here, there = (json.loads(users(locale=each)("GET /me").body) for each in ("en_US", "ja_JP"))
    assert here["name"].isascii()
    assert not there["name"].isascii()
    assert there["email"].isascii()


def test_a_locale_that_is_not_there_is_told() -> None:
    """The message names the locales that there are."""
    result = run("mock", "--locale", "xx", "x.yaml")
    assert "unknown locale 'xx'; known: ar_AA" in result.stderr


def test_pictures_load_from_the_mock() -> None:
    """The URL of a picture begins with the address that the request was sent to, and leads to a picture."""
    ask = users()
    url = json.loads(ask("GET /me", {"Host": "mock.example:81"}).body)["avatar_url"]
    assert url.startswith("http://mock.example:81/_tallystick/image/128x128.svg")
    picture = ask(f"GET {url.removeprefix('http://mock.example:81')}")
    assert (picture.status, picture.body[:4]) == (200, b"<svg")
