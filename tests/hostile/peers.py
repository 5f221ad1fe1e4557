"""Other mocks beside ours, as far as they stand: the same mixture on one contract, and what ended them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks import peers
from tests.corpus import corpus_folder
from tests.hostile.mocks import Mock, free_port
from tests.hostile.requests import Measured, drive_clients, table, targets

CONTRACT = "museum.yaml"
"""Prism serves one contract at a time; this one has eight operations, and examples for most of them."""


def _prism(port: int, _: Path) -> list[str]:
    document = str(corpus_folder() / CONTRACT)
    return ["node", str(peers.PRISM.path), "mock", "-h", "127.0.0.1", "-p", str(port), document]


def _wiremock(port: int, folder: Path) -> list[str]:
    """WireMock reads no OpenAPI: it answers every request alike."""
    (folder / "mappings").mkdir()
    reply = {"status": 200, "headers": {"Content-Type": "application/json"}, "body": "{}"}
    (folder / "mappings" / "all.json").write_text(json.dumps({"request": {"urlPattern": ".*"}, "response": reply}))
    options = ["--bind-address", "127.0.0.1", "--root-dir", str(folder), "--disable-banner", "--no-request-journal"]
    return ["java", "-jar", str(peers.WIREMOCK.path), "--port", str(port), *options]


PEERS: Mapping[str, tuple[peers.Peer, Callable[[int, Path], list[str]]]] = {
    "prism": (peers.PRISM, _prism),
    "wiremock": (peers.WIREMOCK, _wiremock),
}


def measure(name: str, many: int, seed: int, log: Path) -> list[str]:
    """The figures of another mock, or why it is not measured."""
    peer, command = PEERS[name]
    if missing := peers.install(peer):
        return [f"{name}: not measured: {missing}"]
    valid = targets([corpus_folder() / CONTRACT])
    prepared = [each._replace(path=each.path.removeprefix(b"/museum")) for each in valid]
    with tempfile.TemporaryDirectory(prefix="hostile-peer-") as folder:
        port = free_port()
        mock = Mock(command(port, Path(folder)), log, port)
        measured = Measured(f"{name} {peer.version}")
        drive_clients(mock, prepared, many, seed, measured)
    return [*table(measured, ()), *_ends(measured)]


def _ends(measured: Measured) -> Sequence[str]:
    """What ended it, and the most frequent of what went wrong; none of it is a fault of ours."""
    lines = [f"  {fault[:300]}" for fault in measured.faults]
    lines += [f"  unasked, {times} times: {text[:200]}" for text, times in measured.tally.unasked.most_common(3)]
    return lines + [f"  lost, {times} times: {text[:200]}" for text, times in measured.tally.lost.most_common(3)]
