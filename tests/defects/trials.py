"""One trial: a server with a defect, an oddity or neither, and a run of tallystick or of Schemathesis over it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tallystick.contracts.read import read_contract
from tests.defects import stock
from tests.defects.altering import CONTRACT
from tests.defects.forked import fuzz
from tests.defects.rows.table import DEFECTS
from tests.defects.switch import VARIABLE

ROOT = Path(__file__).parent.parent.parent
IN_PROCESS, OVER_HTTP, PLAIN = "process", "http", "plain"
WAYS = (IN_PROCESS, OVER_HTTP, PLAIN)
"""tallystick in process and over HTTP, and `st run` beside it."""


@dataclass(frozen=True)
class Trial:
    """What is tried: `name` is that of a defect or an oddity, "" for a sound server."""

    name: str
    server: str
    way: str
    seed: int
    is_near: bool = False
    """Whether only the operations are fuzzed that have to do with the defect: a quick look, and no measure."""


@dataclass(frozen=True)
class Found:
    """One finding that fails a run."""

    operation: str
    rule: str
    pointer: str
    message: str
    seen_again: bool | None


@dataclass
class Result:
    """What a run found."""

    trial: Trial
    findings: list[Found] = field(default_factory=list)
    warnings: list[Found] = field(default_factory=list)
    requests: int = 0
    seconds: float = 0
    fault: str = ""
    """Why there is no result; "" if there is one."""

    @property
    def attributed(self) -> list[Found]:
        """The findings that blame an operation and a place in the contract that are to blame."""
        return [each for each in self.findings if is_attributed(self.trial.name, each)]


def is_attributed(name: str, found: Found) -> bool:
    """Whether a finding names the operation and the clause that a defect breaks."""
    defect = DEFECTS.get(name)
    if defect is None:
        return False
    operations = {defect.operation, *defect.also}
    paths = {operation.partition(" ")[2] or operation for operation in operations}
    if found.operation not in operations and found.operation not in paths:
        return False
    return not found.pointer or any(_is_at(found.pointer, clause) for clause in defect.clauses)


def _is_at(pointer: str, clause: str) -> bool:
    """Whether a place is within a clause, or is what the clause stands in: its operation, its schema."""
    is_within = pointer == clause or pointer.startswith(clause + "/")
    return is_within or (clause.startswith(pointer + "/") and pointer.count("/") >= 3)


def run(trial: Trial, arguments: Sequence[str], seconds: float) -> Result:
    """The result of a trial, which may take so many seconds."""
    started = time.monotonic()
    try:
        result = _plain(trial, arguments, seconds) if trial.way == PLAIN else _ours(trial, arguments, seconds)
    except subprocess.TimeoutExpired:
        result = Result(trial, fault=f"no end after {seconds:g} s")
    except (OSError, ValueError, KeyError) as error:
        result = Result(trial, fault=f"{type(error).__name__}: {error}"[:300])
    result.seconds = time.monotonic() - started
    return result


def near(name: str) -> list[str]:
    """Arguments that include the operations of a defect, and those of the collection that it is about."""
    defect = DEFECTS.get(name)
    if defect is None:
        return []
    names = {defect.operation, *defect.also}
    path = defect.operation.partition(" ")[2] or defect.operation
    collection = re.sub(r"/\{\w+\}$", "", path)
    paths = {path, collection, *(each for each in names if each.startswith("/"))}
    included = [each.label for each in read_contract(CONTRACT) if each.label in names or each.path in paths]
    return [argument for label in included for argument in ("--include", label)]


def _environment(trial: Trial) -> dict[str, str]:
    return {**os.environ, VARIABLE: trial.name, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


@contextmanager
def served(trial: Trial) -> Iterator[str]:
    """The URL of the server of a trial, in a process of its own."""
    command = [sys.executable, "-m", "tests.defects.serving", trial.server]
    with subprocess.Popen(command, cwd=ROOT, env=_environment(trial), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def _ours(trial: Trial, arguments: Sequence[str], seconds: float) -> Result:
    defect = DEFECTS.get(trial.name)
    command = [str(CONTRACT), "--format", "json", "--seed", str(trial.seed)]
    command += ["--bearer", stock.TOKEN, "--api-key", stock.DESK_KEY, *arguments, *(defect.arguments if defect else ())]
    command += near(trial.name) if trial.is_near else []
    if trial.way == IN_PROCESS:
        return _report(trial, [*command, "--app", f"tests.defects.{trial.server}.app:app"], seconds)
    with served(trial) as url:
        return _report(trial, [*command, "--url", url], seconds)


def _report(trial: Trial, command: Sequence[str], seconds: float) -> Result:
    out, error = fuzz(command, ROOT, trial.name, seconds)
    if not out.lstrip().startswith("{"):
        return Result(trial, fault=f"{out[-150:]} {error[-250:]}".strip() or "no report")
    report = json.loads(out)
    findings = [(each["severity"], _found(each)) for each in report["findings"]]
    result = Result(trial, requests=report["requests"])
    result.findings = [found for severity, found in findings if severity == "error"]
    result.warnings = [found for severity, found in findings if severity != "error"]
    return result


def _found(finding: dict[str, Any]) -> Found:
    pointer = finding["contract"]["pointer"] or ""
    message = finding["message"][:300]
    return Found(finding["operation"], finding["rule"], pointer, message, finding.get("seen_again"))


def _plain(trial: Trial, arguments: Sequence[str], seconds: float) -> Result:
    """What `st run` finds; it names the operation alone."""
    limits = [argument for name in ("--max-examples", "--max-time") for argument in _pair(name, arguments)]
    with served(trial) as url, tempfile.TemporaryDirectory() as folder:
        junit = Path(folder, "junit.xml")
        command = [str(Path(sys.executable).with_name("st")), "run", str(CONTRACT), "--url", url, "--no-color"]
        command += ["--seed", str(trial.seed), "-H", f"Authorization: Bearer {stock.TOKEN}", *limits]
        command += ["-H", f"X-Api-Key: {stock.DESK_KEY}", "--report", "junit", "--report-junit-path", str(junit)]
        subprocess.run(command, cwd=folder, env=_environment(trial), capture_output=True, timeout=seconds, check=False)
        result = Result(trial)
        for case in ElementTree.parse(junit).iter("testcase"):
            for failure in case.iter("failure"):
                text = " ".join((failure.get("message") or failure.text or "").split())
                result.findings.append(Found(case.get("name", ""), "schemathesis", "", text[:300], None))
        return result


def _pair(name: str, arguments: Sequence[str]) -> Sequence[str]:
    at = arguments.index(name) if name in arguments else -1
    return arguments[at : at + 2] if at >= 0 else ()
