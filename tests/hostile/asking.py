"""The client's side of a document: one valid and one odd request for each operation of a mock, and what came back."""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from tallystick.contracts.files import read_only
from tallystick.examples.requests import example_request
from tallystick.examples.samples import Unsatisfiable
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.exchange import Request
from tallystick.wire.choosing import success
from tests.hostile.outputs import load
from tests.hostile.texts import hostile_text

MOST_OPERATIONS = 25
"""How many operations of a document are asked; they are spread over the whole of it."""
_SECONDS = 15.0
"""How long a client waits for something to come, times the load."""


def raw(request: Request, prefix: str = "") -> bytes:
    """A request as bytes, as a client writes it."""
    target = prefix + request.path + (f"?{request.query}" if request.query else "")
    fields = [("host", "127.0.0.1"), *request.headers]
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        fields.append(("content-length", str(len(request.body))))
    head = [f"{request.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields)]
    return "\r\n".join(head).encode("latin-1", "replace") + b"\r\n\r\n" + request.body


def odd(draw: Random, request: Request) -> Request:
    """A request with something odd in it."""
    text = hostile_text(draw).encode("utf-8", "replace").decode("latin-1")
    inline = text.replace("\r", "%0D").replace("\n", "%0A").replace("\x00", "%00")
    match draw.randrange(6):
        case 0:
            return request._replace(query=inline.replace(" ", "%20").replace("#", "%23") or "=&=&&[")
        case 1:
            return request._replace(body=text.encode("latin-1"))
        case 2:
            return request._replace(
                headers=(*request.headers, (draw.choice(("x-a", "accept", "content-type", "cookie", "prefer")), inline))
            )
        case 3:
            return request._replace(
                path=request.path + "/" + inline.replace(" ", "%20").replace("#", "%23").replace("?", "%3F")
            )
        case 4:
            return request._replace(
                body=b"[" * 50_000, headers=(*request.headers, ("content-type", "application/json"))
            )
        case _:
            return request._replace(headers=(), query="", body=b"")


def ask(file: str, port: int, answers: Path, seed: str) -> int:
    """Ask each operation, and write what came back: a line of JSON for each request."""
    contract = read_only(file, ())
    operations = list(contract)
    step = max(1, -(-len(operations) // MOST_OPERATIONS))
    with answers.open("w") as lines:
        for number, operation in enumerate(operations[::step]):
            for answer in _answers(contract, operation, port, Random(f"{seed}:{number}")):
                lines.write(json.dumps(answer) + "\n")
                lines.flush()
    return 0


def _answers(contract: Contract, operation: Operation, port: int, draw: Random) -> Iterator[dict[str, object]]:
    prefix = f"/{contract.name}"
    try:
        valid = example_request(operation)
    except Unsatisfiable as error:
        yield {"operation": operation.label, "why": f"no valid request: {error}"}
        valid = Request(operation.method, operation.path)
    is_asked = bool(operation.responses) and success(operation)[0] >= 500
    for is_odd, request in ((False, valid), (True, odd(draw, valid))):
        status, body, seconds = exchange(port, raw(request, prefix))
        yield {
            "operation": operation.label, "odd": is_odd, "status": status, "seconds": round(seconds, 3),
            "asked": is_asked,
            "body": body[:600].decode(errors="replace"), "request": ascii(raw(request, prefix))[:500],
        }  # fmt: skip


def exchange(port: int, data: bytes) -> tuple[int, bytes, float]:
    """The status (0 if there was none), the body and the seconds of a raw request on a connection of its own."""
    started, answer, patience = time.monotonic(), b"", _SECONDS * load()
    try:
        with socket.create_connection(("127.0.0.1", port), patience) as connection:
            connection.settimeout(patience)
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while chunk := connection.recv(1 << 20):
                answer += chunk
                if len(answer) > 50_000_000:
                    break
    except OSError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
    head, _, body = answer.partition(b"\r\n\r\n")
    words = head.split(b" ", 2)
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
    return status, body, time.monotonic() - started
