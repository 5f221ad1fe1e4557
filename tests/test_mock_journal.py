"""What the mock tells of each exchange: in a line, and in a header."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from support.asking import asker, contract
from support.mocking import PETS

from tallystick.mock.problem import HEADER_BYTES, Problem, respond, violations_header
from tallystick.mock.request_lines import request_lines
from tallystick.nouns.media_type import parse_media_type
from tallystick.nouns.violation import Place, Severity, Violation


def test_each_exchange_is_told_in_lines() -> None:
    """A line has the status and the request as it was sent; below it a printable line says each violation or reason."""
    lines: list[str] = []
    ask = asker(contract(PETS), listeners=[request_lines(lines.append)])
    ask("GET /pets/1?q=é")
    ask("GET /test/pets/x")
    ask("GET /nowhere?x=1")
    ask("PUT /pets/1", {"Content-Type": "text/\x9b31m"}, b"x")
    ask("OPTIONS /pets/1", {"Origin": "x", "Access-Control-Request-Method": "PUT"})
    assert lines == [
        "200 GET /pets/1?q=%C3%A9\n",
        '422 GET /test/pets/x\n    path.id: "x" is a string; expected an integer\n',
        "404 GET /nowhere?x=1\n    no path of test matches /nowhere\n",
        "415 PUT /pets/1\n"
        r"    header.Content-Type: the body is of the media type 'text/\x9b31m'; expected application/json"
        "\n",
        "200 OPTIONS /pets/1\n",
    ]


def test_the_lines_of_very_many_violations_are_counted() -> None:
    """Of very many violations the first are told, and how many more there are."""
    lines: list[str] = []
    content = {"application/json": {"schema": {"items": {"type": "integer"}}}}
    described = {"paths": {"/": {"post": {"requestBody": {"content": content}, "responses": {}}}}}
    ask = asker(contract(described), listeners=[request_lines(lines.append)])
    reply = ask("POST /", {"Content-Type": "application/json"}, json.dumps(["x"] * 500).encode())
    assert len(json.loads(reply.body)["violations"]) == 500
    _, *first, last = "".join(lines).splitlines()
    assert last == f"    and {500 - len(first)} more"
    assert len(first) > 20


@given(st.lists(st.tuples(st.text(max_size=2000), st.text(max_size=2000)), max_size=60))
def test_the_header_of_violations_is_bounded_json(rows: list[tuple[str, str]]) -> None:
    """However many and long the violations are, the header is short, plain ASCII, and says how many it leaves out."""
    place = Place("test.yaml")
    violations = [Violation("some-rule", Severity.ERROR, where, place, message) for where, message in rows]
    fields = violations_header(violations)
    assert bool(fields) == bool(violations)
    for _, value in fields:
        assert len(value) <= HEADER_BYTES
        assert value.isascii()
        assert value.isprintable()
        told = json.loads(value)
        shown = [one for one in told if "where" in one]
        assert [(one["where"], one["message"]) for one in shown] == rows[: len(shown)]
        assert len(shown) == len(rows) or told[-1] == {"more": len(rows) - len(shown)}


def test_a_problem_of_a_status_without_a_phrase() -> None:
    """A status that HTTP does not know has a title all the same."""
    assert Problem(499, "closed").title == "Status 499"
    assert Problem(418, "short and stout").title == "I'm a Teapot"
    assert respond(Problem(404, "gone"), parse_media_type("text/html")).body == b"gone"
