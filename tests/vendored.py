"""What the page in the browser stands on: files of packages of npm, as they are; `make vendored` fetches them again.

Another version is a change of `PACKAGES`. The manifest keeps the digest that npm's registry has of each package, so
that another package under the same version is refused.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from support.folders import ROOT

FOLDER = ROOT / "tallystick" / "mock" / "console" / "vendored"
MANIFEST = FOLDER / "manifest.json"


@dataclass(frozen=True)
class Package:
    """A package of npm, and the files of it that are kept: the names in the package by the names in the folder."""

    name: str
    version: str
    files: Mapping[str, str]


PACKAGES = (
    Package("htmx.org", "2.0.11", {"htmx.min.js": "dist/htmx.min.js", "htmx.LICENSE.txt": "LICENSE"}),
    Package(
        "swagger-ui-dist",
        "5.35.0",
        {
            "swagger-ui-bundle.js": "swagger-ui-bundle.js",
            "swagger-ui-bundle.js.LICENSE.txt": "swagger-ui-bundle.js.LICENSE.txt",
            "swagger-ui.css": "swagger-ui.css",
            "swagger-ui.LICENSE.txt": "LICENSE",
            "swagger-ui.NOTICE.txt": "NOTICE",
        },
    ),
)


def integrity(octets: bytes) -> str:
    """The digest of some bytes, as npm and browsers write it (Subresource Integrity)."""
    return "sha512-" + base64.b64encode(hashlib.sha512(octets).digest()).decode()


def fetched(package: Package, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Fetch a package, write its files, and return its entry of the manifest; `kept` is its entry before.

    It ends the process where the package is not what the registry, or the manifest, says that it is.
    """
    name = f"{package.name}@{package.version}"
    said = _npm("view", "--json", name, "license", "dist.integrity")
    with TemporaryDirectory() as folder:
        (packed,) = _npm("pack", "--json", "--pack-destination", folder, name)
        octets = (Path(folder) / packed["filename"]).read_bytes()
        expected = {said["dist.integrity"], *([kept["integrity"]] if kept.get("version") == package.version else [])}
        if expected != {integrity(octets)}:
            sys.exit(f"{name} is {integrity(octets)}; expected {' and '.join(sorted(expected))}")
        with tarfile.open(Path(folder) / packed["filename"]) as archive:
            for file, original in package.files.items():
                content = archive.extractfile(f"package/{original}")
                assert content is not None
                (FOLDER / file).write_bytes(content.read())
    files = {
        file: {"from": original, "integrity": integrity((FOLDER / file).read_bytes())}
        for file, original in package.files.items()
    }
    return {
        "name": package.name,
        "version": package.version,
        "licence": said["license"],
        "integrity": integrity(octets),
        "files": files,
    }


def manifest() -> list[dict[str, Any]]:
    """The entries of the manifest: a package each."""
    entries: list[dict[str, Any]] = json.loads(MANIFEST.read_text()) if MANIFEST.exists() else []
    return entries


def _npm(*arguments: str) -> Any:
    return json.loads(subprocess.run(["npm", *arguments], check=True, stdout=subprocess.PIPE).stdout)


if __name__ == "__main__":
    before = {entry["name"]: entry for entry in manifest()}
    FOLDER.mkdir(parents=True, exist_ok=True)
    entries = [fetched(package, before.get(package.name, {})) for package in PACKAGES]
    MANIFEST.write_text(json.dumps(entries, indent=2) + "\n")
    for file in FOLDER.iterdir():
        if file != MANIFEST and not any(file.name in package.files for package in PACKAGES):
            file.unlink()
