"""Measures tallystick on a corpus of real documents, prints a table, and fails on any loss: `make corpus`.

The corpus is a folder with an INDEX.tsv (file, openapi, operations, ...): `TALLYSTICK_CORPUS`, else `../shared/corpus`
beside the repository. Each step runs as a user runs it, as a command of its own, so that times and memory are honest.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tallystick.contracts.read import read_contract
from tallystick.examples.requests import example_request
from tallystick.examples.samples import Unsatisfiable
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.errors import Exit
from tallystick.nouns.exchange import Exchange, Request, Response
from tallystick.rules.judge import judge
from tallystick.wire.choosing import success
from tests.corpus_examples import LEAST_SERVED, ServedExamples, served_examples
from tests.corpus_models import verdicts_of_models

ROOT = Path(__file__).parent.parent
TALLYSTICK = (sys.executable, "-m", "tallystick")
STEPS = ("read", "examples", "mock", "start", "check", "models", "verdicts", "fuzz")
CHECK_SECONDS, MODELS_SECONDS = 8.0, 30.0


def corpus_folder() -> Path:
    """Where the corpus is, whether it is there or not."""
    return Path(os.environ.get("TALLYSTICK_CORPUS", ROOT.parent / "shared" / "corpus"))


@dataclass
class Row:
    """What was measured on one document, and what was lost."""

    file: str
    operations: int
    cells: dict[str, str] = field(default_factory=dict)
    losses: list[str] = field(default_factory=list)
    answered: int = 0
    unanswered: list[str] = field(default_factory=list)
    examples: ServedExamples = field(default_factory=ServedExamples)


def documents(folder: Path, only: Sequence[str]) -> Iterator[Row]:
    """The rows of the corpus's index, those whose name has one of the words."""
    with (folder / "INDEX.tsv").open() as index:
        for row in csv.DictReader(index, delimiter="\t"):
            if not only or any(word in row["file"] for word in only):
                yield Row(row["file"], int(row["operations"]))


def allowed(folder: Path, file: str) -> tuple[str, ...]:
    """The folder of a document of several files: its own references may go anywhere in it."""
    top = folder / Path(file).parts[0]
    return (str(top),) if top.is_dir() else ()


def measure_mock(origin: str, contract: Contract, row: Row) -> None:
    """Whether each operation answers a valid request with its documented success, judged clean, where it is served."""
    started = time.perf_counter()
    for operation in contract:
        reason = unanswered(origin, contract.name, operation)
        if reason:
            row.unanswered.append(f"{row.file}: {operation.label}: {reason}")
        else:
            row.answered += 1
    row.cells["mock"] = f"{row.answered}/{row.operations} {time.perf_counter() - started:.1f}s"


def unanswered(origin: str, contract_name: str, operation: Operation) -> str:
    """Why an operation's valid request does not get the documented success over HTTP; "" where it does."""
    try:
        request = example_request(operation)
    except Unsatisfiable as error:
        return f"no valid request: {error}"
    try:
        response = sent(origin, request._replace(path=f"/{contract_name}{request.path}"))
    except (OSError, HTTPException, ValueError) as error:
        return f"no response: {type(error).__name__} {error}"
    violations = judge(operation, Exchange(request, response))
    if violations:
        return f"{response.status}: {violations[0]}"
    if operation.responses and response.status != success(operation)[0]:
        return f"answered with {response.status}: {response.body[:200].decode(errors='replace')}"
    return ""


def sent(origin: str, request: Request) -> Response:
    """The response to a request over HTTP, on a connection of its own."""
    connection = HTTPConnection(origin.removeprefix("http://"), timeout=60)
    target = request.path + (f"?{request.query}" if request.query else "")
    with closing(connection):
        connection.putrequest(request.method, target, skip_accept_encoding=True)
        for name, value in request.headers:
            connection.putheader(name, value.encode("latin-1"))
        if request.body:
            connection.putheader("content-length", str(len(request.body)))
        connection.endheaders(request.body or None)
        answer = connection.getresponse()
        headers = tuple((name.lower(), value) for name, value in answer.getheaders())
        return Response(answer.status, headers, answer.read())


