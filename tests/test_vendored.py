"""The vendored files that the page stands on are what npm has, with their licences, and they are shipped."""

from __future__ import annotations

import pytest
from support.folders import ROOT
from vendored import FOLDER, MANIFEST, PACKAGES, integrity, manifest

MOST_BYTES = 2_100_000
"""What they may weigh together; they are most of the wheel."""


def test_each_vendored_file_is_that_of_the_manifest() -> None:
    """The folder holds the files of the manifest, with their digests, and no other."""
    digests = {file: each["integrity"] for entry in manifest() for file, each in entry["files"].items()}
    assert {file.name: integrity(file.read_bytes()) for file in FOLDER.iterdir() if file != MANIFEST} == digests


def test_the_manifest_is_of_the_packages_that_are_fetched() -> None:
    """The names, the versions and the files of the manifest are those that `make vendored` fetches."""
    entries = {
        (entry["name"], entry["version"]): {name: each["from"] for name, each in entry["files"].items()}
        for entry in manifest()
    }
    assert entries == {(package.name, package.version): dict(package.files) for package in PACKAGES}


@pytest.mark.parametrize("entry", manifest(), ids=lambda entry: str(entry["name"]))
def test_each_package_has_its_licence_beside_it(entry: dict[str, object]) -> None:
    """A package names its licence, and its text is one of the files."""
    files = entry["files"]
    assert isinstance(files, dict)
    texts = [(FOLDER / name).read_text() for name, each in files.items() if each["from"].startswith("LICENSE")]
    assert entry["licence"] in ("0BSD", "BSD-2-Clause", "MIT", "Apache-2.0")
    assert any("warrant" in text.lower() for text in texts)


def test_the_vendored_files_are_in_the_wheel() -> None:
    """The wheel has each vendored file, and they weigh no more than was agreed."""
    builders = pytest.importorskip("hatchling.builders.wheel", reason="hatchling builds releases")
    shipped = {file.distribution_path for file in builders.WheelBuilder(str(ROOT)).recurse_included_files()}
    assert {str(file.relative_to(ROOT)) for file in FOLDER.iterdir()} <= shipped
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < MOST_BYTES
