"""Large messages are judged in a time that grows with their size alone, and so many violations are told of each."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from support.asking import operation, request, schema

from tallystick.nouns import budgets
from tallystick.nouns.exchange import Exchange, Request
from tallystick.nouns.schema import Direction
from tallystick.nouns.violation import Violation
from tallystick.rules.judge import judge
from tallystick.wire.fields import fields_of
from tallystick.wire.reading import headers_by_name

INTEGER = {"type": "integer"}
FORM = "application/x-www-form-urlencoded"
EVENTS = "text/event-stream"


def posting(content_type: str, described: Any, **more: Any) -> Any:
    """The operation that takes bodies of a media type and a schema."""
    body = {"content": {content_type: {"schema": described, **more}}}
    return operation({"paths": {"/a": {"post": {"requestBody": body, "responses": {}}}}})


def sent(content_type: str, body: bytes) -> Request:
    return request("POST /a", {"Content-Type": content_type}, body)


def querying(count: int, **fields: Any) -> Any:
    """The operation that documents so many parameters of a query."""
    parameters = [{"name": f"f{n}", "in": "query", "schema": INTEGER, **fields} for n in range(count)]
    return operation({"paths": {"/a": {"get": {"parameters": parameters, "responses": {}}}}})


def numbered(count: int, name: str = "f{}=1") -> str:
    return "&".join(name.format(n) for n in range(count))


def form(count: int, **encoding: Any) -> Any:
    declared = {f"f{n}": INTEGER for n in range(count)}
    return posting(FORM, {"type": "object", "properties": declared}, encoding=dict.fromkeys(declared, encoding))


GROWING: dict[str, tuple[int, Callable[[int], tuple[Any, Request]]]] = {
    "parameters of a query": (1000, lambda n: (querying(n), request(f"GET /a?{numbered(n)}"))),
    "required parameters": (1000, lambda n: (querying(n, required=True), request("GET /a"))),
    "deep objects": (
        500,
        lambda n: (querying(n, style="deepObject", schema={"type": "object"}), request(f"GET /a?{numbered(n)}")),
    ),
    "fields of a form": (2000, lambda n: (form(n), sent(FORM, numbered(n).encode()))),
    "deep fields of a form": (500, lambda n: (form(n, style="deepObject"), sent(FORM, numbered(n).encode()))),
    "lines of an event": (20_000, lambda n: (posting(EVENTS, {"type": "string"}), sent(EVENTS, b"data: x\n" * n))),
}


@pytest.mark.parametrize("grown", GROWING)
def test_the_time_grows_with_the_size_alone(grown: str) -> None:
    """Eight times as much takes far less than the sixty-four times of what is quadratic."""
    count, exchange_of = GROWING[grown]

    def seconds(size: int) -> float:
        taken = []
        for _ in range(3):
            known, asked = exchange_of(size)  # anew, since readers are made once
            before = time.process_time()
            judge(known, Exchange(asked))
            taken.append(time.process_time() - before)
        return min(taken)

    assert seconds(8 * count) < 32 * max(seconds(count), 0.005)


def test_repeated_header_fields_are_joined_in_order() -> None:
    """However many there are of one name; those of cookies by semicolons."""
    many = [("A", str(n)) for n in range(50_000)]
    assert headers_by_name([*many, ("Cookie", "a=1"), ("cookie", "b=2"), ("B", "x")]) == {
        "a": ", ".join(map(str, range(50_000))),
        "cookie": "a=1; b=2",
        "b": "x",
    }


def test_fields_that_begin_alike_are_found_in_order() -> None:
    """Neither the fields between them nor the order of their names matters."""
    fields = fields_of("a[z]=1&b=2&a[c]=3&a=4&a[z]=5&ab[c]=6")
    assert fields.beginning_with("a[") == [("a[z]", ["1", "5"]), ("a[c]", ["3"])]
    assert fields.beginning_with("c") == []


def told(described: Any, value: Any) -> list[Violation]:
    return judge(posting("application/json", described), Exchange(sent("application/json", json.dumps(value).encode())))


def test_so_many_violations_are_told_of_a_body() -> None:
    """Of a hundred thousand wrong items the first thousand are told, and that there are more."""
    before = time.process_time()
    violations = told({"type": "array", "items": INTEGER}, ["x"] * 100_000)
    assert time.process_time() - before < 10
    assert [each.where for each in violations[:2]] == ["body/0", "body/1"]
    assert len(violations) == budgets.VIOLATIONS + 1
    assert violations[-1].message == "only the first 1,000 are told"


def test_so_many_violations_are_told_of_a_sequence() -> None:
    """The items of JSON Lines are judged one by one, and their violations are counted together."""
    known = posting("application/x-ndjson", {"type": "object"})
    violations = judge(known, Exchange(sent("application/x-ndjson", b"1\n" * 5000)))
    assert len(violations) == budgets.VIOLATIONS + 1
    assert violations[-1].message == "only the first 1,000 violations are told"


def test_errors_do_not_multiply_what_is_expected() -> None:
    """Each error of the engine has a copy of the `enum`; fewer are told where that is long."""
    options = [f"v{n}" for n in range(20_000)]
    before = time.process_time()
    violations = told({"type": "array", "items": {"enum": options}}, ["x"] * 20_000)
    assert time.process_time() - before < 10
    assert len(violations) == 51
    assert violations[-1].message == "only the first 50 are told"


ORDERS = {
    "type": "object",
    "required": ["orders", "by"],
    "properties": {
        "orders": {
            "type": "array",
            "items": {"type": "object", "required": ["id"], "properties": {"id": INTEGER, "tags": {"maxItems": 2}}},
        },
        "by": {"type": "object", "additionalProperties": INTEGER},
    },
}


def large(**wrong: Any) -> dict[str, Any]:
    """A value of ten thousand parts, and so many more."""
    orders: list[Any] = [{"id": n, "tags": []} for n in range(5000)]
    return {"orders": orders, "by": {f"k{n}": n for n in range(6000)}, **wrong}


def test_the_errors_of_a_large_value_are_found_where_they_are() -> None:
    """A value that is judged in pieces has its errors at the same paths as a small one."""
    value = large()
    value["orders"][17] = {"id": "x"}
    value["orders"][4321] = {"tags": [1, 2, 3]}
    value["by"]["k5000"] = None
    assert [(each.where, each.message) for each in told(ORDERS, value)] == [
        ("body/orders/17/id", '"x" is a string; expected an integer'),
        ("body/orders/4321", "the property 'id' is missing; it is required"),
        ("body/orders/4321/tags", "3 items; the most is 2"),
        ("body/by/k5000", "null stands here; expected an integer"),
    ]


@pytest.mark.parametrize(
    "described",
    [
        {"type": "array", "maxItems": 10},
        {"type": "array", "uniqueItems": True},
        {"anyOf": [{"type": "array", "items": INTEGER}, {"type": "array", "items": {"type": "boolean"}}]},
        {"if": {"maxItems": 10}, "else": {"items": INTEGER}},
        {"prefixItems": [{}] * 20_000 + [INTEGER], "maxItems": 3},
    ],
)
def test_what_is_wrong_with_a_large_value_as_a_whole_is_said_of_the_whole(described: Any) -> None:
    """Nothing is told of a part that is wrong only beside others."""
    (violation,) = told(described, ["x"] * 30_000)
    assert violation.where == "body"
    assert violation.message.startswith("the value does not fit; it is too large to say where (more than ")


def test_a_long_name_is_not_told_again_and_again() -> None:
    """A name of megabytes in the path of each error would multiply; it is a part too large to be cut."""
    value = {"x" * 2_000_000: ["wrong"] * 1000}
    (violation,) = told({"additionalProperties": {"items": INTEGER}}, value)
    assert len(violation.where) < 100


def test_a_small_value_has_all_its_errors() -> None:
    """Up to a thousand, all are told and nothing is added."""
    value = ["x"] * budgets.VIOLATIONS
    assert len(schema({"items": INTEGER}).errors(value, Direction.REQUEST)) == budgets.VIOLATIONS


@pytest.mark.parametrize(
    ("pattern", "slow"),
    [
        ("(?=a).*b", True),
        (r"(a*)\1b", True),
        ("^x|(?=a).*b", True),
        (r"^(?!\s*$).+", False),
        (r"^(?=.*[A-Z]|\|)[|(]+$", False),
        ("(.*)(.*)(.*)z", False),
    ],
)
def test_a_long_text_and_a_pattern_that_is_tried_everywhere(pattern: str, slow: bool) -> None:
    """A text that would take the engine minutes is not judged, and the reason is told; other patterns are linear."""
    text = "a" * 100_000
    before = time.process_time()
    messages = [each.message for each in told({"type": "string", "pattern": pattern}, text)]
    assert time.process_time() - before < 10
    assert any("more than 5,000 characters, and a pattern that is tried at each" in each for each in messages) is slow
    assert told({"type": "array", "items": {"pattern": pattern}}, ["b", 1, {"x": [None]}]) is not None
