"""The step of documents: each hostile document through check, models, mock and fuzz, in processes forked from here."""

from __future__ import annotations

import importlib
import itertools
import json
import multiprocessing
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.hostile.forking import Ended, Forked
from tests.hostile.generator import Document, hostile_document
from tests.hostile.outputs import faults_of, load, report_faults
from tests.hostile.texts import ALARM

FORMATS = ("text", "json", "junit", "sarif", "github")
_PATIENCE = 30.0
"""Seconds of the clock, times the load, after which a command counts as hanging; processor time has its own limit."""
_WARM = """
tallystick.cli.check tallystick.cli.mock tallystick.cli.models tallystick.cli.fuzz tallystick.cli.terminal
tallystick.check.run tallystick.check.baseline tallystick.models tallystick.models.datamodel_codegen_adapter
tallystick.mock.app tallystick.mock.serving.server tallystick.mock.serving.protocol tallystick.fuzz.engine
tallystick.fuzz.report tallystick.reports.text tallystick.reports.json tallystick.reports.junit
tallystick.reports.sarif tallystick.reports.github tallystick.rules.contract.document uvicorn uvloop httptools pydantic
uvicorn.loops.uvloop uvicorn.lifespan.off ruff tests.hostile.asking
""".split()
_DANGERS = ("os.", "subprocess.", "socket.", "shutil.", "ctypes.", "urllib.", "sqlite3.", "webbrowser.", "pty.", ALARM)
_HARMLESS = ("os.listdir", "os.scandir", "os.walk", "os.fwalk")


@dataclass
class Verdict:
    """What one document did wrong, and what it took."""

    number: int
    kind: str
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    megabytes: float = 0.0
    is_unread: bool = False
    requests: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def warm() -> None:
    """Import all that the commands need, before anything is forked, and keep it out of the collector's way."""
    import gc

    for name in _WARM:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


def command(*arguments: str) -> Callable[[], int]:
    """The work of a command line."""

    def work() -> int:
        from tallystick.cli import main

        os.environ["TALLYSTICK_DEBUG"] = "1" if arguments[0] != "mock" else ""
        sys.argv = ["tallystick", *arguments]
        main(list(arguments), prog_name="tallystick")
        return 0

    return work


