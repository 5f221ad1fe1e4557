"""What a request asks of its reply, in the header `Prefer` or in its query."""

from __future__ import annotations

import pytest
from support.asking import asker, contract

from tallystick.mock.wishes import NO_WISH, Wish, preferences_of, wish_of

PETS = """
    paths:
      /pets:
        get:
          parameters:
            - {name: filter, in: query, explode: true, schema: {type: object, additionalProperties: {type: integer}}}
          responses:
            '200':
              description: Pets
              content:
                application/json:
                  schema: {type: array, items: {type: string}}
                  examples: {one: {value: [Rex]}, many: {value: [Rex, Tom]}}
            '404': {description: None, content: {application/json: {example: {message: none}}}}
"""


@pytest.mark.parametrize(
    ("prefer", "expected"),
    [
        ("code=404, example=many", Wish("404", "many")),
        ("code=404;example=many", Wish("404", "many")),
        ("code=404 example=two pets dynamic=true", Wish("404", "two pets", dynamic=True)),
        ("Code='404', EXAMPLE = 'many'", Wish("404", "many")),
        ("dynamic", Wish(dynamic=True)),
        ("dynamic=False, seed=7", Wish(dynamic=False, seed=7)),
        ("seed=monday", Wish(seed=3755093257)),
        ("respond-async, return=minimal", NO_WISH),
    ],
)
def test_preferences_in_any_spelling(prefer: str, expected: Wish) -> None:
    """Commas, semicolons or blanks stand between preferences; names have any case, values any quotes."""
    assert wish_of(prefer) == expected


def test_a_query_prefers_where_the_header_does_not() -> None:
    """`?__code=` and its kin count as `Prefer` does, which goes before them."""
    ask = asker(contract(PETS))
    assert ask("GET /pets?__code=404").status == 404
    assert ask("GET /pets?__example=many").body == b'["Rex","Tom"]'
    assert ask("GET /pets?__code=404", {"Prefer": "code=200"}).status == 200


def test_a_preference_of_the_query_is_no_parameter() -> None:
    """What the query prefers is not judged as a field of a parameter that takes any name."""
    ask = asker(contract(PETS))
    assert ask("GET /pets?__code=200&legs=4").status == 200
    assert ask("GET /pets?__other=x").status == 422


def test_a_documented_name_is_no_preference() -> None:
    """A query parameter of the contract that is named like a preference stays a parameter."""
    document = contract(PETS.replace("name: filter", "name: __code"))
    assert preferences_of("__code=404&a=1&__seed=3", next(iter(document))) == ("__code=404&a=1", {"seed": "3"})


def test_dynamic_means_generated_values() -> None:
    """`dynamic=true` leaves the examples out, but for one that is asked for by its name."""
    ask = asker(contract(PETS))
    assert b"Rex" in ask("GET /pets").body
    assert b"Rex" not in ask("GET /pets", {"Prefer": "dynamic=true"}).body
    assert b"Rex" in ask("GET /pets", {"Prefer": "dynamic=true, example=one"}).body
    ask = asker(contract(PETS), dynamic=True)
    assert b"Rex" not in ask("GET /pets").body
    assert b"Rex" in ask("GET /pets?__dynamic=false").body
