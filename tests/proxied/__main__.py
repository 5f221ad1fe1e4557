"""Sends thousands of odd exchanges directly and by proxy, and fails where they differ: `make proxied`."""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from tests.proxied.client import Client, Fields, differences
from tests.proxied.exchanges import CONTRACT
from tests.proxied.upstream import AND_CLOSED, AND_RESET, AS_THEY_ARE, BLOCK, odd_upstream

_CLIENTS = 4
_MOST_GROWTH_MEGABYTES = 60
"""How much the memory of the proxy may grow from a first hundred exchanges on."""
_STAYING = [*AS_THEY_ARE, "/in-time", "/blocks/3", "/slowly"]
_ENDING = [*AND_CLOSED, *AND_RESET]


@contextmanager
def proxy_of(port: int, folder: Path) -> Iterator[tuple[int, int]]:
    """A proxy of the upstream at a port, in a process of its own: its port and its process."""
    file = folder / "odd.json"
    file.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "Odd", "version": "1"}, **CONTRACT}))
    command = [sys.executable, "-m", "tallystick", "proxy", str(file), f"http://127.0.0.1:{port}", "-p", "0", "-q"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        drain = ThreadPoolExecutor(1)
        drain.submit(process.stdout.read)
        try:
            yield int(line.partition("127.0.0.1:")[2].split()[0]), process.pid
        finally:
            process.terminate()
            process.wait(20)
            drain.shutdown()


def megabytes(process: int) -> int:
    """The most memory that a process has had."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


def compare(ports: tuple[int, int], count: int, seed: int) -> Counter[str]:
    """Ask for replies on connections that stay, directly and by proxy: what differs, by the request."""
    draws, faults = random.Random(seed), Counter[str]()
    clients = [Client(port) for port in ports]
    for _ in range(count):
        path = draws.choice(_STAYING) if draws.random() < 0.95 else draws.choice(_ENDING)
        method = "HEAD" if path in AS_THEY_ARE and draws.random() < 0.2 else "GET"
        fields: Fields = [(b"X-Draw", str(draws.randrange(1_000)).encode("latin-1")), (b"X-Name", b"Andr\xe9")]
        direct, proxied = (client.ask(f"{method} {path}", fields) for client in clients)
        for each in differences(direct, proxied):
            faults[f"{method} {path}: {each}"] += 1
        for number, seen in enumerate((direct, proxied)):
            ends = any(b"close" in value.lower() for value in seen.named(b"connection"))
            if ends or seen.is_broken or path in _ENDING:
                clients[number].close()
                clients[number] = Client(ports[number])
    for client in clients:
        client.close()
    return faults


def download(port: int, blocks: int) -> list[str]:
    """What is wrong with a large body that comes."""
    expected, received, left = hashlib.sha256(), hashlib.sha256(), blocks * len(BLOCK)
    with closing(Client(port, 600)) as client:
        client.sock.sendall(b"GET /blocks/%d HTTP/1.1\r\nHost: a\r\n\r\n" % blocks)
        while client.file.readline().strip():
            pass
        while left and (piece := client.file.read(min(left, 2**18))):
            received.update(piece)
            left -= len(piece)
    for _ in range(blocks):
        expected.update(BLOCK)
    return (
        [] if expected.digest() == received.digest() else [f"a large body came with {left:,} bytes missing, or others"]
    )


def upload(port: int, blocks: int) -> list[str]:
    """What is wrong with a large body that goes."""
    expected = hashlib.sha256()
    with closing(Client(port, 600)) as client:
        size = blocks * len(BLOCK)
        client.sock.sendall(b"PUT /swallow HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(blocks):
            client.sock.sendall(BLOCK)
            expected.update(BLOCK)
        told = json.loads(client.seen("PUT").body)
    return [] if told == {"bytes": size, "digest": expected.hexdigest()} else [f"a large body arrived as {told}"]


def main() -> int:
    """Measure; 0 where nothing differs and memory is flat."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="how many exchanges")
    parser.add_argument("--megabytes", type=int, default=1_024, help="how large the large bodies are")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    blocks = given.megabytes * 2**20 // len(BLOCK)
    with (
        tempfile.TemporaryDirectory() as folder,
        odd_upstream() as port,
        proxy_of(port, Path(folder)) as (own, process),
    ):
        faults = compare((port, own), 100, given.seed)
        before, started = megabytes(process), time.monotonic()
        with ThreadPoolExecutor(_CLIENTS) as pool:
            for each in pool.map(
                lambda number: compare((port, own), given.count // _CLIENTS, given.seed + number), range(_CLIENTS)
            ):
                faults += each
        seconds = time.monotonic() - started
        faults.update([*download(own, blocks), *upload(own, blocks)])
        grown = megabytes(process) - before
    print(f"{given.count:,} exchanges in {seconds:.0f} s, {given.megabytes:,} MB each way; memory grew by {grown} MB")
    if grown > _MOST_GROWTH_MEGABYTES:
        faults[f"memory grew by {grown} MB"] += 1
    for fault, times in faults.most_common(30):
        print(f"{times:,} times: {fault}")
    print(f"{sum(faults.values()):,} differences")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
