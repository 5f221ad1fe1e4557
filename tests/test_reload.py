"""A mock whose files change while it serves: it serves what they say now, or what was good last."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.running import Running, running

CONTRACT = """
openapi: 3.1.0
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      operationId: getPets
      responses: {'200': {description: Pets, content: {application/json: {schema: {$ref: 'parts/pet.yaml'}}}}}
"""
PET = "{type: object, required: [name], properties: {name: {type: string, const: Rex}}}"
TOYS = "  /toys: {get: {operationId: getToys, responses: {'204': {description: Toys}}}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a contract in two files."""
    (tmp_path / "pets.yaml").write_text(CONTRACT)
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "pet.yaml").write_text(PET)
    return tmp_path


def soon(condition: Callable[[], bool], seconds: float = 8) -> bool:
    """Whether a condition becomes true within some seconds, on a busy machine."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return False


def told(mock: Running) -> str:
    """The next line on standard error."""
    assert mock.process.stderr is not None
    return mock.process.stderr.readline()


def name_of(mock: Running, connection: http.client.HTTPConnection | None = None) -> object:
    """The name of the pet that the mock answers with."""
    if connection is None:
        with contextlib.closing(http.client.HTTPConnection(mock.origin.removeprefix("http://"), timeout=10)) as new:
            return name_of(mock, new)
    connection.request("GET", "/pets")
    return json.loads(connection.getresponse().read())["name"]


@pytest.mark.parametrize("workers", ["1", "3"])
def test_an_edit_is_served_on_connections_that_were_there_before(workers: str, folder: Path) -> None:
    """An edit of a file that a reference leads to is in the replies of every worker, and no connection is lost."""
    with running("pets.yaml", "-q", "-p", "0", "--workers", workers, cwd=folder) as mock:
        connections = [http.client.HTTPConnection(mock.origin.removeprefix("http://"), timeout=10) for _ in range(6)]
        assert {name_of(mock, connection) for connection in connections} == {"Rex"}
        mock.read_until("   curl -i http")
        sockets = [connection.sock for connection in connections]
        (folder / "parts" / "pet.yaml").write_text(PET.replace("Rex", "Bello"))
        assert "reloaded (parts/pet.yaml, " in told(mock)
        assert soon(lambda: {name_of(mock, connection) for connection in connections} == {"Bello"})
        assert [connection.sock for connection in connections] == sockets
        for connection in connections:
            connection.close()


@pytest.mark.parametrize(
    ("file", "broken", "message"),
    [
        ("pets.yaml", CONTRACT + "  bad: [\n", "pets.yaml:10: not YAML"),
        ("pets.yaml", None, "pets.yaml: there is no such file"),
        ("pets.yaml", "", "pets.yaml"),
        ("pets.yaml", CONTRACT.replace("pet.yaml", "gone.yaml"), "pets.yaml:8: the reference parts/gone.yaml cannot"),
        ("parts/pet.yaml", "{type: object", "parts/pet.yaml:2: not YAML"),
        ("tallystick.toml", "contracts = [", "tallystick.toml: not TOML"),
    ],
)
def test_what_breaks_the_mock_is_told_and_the_last_good_one_stays(
    file: str, broken: str | None, message: str, folder: Path
) -> None:
    """A file that is broken, or gone, is told with its line; the mock answers as before, and says when all is well."""
    changed = folder / file
    before = changed.read_text() if changed.exists() else None
    with running("pets.yaml", "-q", "-p", "0", cwd=folder) as mock:
        mock.read_until("   curl -i http")
        if broken is None:
            changed.unlink()
        else:
            changed.write_text(broken)
        line = told(mock)
        assert line.startswith("tallystick mock: not reloaded: ")
        assert message in line
        assert name_of(mock) == "Rex"
        if before is None:
            changed.unlink()
        else:
            changed.write_text(before)
        assert "mended and reloaded" in told(mock)
        assert name_of(mock) == "Rex"
        code, _, errors = mock.end()
        assert (code, errors) == (0, "tallystick mock: ended\n")


def test_new_operations_are_named_and_a_file_that_is_written_in_steps_is_read_when_it_is_whole(folder: Path) -> None:
    """An editor that empties a file, or puts another in its place, makes no line of its own; what is new is named."""
    contract = folder / "pets.yaml"
    with running("pets.yaml", "-q", "-p", "0", cwd=folder) as mock:
        mock.read_until("   curl -i http")
        contract.write_text("")
        time.sleep(0.05)
        contract.write_text(CONTRACT + TOYS)
        assert "2 operations; new: GET /toys" in told(mock)
        assert mock.get("/toys") == 204
        (folder / "pets.yaml~").write_text(CONTRACT)
        os.rename(folder / "pets.yaml~", contract)
        line = told(mock)
        if line.endswith(": 2 operations\n"):  # a machine that is slow enough sees the second of the steps by itself
            line = told(mock)
        assert "1 operation; gone: GET /toys" in line
        assert mock.get("/toys") == 404


def test_what_an_edit_makes_wrong_is_told(folder: Path) -> None:
    """A violation of the contract that was not there before is a line after that of the reload."""
    with running("pets.yaml", "-q", "-p", "0", cwd=folder) as mock:
        mock.read_until("   curl -i http")
        (folder / "pets.yaml").write_text(CONTRACT.replace("'parts/pet.yaml'}}", "'parts/pet.yaml'}, example: {}}"))
        assert "reloaded (pets.yaml, " in told(mock)
        assert re.fullmatch(r"    pets.yaml:8: .*'name' is missing.* \(example-not-valid\)\n", told(mock))


def test_what_an_edit_of_the_configuration_does_not_reach_is_told(folder: Path) -> None:
    """Settings for operations that are not there are named after the edit that brought them."""
    with running("pets.yaml", "-q", "-p", "0", cwd=folder) as mock:
        mock.read_until("   curl -i http")
        (folder / "tallystick.toml").write_text('[[mock.operations]]\nmatch = ["/pet"]\nlatency = "1s"\n')
        assert "reloaded (tallystick.toml, " in told(mock)
        assert told(mock) == "    the configuration has settings for '/pet', which matches no operation\n"


def test_contracts_come_and_go_in_a_folder(folder: Path) -> None:
    """A contract that is put into the folder that is served is served; what is no contract there changes nothing."""
    with running(".", "-q", "-p", "0", cwd=folder) as mock:
        mock.read_until("   curl -i http")
        (folder / "data.json").write_text("{}")
        (folder / "toys.yaml").write_text("openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n" + TOYS)
        assert "new: GET /toys" in told(mock)
        assert mock.get("/toys") == 204
        (folder / "toys.yaml").unlink()
        assert "gone: GET /toys" in told(mock)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_handlers_are_replaced(workers: str, folder: Path) -> None:
    """A handler is called as it was saved last, also after two edits within a second; one that breaks is not used."""
    handlers, helper = folder / "shop.py", folder / "helper.py"
    helper.write_text("LAST = 'Cat'\n")
    text = "from helper import LAST\ndef getPets(): return {'name': 'A' + LAST}\n"
    handlers.write_text(text)
    with running("pets.yaml", "-q", "-p", "0", "--workers", workers, "--handlers", "shop", cwd=folder) as mock:
        mock.read_until("   curl -i http")
        assert name_of(mock) == "ACat"
        for letter in "BCD":
            handlers.write_text(text.replace("A'", f"{letter}'"))
            assert "reloaded (shop.py, " in told(mock)
            assert soon(lambda letter=letter: {name_of(mock) for _ in range(5)} == {f"{letter}Cat"})  # type: ignore[misc]
        helper.write_text("LAST = 'Dog'\n")
        assert "reloaded (helper.py, " in told(mock)
        assert soon(lambda: {name_of(mock) for _ in range(5)} == {"DDog"})
        handlers.write_text("def getPets(: return 1")
        assert "SyntaxError: invalid syntax (shop.py:1)" in told(mock)
        assert name_of(mock) == "DDog"
        assert mock.end()[0] == 0


def test_nothing_is_served_anew_where_that_is_not_wanted(folder: Path) -> None:
    """With --no-reload an edit has no effect."""
    with running("pets.yaml", "-q", "-p", "0", "--no-reload", cwd=folder) as mock:
        mock.read_until("   curl -i http")
        (folder / "pets.yaml").write_text(CONTRACT + TOYS)
        time.sleep(0.7)
        assert mock.get("/toys") == 404
        assert mock.end() == (0, "", "tallystick mock: ended\n")
