"""`tallystick mock --state` as people run it: what is remembered outlives the process, or says why it cannot."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.folders import ROOT
from support.pets_api import PETS_API
from support.running import Running, run, running
from support.servers import needs_redis, redis_running

from tallystick.nouns.errors import Exit


@contextlib.contextmanager
def pets(folder: Path, *arguments: str) -> Iterator[Running]:
    """A mock of the pets."""
    (folder / "pets.yaml").write_text(PETS_API)
    with running("pets.yaml", "-p", "0", *arguments, cwd=folder) as mock:
        yield mock


def ask(mock: Running, line: str, headers: dict[str, str] | None = None) -> http.client.HTTPResponse:
    """The response to a request on a connection of its own, once its body is read."""
    method, path = line.split(" ")
    connection = http.client.HTTPConnection(urlsplit(mock.origin).netloc, timeout=20)
    with contextlib.closing(connection):
        connection.request(method, path, headers=headers or {})
        response = connection.getresponse()
        response.text = response.read().decode()  # type: ignore[attr-defined]
        return response


def statuses(mock: Running, *lines: str) -> list[int]:
    """The statuses of some requests."""
    return [ask(mock, line).status for line in lines]


def wait_until(holds: Callable[[], bool]) -> None:
    """Returns as soon as something holds, which has to be soon."""
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_a_file_outlives_the_mock(tmp_path: Path) -> None:
    """What was deleted is gone after a restart, too, whether the mock was ended or killed; the start says where it is
    kept."""
    with pets(tmp_path, "--state", "state.sqlite") as mock:
        mock.read_until("is kept in state.sqlite\n")
        assert statuses(mock, "DELETE /pets/1", "GET /pets/1", "GET /pets/2") == [204, 404, 200]
        mock.end()
    assert {file.name for file in tmp_path.iterdir()} == {"pets.yaml", "state.sqlite"}
    with pets(tmp_path, "--state", "state.sqlite") as mock:
        assert statuses(mock, "GET /pets/1", "DELETE /pets/2") == [404, 204]
        mock.end(signal.SIGKILL)
    with pets(tmp_path, "--state", "state.sqlite") as mock:
        assert statuses(mock, "GET /pets/1", "GET /pets/2", "GET /pets/3") == [404, 404, 200]


def test_memory_does_not(tmp_path: Path) -> None:
    """Without a file the mock begins anew, and writes nothing."""
    for _ in range(2):
        with pets(tmp_path) as mock:
            assert statuses(mock, "GET /pets/1", "DELETE /pets/1", "GET /pets/1") == [200, 204, 404]
            mock.end()
    assert [file.name for file in tmp_path.iterdir()] == ["pets.yaml"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks")
def test_workers_share_what_they_remember(tmp_path: Path) -> None:
    """Several workers share a file in a folder that goes with them, and say so."""
    with pets(tmp_path, "--workers", "3") as mock:
        said = mock.read_until("--state FILE.sqlite keeps it\n")[-1]
        file = Path(re.findall(r"remember in (\S+),", said)[0])
        assert file.exists()
        assert statuses(mock, "DELETE /pets/1", *["GET /pets/1"] * 20) == [204, *[404] * 20]
        assert mock.end()[0] == Exit.CLEAN
        assert not file.parent.exists()


@pytest.mark.parametrize("ending", ["open", "closed"])
def test_state_is_kept_when_the_contract_changes(ending: str, tmp_path: Path) -> None:
    """A changed contract, a broken one and one without the collection lose nothing of what is kept."""
    with pets(tmp_path, "--state", "memory" if ending == "open" else "state.sqlite") as mock:
        assert statuses(mock, "DELETE /pets/1") == [204]
        for text, status in (
            (PETS_API.replace("Pets, version: '1'", "Pets, version: '2'"), 404),
            ("openapi: 3.1.0\n  broken", 404),
            (re.sub(r"  /pets/\{id\}:\n.*?\ncomponents", "components", PETS_API, flags=re.DOTALL), 404),
            (PETS_API, 404),
        ):
            (tmp_path / "pets.yaml").write_text(text)
            time.sleep(0.6)
            assert statuses(mock, "GET /pets/1") == [status], text
        assert statuses(mock, "GET /pets/2") == [200]


@pytest.mark.parametrize(
    ("store", "code", "message"),
    [
        ("memry", Exit.USAGE, "state is kept in 'memory', in FILE.sqlite (or .sqlite3 or .db) or in redis://HOST"),
        ("missing/state.sqlite", Exit.UNREACHABLE, "missing/state.sqlite: there is no folder missing; make it first"),
        ("folder.sqlite", Exit.UNREACHABLE, "folder.sqlite: it is a folder; name a file in it"),
        ("text.sqlite", Exit.UNREACHABLE, "text.sqlite: it is no SQLite database; name a new file after --state"),
        ("other.db", Exit.UNREACHABLE, "other.db: it is a database of another program; name a new file"),
        ("newer.db", Exit.UNREACHABLE, "newer.db: its state has version 99, and this tallystick reads 1; the tally"),
        ("redis://u:secret@127.0.0.1:1/0", Exit.UNREACHABLE, "Redis at 127.0.0.1:1/0 cannot be used: "),
        ("redis://u:secret@127.0.0.1:x/0", Exit.USAGE, "the address of the Redis after --state is wrong; right is "),
    ],
)
def test_what_cannot_keep_state_is_refused_at_start(store: str, code: Exit, message: str, tmp_path: Path) -> None:
    """A store that cannot be used is one line, which names it and what would work, and no password."""
    (tmp_path / "pets.yaml").write_text(PETS_API)
    (tmp_path / "folder.sqlite").mkdir()
    (tmp_path / "text.sqlite").write_text("no database, " * 100)
    for name, statement in (("other.db", "CREATE TABLE mine (x)"), ("newer.db", "PRAGMA user_version = 99")):
        with contextlib.closing(sqlite3.connect(tmp_path / name)) as connection:
            if name == "newer.db":
                connection.execute("PRAGMA application_id = 0x54414C59")
            connection.execute(statement)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()}
    refused = run("pets.yaml", "-p", "0", "--state", store, cwd=tmp_path)
    assert (refused.returncode, refused.stdout) == (code, "")
    assert refused.stderr.startswith(f"tallystick: {message}")
    assert refused.stderr.count("\n") == 1
    assert "secret" not in refused.stderr
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()} == before


def test_a_file_that_another_program_locks(tmp_path: Path) -> None:
    """A file that is locked is waited for a moment; then the start is refused, and a request gets a 503."""
    (tmp_path / "pets.yaml").write_text(PETS_API)
    with pets(tmp_path, "--state", "state.sqlite") as mock:
        assert statuses(mock, "DELETE /pets/1") == [204]
        with contextlib.closing(sqlite3.connect(tmp_path / "state.sqlite", isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            started = time.monotonic()
            reply = ask(mock, "DELETE /pets/2")
            assert time.monotonic() - started < 6
            assert (reply.status, reply.headers["Retry-After"]) == (503, "1")
            assert "state.sqlite: another program keeps it locked" in reply.text  # type: ignore[attr-defined]
            assert statuses(mock, "GET /pets/1") == [404]
            refused = run("pets.yaml", "-p", "0", "--state", "state.sqlite", cwd=tmp_path)
            assert refused.returncode == Exit.UNREACHABLE
            assert "state.sqlite: another program keeps it locked; end that program" in refused.stderr
        assert statuses(mock, "DELETE /pets/2", "GET /pets/2") == [204, 404]
        errors = mock.end()[2]
        assert errors.count("until it is back, requests that need state get a 503") == 1
        assert errors.count("the state in state.sqlite is back") == 1


def test_a_file_that_cannot_grow(tmp_path: Path) -> None:
    """Without room for more, a change is refused with a problem that names the file, and what is kept stays."""
    (tmp_path / "pets.yaml").write_text(PETS_API)
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000)); "
        "from tallystick.cli import main; main()"
    )
    arguments = [sys.executable, "-c", code, "mock", "pets.yaml", "-p", "0", "--state", "state.sqlite"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(arguments, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        origin = urlsplit(re.findall(r"http://[^\s/]+", line)[0]).netloc
        connection = http.client.HTTPConnection(origin, timeout=20)
        codes = []
        for number in range(300):
            connection.request("DELETE", f"/pets/{'x' * 900}{number}")
            response = connection.getresponse()
            text = response.read().decode()
            codes.append(response.status)
            if response.status != 204:
                break
        assert codes[-1] in (503, 507), text
        assert "state.sqlite" in text
        assert codes.count(204) > 20
        connection.request("GET", f"/pets/{'x' * 900}0")
        response = connection.getresponse()
        assert (response.status, response.read()[:1]) == (404, b"{")
        connection.close()
    finally:
        process.kill()
        process.communicate()


@needs_redis
def test_redis_outlives_the_mock_and_is_waited_for(tmp_path: Path) -> None:
    """What was deleted is gone for each mock at one Redis; while that is away, requests get a 503 that says so, and
    when it is back, nothing is lost."""
    with redis_running(tmp_path / "redis") as server, pets(tmp_path, "--state", server.address) as mock:
        mock.read_until(f"is kept in Redis at 127.0.0.1:{server.port}/0\n")
        assert statuses(mock, "DELETE /pets/1", "GET /pets/1", "GET /pets/2") == [204, 404, 200]
        with pets(tmp_path, "--state", server.address) as other:
            assert statuses(other, "GET /pets/1", "DELETE /pets/2") == [404, 204]
        server.kill()
        for line in ("GET /pets/2", "DELETE /pets/3"):
            reply = ask(mock, line)
            assert (reply.status, reply.headers["Retry-After"]) == (503, "1")
            assert f"Redis at 127.0.0.1:{server.port}/0 cannot be reached" in reply.text  # type: ignore[attr-defined]
        server.start()
        wait_until(lambda: statuses(mock, "GET /pets/1") == [404])
        assert statuses(mock, "GET /pets/2", "GET /pets/3") == [404, 200]
        errors = mock.end()[2]
        assert errors.count("until it is back, requests that need state get a 503") == 1
        assert errors.count(" is back\n") == 1


@needs_redis
def test_a_redis_that_hangs_is_not_waited_for_long(tmp_path: Path) -> None:
    """A Redis that takes a request and does not answer costs a client two seconds at most, and later ones nothing."""
    with redis_running(tmp_path / "redis") as server, pets(tmp_path, "--state", server.address) as mock:
        assert statuses(mock, "GET /pets/1") == [200]
        server.process.send_signal(signal.SIGSTOP)
        started = time.monotonic()
        assert statuses(mock, "GET /pets/1") == [503]
        first = time.monotonic()
        assert statuses(mock, "GET /pets/1", "GET /pets/1") == [503, 503]
        assert first - started < 4
        assert time.monotonic() - first < 1
        server.process.send_signal(signal.SIGCONT)
        wait_until(lambda: statuses(mock, "GET /pets/1") == [200])


@needs_redis
def test_a_mock_may_go_on_without_state(tmp_path: Path) -> None:
    """With state that is not required, a mock starts and answers without its Redis, says so, and takes it up later."""
    with redis_running(tmp_path / "redis") as server:
        server.kill()
        with pets(tmp_path, "--state", server.address, "--state-required=false") as mock:
            assert statuses(mock, "DELETE /pets/1", "GET /pets/1") == [204, 200]
            server.start()
            wait_until(lambda: statuses(mock, "DELETE /pets/1", "GET /pets/1")[1] == 404)
            server.kill()
            assert statuses(mock, "GET /pets/1") == [200]
            errors = mock.end()[2]
        assert errors.count("until then, replies are made without state (--no-state-required)") == 1
        assert errors.count(" is back\n") == 1


def test_the_configuration_says_where_state_is_kept(tmp_path: Path) -> None:
    """The keys of the configuration are the flags without their dashes."""
    (tmp_path / "tallystick.toml").write_text(
        '[mock]\nstate = ["closed", "kept.sqlite"]\nstate-required = false\nsession-idle = "2h"\n'
    )
    with pets(tmp_path) as mock:
        mock.read_until("is kept in kept.sqlite\n")
        assert statuses(mock, "GET /pets/1") == [404]
    with pets(tmp_path, "--state", "open", "--state", "memory") as mock:
        assert statuses(mock, "GET /pets/1") == [200]
