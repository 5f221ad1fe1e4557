"""Records our own mock's traffic over the documents of the corpus, replays it and learns from it: `make learned`.

For each document: whether a replay gives the same answers, whether what was learned is valid under `check` and the
recording judges clean under it, and how many operations that were seen often enough have the path and the required
members of the true contract.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tallystick.contracts.read import read_contract
from tallystick.documents.yaml_writing import yaml_text
from tallystick.examples.draws import FEW, Style
from tallystick.examples.requests import Given, example_request
from tallystick.examples.samples import Unsatisfiable, generate
from tallystick.exchanges.judged import judged
from tallystick.exchanges.recorded import Recording
from tallystick.exchanges.recording.folder import read_recording
from tallystick.exchanges.secrets import Secrets
from tallystick.exchanges.traffic import OwnExchange, traffic_of
from tallystick.learn.document import document_of
from tallystick.learn.traffic import learned
from tallystick.mock.app import create_app
from tallystick.mock.settings import MockSettings
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.exchange import Request, Response
from tallystick.nouns.path_templates import template_shape
from tallystick.nouns.schema import Direction
from tallystick.nouns.violation import Severity
from tallystick.rules.contract.document import judge_document
from tallystick.rules.judge import judge
from tallystick.wire.values import read_json
from tallystick.wire.write import write_json

NAMES = ("amber", "birch", "cedar-hill", "delta", "ember", "fjord", "grove", "harbour")
"""Path values where the contract gives the same one each time, and leaves it open."""
ROOT = Path(__file__).resolve().parents[1]
LEAST_SEEN, LEAST_AGREED = 5, 0.95
"""From how many exchanges on an operation is compared, and how many of those have to agree."""
EACH, MOST_OPERATIONS = 6, 20
"""How many requests are sent to each operation, and to how many operations of a document."""


@dataclass
class Row:
    """What was measured of one document."""

    name: str
    exchanges: int = 0
    other_answers: list[str] = field(default_factory=list)
    flaws: list[str] = field(default_factory=list)
    seen: int = 0
    other_paths: list[str] = field(default_factory=list)
    other_members: list[str] = field(default_factory=list)
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def agreed(self) -> int:
        return self.seen - len({*self.other_paths, *(each.partition(":")[0] for each in self.other_members)})


def requests_of(operation: Operation, each: int) -> Iterator[Request]:
    """Valid requests to an operation, with other path values and other parameters each time."""
    for seed in range(each):
        values: dict[tuple[str, str], Any] = {}
        try:
            for parameter in operation.parameters:
                if parameter.location == "path" and parameter.schema is not None:
                    style = Style(seed + 1, FEW, fresh=True)
                    value = generate(parameter.schema, Direction.REQUEST, style, parameter.name)
                    others = generate(parameter.schema, Direction.REQUEST, replace(style, seed=0), parameter.name)
                    word = NAMES[seed % len(NAMES)]
                    is_one = value == others and isinstance(value, str)  # as a client would not ask: it has several
                    if is_one and parameter.schema.is_valid(word, Direction.REQUEST):
                        value = word
                    values["path", parameter.name] = value
            request = example_request(operation, every=seed % 2 == 1, seed=seed, given=Given(values=values))
        except Unsatisfiable:
            continue
        fields = (*request.headers, ("prefer", f"dynamic=true, seed={seed}"))
        yield request._replace(path=_varied(operation, request.path, seed), headers=fields)


def _varied(operation: Operation, path: str, seed: int) -> str:
    """A path with another value each time for a name that the contract forgets to describe."""
    described = {parameter.name for parameter in operation.parameters if parameter.location == "path"}
    segments = path.split("/")
    for index, segment in enumerate(operation.path.split("/")):
        if segment.startswith("{") and segment.endswith("}") and segment[1:-1] not in described:
            segments[index] = NAMES[seed % len(NAMES)]
    return "/".join(segments)


def scope_of(sent: Request, path: str) -> dict[str, Any]:
    """A request as an ASGI server gives it."""
    fields = [(name.encode(), value.encode("latin-1", "replace")) for name, value in sent.headers]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": sent.method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": sent.query.encode(),
        "root_path": "",
        "headers": [*fields, (b"host", b"api.test"), (b"content-length", str(len(sent.body)).encode())],
        "client": ("127.0.0.1", 1234),
        "server": ("127.0.0.1", 4010),
    }


async def answer_of(app: Any, sent: Request, path: str) -> Response:
    """What the mock answers."""
    messages: list[dict[str, Any]] = []
    bodies = [sent.body]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": bodies.pop()} if bodies else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    await app(scope_of(sent, path), receive, send)
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in messages[0]["headers"])
    return Response(messages[0]["status"], headers, b"".join(message.get("body", b"") for message in messages[1:]))


async def answers(app: Any, requests: Sequence[Request]) -> list[Response]:
    """What the mock answers to requests, one after the other."""
    return [await answer_of(app, request, request.path) for request in requests]


def measured(contract: Contract, name: str, each: int, most: int) -> Row:
    """What is measured of one document."""
    row, started = Row(name), time.monotonic()
    operations = list(contract)[:: max(1, len(contract.operations) // most)][:most]
    requests = [request for operation in operations for request in requests_of(operation, each)]
    with tempfile.TemporaryDirectory() as folder:
        app = create_app([contract], MockSettings(record=folder, journal=0))
        given = asyncio.run(answers(app, requests))
        recorder = app.memory.recorder
        assert recorder is not None
        recorder.close()
        again = asyncio.run(answers(create_app([contract], MockSettings(replay=folder, journal=0)), requests))
        recording = thinned(contract, read_recording(folder))
    row.exchanges = len(recording.exchanges)
    for request, before, after in zip(requests, given, again, strict=True):
        if _shown(before) != _shown(after):
            row.other_answers.append(f"{request.method} {request.path}: {before.status}, then {after.status}")
    _learn(row, contract, recording)
    row.seconds = time.monotonic() - started
    return row


def thinned(contract: Contract, recording: Recording) -> Recording:
    """A recording as of a server that leaves out what it may: each optional member is missing in some answers."""
    turns: Counter[str] = Counter()
    for number, (recorded, own) in enumerate(zip(recording.exchanges, _own_of(contract, recording), strict=True)):
        if own is None or own.exchange.response is None:
            continue
        value = _value_of(own)
        turns[own.operation.label] += 1
        turn = turns[own.operation.label]
        holders = [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]
        for row, holder in enumerate(holders[:3]):
            for index, (name, member) in enumerate([*holder.items()]):
                if (index + row + turn) % 3 == 0:
                    del holder[name]
                    response = own.exchange.response._replace(body=write_json(value))
                    if judge(own.operation, own.exchange._replace(response=response)):
                        holder[name] = member
        if holders:
            response = own.exchange.response._replace(body=write_json(value))
            recording.exchanges[number] = replace(recorded, exchange=recorded.exchange._replace(response=response))
    return recording


def _own_of(contract: Contract, recording: Recording) -> list[OwnExchange | None]:
    """Each exchange as one of the contract, None where it is of no operation."""
    by_place = {own.recorded.place: own for own in traffic_of(contract, [recording], "http://api.test").own}
    return [by_place.get(each.place) for each in recording.exchanges]


def _shown(response: Response) -> object:
    """A response without what the mock says of it; a JSON body as its value, with secrets hidden."""
    fields = sorted(
        each for each in response.headers if not each[0].startswith("tallystick-") and each[0] != "content-length"
    )
    fields = [(name, "" if name in ("set-cookie", "location") else value) for name, value in fields]
    body = Secrets(()).in_body(response.body)
    value, fault = read_json(body)
    return response.status, fields, body if fault else value


def _learn(row: Row, contract: Contract, recording: Recording) -> None:
    """Learn from a recording, judge the recording by that, and compare it with the true contract."""
    found = learned([recording])
    text = yaml_text(document_of(found))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "learned.yaml"
        file.write_text(text)
        own = read_contract(file)
        row.flaws += [f"check: {each.message}" for each in judge_document(own) if each.severity is Severity.ERROR]
        traffic = traffic_of(own, [recording])
        row.flaws += [
            f"{flaw.subject}: {flaw.violation.where}: {flaw.violation.message}"
            for flaw in judged(own, traffic, lambda each: each, with_relations=False).flaws
        ]
    true = traffic_of(contract, [recording], "http://api.test")
    seen = Counter(each.operation.label for each in true.own for _ in range(each.recorded.count))
    learned_of = {each.recorded.place: each.operation for each in traffic.own}
    compared: dict[str, set[str]] = {}
    for each in true.own:
        label = each.operation.label
        if seen[label] < LEAST_SEEN:
            continue
        compared.setdefault(label, set())
        mine = learned_of.get(each.recorded.place)
        template = f"{found.base}{mine.path}" if mine is not None else "nothing"
        if template_shape(template) != template_shape(each.operation.path):
            compared[label].add(template)
    row.seen = len(compared)
    row.other_paths = [label for label, templates in compared.items() if templates]
    for label in row.other_paths:
        row.notes.append(f"{label}: {sorted(compared[label])[:3]}")
    for operation in contract:
        if operation.label in compared and not compared[operation.label]:
            mine = next(learned_of[each.recorded.place] for each in true.own if each.operation is operation)
            row.other_members += _other_members(
                operation, mine, [each for each in true.own if each.operation is operation]
            )


def _other_members(true: Operation, mine: Operation, exchanges: Sequence[OwnExchange]) -> list[str]:
    """The members of answers that one of two contracts requires and the other does not."""
    differences: list[str] = []
    for status in sorted({each.exchange.response.status for each in exchanges if each.exchange.response}):
        definition = mine.response_for(status)
        schema = next((each.schema for each in definition.content if each.schema), None) if definition else None
        values = [
            _value_of(each) for each in exchanges if each.exchange.response and each.exchange.response.status == status
        ]
        objects = [value for value in values if isinstance(value, dict)]
        if schema is None or len(objects) < LEAST_SEEN or len(objects) < len(values):
            continue
        # each member that the true contract lets go is missing somewhere: what is in all of them is required
        required = {name for name in objects[0] if all(name in value for value in objects)}
        own = _required(schema)
        if required != own:
            differences.append(f"{true.label}: {status}: lacks {sorted(required - own)}, adds {sorted(own - required)}")
    return differences


def _value_of(each: OwnExchange) -> object:
    response = each.exchange.response
    assert response is not None
    value, fault = read_json(response.body)
    return None if fault else value


def _required(schema: Any) -> set[str]:
    """The members that a schema requires, its branches included."""
    resolved = schema.resolved
    required = {name for name in resolved.get("required", ()) if isinstance(name, str)}
    for index, _ in enumerate(resolved.get("allOf", ())):
        branch = schema.child("allOf", str(index))
        required |= _required(branch) if branch is not None else set()
    return required


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only the documents whose name has one of these words")
    parser.add_argument("--each", type=int, default=EACH, help="how many requests are sent to each operation")
    parser.add_argument("--operations", type=int, default=MOST_OPERATIONS, help="to how many operations of a document")
    parser.add_argument("-v", "--verbose", action="store_true", help="name what is not as it should be")
    arguments = parser.parse_args()
    folder = Path(os.environ.get("TALLYSTICK_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not (folder / "INDEX.tsv").exists():
        print(f"{folder}: there is no corpus; TALLYSTICK_CORPUS may name one", file=sys.stderr)
        return 1
    rows: list[Row] = []
    for line in (folder / "INDEX.tsv").read_text().splitlines()[1:]:
        name = line.split("\t")[0]
        if arguments.words and not any(word in name for word in arguments.words):
            continue
        try:
            row = measured(read_contract(folder / name), name, arguments.each, arguments.operations)
        except UnreadableError as error:
            print(f"{name}: {error}")
            continue
        rows.append(row)
        print(
            f"{name:40} {row.exchanges:6,} exchanges  {len(row.other_answers):4} other answers  "
            f"{len(row.flaws):4} flaws  {row.agreed:4} of {row.seen:4} operations  {row.seconds:6.1f} s",
            flush=True,
        )
        if arguments.verbose:
            for each in (*row.other_answers[:10], *row.flaws[:20], *row.notes[:30], *row.other_members[:30]):
                print(f"    {each[:300]}")
    seen, agreed = sum(row.seen for row in rows), sum(row.agreed for row in rows)
    others, flaws = sum(len(row.other_answers) for row in rows), sum(len(row.flaws) for row in rows)
    print(f"{others} other answers, {flaws} flaws; {agreed} of {seen} operations agree ({agreed / max(seen, 1):.1%})")
    return 1 if others or flaws or agreed < LEAST_AGREED * seen else 0


if __name__ == "__main__":
    sys.exit(main())
