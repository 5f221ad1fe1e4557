"""The nouns: plain data that compares, sorts, and says what it is."""

from __future__ import annotations

import pytest
from support.asking import contract, operation, parameter

from tallystick.nouns.contract import Server
from tallystick.nouns.violation import Place, Severity, Violation

PLACE = Place("pets.yaml", ("paths", "/pets/{id}", "a~b"), lambda path: 10 * len(path))


def test_a_place_knows_its_line_and_its_pointer() -> None:
    """The line is looked up where it is asked for; the pointer is that of RFC 6901."""
    assert (PLACE.line, PLACE.pointer, str(PLACE)) == (30, "/paths/~1pets~1{id}/a~0b", "pets.yaml:30")
    assert PLACE.at("get", "0").pointer == "/paths/~1pets~1{id}/a~0b/get/0"
    assert (Place("pets.yaml").line, Place("pets.yaml").pointer, str(Place("pets.yaml"))) == (0, "", "pets.yaml")
    assert Place("a", ("b",), lambda _: 1) == Place("a", ("b",), lambda _: 2)


def test_violations_are_ordered_by_file_line_and_place() -> None:
    """The order is that in which they are shown, and equal ones are one."""
    rows = [("b", "x", 1), ("a", "x", 2), ("a", "w", 2), ("a", "x", 1)]
    made = [
        Violation("rule", Severity.ERROR, where, Place(file, (), lambda _, n=line: n), "m")
        for file, where, line in rows
    ]
    assert [(one.contract.file, one.where, one.contract.line) for one in sorted(made)] == [
        ("a", "x", 1),
        ("a", "w", 2),
        ("a", "x", 2),
        ("b", "x", 1),
    ]
    assert len({*made, *made}) == 4 - 1  # two differ in their line alone, which is looked up and not compared


def test_violations_compare_one_way_only() -> None:
    """The first and the last of some violations are the ends of the order in which they are shown."""
    first, last = (
        Violation("z", Severity.ERROR, "", Place("a"), "m"),
        Violation("a", Severity.ERROR, "", Place("b"), "m"),
    )
    assert (min(last, first), max(first, last)) == (first, last)
    assert first < last
    assert first <= last
    assert last > first
    assert last >= first


def test_a_violation_says_where_what_and_why() -> None:
    """In an exchange the place in it comes first; in a contract there is none."""
    assert str(Violation("rule", Severity.ERROR, "query.q", PLACE, "wrong")) == "query.q: wrong (pets.yaml:30)"
    assert str(Violation("rule", Severity.ERROR, "", PLACE, "wrong")) == "wrong (pets.yaml:30)"


@pytest.mark.parametrize(
    ("url", "host", "base_path"),
    [
        ("https://API.example.com:8080/v2/", "api.example.com:8080", "/v2"),
        ("https://api.example.com", "api.example.com", ""),
        ("https://api.example.com/", "api.example.com", ""),
        ("/v2", "", "/v2"),
        ("v2/", "", "/v2"),
        ("/", "", ""),
        ("", "", ""),
        ("/a/b/?x=/c#d", "", "/a/b"),
        ("https://api.example.com/v2?x=1", "api.example.com", "/v2"),
        ("//api.example.com/v2", "api.example.com", "/v2"),
    ],
)
def test_a_server_has_a_host_and_a_base_path(url: str, host: str, base_path: str) -> None:
    """The host of a URL says which server it is; its path stands before each path of the contract."""
    server = Server(url, PLACE)
    assert (server.host, server.base_path) == (host, base_path)


@pytest.mark.parametrize(
    ("status", "expected"), [(200, "200"), (201, "2XX"), (299, "2XX"), (404, "default"), (99, "default"), (500, "5XX")]
)
def test_the_response_that_covers_a_status(status: int, expected: str) -> None:
    """The exact one goes before its range, and that before the default."""
    known = operation("paths: {/: {get: {responses: {default: {}, 5xx: {}, 2XX: {}, '200': {}}}}}")
    for _ in range(2):
        found = known.response_for(status)
        assert found is not None
        assert found.status == expected
    without = operation("paths: {/: {get: {responses: {'200': {}}}}}")
    assert without.response_for(404) is None


def test_a_contract_finds_its_operations() -> None:
    """An operation is found by method and path, with the parts of the path that stand for its names."""
    known = contract("paths: {'/pets/{id}': {get: {}, put: {}}, /pets/mine: {get: {}}}")
    found = known.find("GET", "/pets/7")
    assert found is not None
    assert (found[0].label, found[1]) == ("GET /pets/{id}", ("7",))
    concrete = known.find("GET", "/pets/mine")
    assert concrete is not None
    assert concrete[0].label == "GET /pets/mine"
    assert known.find("DELETE", "/pets/7") is None
    assert known.find("GET", "/toys") is None
    assert known.methods("/pets/mine") == ("GET", "PUT")
    assert known.methods("/toys") == ()
    assert [one.label for one in known] == ["GET /pets/{id}", "PUT /pets/{id}", "GET /pets/mine"]


def test_a_parameter_is_named_by_where_it_is() -> None:
    """A violation names a parameter by its place in the request."""
    assert parameter("header", "X-Trace").where == "header.X-Trace"
