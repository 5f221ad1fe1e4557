"""A small sample of the hostile harness holds with every change; `make hostile` tries all of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.folders import OPENAPI, ROOT

from tests.hostile.generator import KINDS, hostile_document
from tests.hostile.outputs import report_faults
from tests.hostile.requests import faults_of as faults_of_requests
from tests.hostile.requests import measure

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
# The harness forks; what it does so in one of the threads of pytest-xdist touches none of the others' locks.

SAMPLE = "0,2,3,4,14,19,21"
"""Numbers of documents."""


def test_a_sample_of_hostile_documents_does_no_harm(tmp_path: Path) -> None:
    """A few hostile documents pass through check, models, mock and fuzz without a fault."""
    words = ["--steps", "documents", "--only", SAMPLE, "--fuzz-every", "0", "--kept", str(tmp_path)]
    command = [sys.executable, "-m", "tests.hostile", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_sample_of_hostile_requests_does_no_harm(tmp_path: Path) -> None:
    """Some thousand requests, one in ten hostile, get no 5xx unasked, and no connection is lost."""
    measured = measure(sorted(OPENAPI.glob("*.yaml")), 1, 2000, 1, tmp_path / "log")
    assert measured.tally.sent >= 2000
    assert measured.tally.hostile >= 200
    assert faults_of_requests(measured) == []


def test_a_document_is_the_same_each_time() -> None:
    """The seed and the number of a document decide what is in it."""
    for number in range(len(KINDS)):
        assert hostile_document(7, number) == hostile_document(7, number)


FAULTY_WORK = {
    "raise ValueError('x')": "traceback",
    "import os; os._exit(5)": "exit code",
    "print('\\x1b[31m')": "control",
    "print('a\\n  ::error::b')": "log command",
    "import os; os.write(1, b'\\xff')": "control",
    "x = bytearray(520_000_000)": "memory",
    "import time; time.sleep(99)": "hangs",
}
"""Work that does what no command may do, and the word of its fault."""
TELL_FAULTS = """
import sys
from pathlib import Path
from tests.hostile.forking import Forked
from tests.hostile.outputs import faults_of

folder, work = Path(sys.argv[1]), sys.argv[2]
ended = Forked(lambda: exec(work), folder, "work", folder).wait(1.5 if "sleep" in work else 60)
print(*[fault.partition(":")[0].partition(" in its")[0] for fault in faults_of(ended, (0,))], sep=", ")
"""
"""The harness in a small process of its own: what is forked from a test process begins with the memory of that one."""


@pytest.mark.parametrize(("work", "fault"), FAULTY_WORK.items())
def test_the_harness_sees_each_fault(work: str, fault: str, tmp_path: Path) -> None:
    """A command that does what none may do is told, each in its own words."""
    command = [sys.executable, "-c", TELL_FAULTS, str(tmp_path), work]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout.strip(), done.stderr) == (fault, "")


def test_the_harness_knows_a_broken_report() -> None:
    """A report that is not valid in its form is told."""
    for form, wrong in (("json", b"{"), ("json", b'{"violations": NaN}'), ("junit", b"<testsuites>"), ("sarif", b"{}")):
        assert list(report_faults(form, wrong))
