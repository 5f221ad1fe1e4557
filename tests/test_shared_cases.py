"""Cases from the field, kept in a folder beside the repository: what the mock answers, and what `check` says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from support.checking import checked
from support.folders import ROOT
from support.running import running

CASES = ROOT.parent / "shared" / "cases"
RIGHT = tomllib.loads((Path(__file__).parent / "shared_cases.toml").read_text())
CURL = """
r() {
  local path=$1; shift
  curl -sg -o /dev/null --max-time 20 -w '%{http_code}\\n' "http://127.0.0.1:$PORT$path" "$@"
}
. "$REQUESTS"
"""
CURL_MISSING = not shutil.which("curl") or not shutil.which("bash")
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason=f"there are no cases at {CASES}")


@pytest.mark.skipif(CURL_MISSING, reason="there is no curl, or no bash")
@pytest.mark.parametrize("case", RIGHT["statuses"])
def test_each_request_gets_the_status_that_is_right(case: str) -> None:
    """The mock answers each request of a case as the specifications say."""
    assert statuses(case) == RIGHT["statuses"][case].split()


@pytest.mark.parametrize("document", RIGHT["violations"])
def test_check_says_what_is_wrong_and_no_more(document: str) -> None:
    """`check` finds each fault of a document at its line, and nothing in what is right."""
    assert violations(CASES / document) == sorted(RIGHT["violations"][document].split())


def statuses(case: str) -> list[str]:
    """The statuses that a mock of a case's document answers its requests with."""
    with running("-q", "-p", "0", "document.yaml", cwd=CASES / case) as mock:
        environment = {"PORT": mock.origin.rpartition(":")[2], "REQUESTS": str(CASES / case / "request.sh")}
        done = subprocess.run(
            ["bash", "-c", CURL],
            cwd=CASES,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    return re.findall(r"^\d{3}$", done.stdout, re.MULTILINE)


def violations(document: Path) -> list[str]:
    """The violations of a document, sorted: line and rule, with the file before them where that is another one."""
    return sorted(
        f"{'' if place.file == str(document) else Path(place.file).name + ':'}{place.line}:{violation.rule}"
        for violation in checked(document).violations
        for place in [violation.contract]
    )