def run(arguments: Sequence[str], seconds: float) -> tuple[int, str, float, float]:
    """The exit code, output, seconds and MB of a command of ours; -1 where it does not end in time."""
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    try:
        done = subprocess.run([*TALLYSTICK, *arguments], capture_output=True, text=True, timeout=seconds, cwd=ROOT)
        code, text = done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        code, text = -1, f"did not end in {seconds:.0f} s"
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return code, text, time.perf_counter() - started, (peak if peak > before else 0) / 1024


def measure_check(path: Path, allow: Sequence[str], row: Row) -> None:
    """That the check ends in time, without a crash."""
    code, text, seconds, _ = run(["check", "--format", "json", *flags(allow), str(path)], 120)
    try:
        row.cells["check"] = f"{seconds:.1f}s {len(json.loads(text)['violations'])}"
    except ValueError:
        row.losses.append(f"check ended with {code}: {text[-300:]}")
    if seconds > CHECK_SECONDS:
        row.losses.append(f"check took {seconds:.1f} s; {CHECK_SECONDS:.0f} s are allowed")


@contextmanager
def served(path: Path, allow: Sequence[str], contract: Contract, row: Row) -> Iterator[tuple[str, float]]:
    """The origin of a running mock of a document, and the seconds from its start to its first answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    origin, started = f"http://127.0.0.1:{port}", time.perf_counter()
    command = [*TALLYSTICK, "mock", "-q", "-p", str(port), *flags(allow), str(path)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        while server.poll() is None and time.perf_counter() - started < 60:
            try:
                sent(origin, Request("GET", f"/{contract.name}/-"))
                break
            except OSError:
                time.sleep(0.01)
        yield origin, time.perf_counter() - started
    finally:
        server.terminate()
        _, errors = server.communicate(timeout=30)
    if server.returncode != 0:
        row.losses.append(f"the mock ended with {server.returncode}: {errors[-300:]}")


def measure_start(seconds: float, contract: Contract, row: Row) -> None:
    """That the mock gives its first answer in time."""
    row.cells["start"] = f"{seconds:.2f}s"
    limit = 1.0 if sum(Path(ROOT, file).stat().st_size for file in contract.files) < 1e6 else 3.0
    if seconds > limit:
        row.losses.append(f"the mock took {seconds:.2f} s to its first answer; {limit:.0f} s are allowed")


def measure_models(path: Path, allow: Sequence[str], row: Row) -> None:
    """That the models are written in time, and import."""
    with tempfile.TemporaryDirectory() as folder:
        code, text, seconds, peak = run(["models", "-o", folder, *flags(allow), str(path)], 300)
        row.cells["models"] = f"{seconds:.1f}s" + (f" {peak:.0f}MB" if peak else "")
        if code != 0:
            row.losses.append(f"models ended with {code}: {text[-300:]}")
        for module in sorted(Path(folder).glob("*.py")):
            done = subprocess.run([sys.executable, str(module)], capture_output=True, text=True)
            if done.returncode:
                row.losses.append(f"the module {module.name} does not import: {done.stderr[-300:]}")
        if seconds > MODELS_SECONDS:
            row.losses.append(f"models took {seconds:.1f} s; {MODELS_SECONDS:.0f} s are allowed")


def measure_fuzz(path: Path, allow: Sequence[str], contract: Contract, seconds: int, row: Row) -> None:
    """That a fuzz run of the mock finds nothing."""
    url = f"http://127.0.0.1/{contract.name}"
    app = [
        "--app",
        "tests.corpus_app:app",
        "--url",
        url,
    ]
    os.environ["TALLYSTICK_CORPUS_DOCUMENT"] = str(path)
    os.environ["TALLYSTICK_CORPUS_ALLOW"] = os.pathsep.join(allow)
    arguments = ["fuzz", *flags(allow), str(path), *app, "--max-time", str(seconds), "--seed", "1", "--format", "json"]
    code, text, took, _ = run(arguments, seconds * 6 + 120)
    row.cells["fuzz"] = f"{code} {took:.0f}s"
    if code == 0:
        return
    try:
        findings = json.loads(text[text.index("{") : text.rindex("}") + 1])["findings"]
    except ValueError:
        row.losses.append(f"fuzz ended with {code}: {text[-500:]}")
        return
    errors = [finding for finding in findings if finding["severity"] == "error"]
    if errors or code not in (Exit.UNREACHABLE, Exit.PARTIAL):  # references that lead nowhere; the time was up
        row.losses.append(f"fuzz ended with {code}")
    for finding in errors:
        curl = finding["steps"][-1]["curl"] if finding["steps"] else ""
        row.losses.append(f"{finding['rule']} {finding['operation']}: {finding['message']} | {curl[:600]}")


def flags(allow: Sequence[str]) -> list[str]:
    """The flags that let references reach some folders."""
    return [word for folder in allow for word in ("--allow-ref", folder)]


def measure(folder: Path, row: Row, steps: Sequence[str], fuzz_seconds: int) -> None:
    """Every step that is asked for, on one document."""
    path, allow = folder / row.file, allowed(folder, row.file)
    started = time.perf_counter()
    contract = read_contract(path, allow)
    row.cells["read"] = f"{len(contract.operations)} {time.perf_counter() - started:.2f}s"
    if len(contract.operations) != row.operations:
        row.losses.append(f"{len(contract.operations)} operations; the index says {row.operations}")
    if "examples" in steps:
        row.examples = served_examples(contract)
        row.cells["examples"] = str(row.examples)
    if "mock" in steps or "start" in steps:
        with served(path, allow, contract, row) as (origin, seconds):
            if "start" in steps:
                measure_start(seconds, contract, row)
            if "mock" in steps:
                measure_mock(origin, contract, row)
    if "check" in steps:
        measure_check(path, allow, row)
    if "models" in steps:
        measure_models(path, allow, row)
    if "verdicts" in steps:
        row.cells["verdicts"], losses = verdicts_of_models(contract)
        row.losses += losses
    if "fuzz" in steps and row.operations:
        measure_fuzz(path, allow, contract, fuzz_seconds, row)


def tell_examples(rows: Sequence[Row]) -> int:
    """Print how many success examples are served, and those that are not; 1 where they are too many."""
    documented = sum(row.examples.documented for row in rows)
    as_they_are, mended = (sum(getattr(row.examples, name) for row in rows) for name in ("as_they_are", "mended"))
    print(f"\nsuccess examples served of {documented}: {as_they_are} as they are, {mended} mended")
    for row in rows:
        for line in row.examples.lost:
            print(f"    {row.file}: {line[:300]}")
    return int(as_they_are + mended < LEAST_SERVED * documented)


def main() -> int:
    """Measures what the command line asks for; 1 where something is lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", help="words in the names of the documents to measure; all if none is given")
    parser.add_argument("--steps", default=",".join(STEPS[:-1]), help=f"of {','.join(STEPS)}")
    parser.add_argument("--fuzz-seconds", type=int, default=30)
    arguments = parser.parse_args()
    folder, steps = corpus_folder(), arguments.steps.split(",")
    if not folder.is_dir():
        print(f"{folder}: there is no corpus; TALLYSTICK_CORPUS may name one", file=sys.stderr)
        return 3
    rows = list(documents(folder, arguments.only))
    print(f"{'document':<44}" + "".join(f"{step:>18}" for step in STEPS if step in steps or step == "read"))
    for row in rows:
        measure(folder, row, steps, arguments.fuzz_seconds)
        shown = row.file if len(row.file) < 44 else "..." + row.file[-40:]
        cells = (row.cells.get(step, "-") for step in STEPS if step in steps or step == "read")
        print(f"{shown:<44}" + "".join(f"{cell:>18}" for cell in cells), flush=True)
        for loss in row.losses:
            print(f"    LOST: {loss}")
    total, answered = sum(row.operations for row in rows), sum(row.answered for row in rows)
    lost = sum(len(row.losses) for row in rows)
    if "mock" in steps:
        print(f"\noperations answered with their documented success: {answered} of {total}")
        for row in rows:
            for line in row.unanswered:
                print(f"    {line[:300]}")
        lost += answered < 0.99 * total
    if "examples" in steps:
        lost += tell_examples(rows)
    print(f"losses: {lost}")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
