"""Recordings: exchanges of a mock as files that people read and edit, and read again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from support.asking import contract, request

from tallystick.documents.text import parse
from tallystick.documents.yaml_writing import yaml_text
from tallystick.exchanges.recorded import Recorded
from tallystick.exchanges.recording.folder import is_recording, read_recording
from tallystick.exchanges.recording.writing import RecordingWriter
from tallystick.mock.app import Mock, create_app
from tallystick.mock.settings import MockSettings
from tallystick.nouns import budgets
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.exchange import Exchange, Request, Response

_PETS = """
paths:
  /pets:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer}}]
      responses:
        '200':
          description: Pets
          content: {application/json: {example: [{id: 1, name: Rex}]}}
    post:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      security: [{key: []}]
      responses: {'201': {description: Made, content: {application/json: {example: {id: 2, access_token: abc}}}}}
components:
  securitySchemes: {key: {type: apiKey, in: query, name: shop_key}}
"""


def recording_mock(folder: Path, **settings: Any) -> Mock:
    return create_app([contract(_PETS)], MockSettings(record=str(folder), **settings))


def ask(app: Mock, *lines: str | Request) -> None:
    """Send requests to a mock that records, and have all of it written."""
    from support.asking import asker_of

    for line in lines:
        asker_of(app)(line)
    assert app.memory.recorder is not None
    app.memory.recorder.close()


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def exchange(line: str, status: int = 200, body: bytes = b"", content_type: str = "application/json") -> Recorded:
    answer = Response(status, (("content-type", content_type),), body)
    return Recorded(Exchange(request(line), answer), "http://api.test", "")


def write(folder: Path, *exchanges: Recorded) -> None:
    writer = RecordingWriter(folder)
    for each in exchanges:
        writer.write(each)
    writer.flush()


def read(folder: Path) -> Sequence[Recorded]:
    return read_recording(str(folder)).exchanges


def test_each_exchange_becomes_a_file_that_is_named_after_it(tmp_path: Path) -> None:
    """The file of an exchange is named by number, method and path, and has the JSON of the bodies as YAML."""
    folder = tmp_path / "made" / "here"
    sent = request("POST /pets?shop_key=geheim", {"content-type": "application/json"}, b'{"password":"hush"}')
    ask(recording_mock(folder), "GET /pets?limit=2", sent)
    assert names(folder) == ["0001-GET-pets.yaml", "0002-POST-pets.yaml"]
    value: Any = parse((folder / names(folder)[1]).read_text(), "file.yaml")
    assert value["request"]["url"] == "http://localhost/pets?shop_key=***"
    assert value["request"]["json"] == {"password": "***"}
    assert value["response"]["json"]["access_token"] == "***"
    assert value["count"] == 1


def test_an_exchange_that_comes_again_is_counted(tmp_path: Path) -> None:
    """An exchange that is the same as the last one with its request is counted there, also in another run."""
    ask(recording_mock(tmp_path), *["GET /pets"] * 3)
    ask(recording_mock(tmp_path), "GET /pets", "GET /pets?limit=1")
    assert names(tmp_path) == ["0001-GET-pets.yaml", "0002-GET-pets.yaml"]
    assert [each.count for each in read(tmp_path)] == [4, 1]


def test_white_space_in_json_makes_no_other_exchange(tmp_path: Path) -> None:
    """An answer whose JSON is the same value is counted, also in another run."""
    write(tmp_path, exchange("GET /a", body=b'{"a": 1}'))
    write(tmp_path, exchange("GET /a", body=b'{ "a": 1 }'))
    assert [each.count for each in read(tmp_path)] == [2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{0}count: 1 # often\n", "{0}count: 2 # often\n"),
        ("{0}count: 1\r\n", "{0}count: 2\r\n"),
        ("{0}", "{0}count: 2\n"),
        ("{0}'count': 1\n", "{0}'count': 1\n"),
    ],
)
def test_a_count_never_breaks_an_edited_file(tmp_path: Path, text: str, expected: str) -> None:
    """A count is found with a comment and other line ends; where it is written in another form, the file stays."""
    shared = "request: {method: GET, url: 'http://api.test/a'}\nresponse: {status: 200}\n"
    file = tmp_path / "0001-GET-a.yaml"
    file.write_bytes(text.format(shared).encode())
    writer = RecordingWriter(tmp_path)
    writer.write(read(tmp_path)[0])
    writer.flush()
    assert file.read_bytes().decode() == expected.format(shared)


def test_a_file_that_was_removed_is_recorded_anew(tmp_path: Path) -> None:
    """The exchange of a file that somebody removes while more is recorded gets another file when it comes again."""
    writer = RecordingWriter(tmp_path)
    writer.write(exchange("GET /a"))
    writer.write(exchange("GET /a"))
    (tmp_path / "0001-GET-a.yaml").unlink()
    writer.flush()
    writer.write(exchange("GET /a"))
    assert names(tmp_path) == ["0002-GET-a.yaml"]


def test_a_count_leaves_the_rest_of_an_edited_file(tmp_path: Path) -> None:
    """What a person wrote into the file of an exchange stays when the exchange is counted."""
    write(tmp_path, exchange("GET /a", body=b"{}"))
    (file,) = tmp_path.iterdir()
    file.write_text("# mine\n" + file.read_text())
    write(tmp_path, exchange("GET /a", body=b"{}"))
    assert file.read_text().startswith("# mine\n")
    assert [each.count for each in read(tmp_path)] == [2]


def test_the_answers_to_a_request_keep_their_order(tmp_path: Path) -> None:
    """An answer that comes again after another one is written again, since the order is part of the recording."""
    write(tmp_path, *(exchange("GET /a", body=body) for body in (b"1", b"2", b"1")))
    assert [each.exchange.response.body for each in read(tmp_path) if each.exchange.response] == [b"1", b"2", b"1"]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"a":[1,2.5,null,"x"]}', "application/json"),
        (b'"text"', "application/json"),
        (b"{not json", "application/json"),
        (b"several\nlines\n", "text/plain"),
        ("grüße".encode("latin-1"), "text/plain; charset=latin-1"),
        ("grüße".encode("latin-1"), "text/plain"),
        (b"\x89PNG\x00\xff", "image/png"),
        (b"x" * (budgets.RECORDED_INLINE_BYTES + 1), "text/plain"),
        (b"", "text/plain"),
        (b"[" * 90 + b"]" * 90, "application/json"),
    ],
)
def test_a_body_is_read_as_it_was_written(tmp_path: Path, body: bytes, content_type: str) -> None:
    """Every body comes back byte for byte, whether it stands in the file or beside it."""
    write(tmp_path, exchange("GET /a", body=body, content_type=content_type))
    (recorded,) = read(tmp_path)
    assert recorded.exchange.response == Response(200, (("content-type", content_type),), body)


def test_a_binary_body_stands_beside_its_exchange(tmp_path: Path) -> None:
    """A body that is no text has a file of its own, whose name ends as its media type's do."""
    write(tmp_path, exchange("GET /pictures/7", body=b"\x89\xff\x00", content_type="image/png"))
    assert names(tmp_path) == ["0001-GET-pictures-7.response.png", "0001-GET-pictures-7.yaml"]