class Trial:
    """One document in a folder of its own, tried with every command."""

    def __init__(self, document: Document, folder: Path, seed: int, with_fuzz: bool) -> None:
        self.document = document
        self.folder = folder
        self.seed = seed
        self.with_fuzz = with_fuzz
        self.home = folder / "home"
        self.home.mkdir()
        self.file = os.fsdecode(document.file)
        (self.home / self.file).write_bytes(document.content)
        self.verdict = Verdict(document.number, document.kind)

    def run(self) -> Verdict:
        started = time.monotonic()
        for format_name in FORMATS:
            ended = self.tried(
                f"check {format_name}",
                command("check", "--format", format_name, "--", self.file),
                (0, 1, 3),
                format_name,
            )
            if ended.cpu_seconds > 5 or ended.is_late:
                break  # the other forms take as long
        self.models()
        self.mock()
        self.verdict.seconds = time.monotonic() - started
        return self.verdict

    def tried(
        self, name: str, work: Callable[[], int | None], codes: tuple[int, ...], format_name: str = "text"
    ) -> Ended:
        """Run a command to its end, and note what it did wrong."""
        ended = Forked(work, self.folder, name.replace(" ", "-"), self.home).wait(_PATIENCE * load())
        self.note(name, ended, codes, format_name)
        return ended

    def note(self, name: str, ended: Ended, codes: tuple[int, ...], format_name: str = "text") -> None:
        verdict = self.verdict
        verdict.cpu_seconds = max(verdict.cpu_seconds, ended.cpu_seconds)
        verdict.megabytes = max(verdict.megabytes, ended.megabytes)
        verdict.is_unread |= name == "check text" and ended.code == 3
        faults = list(faults_of(ended, codes, format_name))
        if not any(fault.startswith(("traceback", "exit code", "hangs", "time")) for fault in faults):
            faults += report_faults(format_name, ended.output)
        self.verdict.faults += [f"{name}: {fault}" for fault in faults]

    def models(self) -> None:
        """The models are generated, and each of their modules is imported under an audit hook."""
        out = self.home / "out"
        self.tried("models", command("models", "-o", "out", "--", self.file), (0, 3))
        for module in sorted(out.glob("*.py")) if out.is_dir() else ():
            alarms = self.folder / "alarms"
            self.tried("import", partial(imported, module, alarms), (0,))
            if alarms.exists():
                self.verdict.faults.append(f"import: runs code: {alarms.read_text()[:200]}")
                alarms.unlink()

    def mock(self) -> None:
        """The document is listed and served, each operation is asked, the mock is fuzzed, and then ended by SIGTERM."""
        self.tried("mock list", command("mock", "--list", "--", self.file), (0, 3))
        server = Forked(command("mock", "-p", "0", "--", self.file), self.folder, "mock", self.home)
        port, started = 0, time.monotonic()
        while not port and not server.has_ended() and time.monotonic() - started < _PATIENCE * load():
            time.sleep(0.005)
            address = re.search(rb"http://127\.0\.0\.1:(\d+)", server.output().partition(b"\n")[0])
            port = int(address[1]) if address else 0
        if port:
            self.ask(port)
            if self.with_fuzz and not server.has_ended():
                self.fuzz(port)
        server.terminate()
        told = time.monotonic()
        ended = server.wait(_PATIENCE * load())
        seconds, allowed = time.monotonic() - told, 2 * load() + 0.5
        if port and seconds > allowed:
            self.verdict.faults.append(f"mock: SIGTERM: obeyed after {seconds:.1f} s; {allowed:.1f} are allowed")
        self.note("mock", ended, (0,) if port else (3,))

    def ask(self, port: int) -> None:
        """One valid and one odd request for each operation."""
        from tests.hostile.asking import ask

        answers = self.folder / "answers"
        self.tried("requests", partial(ask, self.file, port, answers, f"{self.seed}:{self.document.number}"), (0,))
        for line in answers.read_text().splitlines() if answers.exists() else ():
            answer = json.loads(line)
            status = answer.get("status", -1)
            self.verdict.requests += status >= 0
            self.verdict.statuses[str(status)] = self.verdict.statuses.get(str(status), 0) + 1
            is_unasked = status >= 500 and not answer["asked"]
            if is_unasked or status == 0:
                fact = "answer: none" if status == 0 else f"answer: unasked {status}"
                about = f"{answer['body'][:200]!r} to {answer['request'][:160]}"
                self.verdict.faults.append(f"mock: {fact}: {about}")
            elif status > 0 and answer["seconds"] > 10 * load():
                self.verdict.faults.append(f"mock: answer: after {answer['seconds']} s: to {answer['request'][:160]}")

    def fuzz(self, port: int) -> None:
        """A second of fuzzing; what it finds is not asked here, only how it ends."""
        stem = re.search(rb"http://127\.0\.0\.1:\d+(/[^\s/]+)", (self.folder / "mock.out").read_bytes())
        url = f"http://127.0.0.1:{port}{stem[1].decode(errors='replace') if stem else ''}"
        form = ("json", "text")[self.document.number // 7 % 2]
        options = (
            "--url",
            url,
            "--max-time",
            "1",
            "--timeout",
            "2",
            "--seed",
            "1",
            "--max-examples",
            "10",
            "--junit",
            "junit.xml",
        )
        ended = self.tried("fuzz", command("fuzz", *options, "--format", form, "--", self.file), (0, 1, 2, 3))
        report = self.home / "junit.xml"
        if ended.code in (0, 1):
            faults = [
                *report_faults(form, ended.output),
                *report_faults("junit", report.read_bytes() if report.exists() else b""),
            ]
            self.verdict.faults += [f"fuzz: {fault}" for fault in faults]


def imported(module: Path, alarms: Path) -> int:
    """Import a generated module; what it does besides is written to a file."""
    import importlib.util

    is_on = True

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal is_on
        is_write = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
        if is_on and event not in _HARMLESS and (event.startswith(_DANGERS) or is_write):
            is_on = False
            with alarms.open("a") as file:
                file.write(f"{event} {arguments!r}\n")
            is_on = True

    sys.dont_write_bytecode = True
    sys.addaudithook(hook)
    spec = importlib.util.spec_from_file_location("hostile_models", module)
    assert spec is not None
    assert spec.loader is not None
    loaded = sys.modules["hostile_models"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return 0


def judged(seed: int, kept: Path, fuzz_every: int, number: int) -> Verdict:
    """The verdict on the document of a number; it is kept where it fails."""
    document = hostile_document(seed, number)
    with tempfile.TemporaryDirectory(prefix="hostile-", ignore_cleanup_errors=True) as name:
        trial = Trial(document, Path(name), seed, bool(fuzz_every) and number // 23 % fuzz_every == 0)
        verdict = trial.run()
        if verdict.faults:
            keep(trial, kept / f"{seed}-{number}")
    return verdict


def keep(trial: Trial, folder: Path) -> None:
    """Keep a document, what it did, and the command that repeats it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / trial.file).write_bytes(trial.document.content)
    lines = [
        f"kind: {trial.document.kind}",
        f"again: python -m tests.hostile --steps documents --seed {trial.seed} --only {trial.document.number}",
        f"file: {trial.document.file!a}",
        *trial.verdict.faults,
    ]
    (folder / "_faults.txt").write_text("\n".join(lines) + "\n", "utf-8", "backslashreplace")


def measure(seed: int, numbers: list[int], kept: Path, fuzz_every: int, parallel: int) -> Iterator[Verdict]:
    """The verdicts on documents, in the order in which they are ready."""
    warm()
    work = partial(judged, seed, kept, fuzz_every)
    if parallel == 1 or len(numbers) == 1:
        yield from map(work, numbers)
        return
    with ProcessPoolExecutor(parallel, multiprocessing.get_context("fork")) as pool:
        for ready in as_completed([pool.submit(work, number) for number in numbers]):
            yield ready.result()


def table(verdicts: list[Verdict]) -> list[str]:
    """What was measured, by kind of document; then the faults, alike ones together."""
    lines = [
        f"{'kind':<26}{'documents':>10}{'not read':>10}{'requests':>10}{'5xx':>6}"
        f"{'most CPU':>10}{'most MB':>9}{'failed':>8}"
    ]
    for kind in dict.fromkeys(verdict.kind for verdict in sorted(verdicts, key=lambda each: each.number % 1000)):
        own = [verdict for verdict in verdicts if verdict.kind == kind]
        errors = sum(count for verdict in own for status, count in verdict.statuses.items() if status.startswith("5"))
        lines.append(
            f"{kind:<26}{len(own):>10}{sum(verdict.is_unread for verdict in own):>10}"
            f"{sum(verdict.requests for verdict in own):>10}{errors:>6}"
            f"{max(verdict.cpu_seconds for verdict in own):>9.1f}s"
            f"{max(verdict.megabytes for verdict in own):>9.0f}{sum(bool(verdict.faults) for verdict in own):>8}"
        )
    groups: dict[str, list[tuple[int, str]]] = {}
    for verdict in verdicts:
        for fault in verdict.faults:
            groups.setdefault(_group(fault), []).append((verdict.number, fault))
    for group, members in sorted(groups.items(), key=lambda item: -len(item[1])):
        numbers = sorted({number for number, _ in members})
        lines.append(f"FAILED {group}: {len(numbers)} documents: {', '.join(map(str, itertools.islice(numbers, 12)))}")
        lines.append(f"    {members[0][1][:400]}")
    return lines


def _group(fault: str) -> str:
    """What alike faults have in common: the command, the kind of fault, and for a traceback its place."""
    command_name, kind, rest = [*fault.split(": ", 2), "", ""][:3]
    if kind == "traceback":
        return f"{command_name.split()[0]}: traceback {rest.partition(' ')[0]}"
    if kind == "control":
        return f"{command_name}: control characters"
    detail = rest.partition(":")[0][:30] if kind in ("answer", "report", "exit code") else ""
    return f"{command_name.split()[0]}: {kind} {detail}"
