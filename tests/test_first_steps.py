"""The mock at its first start: the contract that it finds, what it says to try, and where it serves."""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
from pathlib import Path

import pytest
from support.asking import asker_of, contract
from support.running import PETS, run, running

from tallystick.config import Configuration
from tallystick.contracts.files import contract_paths
from tallystick.mock.app import create_app
from tallystick.mock.problem import Problem
from tallystick.mock.routes import Route, Routes, normal_base_path
from tallystick.mock.serving.listing import Where, first_try, prefix_of
from tallystick.mock.serving.tls import given_certificate, own_certificate
from tallystick.mock.settings import MockSettings
from tallystick.nouns.errors import UsageError

EMPTY = {"responses": {"204": {"description": "Done"}}}
PAIR = {"paths": {"/pets": {"get": EMPTY}, "/pets/{id}": {"get": EMPTY}}}


@pytest.mark.parametrize("name", ["any-name.json", "pets.yml", "api/v1/pets.yaml", "docs/pets.yaml", "spec/pets.yaml"])
def test_the_only_contract_is_found(name: str, tmp_path: Path) -> None:
    """A contract of any name, in the folder or in one where contracts are usually kept, needs no PATH."""
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(PETS)
    (tmp_path / "package.json").write_text('{"name": "shop", "dependencies": {"openapi": "1"}}')
    (tmp_path / "openapi").mkdir()
    (tmp_path / "openapi" / "part.yaml").write_text("type: object")
    assert contract_paths((), Configuration(tmp_path)) == (str(tmp_path / name),)


def test_two_contracts_are_named(tmp_path: Path) -> None:
    """Where several contracts could be meant, one line names them."""
    for name in ("b.yaml", "a.json"):
        (tmp_path / name).write_text(PETS)
    ended = run(cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr == "tallystick: 2 contracts are here: a.json and b.yaml; give the PATH of one, or of several\n"


def test_a_second_contract_that_comes_later_changes_nothing(tmp_path: Path) -> None:
    """The contract that was found at the start is the one that is served anew, whatever comes to the folder."""
    (tmp_path / "a.yaml").write_text(PETS)
    with running("-q", "-p", "0", cwd=tmp_path) as mock:
        mock.read_until("   curl -i http")
        (tmp_path / "b.yaml").write_text(PETS)
        (tmp_path / "a.yaml").write_text(PETS.replace("  /pets:", "  /toys:"))
        assert mock.process.stderr is not None
        assert "new: GET /toys; gone: GET /pets" in mock.process.stderr.readline()


def test_what_is_tried_first_needs_little() -> None:
    """The first line has a curl line of a GET without parameters and credentials, if there is one; it is none else."""
    secured = {**EMPTY, "security": [{"key": []}]}
    paths = {"/a": {"post": EMPTY}, "/b": {"get": secured}, "/c/{id}": {"get": EMPTY}, "/d": {"get": EMPTY}}
    schemes = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}}
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"const": "7"}}
    paths["/c/{id}"]["parameters"] = [parameter]  # type: ignore[assignment]
    where = Where("https://mock", "/v1", "ca.pem")
    assert first_try([contract({"paths": paths, "components": schemes})], where) == (
        "curl -i --cacert ca.pem https://mock/v1/d"
    )
    del paths["/d"]
    assert first_try([contract({"paths": {"/c/{id}": paths["/c/{id}"]}})], where).endswith("https://mock/v1/c/7")
    assert first_try([contract({"paths": {}})], where) == ""


def test_a_base_path_takes_the_place_of_the_root() -> None:
    """Contracts are below the base path, by their names and without; a path outside is told which one would do."""
    one = contract(PAIR, name="one")
    routes = Routes([one], "v1/")
    for path in ("/v1/pets/7", "/v1/one/pets/7"):
        route = routes.find("GET", "", path)
        assert isinstance(route, Route)
        assert (route.path, route.prefix + route.path) == ("/pets/7", path)
    outside = routes.find("GET", "", "/pets")
    assert isinstance(outside, Problem)
    assert outside.detail == "/pets is not below /v1, where all paths are, as --base-path asks, such as /v1/pets"
    unknown = routes.find("GET", "", "/v1/pet")
    assert isinstance(unknown, Problem)
    assert unknown.detail == "no path of one matches /v1/pet; near it: /v1/pets, /v1/pets/{id}"
    assert prefix_of(routes, one, one.operations[0]) == "/v1"


def test_a_base_path_with_several_contracts() -> None:
    """Where two contracts have a path, the problem names each below the base path."""
    routes = Routes([contract(PAIR, name="one"), contract(PAIR, name="two")], "/v1")
    ambiguous = routes.find("GET", "mock", "/v1/pets")
    assert isinstance(ambiguous, Problem)
    assert "http://mock/v1/one/pets or http://mock/v1/two/pets" in ambiguous.detail
    assert prefix_of(routes, routes.contracts[1], routes.contracts[1].operations[0]) == "/v1/two"


