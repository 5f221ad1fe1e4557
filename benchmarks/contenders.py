"""The servers that are compared: the command line of each, and what it validates."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import peers
from benchmarks.contracts import Task
from benchmarks.peers import Peer
from benchmarks.results import WORK

ALL = frozenset(("credentials", "parameter", "body"))
OURS, BARE = "tallystick", "bare function on uvicorn"


@dataclass(frozen=True)
class Contender:
    """A server: its command, the kinds of bad requests that it refuses, and what must be installed for it."""

    name: str
    command: Callable[[int, Task], list[str]]
    refuses: frozenset[str] = frozenset()
    peer: Peer | None = None
    needs: str = ""

    @property
    def warm_up_seconds(self) -> float:
        """Seconds of load until it is as fast as it gets: node and java compile what is called often."""
        return 12.0 if self.needs else 0.0

    def missing(self) -> str:
        """Why it cannot be measured on this machine; "" where it can."""
        if self.needs and not shutil.which(self.needs):
            return f"{self.needs} is not installed"
        return peers.install(self.peer) if self.peer else ""


def _tallystick(port: int, task: Task) -> list[str]:
    return [sys.executable, "-m", "tallystick", "mock", "-q", "-p", str(port), str(task.document)]


def _stateless(port: int, task: Task) -> list[str]:
    return [*_tallystick(port, task), "--stateless"]


def _logging(port: int, task: Task) -> list[str]:
    return [word for word in _tallystick(port, task) if word != "-q"]


def _bare(mode: str) -> Callable[[int, Task], list[str]]:
    def command(port: int, task: Task) -> list[str]:
        reply = WORK / "replies" / f"{port}.json"
        reply.parent.mkdir(parents=True, exist_ok=True)
        reply.write_bytes(task.reply)
        schema = [str(task.schema)] if task.schema else []
        return [sys.executable, "-m", "benchmarks.bare", str(port), mode, str(reply), *schema]

    return command


def _prism(*options: str) -> Callable[[int, Task], list[str]]:
    return lambda port, task: [
        *("node", str(peers.PRISM.path), "mock", "-h", "127.0.0.1", "-p", str(port)),
        *options,
        str(task.document),
    ]


def _stock(port: int, task: Task) -> list[str]:
    return [sys.executable, "-m", "benchmarks.stock", str(port), str(task.twin)]


def _mockoon(port: int, task: Task) -> list[str]:
    data = ["--data", str(task.twin), "--port", str(port)]
    return ["node", str(peers.MOCKOON.path), "start", *data, "--disable-log-to-file", "--disable-admin-api"]


def _scalar(port: int, task: Task) -> list[str]:
    script = peers.SCALAR.folder / "server.mjs"
    script.write_text((Path(__file__).parent / "scalar_server.mjs").read_text())
    return ["node", str(script), str(port), str(task.twin)]


def _wiremock(port: int, task: Task) -> list[str]:
    """WireMock does not read OpenAPI: it gets the task's operation in its own format, as one would write it by hand."""
    folder = WORK / "wiremock" / str(port)
    (folder / "mappings").mkdir(parents=True, exist_ok=True)
    request: dict[str, Any] = {"method": task.request.method, "headers": {"Authorization": {"matches": "Bearer .+"}}}
    head, _, last = task.request.path.rpartition("/")
    if task.request.body:
        request["urlPath"] = task.request.path
        schema = _request_schema(task)
        request["bodyPatterns"] = [{"matchesJsonSchema": json.dumps(schema), "schemaVersion": "V202012"}]
    else:
        request["urlPathPattern"] = (
            head + "/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}" if "-" in last else task.request.path
        )
    reply = {"status": 200, "headers": {"Content-Type": "application/json"}, "body": task.reply.decode()}
    (folder / "mappings" / "task.json").write_text(json.dumps({"request": request, "response": reply}))
    options = ["--bind-address", "127.0.0.1", "--root-dir", str(folder), "--disable-banner", "--no-request-journal"]
    return ["java", "-jar", str(peers.WIREMOCK.path), "--port", str(port), *options]


def _request_schema(task: Task) -> Any:
    document = json.loads(task.twin.read_text())
    operation = document["paths"][task.request.path]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    return {**schema, "components": document.get("components", {})}


TALLYSTICK = Contender(OURS, _tallystick, ALL)
TALLYSTICK_STATELESS = Contender("tallystick --stateless", _stateless, ALL)
TALLYSTICK_LOGGING = Contender("tallystick, a line for each request", _logging, ALL)
BARE_REPLY = Contender(BARE, _bare("reply"))
BARE_READ = Contender(BARE, _bare("read"))
TUNED_REPLY = Contender("bare function, uvicorn set up as the mock's", _bare("reply-tuned"))
TUNED_READ = Contender("bare function, uvicorn set up as the mock's", _bare("read-tuned"))
BARE_PARSE = Contender("bare, orjson and jsonschema-rs", _bare("parse"), frozenset({"body"}))
PRISM = Contender("Prism", _prism("-v", "silent"), ALL, peers.PRISM, "node")
PRISM_LOGGING = Contender("Prism, with its log", _prism(), ALL, peers.PRISM, "node")
STOCK = Contender("connexion's stock mock", _stock, frozenset({"credentials", "body"}))
MOCKOON = Contender("Mockoon", _mockoon, frozenset(), peers.MOCKOON, "node")
SCALAR = Contender("Scalar mock server", _scalar, frozenset({"credentials"}), peers.SCALAR, "node")
WIREMOCK = Contender("WireMock", _wiremock, ALL, peers.WIREMOCK, "java")

PEERS = (PRISM, STOCK, MOCKOON, SCALAR, WIREMOCK)
