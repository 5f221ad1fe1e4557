"""Replays: a mock answers from a recording, and mocks what is not in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.asking import Ask, asker, asker_of, contract, header, request

from tallystick.exchanges.recorded import Recorded
from tallystick.exchanges.recording.writing import RecordingWriter
from tallystick.mock.app import create_app
from tallystick.mock.settings import MockSettings
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.exchange import Exchange, Response

_PETS = """
paths:
  /pets:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer}}, {name: tag, in: query, schema: {type: string}}]
      responses: {'200': {description: Pets, content: {application/json: {example: []}, text/csv: {example: none}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, required: [name]}}}}
      responses: {'201': {description: Made, content: {application/json: {example: {id: 99}}}}}
  /pets/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
        - {name: X-Tenant, in: header, schema: {type: string}}
      responses:
        '200':
          description: A pet
          content: {application/json: {schema: {properties: {id: {type: integer}}}, example: {id: 99}}}
  /secret:
    get:
      security: [{key: []}]
      responses: {'200': {description: It, content: {application/json: {example: mocked}}}}
components:
  securitySchemes: {key: {type: apiKey, in: query, name: key}}
"""
JSON = {"content-type": "application/json"}


def recorded(
    line: str, answer: Any, status: int = 200, headers: Any = None, sent: Any = None, count: int = 1
) -> Recorded:
    """A recorded exchange with JSON bodies; a text is an answer in CSV."""
    body = b"" if sent is None else json.dumps(sent).encode()
    content_type = "text/csv" if isinstance(answer, str) else "application/json"
    octets = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
    asked = request(line, {**(JSON if body else {}), **(headers or {})}, body)
    answered = Response(status, (("content-type", content_type), ("x-from", "there")), octets)
    return Recorded(Exchange(asked, answered), "https://api.test", "", count=count)


def replaying(folder: Path, *exchanges: Recorded, **settings: Any) -> Ask:
    writer = RecordingWriter(folder)
    for each in exchanges:
        writer.write(each)
    writer.flush()
    return asker(contract(_PETS), replay=str(folder), **settings)


def value(response: Response) -> Any:
    return json.loads(response.body)


def test_a_request_gets_what_was_recorded_for_it(tmp_path: Path) -> None:
    """A request with the path and query of a recorded one gets its status, header fields and body."""
    ask = replaying(tmp_path, recorded("GET /pets/7", {"id": 7}), recorded("GET /pets?limit=2&tag=a", [1], 206))
    assert value(ask("GET /pets/7")) == {"id": 7}
    answer = ask("GET /pets?tag=%61&limit=2")
    assert (answer.status, value(answer), header(answer, "x-from")) == (206, [1], "there")


def test_what_is_not_recorded_is_mocked(tmp_path: Path) -> None:
    """A request with another path value, query or body than all recorded ones gets the mock's reply."""
    sent = {"name": "Rex", "age": 3}
    exchanges = [recorded("GET /pets/7", {"id": 7}), recorded("GET /pets?limit=2", [1])]
    ask = replaying(tmp_path, *exchanges, recorded("POST /pets", {"id": 1}, 201, sent=sent), stateless=True)
    assert value(ask("GET /pets/8")) == {"id": 8}
    assert value(ask("GET /pets")) == []
    assert value(ask("POST /pets", JSON, b'{"name":"Max"}')) == {"id": 99}


def test_a_repeated_request_gets_the_replies_in_their_order(tmp_path: Path) -> None:
    """Repeated requests get the recorded replies as often as they came, and stay at the last one."""
    exchanges = [recorded("GET /pets/7", {"id": number}, count=count) for number, count in ((1, 2), (2, 1), (3, 1))]
    ask = replaying(tmp_path, *exchanges)
    assert [value(ask("GET /pets/7"))["id"] for _ in range(6)] == [1, 1, 2, 3, 3, 3]


def test_each_session_begins_at_the_first_reply(tmp_path: Path) -> None:
    """The order of the replies is one of each session, and begins anew when the session is reset."""
    ask = replaying(tmp_path, *(recorded("GET /pets/7", {"id": number}) for number in (1, 2)))
    mine = {"host": "localhost", "tallystick-session": "mine"}
    assert [value(ask("GET /pets/7", headers))["id"] for headers in ({}, {}, mine, mine)] == [1, 2, 1, 2]
    assert ask("POST /_tallystick/reset", mine).status == 204
    assert [value(ask("GET /pets/7", headers))["id"] for headers in (mine, {})] == [1, 2]


