"""Calls mocks of real documents with the official clients of their vendors, and counts the calls that work.

`make clients`. The calls are scripts in `../shared/clients` beside the repository (or `TALLYSTICK_CLIENTS`); each says
at its end how many calls were `ok` and how many `bad`. The clients are installed in environments of their own.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.corpus import corpus_folder

ROOT = Path(__file__).parent.parent
CLIENTS = Path(os.environ.get("TALLYSTICK_CLIENTS", ROOT.parent / "shared" / "clients"))
BUILD = ROOT / "build" / "clients"
PYTHON = ROOT / ".venv-clients" / "bin" / "python"
PORTS = {
    "stripe.yaml": 4911,
    "openai.yaml": 4912,
    "github.json": 4913,
    "meilisearch.json": 4914,
    "qdrant.json": 4915,
    "twilio_api_v2010.json": 4916,
}
PACKAGES = ("stripe", "openai", "twilio", "meilisearch", "qdrant-client")
START_SECONDS, CALLS_SECONDS = 60.0, 400.0
LEAST = {(False, "Python"): 45, (False, "Octokit"): 23, (True, "Python"): 48, (True, "Octokit"): 25}
"""How many calls work at least: as the mock is, and with violations of requests only reported."""


@contextmanager
def mocks(flags: Sequence[str]) -> Iterator[None]:
    """A mock of each document on its port, ready to answer."""
    folder = corpus_folder()
    commands = [
        [sys.executable, "-m", "tallystick", "mock", str(found), "--port", str(port), "--quiet", *flags]
        for name, port in PORTS.items()
        for found in (next(folder.rglob(name)),)
    ]
    processes = [subprocess.Popen(command, cwd=BUILD, stdout=subprocess.DEVNULL) for command in commands]
    try:
        deadline = time.monotonic() + START_SECONDS
        for port in PORTS.values():
            _wait_for(f"http://127.0.0.1:{port}/_tallystick/image/1x1.svg", deadline)
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=10)


def _wait_for(url: str, deadline: float) -> None:
    while True:
        try:
            with urlopen(url, timeout=5):
                return
        except (URLError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def install_python() -> str:
    """Install the clients in Python; "" or the reason why it cannot be done."""
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PYTHON.parent.parent)], check=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES]
    return "" if subprocess.run(pip).returncode == 0 else "the clients cannot be installed with pip"


def install_octokit() -> str:
    """Install Octokit; "" or the reason why it cannot be done."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "there is no node or no npm"
    if (BUILD / "node_modules" / "@octokit" / "rest").exists():
        return ""
    npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(BUILD), "@octokit/rest"]
    return "" if subprocess.run(npm).returncode == 0 else "@octokit/rest cannot be installed with npm"


def calls(command: Sequence[str], name: str) -> tuple[int, int]:
    """Run a script of calls; print those that fail, and return how many work and how many do not."""
    environment = {**os.environ, "NO_PROXY": "127.0.0.1"}
    result = subprocess.run(
        command, cwd=BUILD, env=environment, capture_output=True, text=True, timeout=CALLS_SECONDS, check=False
    )
    counts = re.search(r"^(\d+) ok (\d+) bad$", result.stdout, re.MULTILINE)
    if counts is None:
        raise SystemExit(f"{name}: the calls came to no end\n{result.stdout[-2000:]}{result.stderr[-2000:]}")
    print("".join(f"    {line}\n" for line in result.stdout.splitlines() if line.startswith("BAD")), end="")
    return int(counts[1]), int(counts[2])


def main(arguments: Sequence[str]) -> int:
    """Measure, print the counts, and return 1 where fewer calls work than should."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("Python", "Octokit"), help="The clients of one language only.")
    only = parser.parse_args(arguments).only
    if not CLIENTS.is_dir() or not corpus_folder().is_dir():
        print(f"skipped: {CLIENTS} or {corpus_folder()} is not there")
        return 0
    BUILD.mkdir(parents=True, exist_ok=True)
    script = shutil.copy(CLIENTS / "octokit.mjs", BUILD)  # node looks for packages beside the script
    scripts = {
        "Python": (install_python, [str(PYTHON), str(CLIENTS / "clients.py")]),
        "Octokit": (install_octokit, ["node", script]),
    }
    code = 0
    skipped = {name: reason for name, (install, _) in scripts.items() if only in (None, name) and (reason := install())}
    for flags in ((), ("--validate", "report")):
        title = " ".join(("tallystick mock", *flags))
        with mocks(flags):
            for name, (_, command) in scripts.items():
                if only not in (None, name):
                    continue
                if name in skipped:
                    print(f"{title}: {name}: skipped: {skipped[name]}")
                    continue
                working, failing = calls(command, name)
                least = LEAST[bool(flags), name]
                print(f"{title}: {name}: {working} of {working + failing} calls work (at least {least})", flush=True)
                code |= working < least
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
