"""Header parameters named Accept, Content-Type and Authorization, whose definitions the specification ignores."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.fuzzing import Answers, found, fuzz, written

from tallystick.fuzz.credentials import GivenCredentials
from tallystick.fuzz.ignored_headers import take_ignored_headers

OK = {"200": {"description": ""}}


def header(name: str, **more: Any) -> dict[str, Any]:
    """A required header parameter."""
    return {"name": name, "in": "header", "required": True, **(more or {"schema": {"type": "string"}})}


class Strict(Answers):
    """An application that counts the values of a header, and refuses every other one than it wants with 406."""

    def __init__(self, name: str, wanted: str) -> None:
        super().__init__({"/a": (200, (), b"")})
        self.name, self.wanted = name.encode(), wanted
        self.values: Counter[str] = Counter()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        value = dict(scope.get("headers", ())).get(self.name, b"").decode("latin-1")
        if scope["type"] == "http":
            self.values[value] += 1
        answers = self.answers if value == self.wanted else {"/a": (406, (), b"")}
        await Answers(answers)(scope, receive, send)


def sent_to(application: Strict) -> set[str]:
    """The values that operations were tested with, without the one question where the API is."""
    assert application.values.pop("*/*" if application.name == b"accept" else "") == 1
    return set(application.values)


@pytest.mark.parametrize(
    ("name", "parameter", "wanted"),
    [
        ("accept", header("Accept", schema={"type": "string", "default": "a/b;v=2"}), "a/b;v=2"),
        ("accept", header("accept", schema={"enum": ["a/b", "c/d"]}), "a/b"),
        ("accept", header("Accept", example="a/b", schema={"type": "string"}), "a/b"),
        ("accept", header("Accept", examples={"x": {"value": "a/b"}}, schema={"type": "string"}), "a/b"),
        ("accept", header("ACCEPT", schema={"examples": ["a/b"]}), "a/b"),
        ("accept", header("Accept", schema={"const": "a/b"}), "a/b"),
        ("authorization", header("Authorization"), "Bearer tallystick"),
        ("authorization", header("authorization", example="Token x"), "Token x"),
    ],
)
def test_nothing_is_made_up_for_them(tmp_path: Path, name: str, parameter: dict[str, Any], wanted: str) -> None:
    """Each request has the documented value, and a server that takes no other one is not blamed."""
    contract = written(tmp_path, {"/a": {"get": {"parameters": [parameter], "responses": OK}}})
    application = Strict(name, wanted)
    assert found(fuzz(application, contract=contract, given=GivenCredentials())) == set()
    assert sent_to(application) == {wanted}


def test_what_the_user_sends_goes_first(tmp_path: Path) -> None:
    """A `-H` takes the place of the documented value."""
    contract = written(tmp_path, {"/a": {"get": {"parameters": [header("Authorization")], "responses": OK}}})
    application = Strict("authorization", "Bearer mine-and-long")
    given = GivenCredentials(headers=(("Authorization", "Bearer mine-and-long"),))
    assert found(fuzz(application, contract=contract, given=given)) == set()
    assert sent_to(application) == {"Bearer mine-and-long"}


def test_parameters_of_path_items_and_components_are_taken_too() -> None:
    """The parameters are found where they are shared and referred to; all others stay. A body says its own type."""
    document: dict[str, Any] = {
        "paths": {
            "/a": {
                "parameters": [{"$ref": "#/components/parameters/a~1b"}, header("X")],
                "get": {"parameters": [header("Accept"), {"name": "Accept", "in": "query"}, {"$ref": "#/nowhere"}]},
                "post": {"parameters": [header("Content-Type", example="a/b")]},
            },
            "/b": {"get": {}},
        },
        "components": {"parameters": {"a/b": header("authorization", example="Token x")}},
    }
    sent = take_ignored_headers(document, ("get", "post"))
    assert sent == {label: {"Authorization": "Token x"} for label in ("GET /a", "POST /a")}
    item = document["paths"]["/a"]
    assert (item["parameters"], item["post"]["parameters"]) == ([header("X")], [])
    assert item["get"]["parameters"] == [{"name": "Accept", "in": "query"}, {"$ref": "#/nowhere"}]
