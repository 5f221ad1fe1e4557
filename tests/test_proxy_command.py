"""`tallystick proxy` on the command line: what it takes, what it says, and how its run ends."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.commands import CONTRACT, run, written
from support.running import Running
from support.web import answering

from tallystick.nouns.errors import Exit
from tests.proxied import exchanges
from tests.proxied.upstream import odd_upstream


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    """The odd server; its URL."""
    with odd_upstream() as port:
        yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("arguments", "fact"),
    [
        ((), "name it with --upstream http://127.0.0.1:8000"),
        (("--upstream", "localhost"), "expected the base URL of a server"),
        (("--upstream", "http://a", "--upstream", "http://b"), "there is one upstream for all"),
        (("--upstream", "http://a", "--remock", "dwon"), "expected down, slow, or a status"),
        (("--upstream", "http://a", "--remock", "200"), "expected down, slow, or a status"),
        (("--upstream", "http://a", "--upstream-timeout", "2h"), "more than 3600s"),
        (("--upstream", "http://a", "--upstream-timeout", "0s"), "expected a time above zero"),
        (("--upstream", "http://a", "--report", "html=x"), "expected FORMAT=FILE"),
        (("--upstream", "https://a", "--upstream-ca", "missing.pem"), "--upstream-ca missing.pem: cannot be read"),
    ],
)
def test_a_wrong_command_line_is_a_usage_error(tmp_path: Path, arguments: tuple[str, ...], fact: str) -> None:
    """The message names what would have worked."""
    result = run("proxy", str(written(tmp_path, "days.yaml", CONTRACT)), *arguments)
    assert result.exit_code == Exit.USAGE
    assert fact in result.stderr


def test_the_mock_itself_is_no_upstream(tmp_path: Path) -> None:
    """A start whose upstream is its own port is refused."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    file = str(written(tmp_path, "days.yaml", CONTRACT))
    result = run("mock", file, "-p", str(port), "--upstream", f"http://localhost:{port}/")
    assert result.exit_code == Exit.USAGE
    assert "this is where the mock itself listens" in result.stderr


def test_the_configuration_names_an_upstream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong there is told with its place; so it is for one operation."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "days.yaml", CONTRACT)
    for table in ('[mock]\nupstream = "nowhere"\n', '[[mock.operations]]\nmatch = ["getDay"]\nremock = "soon"\n'):
        written(tmp_path, "tallystick.toml", table)
        result = run("mock", "days.yaml", "--list")
        assert result.exit_code == Exit.USAGE
        assert "tallystick.toml: mock: " in result.stderr


def test_a_run_is_reported_at_its_end(tmp_path: Path, upstream: str) -> None:
    """On standard output, into files, and by the exit code; an upstream may be the last PATH."""
    beginning = {"openapi": "3.1.0", "info": {"title": "Odd", "version": "1"}}
    file = written(tmp_path, "odd.json", json.dumps({**beginning, **exchanges.CONTRACT}))
    arguments = (str(file), upstream, "-p", "0", "--junit", "junit.xml", "--report", "json=run.json")
    server = Running(*arguments, cwd=tmp_path, command="proxy")
    assert server.get("/wrong") == 200
    assert server.get("/length") == 200
    assert server.get("/nowhere") == 404
    code, out, errors = server.end()
    assert (code, errors) == (Exit.VIOLATIONS, "tallystick proxy: ended\n")
    assert server.lines[0].startswith("tallystick proxy: 1 contract")
    assert "response-body-schema  GET /wrong" in out
    assert "1 of paths that the contract does not have: GET /nowhere" in out
    assert "1 finding of 1 rule; 2 exchanges of 2 of" in out
    failures = ElementTree.parse(tmp_path / "junit.xml").findall(".//failure")
    assert [each.get("type") for each in failures] == ["response-body-schema"]
    assert json.loads((tmp_path / "run.json").read_text())["judged"] == 2


def test_what_the_upstream_lacks_is_told_with_a_remedy_and_bodies_are_readable(tmp_path: Path, upstream: str) -> None:
    """An undocumented 404 names `--remock` once in the lines; a compressed body is a text in the report."""
    content = "content: {application/json: {schema: {type: object}}}"
    paths = "".join(
        f"  {path}: {{get: {{responses: {{'200': {{description: A, {content}}}}}}}}}\n" for path in ("/a", "/gzip")
    )
    file = written(tmp_path, "api.yaml", f"openapi: 3.1.0\ninfo: {{title: A, version: '1'}}\npaths:\n{paths}")
    server = Running(str(file), upstream, "-p", "0", cwd=tmp_path, command="proxy")
    assert [server.get("/a"), server.get("/gzip"), server.get("/a")] == [404, 200, 404]
    _, out, _ = server.end()
    assert out.count("--remock 501,404 lets the mock answer instead") == 1
    assert "content-encoding: gzip\n      [{" in out


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks")
def test_a_run_of_several_workers_is_one_report(tmp_path: Path, upstream: str) -> None:
    """What each has seen is added up: a violation that all have seen is one finding, with all its times."""
    beginning = {"openapi": "3.1.0", "info": {"title": "Odd", "version": "1"}}
    file = written(tmp_path, "odd.json", json.dumps({**beginning, **exchanges.CONTRACT}))
    arguments = (str(file), upstream, "-p", "0", "--workers", "3", "--report", "json=run.json")
    server = Running(*arguments, cwd=tmp_path, command="proxy")
    for _ in range(30):
        assert (server.get("/wrong"), server.get("/length"), server.get("/nowhere")) == (200, 200, 404)
    code, out, errors = server.end()
    assert (code, errors) == (Exit.VIOLATIONS, "tallystick proxy: ended\n")
    assert "30 of paths that the contract does not have: GET /nowhere" in out
    result = json.loads((tmp_path / "run.json").read_text())
    assert (result["judged"], result["operations"]) == (60, 2)
    assert [each["count"] for each in result["findings"]] == [30]


def test_a_start_says_that_the_upstream_is_not_there(tmp_path: Path) -> None:
    """It starts all the same; a contract without operations is one that lacks everything."""
    file = written(tmp_path, "none.yaml", "openapi: 3.1.0\ninfo: {title: None, version: '1'}\npaths: {}\n")
    server = Running(str(file), "http://127.0.0.1:1", "-p", "0", cwd=tmp_path, command="proxy")
    assert server.get("/day") == 502
    code, out, _ = server.end()
    assert code == Exit.CLEAN
    assert "http://127.0.0.1:1 cannot be reached now (connection refused)" in "".join(server.lines) + out


def test_a_tunnel_that_is_open_at_the_end_is_counted(tmp_path: Path) -> None:
    """The run tells how many protocols were switched, and that what passed was not judged."""
    file = written(tmp_path, "none.yaml", "openapi: 3.1.0\ninfo: {title: None, version: '1'}\npaths: {}\n")
    switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\nConnection: Upgrade\r\n\r\nhello"
    with answering(switch, pause=60) as (url, _):
        server = Running(str(file), url.removesuffix("/a"), "-p", "0", cwd=tmp_path, command="proxy")
        with socket.create_connection(("127.0.0.1", int(server.origin.rpartition(":")[2]))) as client:
            client.sendall(b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: a\r\nConnection: Upgrade\r\n\r\n")
            came = b""
            while not came.endswith(b"hello"):
                came += client.recv(65_536)
            _, out, _ = server.end()
    assert "1 exchange switched to another protocol (as WebSockets do): 0 bytes went to the upstream" in out
    assert "and 5 came" in out