@pytest.mark.parametrize(
    "path", ["/../../etc/passwd", "/%2e%2e/x", "/.hidden", "/a/" + "b" * 500, "/", "/nul\x00l", "/ü"]
)
def test_an_odd_path_stays_in_the_folder(tmp_path: Path, path: str) -> None:
    """No path of a request leads out of the folder, or to a name that a file cannot have."""
    folder = tmp_path / "recording"
    write(folder, Recorded(Exchange(Request("GET", path), Response(200)), "http://api.test", ""))
    assert names(tmp_path) == ["recording"]
    assert len(names(folder)) == 1


def test_a_recording_is_added_to(tmp_path: Path) -> None:
    """A file that is there is never written over, whatever its number is."""
    write(tmp_path, exchange("GET /a", body=b"1"))
    (tmp_path / "0001-GET-a.yaml").rename(tmp_path / "0007-GET-a.yaml")
    write(tmp_path, exchange("GET /a", body=b"2"))
    assert names(tmp_path) == ["0007-GET-a.yaml", "0008-GET-a.yaml"]


@pytest.mark.parametrize(
    ("text", "line", "fact"),
    [
        ("request: {method: GET}\nresponse: {status: 200}\n", 1, "url: a text was expected"),
        ("request:\n  method: GET\n  url: [\n", 4, "expected"),
        ("a: 1\n", 1, "no exchange"),
        (
            "request: {method: GET, url: http://a/}\nresponse: {status: 200, file: ../x}\n",
            2,
            "response.file: .* no name of a file",
        ),
        ("request: {method: GET, url: http://a/}\nresponse: {status: 0}\n", 2, "a status was expected"),
        ("request:\n  method: GET\n  url: /a\nresponse: {status: 200}\n", 3, "request.url: '/a' has no host"),
        ("request: {method: GET, url: http://a/}\nresponse: {status: 200, json: 1, text: a}\n", 2, "one body"),
    ],
)
def test_a_broken_file_is_named_with_its_line(tmp_path: Path, text: str, line: int, fact: str) -> None:
    """What is wrong with the file of an exchange is told with the file and the line."""
    (tmp_path / "0001-GET-a.yaml").write_text(text)
    with pytest.raises(UnreadableError, match=fact) as caught:
        read(tmp_path)
    assert caught.value.file == str(tmp_path / "0001-GET-a.yaml")
    assert caught.value.line == line


