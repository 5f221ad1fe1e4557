"""What `tallystick fuzz` says where the installed Schemathesis does not fit."""

from __future__ import annotations

import sys
import tomllib
from enum import StrEnum
from importlib import metadata
from types import ModuleType

import pytest
import schemathesis
from click.testing import CliRunner, Result
from schemathesis import engine
from schemathesis.engine import run
from support.folders import ROOT
from support.fuzzing import DETECTION

from tallystick.cli import main
from tallystick.cli.fuzz import SCHEMATHESIS_RANGE
from tallystick.nouns.errors import Exit


def fuzz_with_a_new_import(monkeypatch: pytest.MonkeyPatch) -> Result:
    """`tallystick fuzz`, where no module that imports Schemathesis has been imported yet."""
    for name in [name for name in sys.modules if name.startswith("tallystick.fuzz.")]:
        if name == "tallystick.fuzz.engine" or name.startswith("tallystick.fuzz.schemathesis_"):
            monkeypatch.delitem(sys.modules, name)
    return CliRunner().invoke(main, ["fuzz", str(DETECTION), "--app", "support.detection_api:app"])


@pytest.mark.parametrize(("module", "name"), [(engine, "from_schema"), (run, "PhaseName")], ids=["function", "class"])
def test_a_release_without_a_name_is_one_error(module: ModuleType, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a name that every run needs is gone, the error names it, the installed release and the range that works."""
    monkeypatch.delattr(module, name)
    result = fuzz_with_a_new_import(monkeypatch)
    assert result.exit_code == Exit.UNREACHABLE, result.stderr
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"tallystick: the installed Schemathesis {schemathesis.__version__} does not fit: ")
    assert name in line
    assert line.endswith(f"; tallystick fuzz works with schemathesis{SCHEMATHESIS_RANGE}")
    assert result.stdout == ""


def test_a_release_without_a_member_of_a_class_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is gone from a class of Schemathesis is an error like a name that is gone from a module."""
    monkeypatch.setattr(run, "PhaseName", StrEnum("PhaseName", ["COVERAGE", "EXAMPLES"]))
    result = fuzz_with_a_new_import(monkeypatch)
    assert result.exit_code == Exit.UNREACHABLE, result.stderr
    assert "does not fit: " in result.stderr
    assert "FUZZING" in result.stderr


def test_a_schemathesis_that_is_missing_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Schemathesis is not installed, the error says so, and what to type."""

    def no_package(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", no_package)
    monkeypatch.setitem(sys.modules, "schemathesis", None)
    result = fuzz_with_a_new_import(monkeypatch)
    assert result.exit_code == Exit.UNREACHABLE, result.stderr
    assert result.stderr.startswith("tallystick: Schemathesis is not installed: ")
    assert result.stderr.endswith("; type: python -m pip install 'tallystick[fuzz]'\n")


def test_a_missing_name_of_our_own_stays_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module of tallystick that lacks a name is not blamed on Schemathesis."""
    monkeypatch.delenv("TALLYSTICK_DEBUG", raising=False)  # other tests set it, and then a fault is raised
    monkeypatch.setitem(sys.modules, "tallystick.fuzz.reproduction", ModuleType("tallystick.fuzz.reproduction"))
    result = fuzz_with_a_new_import(monkeypatch)
    assert result.exit_code == Exit.FAULT
    assert "a fault of tallystick itself: ImportError: cannot import name " in result.stderr


def test_the_range_is_the_one_that_is_declared() -> None:
    """The range in the error is the one with which Schemathesis is a dependency."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"schemathesis{SCHEMATHESIS_RANGE}" in project["optional-dependencies"]["fuzz"]
