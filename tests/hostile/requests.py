"""The step of requests: very many, one in ten of them hostile, against the mock of eight real contracts at once."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count as counting
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from random import Random

from tallystick.contracts.read import read_contract
from tallystick.examples.requests import example_request
from tallystick.examples.samples import Unsatisfiable
from tallystick.nouns.contract import Contract
from tallystick.nouns.exchange import Request
from tallystick.wire.choosing import success
from tests.corpus import corpus_folder
from tests.hostile.client import Tally, drive
from tests.hostile.mocks import Mock
from tests.hostile.outputs import load
from tests.hostile.raw_requests import Raw, Target, mutated, shapes

CONTRACTS = (
    "docker-engine.yaml", "museum.yaml", "cafe-3.2.yaml", "adyen-checkout-v71.yaml", "spotify.yml",
    "twilio_api_v2010.json", "influxdb-oss.yml", "stripe.yaml",
)  # fmt: skip
"""By size and kind: OpenAPI 2.0 to 3.2, 8 to 402 operations; forms, CSV, streams and deep schemas among them."""
CONNECTIONS, CLIENTS = 48, 2
FIRST = 10_000
"""After so many requests the memory is looked at first; each prepared request is among them."""
MOST_GROWTH = 0.2
_ONE_IN = 10
_PAIRS = 6
"""How many pairs of operations a client aims each shape at."""


@dataclass
class Measured:
    """What was measured on one mock."""

    name: str
    tally: Tally = field(default_factory=Tally)
    seconds: float = 0.0
    megabytes: list[float] = field(default_factory=list)
    """After the first requests, then now and then, and at the end."""
    descriptors: tuple[int, int] | None = None
    """After the first requests, and at the end."""
    faults: list[str] = field(default_factory=list)


def contracts() -> list[Path]:
    """The eight contracts; none where the corpus is not there."""
    files = [corpus_folder() / name for name in CONTRACTS]
    return files if all(file.exists() for file in files) else []


def targets(files: Sequence[Path]) -> list[Target]:
    """Valid requests for every operation: with what it requires, and with all that it takes."""
    prepared: dict[Target, None] = {}
    for file in files:
        contract = read_contract(file)
        for operation in contract:
            is_asked = bool(operation.responses) and success(operation)[0] >= 500
            for every in (False, True):
                with contextlib.suppress(Unsatisfiable):
                    prepared.setdefault(_target(contract, example_request(operation, every), is_asked))
    return list(prepared)


def _target(contract: Contract, request: Request, is_asked: bool) -> Target:
    path = f"/{contract.name}{request.path}" + (f"?{request.query}" if request.query else "")
    fields = tuple((name.encode(), value.encode("latin-1", "replace")) for name, value in request.headers)
    return Target(request.method.encode(), path.encode(), fields, request.body, is_asked)


def mixture(prepared: Sequence[Target], number: int, seed: int) -> Iterator[Raw]:
    """Requests without end: each prepared one of this client once, then any; one in ten is hostile."""
    draw = Random(f"{seed}:{number}")
    pairs = [(draw.choice(prepared), draw.choice(prepared)) for _ in range(_PAIRS)]
    hostile = [
        raw._replace(asks_5xx=raw.asks_5xx or one.asks_5xx or other.asks_5xx)
        for one, other in pairs
        for raw in shapes(one, other)
    ]
    valid = [
        Raw("valid", each.whole(), has_no_body=(each.method == b"HEAD",), asks_5xx=each.asks_5xx) for each in prepared
    ]
    first = valid[number::CLIENTS]
    for place in counting():
        if place % _ONE_IN == _ONE_IN - 1:
            yield mutated(draw, draw.choice(prepared)) if draw.random() < 0.2 else draw.choice(hostile)
        elif place < len(first):
            yield first[place]
        else:
            yield draw.choice(valid)


def _client(port: int, prepared: Sequence[Target], number: int, seed: int, pipe: Pipe) -> None:
    """A process of the client: it is told how many requests to send, and tells what became of them, again and again."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests = mixture(prepared, number, seed)
    while many := pipe.recv():
        sent = 0

        def some(many: int = many) -> Iterator[Raw]:
            nonlocal sent
            while sent < many:
                raw = next(requests)
                sent += raw.answers
                yield raw

        pipe.send(drive(port, CONNECTIONS // CLIENTS, some()))


def measure(files: Sequence[Path], workers: int, many: int, seed: int, log: Path) -> Measured:
    """Very many requests against one mock of ours."""
    options = ["-p", "0", "--workers", str(workers)]
    mock = Mock([sys.executable, "-X", "faulthandler", "-m", "tallystick", "mock", *options, *map(str, files)], log)
    measured = Measured(f"--workers {workers}")
    drive_clients(mock, targets(files), many, seed, measured)
    return measured


def drive_clients(mock: Mock, prepared: Sequence[Target], many: int, seed: int, measured: Measured) -> None:
    """Start the processes of the client, have them send so many requests, and end all of them and the mock."""
    context = multiprocessing.get_context("fork")
    pipes, clients = [], []
    for number in range(CLIENTS):
        own, theirs = context.Pipe()
        client = context.Process(target=_client, args=(mock.port, prepared, number, seed, theirs), daemon=True)
        client.start()
        theirs.close()
        pipes.append(own)
        clients.append(client)
    try:
        _drive(mock, pipes, many, measured)
    finally:
        for client in clients:
            client.kill()
            client.join()
        code, seconds, errors = mock.end()
    allowed = 2 * load() + 0.5
    if code:
        measured.faults.append(f"the mock ended with {code} in {seconds:.1f} s")
    if seconds > allowed:
        measured.faults.append(f"SIGTERM was obeyed after {seconds:.1f} s; {allowed:.1f} are allowed")
    said = [line for line in errors.decode(errors="replace").splitlines() if not line.startswith("tallystick mock: ")]
    if said:
        measured.faults.append(f"standard error: {said[:5]}; {mock.log.name}")


def _drive(mock: Mock, pipes: Sequence[Pipe], many: int, measured: Measured) -> None:
    """The first requests and then ten parts of the others, with a look at the mock after each."""
    first = min(FIRST, many)
    started = time.monotonic()
    for part in (first, *([(many - first) // 10] * 10 if many > first else ())):
        for pipe in pipes:
            pipe.send(part // len(pipes))
        for pipe in pipes:
            measured.tally.add(pipe.recv())
        measured.seconds = time.monotonic() - started
        if measured.tally.gone:
            measured.faults.append(measured.tally.gone)
            return
        time.sleep(1.5)  # what was closed by the clients is closed by the mock then, too
        measured.megabytes.append(mock.megabytes())
        descriptors = mock.descriptors()
        measured.descriptors = (measured.descriptors or (descriptors, 0))[0], descriptors


def faults_of(measured: Measured) -> list[str]:
    """What did not hold."""
    tally, faults = measured.tally, list(measured.faults)
    faults += [f"unasked, {times} times: {text}" for text, times in tally.unasked.items()]
    faults += [f"lost, {times} times: {text}" for text, times in tally.lost.items()]
    if measured.megabytes:
        first, last = measured.megabytes[0], measured.megabytes[-1]
        if last > first * (1 + MOST_GROWTH):
            faults.append(f"memory grew from {first:.0f} to {last:.0f} MB")
    if measured.descriptors and measured.descriptors[1] > measured.descriptors[0]:
        faults.append("file descriptors: {} after the first requests, {} at the end".format(*measured.descriptors))
    return faults


def table(measured: Measured, faults: Sequence[str]) -> list[str]:
    """The figures of one mock, then what did not hold."""
    tally = measured.tally
    classes = {
        digit: sum(times for status, times in tally.statuses.items() if status // 100 == digit) for digit in range(1, 6)
    }
    lines = [
        f"{measured.name}: {tally.sent:,} requests over {CONNECTIONS} connections"
        f" in {measured.seconds:.0f} s ({tally.sent / max(measured.seconds, 1):,.0f} a second)",
        "  answers: " + ", ".join(f"{digit}xx {times:,}" for digit, times in classes.items()),
        f"  of them hostile: {tally.hostile:,}; 5xx that nobody asked for: {tally.unasked.total():,};"
        f" connections lost: {tally.lost.total():,};"
        f" no answer and no close within 3 s to what is no HTTP: {dict(tally.silent)}",
        "  memory in MB: " + " ".join(f"{size:.0f}" for size in measured.megabytes),
        "  file descriptors: {} after the first requests, {} at the end".format(*(measured.descriptors or (0, 0))),
    ]
    return [*lines, *(f"FAILED {fault[:600]}" for fault in faults[:40])]