def test_a_file_that_is_not_utf_8_is_named_with_its_line(tmp_path: Path) -> None:
    """A file in another encoding is told with the line of the byte that is wrong."""
    (tmp_path / "0001-GET-a.yaml").write_bytes(b"request:\n  method: \xff\n")
    with pytest.raises(UnreadableError, match=r"0001-GET-a\.yaml:2: it is not UTF-8"):
        read(tmp_path)


def test_a_folder_without_exchanges_is_no_recording(tmp_path: Path) -> None:
    """A folder that has no exchange is told to be no recording."""
    assert not is_recording(tmp_path)
    with pytest.raises(UnreadableError, match="is no recording"):
        read(tmp_path)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    """The body of an exchange is never read from another folder, also by a symbolic link."""
    (tmp_path / "secret").write_text("x")
    folder = tmp_path / "recording"
    write(folder, exchange("GET /a", body=b"\xff\x00", content_type="image/png"))
    body = folder / "0001-GET-a.response.png"
    body.unlink()
    body.symlink_to(tmp_path / "secret")
    with pytest.raises(UnreadableError, match="no name of a file in this folder"):
        read(folder)


def test_a_mock_that_cannot_record_does_not_start(tmp_path: Path) -> None:
    """A recording below a file is refused at start with the reason."""
    (tmp_path / "file").write_text("")
    with pytest.raises(UnreadableError, match="no recording can be written there"):
        recording_mock(tmp_path / "file" / "recording")


def test_what_cannot_be_written_is_told_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where the folder goes away, requests are answered still; the first loss is told, and at the end their number."""
    folder = tmp_path / "recording"
    app = recording_mock(folder)
    folder.rmdir()
    ask(app, "GET /pets", "GET /pets?limit=3")
    told = capsys.readouterr().err
    assert "exchanges cannot be recorded: there is no such folder" in told
    assert "2 exchanges could not be recorded" in told


@pytest.mark.parametrize(
    "value", [{"on": "off", "a": "1e3", "b": ["x\ny\n", " z", "", "# a", "a: b"], "n": 1e-7, "e": {}}]
)
def test_yaml_is_read_as_the_value_it_was_written_from(value: Any) -> None:
    """Texts that look like something else are quoted, and blocks keep their line breaks."""
    text = yaml_text(value)
    assert json.dumps(parse(text, "file.yaml")) == json.dumps(value)
    assert 'on": "off"' in text
    assert "|" in text
