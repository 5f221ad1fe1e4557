"""`tallystick mock` as people run it: a process on a port, what it prints, and how it ends."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from support.asking import contract
from support.folders import OPENAPI, ROOT
from support.running import PETS, run, running

from tallystick.cli.mock import command
from tallystick.mock.serving.listing import Where, listing, prefix_of
from tallystick.mock.serving.server import bind, origin, when_unread
from tallystick.nouns.errors import Exit, UnreachableError


@pytest.fixture(scope="module")
def pets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a contract whose values need quoting."""
    folder = tmp_path_factory.mktemp("pets")
    (folder / "pets.yaml").write_text(PETS)
    return folder


def test_it_starts_answers_and_ends_by_an_interrupt(pets: Path) -> None:
    """It says where it serves, tells each request, and ends with one line and a clean exit code."""
    with running("pets.yaml", "-p", "0", cwd=pets) as mock:
        assert re.fullmatch(
            r"tallystick mock: 1 contract, 2 operations on http://127\.0\.0\.1:\d+ \(Ctrl-C ends it\); "
            r"try: curl -i http://127\.0\.0\.1:\d+/pets\n",
            mock.lines[0],
        )
        assert mock.get("/pets") == 200
        assert mock.get("/toys?x=1") == 404
        printed = mock.read_until("    no path of pets matches /toys; near it: /pets")
        assert "404 GET /toys?x=1\n" in printed
        assert "200 GET /pets\n" in printed
        assert mock.end() == (0, "", "tallystick mock: ended\n")


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl to paste the lines to")
@pytest.mark.parametrize("folder", ["ours", "pets"])
def test_each_curl_line_works_when_it_is_pasted(folder: str, pets: Path) -> None:
    """Each line that is printed, given to a shell as it stands, gets the documented success."""
    with running("-q", "-p", "0", str(OPENAPI if folder == "ours" else pets)) as mock:
        expected = 5 if folder == "ours" else 2
        printed: list[str] = []
        while sum(line.strip().startswith("curl ") for line in printed) < expected:
            assert mock.process.stdout is not None
            printed.append(mock.process.stdout.readline())
            assert printed[-1]
        lines = [line.strip() for line in printed if line.strip().startswith("curl ")]
        methods = [line.split()[0] for line in printed if mock.origin in line and "curl" not in line]
        assert len(methods) == expected
        for line in lines:
            done = subprocess.run(["sh", "-c", f"{line} -s"], capture_output=True, timeout=20, check=True)
            status, _, rest = done.stdout.partition(b"\r\n")
            assert status.split()[1] in (b"200", b"201", b"204"), (line, done.stdout)
            assert b"tallystick-violations" not in rest


def test_it_ends_by_a_termination_with_a_connection_open(pets: Path) -> None:
    """A client that keeps its connection does not keep the server."""
    with running("pets.yaml", "-p", "0", cwd=pets) as mock, socket.socket() as kept:
        kept.connect(("127.0.0.1", int(mock.origin.rpartition(":")[2])))
        kept.sendall(b"GET /pets HTTP/1.1\r\nHost: x\r\n\r\n")
        assert kept.recv(100).startswith(b"HTTP/1.1 200")
        before = time.monotonic()
        assert mock.end(signal.SIGTERM)[0] == 0
        assert time.monotonic() - before < 10


def test_a_second_start_on_the_same_port(pets: Path) -> None:
    """A port is free again as soon as its server has ended, and in use as long as it has not."""
    with running("pets.yaml", "-p", "0", cwd=pets) as first:
        port = first.origin.rpartition(":")[2]
        assert first.get("/pets") == 200
        refused = run("pets.yaml", "-p", port, cwd=pets)
        assert (refused.returncode, refused.stdout) == (Exit.UNREACHABLE, "")
        assert refused.stderr == (
            f"tallystick: port {port} on 127.0.0.1 is in use; give another with -p, or -p 0 for a free one\n"
        )
        assert first.end()[0] == 0
        with running("pets.yaml", "-p", port, cwd=pets) as second:
            assert second.get("/pets") == 200