@pytest.mark.parametrize(("mark", "url"), [("/~me", "/~me/v1/one/pets"), ("/v1/~me", "/v1/~me/one/pets")])
def test_a_path_of_several_contracts_keeps_what_it_was_asked_with(mark: str, url: str) -> None:
    """The URLs of the candidates are of the same scheme, and lead to the same session, whose name is in the path."""
    routes = Routes([contract(PAIR, name="one"), contract(PAIR, name="two")], "/v1")
    ambiguous = routes.find("GET", "mock", "/v1/pets", "https", mark)
    assert isinstance(ambiguous, Problem)
    assert f"https://mock{url} or " in ambiguous.detail


def test_a_session_in_the_path_is_in_the_urls_of_the_candidates() -> None:
    """Whoever asks below the name of a session is told URLs below it."""
    ask = asker_of(create_app([contract(PAIR, name="one"), contract(PAIR, name="two")], MockSettings()))
    assert b"/~me/one/pets" in ask("GET /~me/pets").body


def test_what_is_no_base_path() -> None:
    """A base path is segments of a path; all else is refused when the mock is made."""
    assert [normal_base_path(text) for text in ("", "/", "v1", "/a/b/", "%7Eme")] == ["", "", "/v1", "/a/b", "/%7Eme"]
    for text in ("http://host/v1", "/v1?x=1", "/{id}", "/a b", "/a//b"):
        with pytest.raises(UsageError, match="a path was expected, as in /v1"):
            create_app([contract(PAIR)], MockSettings(base_path=text))


def test_https_with_a_certificate_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that trusts the CA whose file is printed is served, by each name; the next start has the same one."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "pets.yaml").write_text(PETS)
    with running("-q", "-p", "0", "--tls", cwd=tmp_path) as mock:
        address = re.search(r"on https://127\.0\.0\.1:(\d+) ", mock.lines[0])
        line = mock.read_until("has to trust the CA")[-1]
        ca_file = re.search(r"the CA in (\S+)", line)
        assert address is not None
        assert ca_file is not None
        trust = ssl.create_default_context(cafile=ca_file[1])
        for host in ("localhost", "127.0.0.1"):
            connection = http.client.HTTPSConnection(host, int(address[1]), timeout=10, context=trust)
            connection.request("GET", "/pets")
            response = connection.getresponse()
            assert (response.status, json.loads(response.read())) == (200, [])
            connection.close()
        plain = http.client.HTTPConnection("127.0.0.1", int(address[1]), timeout=10)
        plain.request("POST", "/pets", body=b"x" * 100_000)
        refusal = plain.getresponse()
        assert refusal.status == 400
        assert "ask for https://" in json.loads(refusal.read())["detail"]
        plain.close()
        for beginning in (b"", b"\x16\x03\x01garbage"):  # closed at once, and no TLS after all
            with socket.create_connection(("127.0.0.1", int(address[1])), timeout=10) as odd:
                odd.sendall(beginning)
                odd.shutdown(socket.SHUT_WR)
                odd.recv(1000)
        connection.request("GET", "/pets")
        assert connection.getresponse().status == 200
        connection.close()
        code, _, errors = mock.end()
        assert (code, errors) == (0, "tallystick mock: ended\n")
    again = own_certificate("127.0.0.1")
    assert again.ca_file == ca_file[1]
    assert Path(again.key_file).stat().st_mode & 0o077 == 0
    assert given_certificate(again.file, again.key_file).summary == ""
    Path(again.file).write_text("broken")
    assert Path(own_certificate("127.0.0.1").file).read_text() != "broken"


def test_what_is_no_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that hold no certificate with its key are refused at the start, and say what would do."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    one, other = own_certificate("127.0.0.1"), own_certificate("mock.test")
    text = tmp_path / "text.pem"
    text.write_text("no certificate")
    for file, key_file, message in (
        (str(tmp_path / "gone"), one.key_file, "--tls-cert .*gone: cannot be read: No such file"),
        (one.file, str(tmp_path / "gone"), "--tls-key .*gone: cannot be read"),
        (str(text), str(text), "no certificate and its key in PEM are there; expected both, without a password"),
        (one.file, other.key_file, "the key is of another certificate"),
    ):
        with pytest.raises(UsageError, match=message):
            given_certificate(file, key_file)
    (tmp_path / "pets.yaml").write_text(PETS)
    ended = run("--tls-key", one.key_file, cwd=tmp_path)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert "give that too, with --tls-cert FILE" in ended.stderr
