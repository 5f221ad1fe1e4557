"""The control API on overrides and the journal: set, listed, verified, taken away."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.asking import Ask, asker_of, contract, header
from support.pet_shop import JSON_BODY, SHOP

from tallystick.mock.app import create_app
from tallystick.mock.settings import MockSettings


def asking(**settings: Any) -> Ask:
    """A mock of the shop, asked by its usual name."""
    ask = asker_of(create_app([contract(SHOP, "shop")], MockSettings(**settings)))
    return lambda line, fields=None, body=b"": ask(line, {"Host": "localhost:4010", **(fields or {})}, body)


@pytest.fixture
def ask() -> Ask:
    return asking()


def call(ask: Ask, line: str, body: Any = None, status: int = 200, prefix: str = "") -> Any:
    """What a call of the control API answers."""
    method, _, path = line.partition(" ")
    sent = json.dumps(body).encode() if body is not None else b""
    reply = ask(f"{method} {prefix}/_tallystick{path}", JSON_BODY if sent else {}, sent)
    assert reply.status == status, reply
    assert header(reply, "tallystick-violations") is None or status >= 400
    return json.loads(reply.body) if reply.body else None


def test_an_override_is_set_listed_and_dropped(ask: Ask) -> None:
    """It answers until it is used up or dropped, and is listed as it was set."""
    made = call(ask, "POST /overrides", {"match": "getPet", "reply": {"code": 404}, "times": 2}, 201)
    assert (made["id"], made["match"], made["remaining"]) == ("1", "getPet", 2)
    assert ask("GET /pets/1").status == 404
    (listed,) = call(ask, "GET /overrides")["overrides"]
    assert (listed["calls"], listed["remaining"]) == (1, 1)
    assert call(ask, "GET /overrides/1") == listed
    assert call(ask, "DELETE /overrides/1", status=204) is None
    assert "has no override '1'" in call(ask, "GET /overrides/1", status=404)["detail"]
    call(ask, "DELETE /overrides/1", status=404)
    assert ask("GET /pets/1").status == 200
    call(ask, "POST /overrides", {"match": {}, "fault": "503"}, 201)
    call(ask, "DELETE /overrides", status=204)
    assert ask("GET /pets/1").status == 200


def test_what_breaks_the_contract_is_refused(ask: Ask) -> None:
    """A body that breaks the contract is refused with its violations, unless that is allowed."""
    spec: Any = {"match": "getPet", "reply": {"body": {"id": "x"}}}
    problem = call(ask, "POST /overrides", spec, 409)
    assert {each["where"] for each in problem["violations"]} == {"response.body", "response.body/id"}
    assert "allow_invalid" in problem["detail"]
    call(ask, "POST /overrides", {**spec, "allow_invalid": True}, 201)
    assert json.loads(ask("GET /pets/1").body) == {"id": "x"}
    assert (
        "documents no response 418"
        in call(ask, "POST /overrides", {"match": "getPet", "reply": {"code": 418}}, 409)["detail"]
    )
    assert "did you mean" in call(ask, "POST /overrides", {"match": "getPets", "fault": "503"}, 409)["detail"]
    call(ask, "POST /overrides", {"match": "getPet"}, 400)


def test_the_journal_is_listed(ask: Ask) -> None:
    """The exchanges are listed with their reasons, filtered by operation, status and mark; secrets are masked."""
    ask("GET /pets/1", {"Authorization": "Bearer abc", "Cookie": "a=b"})
    mark = call(ask, "GET /mark")["mark"]
    ask("POST /pets", JSON_BODY, b'{"name": "Zoe"}')
    ask("GET /nowhere")
    journal = call(ask, "GET /journal")
    assert [each["request"]["path"] for each in journal["exchanges"]] == ["/pets/1", "/pets", "/nowhere"]
    assert journal["total"] == 3
    first, second, _ = journal["exchanges"]
    assert {"name": "authorization", "value": "Bearer ***"} in first["request"]["headers"]
    assert {"name": "cookie", "value": "a=***"} in first["request"]["headers"]
    assert second["request"]["body"] == {"name": "Zoe"}
    assert first["why"]["others"][0] == {"prefer": "code=200", "gives": "200 Pet"}
    assert call(ask, f"GET /journal/{first['id']}") == first
    call(ask, "GET /journal/nothing", status=404)
    for query, paths in (
        (f"since={mark}", ["/pets", "/nowhere"]),
        ("operation=createPet", ["/pets"]),
        ("operation=GET%20/pets/1", ["/pets/1"]),
        ("status=4XX", ["/nowhere"]),
        ("count=1", ["/nowhere"]),
    ):
        assert [each["request"]["path"] for each in call(ask, f"GET /journal?{query}")["exchanges"]] == paths
    call(ask, "DELETE /journal", status=204)
    assert call(ask, "GET /journal")["exchanges"] == []


def test_a_blank_operation_is_told(ask: Ask) -> None:
    """The journal and the archive of no operation are refused with what was expected."""
    for line in ("GET /journal?operation=%20", "GET /har?operation=%20"):
        problem = call(ask, line, status=409)
        assert problem["detail"] == "operation: an operation was expected, not an empty text"


def test_calls_are_verified(ask: Ask) -> None:
    """As many calls as are expected, one after the other; where it fails, what differs in the nearest calls."""
    ask("POST /pets", JSON_BODY, b'{"name": "Tom", "tags": ["a"]}')
    ask("GET /pets/1?limit=3")
    ask("GET /pets/2")
    assert call(ask, "POST /verify", {"match": "createPet", "times": 1})["verified"]
    assert call(ask, "POST /verify", {"match": "getPet", "at_least": 2, "at_most": 2})["verified"]
    assert call(ask, "POST /verify", {"match": {"operation": "getPet", "path": {"id": 2}}})["count"] == 1
    assert call(ask, "POST /verify", {"match": "GET /nowhere", "times": 0})["verified"]
    assert not call(ask, "POST /verify", {"match": "getPet", "times": 0})["verified"]
    assert "did you mean" in call(ask, "POST /verify", {"match": "getPets", "times": 0}, 409)["detail"]
    expected = {"operation": "createPet", "body": {"name": "Rex", "tags": ["a"], "age": 3}, "headers": {"X-A": "b"}}
    verdict = call(ask, "POST /verify", {"match": expected, "times": 1})
    assert (verdict["verified"], verdict["count"]) == (False, 0)
    assert verdict["nearest"][0]["request"] == "POST /pets"
    assert verdict["nearest"][0]["differences"] == [
        {"where": "header.X-A", "expected": "b"},
        {"where": "body/name", "expected": "Rex", "actual": "Tom"},
        {"where": "body/age", "expected": 3},
    ]
    lines = verdict["message"].splitlines()
    assert lines[0].startswith('expected exactly 1 call of createPet with headers {"x-a": "b"}, body {"name": "Rex"')
    assert lines[0].endswith("there were 0 calls like that")
    assert '    body/name: expected "Rex", not "Tom"' in lines
    assert "    body/age: expected 3, not nothing" in lines


def test_what_no_contract_has_is_verified_by_its_path(ask: Ask) -> None:
    """A request that reached no operation counts by its method and path, in a session of its path, too."""
    ask("GET /~w1/nowhere?a=1")
    expected = {"match": {"operation": "GET /nowhere", "query": {"a": 1}}, "times": 1}
    assert call(ask, "POST /verify", expected, prefix="/~w1")["verified"]
    assert call(ask, "POST /verify", {"match": "/nowhere", "times": 0})["verified"]


@pytest.mark.parametrize("path", ["/v1/~w1/nowhere", "/~w1/v1/nowhere"])
def test_a_session_behind_the_base_path_is_no_part_of_a_path(path: str) -> None:
    """A request of a session counts by its path without the name, wherever that stood."""
    ask = asking(base_path="/v1")
    ask(f"GET {path}")
    assert call(ask, "POST /verify", {"match": "GET /v1/nowhere", "times": 1}, prefix="/~w1")["verified"]


def test_an_order_is_verified(ask: Ask) -> None:
    """Calls are looked for one after the other; others may come between them."""
    for line in ("GET /pets/1", "GET /pets", "GET /pets/2"):
        ask(line)
    path = {"operation": "getPet", "path": {"id": 2}}
    assert call(ask, "POST /verify", {"in_order": ["getPet", path]})["verified"]
    verdict = call(ask, "POST /verify", {"in_order": [path, "listPets"]})
    assert not verdict["verified"]
    assert "there was no call 2 (listPets) after GET /pets/2; it came before that, as GET /pets" in verdict["message"]


def test_a_verdict_is_a_text_for_people(ask: Ask) -> None:
    """Who accepts a plain text gets the verdict in lines, without secrets."""
    ask("GET /pets/1", {"Authorization": "Bearer abc"})
    body = {"match": {"operation": "getPet", "headers": {"Authorization": "Bearer xyz"}}}
    fields = {**JSON_BODY, "Accept": "text/plain"}
    reply = ask("POST /_tallystick/verify", fields, json.dumps(body).encode())
    assert header(reply, "content-type") == "text/plain; charset=utf-8"
    text = reply.body.decode()
    assert "header.Authorization: expected ***, not ***" in text
    assert "abc" not in text
    reply = ask("POST /_tallystick/verify", fields, b'{"match": {}, "since": "99999999999"}')
    assert reply.body == b"expected at least 1 call of any operation; nothing was called\n"


def test_a_pattern_of_secrets_is_not_repeated(ask: Ask) -> None:
    """What a pattern expects of credentials is masked in the verdict, too."""
    body = {"match": {"operation": "getPet", "headers": {"Authorization": "Bearer xyz"}}}
    assert "xyz" not in json.dumps(call(ask, "POST /verify", body))


def test_an_archive_is_taken_away(ask: Ask) -> None:
    """The exchanges come as an HTTP archive, filtered as the journal is."""
    ask("GET /~w1/pets/1")
    ask("GET /~w1/pets")
    reply = ask("GET /~w1/_tallystick/har")
    assert header(reply, "content-disposition") == 'attachment; filename="w1.har"'
    urls = [entry["request"]["url"] for entry in json.loads(reply.body)["log"]["entries"]]
    assert urls == ["http://localhost:4010/~w1/pets/1", "http://localhost:4010/~w1/pets"]
    assert len(call(ask, "GET /har?operation=getPet", prefix="/~w1")["log"]["entries"]) == 1


def test_without_a_journal_it_is_said_how_to_have_one() -> None:
    """A mock without a journal refuses to verify, and names the flag."""
    ask = asking(journal=0)
    assert "--journal" in call(ask, "POST /verify", {"match": {}}, 409)["detail"]
    assert "--journal" in call(ask, "GET /journal", status=409)["detail"]


def test_a_reset_forgets_what_was_just_asked(ask: Ask) -> None:
    """After a reset the journal and the overrides of the session are empty."""
    call(ask, "POST /overrides", {"match": "getPet", "reply": {"code": 404}}, 201)
    ask("GET /pets/1")
    call(ask, "POST /reset", status=204)
    assert call(ask, "GET /journal")["exchanges"] == []
    assert call(ask, "GET /overrides")["overrides"] == []
    assert ask("GET /pets/1").status == 200
