"""`tallystick mock --workers N` as people run it: several processes on one port, which start and end as one."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.folders import ROOT
from support.running import PETS, Running, run, running

from tallystick.cli.mock import command
from tallystick.mock.serving import server
from tallystick.mock.serving.server import bind
from tallystick.nouns.errors import Exit, UnreachableError, UsageError

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork") or shutil.which("pgrep") is None, reason="needs a system that forks, and pgrep"
)


@contextlib.contextmanager
def two_workers(folder: Path, *arguments: str) -> Iterator[tuple[Running, set[int]]]:
    """A mock of the pets with two workers, and their process ids."""
    (folder / "pets.yaml").write_text(PETS)
    with running("pets.yaml", "-p", "0", "--workers", "2", *arguments, cwd=folder) as mock:
        wait_until(lambda: len(children(mock.process.pid)) == 2)
        yield mock, children(mock.process.pid)


def children(parent: int) -> set[int]:
    """The processes that a process has started and that still run."""
    done = subprocess.run(["pgrep", "-P", str(parent)], capture_output=True, text=True, timeout=20, check=False)
    return {int(word) for word in done.stdout.split()}


def is_alive(pid: int) -> bool:
    """Whether a process still runs; one that has ended and was not asked how does not."""
    done = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, timeout=20, check=False
    )
    return done.stdout.strip() not in ("", "Z") and not done.stdout.startswith("Z")


def wait_until(holds: Callable[[], bool], seconds: float = 20) -> None:
    """Returns as soon as something holds, which has to be soon."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_they_start_answer_and_end_by_an_interrupt(tmp_path: Path) -> None:
    """The mock says how many they are, tells the requests of all, and leaves no process behind."""
    with two_workers(tmp_path) as (mock, workers):
        assert " with 2 workers (Ctrl-C ends it); try: curl -i http" in mock.lines[0]
        assert [mock.get("/pets") for _ in range(20)] == [200] * 20
        assert mock.get("/toys") == 404
        printed = mock.read_until("404 GET /toys")
        code, out, err = mock.end()
        assert (code, err) == (0, "tallystick mock: ended\n")
        assert (printed + out.splitlines(keepends=True)).count("200 GET /pets\n") == 20
        assert "".join(printed).index("   curl") < "".join(printed).index("200 GET")
        assert not any(map(is_alive, workers))


def test_the_terminal_interrupts_all_of_them_at_once(tmp_path: Path) -> None:
    """An interrupt that each of the processes gets ends them just so."""
    with two_workers(tmp_path) as (mock, workers):
        for worker in workers:
            os.kill(worker, signal.SIGINT)
        assert mock.end()[::2] == (0, "tallystick mock: ended\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_worker_outlives_its_parent(number: signal.Signals, tmp_path: Path) -> None:
    """However the mock itself ends, its workers end too, with connections open, and the port is free again."""
    with two_workers(tmp_path, "-q") as (mock, workers), contextlib.ExitStack() as kept:
        port = int(mock.origin.rpartition(":")[2])
        for _ in range(8):
            connection = kept.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            connection.sendall(b"GET /pets HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(12) == b"HTTP/1.1 200"
        assert mock.end(number)[0] == (0 if number == signal.SIGTERM else -number)
        wait_until(lambda: not any(map(is_alive, workers)))
        bind("127.0.0.1", port)[0].close()


def test_a_worker_that_is_killed_is_replaced(tmp_path: Path) -> None:
    """It is told in one line, another process takes its place, and every request is still answered."""
    with two_workers(tmp_path) as (mock, workers):
        mock.read_until("   curl -i http")
        first = min(workers)
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: len(children(mock.process.pid) - {first}) == 2)
        assert [mock.get("/pets") for _ in range(20)] == [200] * 20
        code, out, err = mock.end()
        assert code == 0
        assert out.count("200 GET /pets\n") == 20
        assert err == "tallystick mock: worker 1 ended (SIGKILL); another takes its place\ntallystick mock: ended\n"


def test_a_worker_that_is_told_to_end_ends_all(tmp_path: Path) -> None:
    """Whichever of the processes is terminated, the mock ends as a whole."""
    with two_workers(tmp_path) as (mock, workers):
        os.kill(max(workers), signal.SIGTERM)
        assert mock.process.communicate(timeout=20)[1] == "tallystick mock: ended\n"
        assert mock.process.returncode == 0
        assert not any(map(is_alive, workers))


def test_they_end_when_nobody_reads_any_more(tmp_path: Path) -> None:
    """In a pipe whose reader has gone they all end by themselves, without a traceback."""
    (tmp_path / "pets.yaml").write_text(PETS)
    line = f"{sys.executable} -m tallystick mock pets.yaml -p 0 --workers 2 | head -1"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["sh", "-c", line], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=20, check=False
    )
    assert done.stdout.startswith("tallystick mock: 1 contract")
    assert done.stderr in ("", "tallystick mock: ended\n")


