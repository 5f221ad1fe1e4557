"""What is released, and what it says that it needs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from support.folders import ROOT

from tallystick.nouns import extras

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
_NOT_TESTED = ("all", "browser", "docs")
EXTRAS = {name: needs for name, needs in PROJECT["optional-dependencies"].items() if name not in _NOT_TESTED}
REQUIREMENTS = [*PROJECT["dependencies"], *(need for needs in EXTRAS.values() for need in needs)]
PINS = (ROOT / "constraints.txt").read_text()
_LEFT_OUT = shutil.ignore_patterns(".venv*", ".git", ".*_cache", "__pycache__", "build", "dist", ".hypothesis")


def built(folder: Path) -> dict[str, bytes]:
    """The wheel and the source distribution of a copy of the repository that was made just now."""
    shutil.copytree(ROOT, folder, ignore=_LEFT_OUT)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build"], cwd=folder, env=environment, check=True, capture_output=True
    )
    return {file.name: file.read_bytes() for file in (folder / "dist").iterdir()}


def test_a_release_is_the_same_bytes_wherever_it_is_built(tmp_path: Path) -> None:
    """Two copies of the repository, in two folders, under two masks of permissions, give the same wheel and sdist."""
    pytest.importorskip("hatchling", reason="hatchling builds releases")
    first = built(tmp_path / "first")
    before = os.umask(0o077)
    try:
        second = built(tmp_path / "elsewhere" / "second")
    finally:
        os.umask(before)
    assert len(first) == 2
    assert first == second


def test_the_lowest_versions_are_those_of_the_project() -> None:
    """`make lowest` pins each dependency, of users and of development, to the lower bound that it has."""
    lines = subprocess.check_output([sys.executable, ROOT / ".ci" / "lowest"], text=True).splitlines()
    assert [re.split("==", line)[0] for line in lines] == [re.split(r"[\[>]", each)[0] for each in REQUIREMENTS]


def test_what_is_installed_is_pinned() -> None:
    """constraints.txt has each direct dependency."""
    pinned = {line.partition("==")[0].lower().replace("_", "-") for line in PINS.splitlines()}
    assert {re.split(r"[\[>]", each)[0].lower() for each in REQUIREMENTS} <= pinned


def test_each_extra_has_its_sentence_and_is_in_all() -> None:
    """The extras of users are those that messages tell to install, and `all` has each of them."""
    assert set(EXTRAS) - {"dev"} == set(extras.EXTRAS)
    assert PROJECT["optional-dependencies"]["all"] == [f"tallystick[{','.join(sorted(extras.EXTRAS))}]"]


def test_the_wheel_alone_has_all_that_its_commands_read(tmp_path: Path) -> None:
    """Unpacked into a folder of its own, the package checks, lists, prints its schemas, and begins a project."""
    pytest.importorskip("hatchling", reason="hatchling builds releases")
    dist = tmp_path / "dist"
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", dist],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    with zipfile.ZipFile(next(dist.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
        wheel.extractall(tmp_path / "lib")
    assert {name.partition("/")[0] for name in names if ".dist-info" not in name} == {"tallystick"}
    assert "tallystick/py.typed" in names
    work = tmp_path / "work"
    work.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "lib")}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *arguments]
        return subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, timeout=120)

    assert run("-c", "import tallystick; print(tallystick.__file__)").stdout.startswith(str(tmp_path / "lib"))
    for command in ("init", "check", "mock --list", "schema scenario", "diff openapi openapi"):
        done = run("-m", "tallystick", *command.split())
        assert done.returncode == 0, (command, done.stdout, done.stderr)
