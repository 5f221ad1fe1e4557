"""What is printed to a terminal, a pipe or a disk that takes its time, is full or is not there."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from support.folders import ROOT
from support.running import PETS

from tallystick.mock.serving import output
from tallystick.mock.serving.output import MOST_WAITING, unblocked_output

FULL = Path("/dev/full")
COMMANDS = (
    ("check", "pets.yaml"),
    ("mock", "--list", "pets.yaml"),
    ("--help",),
    ("fuzz", "--help"),
)


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """A folder with a contract."""
    (tmp_path / "pets.yaml").write_text(PETS)
    return tmp_path


@contextlib.contextmanager
def standard_output(descriptor: int) -> Iterator[None]:
    """What is printed goes to a file descriptor, as long as the context lasts."""
    with open(descriptor, "w", encoding="utf-8", closefd=False) as stream, contextlib.redirect_stdout(stream):
        yield


@contextlib.contextmanager
def pipe() -> Iterator[tuple[int, int]]:
    """The two ends of a pipe."""
    ends = os.pipe()
    try:
        yield ends
    finally:
        for end in ends:
            with contextlib.suppress(OSError):
                os.close(end)


def until(condition: object, seconds: float = 10) -> None:
    """Wait until a function returns something true."""
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def read_available(descriptor: int) -> str:
    """All that a pipe holds, until nothing has come for a fifth of a second."""
    os.set_blocking(descriptor, False)
    data, quiet_since = b"", time.monotonic()
    while time.monotonic() - quiet_since < 0.2:
        with contextlib.suppress(BlockingIOError):
            data += os.read(descriptor, 1 << 20)
            quiet_since = time.monotonic()
        time.sleep(0.001)
    return data.decode()


def test_nobody_waits_for_a_pipe_that_is_not_read() -> None:
    """Text beyond what a pipe holds waits up to a bound; what is dropped is counted, and told once there is room."""
    line = "x" * 999 + "\n"
    count = 3 * MOST_WAITING // len(line)
    with pipe() as (reader, writer), standard_output(writer), unblocked_output(pytest.fail):
        started = time.monotonic()
        for _ in range(count):
            print(line, end="")
        assert time.monotonic() - started < 5
        printed = read_available(reader)
        print("later")
        printed += read_available(reader)
    dropped = re.findall(
        r"^tallystick mock: ([\d,]+) lines could not be printed, as nobody took them in time$", printed, re.MULTILINE
    )
    whole = printed.splitlines().count(line.rstrip())
    assert whole + sum(int(number.replace(",", "")) for number in dropped) == count
    assert 0 < whole * len(line) <= 2 * MOST_WAITING
    assert printed.endswith("\nlater\n")


def test_the_end_comes_as_soon_as_all_is_written() -> None:
    """The context ends once its last line is taken, and waits for nothing else, whenever that line was printed."""
    for pause in (0, 0.01, 0.05):
        with pipe() as (reader, writer), standard_output(writer):
            with unblocked_output(pytest.fail):
                time.sleep(pause)
                print("last")
                started = time.monotonic()
            assert time.monotonic() - started < 0.4
            assert os.read(reader, 100) == b"last\n"


def test_lines_are_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that come one soon after the other are written in few pieces, which saves a busy mock time."""
    pieces: list[bytes] = []

    def write(_: int, data: bytes) -> None:
        pieces.append(data)
        time.sleep(0.002)

    monkeypatch.setattr(output, "write_all", write)
    with pipe() as (_, writer), standard_output(writer), unblocked_output(pytest.fail):
        for _ in range(500):
            print("line")
            time.sleep(0.0005)
    assert b"".join(pieces) == b"line\n" * 500
    assert len(pieces) < 60


def test_the_end_does_not_wait_for_a_pipe_that_is_not_read() -> None:
    """Where nobody takes what is left to print, the context ends all the same, within a second."""
    with pipe() as (reader, writer), standard_output(writer):
        with unblocked_output(pytest.fail):
            print("x" * 500_000)
            started = time.monotonic()
        assert time.monotonic() - started < 1
        assert len(read_available(reader)) == 500_001


def test_what_is_printed_keeps_its_order_and_its_colours(capfd: pytest.CaptureFixture[str]) -> None:
    """Lines of many prints, and of click, come as they were printed, whatever the encoding cannot hold."""
    with unblocked_output(pytest.fail):
        for number in range(2000):
            print(number)
        click.echo(click.style("green", "green"), color=True)
        print("é\udc80")
        print("wrong", file=sys.stderr)
    out, err = capfd.readouterr()
    expected = "".join(f"{number}\n" for number in range(2000)) + "\x1b[32mgreen\x1b[0m\né\\udc80\n"
    assert (out, err) == (expected, "wrong\n")


def test_the_server_ends_when_its_reader_has_gone() -> None:
    """Where a pipe finds no reader any more, the mock is told to stop."""
    stopped: list[bool] = []
    with pipe() as (reader, writer), standard_output(writer), unblocked_output(lambda: stopped.append(True)):
        os.close(reader)
        print("200 GET /pets")
        until(lambda: stopped)


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_told_once(capfd: pytest.CaptureFixture[str]) -> None:
    """Where there is no room for what is printed that is told once, and printing goes on without an error."""
    with FULL.open("w") as full, standard_output(full.fileno()), unblocked_output(pytest.fail):
        for _ in range(3):
            print("200 GET /pets")
            time.sleep(0.1)
    assert capfd.readouterr().err == "tallystick mock: lines of requests are lost: No space left on device\n"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_mock_whose_output_is_not_read_answers_and_ends(pets: Path, workers: str) -> None:
    """Hundreds of requests are answered while nobody reads stdout and stderr, and a signal ends the mock soon."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mock = subprocess.Popen(
        [sys.executable, "-m", "tallystick", "mock", "-p", str(port), "--workers", workers, "pets.yaml"],
        cwd=pets,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        assert mock.stdout is not None
        mock.stdout.readline()
        query = "x" * 2000
        for _ in range(4):  # each connection may lead to another worker
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                for _ in range(100):
                    connection.sendall(f"GET /pets?{query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                    assert connection.recv(10_000).startswith(b"HTTP/1.1 200")
        mock.send_signal(signal.SIGTERM)
        assert mock.wait(timeout=6) == 0
    finally:
        mock.kill()
        mock.communicate()


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_full_standard_output_is_one_clear_end(pets: Path, arguments: tuple[str, ...]) -> None:
    """A command that cannot print says why on stderr, and ends with the code for what cannot be reached."""
    with FULL.open("w") as full:
        done = command(pets, *arguments, stdout=full.fileno())
    assert (done.returncode, done.stderr) == (3, "tallystick: the output cannot be written: No space left on device\n")


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("closed", [1, 2])
def test_a_closed_standard_stream_is_silence(pets: Path, arguments: tuple[str, ...], closed: int) -> None:
    """A command whose stdout or stderr is closed does its work and ends as ever."""
    done = command(pets, *arguments, closed=closed)
    assert (done.returncode, done.stderr) == (0, "")


def command(
    folder: Path, *arguments: str, stdout: int = subprocess.DEVNULL, closed: int = -1
) -> subprocess.CompletedProcess[str]:
    """A command that is run to its end; `closed` is a file descriptor that it is started without."""
    shell = f'exec "$@" {closed}>&-' if closed >= 0 else 'exec "$@"'
    return subprocess.run(
        ["sh", "-c", shell, "sh", sys.executable, "-m", "tallystick", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