def test_the_lines_of_several_workers_do_not_mix(tmp_path: Path) -> None:
    """Under load each request's line is whole, with the line of its violation after it, and none is missing."""
    each, length = 60, 1500  # less in all than may wait in one worker
    path = "/pets/" + "x" * length
    fields = "Host: x\r\nContent-Type: application/json\r\nContent-Length: 2"
    sent = f"POST {path} HTTP/1.1\r\n{fields}\r\n\r\n[]".encode()
    with two_workers(tmp_path) as (mock, _):
        mock.read_until(f"   curl -i {mock.origin}/pets\n")

        def ask() -> None:
            with socket.create_connection(("127.0.0.1", int(mock.origin.rpartition(":")[2])), timeout=20) as connection:
                for _ in range(each):
                    connection.sendall(sent)
                    received = b""
                    while not received.endswith(b"}"):
                        received += connection.recv(10_000)

        asking = [threading.Thread(target=ask) for _ in range(8)]
        for thread in asking:
            thread.start()
        time.sleep(0.3)  # nobody reads meanwhile, so the pipe is full
        ended: list[tuple[int, str, str]] = []
        reading = threading.Thread(target=lambda: ended.append(mock.process.communicate(timeout=30)))
        reading.start()
        for thread in asking:
            thread.join()
        mock.process.send_signal(signal.SIGINT)
        reading.join()
        lines = ended[0][0].splitlines()
        assert len(lines) == 2 * 8 * each
        assert set(lines[::2]) == {f"422 POST {path}"}
        assert {line[:5] for line in lines[1::2]} == {"    b"}


def test_a_second_start_on_the_same_port(tmp_path: Path) -> None:
    """Workers share their port with each other, and with nobody else."""
    with two_workers(tmp_path, "-q") as (mock, _):
        port = mock.origin.rpartition(":")[2]
        for more in ([], ["--workers", "2"]):
            refused = run("pets.yaml", "-p", port, *more, cwd=tmp_path)
            assert (refused.returncode, refused.stdout) == (Exit.UNREACHABLE, "")
            assert refused.stderr.startswith(f"tallystick: port {port} on 127.0.0.1 is in use; ")


@pytest.mark.parametrize("count", ["0", "-1", "65", "many"])
def test_so_many_workers_cannot_be(count: str, tmp_path: Path) -> None:
    """A number that is none, or that no machine is made for, is a wrong flag."""
    refused = run("--workers", count, cwd=tmp_path)
    assert (refused.returncode, refused.stdout) == (Exit.USAGE, "")
    assert f"Invalid value for '--workers': {count if count != 'many' else repr(count)} is not" in refused.stderr


def test_what_is_remembered_is_remembered_by_one_process() -> None:
    """The memory of a process is not shared, so whoever asks for both is told what goes."""
    with pytest.raises(UsageError, match="leave out --state, and they share"):
        command.main(["--workers", "2", "--state", "memory"], standalone_mode=False)


def test_a_system_that_cannot_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no fork there is one worker, and the message says so."""
    monkeypatch.delattr(os, "fork")
    with pytest.raises(UsageError, match="--workers needs a system that can fork"):
        command.main(["--workers", "2"], standalone_mode=False)


def test_a_worker_that_cannot_be_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where the system has no room for one more process, that is the end, told in one sentence."""

    def refused() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    (tmp_path / "pets.yaml").write_text(PETS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "fork", refused)
    with pytest.raises(UnreachableError, match="worker 1 cannot be started: Resource temporarily unavailable; ask for"):
        command.main(["--workers", "2", "-p", "0", "pets.yaml"], standalone_mode=False)
    assert "2 workers" in capfd.readouterr().out


@pytest.mark.parametrize("spreads", [True, False])
def test_each_worker_has_a_socket_of_its_own(spreads: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections are spread over the sockets of one port; where the system does not, any of them takes them all."""
    if spreads and sys.platform != "linux":
        pytest.skip("only Linux spreads connections")
    monkeypatch.setattr(server, "_SPREADS", spreads)
    with contextlib.ExitStack() as opened:
        listeners = [opened.enter_context(one) for one in bind("127.0.0.1", 0, 4)]
        assert len({one.getsockname() for one in listeners}) == 1
        for _ in range(200):
            opened.enter_context(socket.create_connection(listeners[0].getsockname()))
        taken = [sum(1 for _ in accepted(one, opened)) for one in listeners]
        assert sum(taken) == 200
        assert (min(taken) > 10) == spreads
        with pytest.raises(UnreachableError, match="in use"):
            bind("127.0.0.1", listeners[0].getsockname()[1], 2)


def accepted(listener: socket.socket, opened: contextlib.ExitStack) -> Iterator[socket.socket]:
    """The connections that wait at a socket."""
    listener.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            yield opened.enter_context(listener.accept()[0])


def test_a_turn_ends_with_its_process() -> None:
    """Where a process dies while it writes, the others write on."""
    program = """
import os
from tallystick.mock.serving.workers import Turns

turns = Turns()
if not (pid := os.fork()):
    with turns:
        os.write(1, b"last")
        os._exit(1)
assert os.waitpid(pid, 0)[1]
with turns:
    os.write(1, b" next")
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, timeout=20, check=True)
    assert done.stdout == b"last next"
