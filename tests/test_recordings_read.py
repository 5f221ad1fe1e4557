"""Recordings are read wherever recorded traffic is: judged, counted, compared with consumers, tried in a fuzz run."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.asking import contract, request
from support.commands import run, written

from tallystick.diff.consumers import read_consumers
from tallystick.exchanges.recorded import Recorded
from tallystick.exchanges.recording.folder import read_recording
from tallystick.exchanges.recording.writing import RecordingWriter
from tallystick.exchanges.secrets import Secrets
from tallystick.fuzz.known_values import recorded_values
from tallystick.mock.recording import Recorder, recorded_of
from tallystick.mock.roles import Answered, Passed, Reply
from tallystick.nouns.exchange import Exchange, Response

_PETS = """\
openapi: 3.1.0
info: {title: Pets, version: '1'}
paths:
  /pets/{id}:
    get:
      operationId: getPet
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
        - {name: lang, in: query, schema: {type: string}}
      responses:
        '200':
          description: A pet
          content: {application/json: {schema: {type: object, required: [name]}}}
"""


def recording(folder: Path, *lines: str, body: bytes = b'{"name":"Rex"}') -> Path:
    """A recording of requests, each with the same answer."""
    writer = RecordingWriter(folder)
    for line in lines:
        answer = Response(200, (("content-type", "application/json"),), body)
        writer.write(Recorded(Exchange(request(line), answer), "http://api.test", ""))
    return folder


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return str(written(tmp_path, "pets.yaml", _PETS))


def test_a_recording_is_judged(api: str, tmp_path: Path) -> None:
    """`judge` reads the files of a folder, and finds what breaks the contract."""
    recording(tmp_path / "seen", "GET /pets/1", body=b"{}")
    result = run("judge", "seen", "--contract", api)
    assert result.exit_code == 1
    assert "the property 'name' is missing" in result.stdout


def test_a_broken_file_leaves_the_others(api: str, tmp_path: Path) -> None:
    """A file that cannot be read is told with its line, the others are judged and counted, and the exit code is 3."""
    recording(tmp_path / "seen", "GET /pets/1")
    written(tmp_path, "seen/0002-GET-pets-2.yaml", "request:\n  method: GET\n  url: nowhere\nresponse: {status: 200}\n")
    for command in (("judge", "seen"), ("coverage", "seen"), ("learn", "seen")):
        result = run(*command, "--contract", api)
        assert result.exit_code == 3
        assert "seen/0002-GET-pets-2.yaml:" in result.stderr
        assert len(result.stderr.splitlines()) == 1
    assert "1 exchange" in run("judge", "seen", "--contract", api).stdout


def test_what_was_masked_is_not_judged(api: str, tmp_path: Path) -> None:
    """A mask in a body is no text that the server sent, so that what its schema says of it is not judged."""
    text = _PETS.replace("required: [name]", "properties: {token: {type: string, minLength: 10}}")
    Path(api).write_text(text)
    recording(tmp_path / "seen", "GET /pets/1", body=b'{"token":"***"}')
    assert run("judge", "seen", "--contract", api).exit_code == 0


def test_a_recording_is_one_consumer(tmp_path: Path) -> None:
    """A folder that is a recording is a consumer by its name, and so is each in a folder of recordings."""
    recording(tmp_path / "app", "GET /pets/1")
    recording(tmp_path / "site", "GET /pets/2")
    assert [*read_consumers([str(tmp_path / "app")])] == ["app"]
    assert {name: len(each[0].exchanges) for name, each in read_consumers([str(tmp_path)]).items()} == {
        "app": 1,
        "site": 1,
    }


def test_a_fuzz_run_knows_recorded_values(tmp_path: Path) -> None:
    """The values of parameters that were accepted are known by operation and place; those of refused requests not."""
    folder = recording(tmp_path, "GET /pets/7?lang=de", "GET /pets/8", "GET /pets/7")
    refused = Recorded(Exchange(request("GET /pets/9"), Response(404)), "http://api.test", "")
    RecordingWriter(folder).write(refused)
    values = recorded_values(contract(_PETS), [read_recording(str(folder))])
    assert values == {"GET /pets/{id}": {"path.id": [7, 8], "query.lang": ["de"]}}


def test_an_exchange_with_an_upstream_is_one_of_its_url() -> None:
    """What an upstream answered is recorded under its own URL, and a body that was not kept whole is not said to be."""
    passed = Passed(0, 5_000_000, has_whole_response=False)
    reply = Reply(Response(200), upstream="https://shop.test/api", passed=passed)
    asked = request("GET /pets/1", {"Host": "localhost:4010", "Accept-Encoding": "gzip", "Connection": "keep-alive"})
    recorded = recorded_of(
        Answered(None, Exchange(asked, Response(200, (), b"begin")), (), 0.1, "", reply=reply), 1.0, Secrets(())
    )
    assert (recorded.origin, recorded.exchange.request.path) == ("https://shop.test", "/api/pets/1")
    assert recorded.exchange.request.headers == ()
    assert not recorded.has_whole_response


def test_a_session_is_no_part_of_a_recorded_path() -> None:
    """The name of a session in a path is left out, since a replay may be of another one."""
    asked = request("GET /~mine/pets/1")
    recorded = recorded_of(Answered(None, Exchange(asked, Response(404)), (), 0.1, "", "mine"), 1.0, Secrets(()))
    assert recorded.exchange.request.path == "/pets/1"


def test_a_switch_of_protocols_is_not_recorded(tmp_path: Path) -> None:
    """A WebSocket that an upstream has opened is no exchange that could be replayed."""
    recorder = Recorder(str(tmp_path), [])
    recorder.hear(Answered(None, Exchange(request("GET /chat"), Response(101)), (), 0.1, ""))
    recorder.hear(Answered(None, Exchange(request("GET /pets"), Response(200)), (), 0.1, ""))
    recorder.close()
    assert [file.name for file in tmp_path.iterdir()] == ["0001-GET-pets.yaml"]