def test_the_recorded_body_with_the_most_parts_is_meant(tmp_path: Path) -> None:
    """A body may have more members than the recorded one; the recorded one that has most of it answers."""
    ask = replaying(
        tmp_path,
        recorded("POST /pets", {"id": 1}, 201, sent={"name": "Rex"}),
        recorded("POST /pets", {"id": 2}, 201, sent={"name": "Rex", "age": 3}),
    )
    sent = {"name": "Rex", "age": 3, "new": True}
    assert value(ask("POST /pets", JSON, json.dumps(sent).encode())) == {"id": 2}
    assert value(ask("POST /pets", JSON, b'{ "name": "Rex" }')) == {"id": 1}


def test_what_is_masked_agrees_with_everything(tmp_path: Path) -> None:
    """A secret that was not recorded may have any value in a request."""
    ask = replaying(
        tmp_path,
        recorded("POST /pets", {"id": 1}, 201, sent={"name": "Rex", "password": "***"}),
        recorded("GET /secret?key=***", "it"),
    )
    assert value(ask("POST /pets", JSON, b'{"name":"Rex","password":"x"}')) == {"id": 1}
    assert ask("GET /secret?key=mine").body == b"it"


def test_a_secret_within_a_value_agrees_with_everything(tmp_path: Path) -> None:
    """A URL with a masked part, a masked number and masked texts of a list are not compared; the other members are."""
    sent = {"name": "a", "hook": "https://***@h/?sig=***", "pwd": 0, "token": ["***"]}
    ask = replaying(tmp_path, recorded("POST /pets", {"id": 7}, 201, sent=sent), replay_only=True)
    own = {"name": "a", "hook": "https://u:p@h/?sig=b", "pwd": 12, "token": ["x", "y"]}
    assert ask("POST /pets", JSON, json.dumps(own).encode()).status == 201
    assert ask("POST /pets", JSON, json.dumps({**own, "name": "b"}).encode()).status == 404


def test_the_reply_is_of_a_type_that_is_accepted(tmp_path: Path) -> None:
    """Of replies to one request, the one answers whose media type the request accepts."""
    ask = replaying(
        tmp_path, recorded("GET /pets", "a,b"), recorded("GET /pets", [1], headers={"accept": "application/json"})
    )
    assert ask("GET /pets", {"accept": "text/csv"}).body == b"a,b"
    assert value(ask("GET /pets", {"accept": "application/json;q=0.9"})) == [1]


def test_credentials_are_compared_by_their_kind(tmp_path: Path) -> None:
    """A reply to a request with credentials answers those that have some, and that to one without the others."""
    ask = replaying(
        tmp_path,
        recorded("GET /pets", [], 401),
        recorded("GET /pets", [1], headers={"authorization": "Bearer ***"}),
    )
    assert ask("GET /pets", {"authorization": "Bearer mine"}).status == 200
    assert ask("GET /pets").status == 401


def test_documented_headers_are_compared(tmp_path: Path) -> None:
    """Requests that differ in a documented header field get replies of their own."""
    exchanges = [recorded("GET /pets/7", {"id": n}, headers={"x-tenant": name}) for n, name in ((1, "a"), (2, "b"))]
    ask = replaying(tmp_path, *exchanges)
    assert [value(ask("GET /pets/7", {"x-tenant": name}))["id"] for name in ("b", "a")] == [2, 1]


def test_a_recorded_reply_to_an_invalid_request_is_given(tmp_path: Path) -> None:
    """A request that breaks the contract gets what was recorded for it, and is told to break the contract still."""
    ask = replaying(tmp_path, recorded("GET /pets?limit=many", {"error": "no number"}, 418))
    answer = ask("GET /pets?limit=many")
    assert (answer.status, value(answer)) == (418, {"error": "no number"})
    assert "query.limit" in str(answer.headers)
    assert ask("GET /pets?limit=few").status in (400, 422)


def test_a_recorded_reply_is_judged(tmp_path: Path) -> None:
    """A recorded reply that breaks the contract is sent, and says so; with `errors` it is refused."""
    ask = replaying(tmp_path, recorded("GET /pets/7", {"id": "seven"}))
    assert "response.body/id" in str(ask("GET /pets/7").headers)
    strict = asker(contract(_PETS), replay=str(tmp_path), errors=True)
    assert strict("GET /pets/7").status == 500