def test_it_ends_when_nobody_reads_any_more(pets: Path) -> None:
    """In a pipe whose reader has gone it ends by itself, without a traceback."""
    line = f"{sys.executable} -m tallystick mock pets.yaml -p 0 | head -1"
    done = subprocess.run(
        ["sh", "-c", line],
        cwd=pets,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.stdout.startswith("tallystick mock: 1 contract")
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 1


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("gone.yaml", None, "tallystick: gone.yaml: there is no such file\n"),
        ("empty.yaml", "", "tallystick: empty.yaml: the file is empty"),
        ("tab.yaml", "openapi: 3.1.0\n\tinfo: {}\n", "tallystick: tab.yaml:2: "),
        ("other.yaml", "name: x\n", "tallystick: other.yaml:1: not an OpenAPI document: "),
    ],
)
def test_a_contract_that_cannot_be_read(name: str, text: str | None, message: str, tmp_path: Path) -> None:
    """It ends with one line that names the file and the line, and with the exit code for what cannot be read."""
    if text is not None:
        (tmp_path / name).write_text(text)
    done = run(name, "-p", "0", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (Exit.UNREACHABLE, "")
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == 1


def test_a_contract_that_breaks_rules_is_served_unless_it_is_refused(tmp_path: Path) -> None:
    """Its violations are named at start; with `--strict` that is the end."""
    (tmp_path / "pets.yaml").write_text(PETS.replace("'204': {description: Done}", "'204': {}"))
    with running("pets.yaml", "-p", "0", cwd=tmp_path) as mock:
        assert any("response-without-description" in line for line in mock.read_until("response-without-description"))
        assert mock.get("/pets") == 200
    refused = run("pets.yaml", "-p", "0", "--strict", cwd=tmp_path)
    assert refused.returncode == Exit.VIOLATIONS
    assert "response-without-description" in refused.stdout
    assert refused.stderr == ("tallystick mock: refused, as --strict asks; without it these contracts are served\n")


def free_port() -> int:
    """A port that nobody listens on."""
    with bind("127.0.0.1", 0)[0] as listener:
        return int(listener.getsockname()[1])


def in_this_process(port: int, asked: list[str], interrupt: bool = True) -> threading.Thread:
    """Waits for the server in this process, asks it, and interrupts it as Ctrl-C would."""

    def ask() -> None:
        deadline = time.monotonic() + 20
        for line in asked:
            while time.monotonic() < deadline:
                try:
                    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                        connection.sendall(f"{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
                        while connection.recv(1000):
                            pass
                    break
                except ConnectionError:
                    time.sleep(0.02)
        if interrupt:
            os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=ask)
    thread.start()
    return thread


@pytest.mark.parametrize("flags", [[], ["-q"], ["--stateless", "--no-cors"]])
def test_the_command_in_this_process(
    flags: list[str], pets: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The command returns the clean exit code after an interrupt, and leaves the signals as they were."""
    monkeypatch.chdir(pets)
    port, before = free_port(), signal.getsignal(signal.SIGINT)
    thread = in_this_process(port, ["GET /pets", "GET /toys"])
    code = command.main(["-p", str(port), *flags, "pets.yaml"], standalone_mode=False)
    thread.join()
    out, err = capfd.readouterr()
    assert (code, err) == (Exit.CLEAN, "tallystick mock: ended\n")
    assert ("200 GET /pets\n404 GET /toys\n" in out) == (flags != ["-q"])
    assert signal.getsignal(signal.SIGINT) is before


def test_contracts_that_break_rules_are_refused_in_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """With `--strict` an error ends the command, and a warning does not."""
    (tmp_path / "pets.yaml").write_text(PETS.replace("'204': {description: Done}", "'204': {}"))
    monkeypatch.chdir(tmp_path)
    assert command.main(["--strict", "--list", "pets.yaml"], standalone_mode=False) == Exit.VIOLATIONS
    assert "response-without-description" in capfd.readouterr().out
    (tmp_path / "pets.yaml").write_text(PETS.replace("      operationId: getPets\n", ""))
    assert command.main(["--strict", "--list", "pets.yaml"], standalone_mode=False) == Exit.CLEAN


def test_what_is_no_http_does_not_end_the_server(pets: Path) -> None:
    """Garbage, half a body and a broken encoding are refused or left, and the next request is answered."""
    with running("pets.yaml", "-p", "0", cwd=pets) as mock:
        port = int(mock.origin.rpartition(":")[2])
        start = b"POST /pets/x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        for sent, answer in (
            (b"GARBAGE\r\n\r\n", b"HTTP/1.1 400"),
            (start + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b"HTTP/1.1 400"),
            (start + b"Content-Length: 100\r\n\r\n{", b""),
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                connection.sendall(sent)
                assert connection.recv(12) == answer if answer else True
        assert mock.get("/pets") == 200
        code, _, err = mock.end()
        assert (code, err) == (0, "tallystick mock: ended\n")


def test_large_contracts_are_checked_beside_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A large contract is served at once, and what is wrong with it is told meanwhile."""
    paths = "".join(f"  /things{number}:\n    get: {{responses: {{'204': {{}}}}}}\n" for number in range(2500))
    (tmp_path / "large.yaml").write_text(f"openapi: 3.1.0\ninfo: {{title: Large, version: '1'}}\npaths:\n{paths}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    port = free_port()
    thread = in_this_process(port, ["GET /things7"])
    assert command.main(["-p", str(port), "large.yaml"], standalone_mode=False) == Exit.CLEAN
    thread.join()
    out, err = capfd.readouterr()
    assert "2,500 operations" in out
    assert "... and 2,460 more operations (all are served; --list shows them)" in out
    assert "204 GET /things7" in out
    assert err == "tallystick mock: ended\n"


def test_every_operation_is_listed_without_serving(
    pets: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """With `--list` each operation is printed with its curl line, and nothing is served."""
    monkeypatch.chdir(pets)
    assert command.main(["--list", "-p", "4999", "pets.yaml"], standalone_mode=False) == Exit.CLEAN
    assert capfd.readouterr().out.splitlines() == [
        "pets  pets.yaml",
        "  POST    http://127.0.0.1:4999/pets/{name}",
        "          curl -i 'http://127.0.0.1:4999/pets/Rex%27s%20100%25%20%7Bdog%7D?tag=a%20b&tag=c%26d' "
        "-H 'Content-Type: application/json' --data-raw '{\"note\":\"it'\"'\"'s $HOME `x` \\\\ é\\n\"}'",
        "  GET     http://127.0.0.1:4999/pets",
        "          curl -i http://127.0.0.1:4999/pets",
    ]


def test_what_is_printed_for_several_contracts() -> None:
    """An operation is listed at the root where only its contract has the path, else under its name."""
    two = [contract(PETS, "a"), contract(PETS.replace("/pets:", "/toys:"), "b"), contract("paths: {}", "c")]
    lines = list(listing(two, Where("http://x"), most=2))
    assert [line for line in lines if "curl" not in line] == [
        "a  a.yaml",
        "  POST    http://x/a/pets/{name}",
        "  GET     http://x/pets",
        "b  b.yaml",
        "  ... and 2 more operations (all are served; --list shows them)",
        "c  c.yaml: no operations",
    ]


def test_an_operation_that_no_request_fits_is_listed_with_the_reason() -> None:
    """Where no valid request can be made the line says why, and the others are listed all the same."""
    described = "paths: {/: {get: {parameters: [{name: q, in: query, required: true, schema: false}], responses: {}}}}"
    (_, _, line) = listing([contract(described)], Where("http://x"))
    assert line.startswith("          no valid request can be made: test.yaml:3: no value could be made for ")


def test_the_prefix_of_an_operation() -> None:
    """An operation is found below nothing, or below its contract's name where another is found at the root."""
    from tallystick.mock.routes import Routes

    one, other = contract(PETS, "a"), contract(PETS, "b")
    assert prefix_of(Routes([one]), one, one.operations[0]) == ""
    assert prefix_of(Routes([one, other]), other, other.operations[0]) == "/b"


def test_ports_that_cannot_be_listened_on() -> None:
    """A port in use, one that is none and a host that is none are each told in one sentence."""
    with bind("127.0.0.1", 0)[0] as listener:
        port = listener.getsockname()[1]
        assert origin(listener, "127.0.0.1") == f"http://127.0.0.1:{port}"
        assert origin(listener, "0.0.0.0") == f"http://127.0.0.1:{port}"
        assert origin(listener, "::") == f"http://[::1]:{port}"
        assert origin(listener, "::1") == f"http://[::1]:{port}"
        with pytest.raises(UnreachableError, match=f"port {port} on 127.0.0.1 is in use"):
            bind("127.0.0.1", port)
    with pytest.raises(UnreachableError, match="99999 is not a port; ports go from 0 to 65535"):
        bind("127.0.0.1", 99999)
    with pytest.raises(UnreachableError, match=r"cannot listen on 192\.0\.2\.1:0: "):
        bind("192.0.2.1", 0)


def test_a_port_that_is_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that the user may not have is told with one that would do."""

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refused)
    with pytest.raises(UnreachableError, match="port 80 is not for this user; give one above 1023 with -p"):
        bind("127.0.0.1", 80)


def test_a_pipe_that_is_read_no_more_is_noticed() -> None:
    """Whoever waits for the end of a pipe's reader hears of it; of a file there is nothing to wait for."""
    reader, writer = os.pipe()
    gone = threading.Event()
    when_unread(writer, gone.set)
    assert not gone.wait(0.1)
    os.close(reader)
    assert gone.wait(10)
    os.close(writer)
    with open(os.devnull) as nowhere:
        when_unread(nowhere.fileno(), gone.clear)
    assert gone.is_set()