def test_head_gets_the_header_fields_of_get(tmp_path: Path) -> None:
    """A HEAD request that was not recorded gets what GET has."""
    answer = replaying(tmp_path, recorded("GET /pets/7", {"id": 7}))("HEAD /pets/7")
    assert (header(answer, "x-from"), answer.body) == ("there", b"")


def test_the_journal_says_that_a_reply_was_recorded(tmp_path: Path) -> None:
    """The source of such a reply is `recording`, and the journal names the file."""
    ask = replaying(tmp_path, recorded("GET /pets/7", {"id": 7}))
    ask("GET /pets/7")
    (entry,) = value(ask("GET /_tallystick/journal", {"host": "localhost"}))["exchanges"]
    assert entry["why"]["source"] == "recording"
    assert entry["why"]["file"] == str(tmp_path / "0001-GET-pets-7.yaml")


def test_only_what_was_recorded_is_answered_where_that_is_asked_for(tmp_path: Path) -> None:
    """With `replay_only`, everything else is a 404 that names what would be answered."""
    ask = replaying(
        tmp_path,
        recorded("GET /pets/7", {"id": 7}),
        recorded("POST /pets", {"id": 1}, 201, sent={"name": "Rex"}),
        replay_only=True,
    )
    assert value(ask("GET /pets/7")) == {"id": 7}
    assert "has no GET /pets/8; it has GET /pets/7" in value(ask("GET /pets/8"))["detail"]
    assert "has no exchange of GET /pets" in value(ask("GET /pets"))["detail"]
    assert "has POST /pets with another body" in value(ask("POST /pets", JSON, b'{"name":"Max"}'))["detail"]


def test_a_recording_in_place_of_an_upstream_is_marked_as_one(tmp_path: Path) -> None:
    """With an upstream that is down, a recorded reply says that it is one, and why it is given."""
    down = {"upstream": "http://127.0.0.1:1", "remock": frozenset(("down",))}
    answer = replaying(tmp_path, recorded("GET /pets/7", {"id": 7}), **down)("GET /pets/7")
    assert value(answer) == {"id": 7}
    assert (header(answer, "tallystick-mock"), header(answer, "tallystick-remocked")) == ("recording", "down")


def test_a_mock_says_what_it_replays(tmp_path: Path) -> None:
    """The start tells how many exchanges of how many operations answer, and how many are of none."""
    replaying(tmp_path, recorded("GET /pets/7", {}), recorded("GET /other", {}))
    app = create_app([contract(_PETS)], MockSettings(replay=str(tmp_path)))
    (summary,) = (line for line in app.summaries if "answers with" in line)
    assert "answers with 1 exchange of 1 operation; 1 more are of no operation" in summary


def test_a_broken_recording_is_refused(tmp_path: Path) -> None:
    """A mock does not start with a recording that has a broken file."""
    replaying(tmp_path, recorded("GET /pets/7", {}))
    (tmp_path / "0002-GET-pets-8.yaml").write_text("request: 1\nresponse: 1\n")
    with pytest.raises(UnreadableError, match=r"0002-GET-pets-8\.yaml:1: request"):
        asker(contract(_PETS), replay=str(tmp_path))


def test_what_a_mock_has_recorded_is_replayed_alike(tmp_path: Path) -> None:
    """A replay of a mock's own recording gives the same answers, byte for byte."""
    app = create_app([contract(_PETS)], MockSettings(record=str(tmp_path)))
    lines = ["GET /pets?limit=1", "GET /pets/3", "GET /pets/x", "GET /secret", "GET /secret?key=1"]
    sent = [*map(request, lines), request("POST /pets", JSON, b'{"name":"Rex"}'), *map(request, lines)]
    answers = [asker_of(app)(each) for each in sent]
    assert app.memory.recorder is not None
    app.memory.recorder.close()
    ask = asker(contract(_PETS), replay=str(tmp_path))
    assert [_without_marks(ask(each)) for each in sent] == [_without_marks(each) for each in answers]


def _without_marks(response: Response) -> tuple[int, Any, bytes]:
    """A response without what the mock says of it."""
    return response.status, [each for each in response.headers if not each[0].startswith("tallystick-")], response.body
