"""The folder of models is written, compared with its contracts, and never harmed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.modelling import contract_of, document, run, things

from tallystick.config import Configuration
from tallystick.models import generate, write
from tallystick.nouns.errors import Exit


def folder_of(tmp_path: Path, **contracts: Any) -> tuple[Path, Path]:
    """A folder of contracts, by name, and one for their models."""
    for name, value in contracts.items():
        contract_of(tmp_path / "openapi", value, f"{name}.json")
    return tmp_path / "openapi", tmp_path / "generated"


def test_models_are_written_and_stay(tmp_path: Path) -> None:
    """A first run writes a module for each contract and one that lists them; a second one changes nothing."""
    contracts, models = folder_of(tmp_path, one=document({"A": things(x={})}), two=document({}))
    first = run(contracts, "-o", models)
    assert first.exit_code == Exit.CLEAN
    assert [line.rpartition("/")[2] for line in first.output.splitlines()] == [
        *("__init__.py: written", "one.py: written", "two.py: written"),
    ]
    before = {file: file.read_bytes() for file in models.iterdir()}
    again = run(contracts, "-o", models)
    assert again.output == f"{models}: up to date with 2 contracts\n"
    assert {file: file.read_bytes() for file in models.iterdir()} == before
    assert "- `one` from ../openapi/one.json\n" in (models / "__init__.py").read_text()


def test_drift_is_shown_as_a_diff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--check` fails where a module is not what its contract makes, shows how, and writes nothing."""
    contracts, models = folder_of(tmp_path, one=document({"A": things(x={"type": "string"})}))
    run(contracts, "-o", models)
    contract_of(contracts, document({"A": things(x={"type": "array", "items": {"type": "string"}})}), "one.json")
    before = (models / "one.py").read_bytes()
    result = run(contracts, "-o", models, "--check")
    assert result.exit_code == Exit.VIOLATIONS
    assert "\n-    x: str | None = None\n+    x: list[str] | None = None\n" in result.stdout
    assert result.stderr == f"tallystick: 1 file in {models} would change; tallystick models writes them\n"
    assert (models / "one.py").read_bytes() == before
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[32m+    x: list[str] | None = None\x1b[0m\n" in run(contracts, "-o", models, "--check").stdout


def test_a_module_whose_contract_is_gone_is_stale(tmp_path: Path) -> None:
    """`--check` fails on it and the next run removes it; one that is only not asked for stays."""
    contracts, models = folder_of(tmp_path, one=document({}), two=document({}), three=document({}))
    run(contracts, "-o", models)
    (contracts / "two.json").unlink()
    checked = run(contracts / "one.json", "-o", models, "--check")
    assert checked.exit_code == Exit.VIOLATIONS
    assert f"--- {models}/two.py\n+++ /dev/null\n" in checked.stdout
    assert f"{models}/two.py: removed\n" in run(contracts / "one.json", "-o", models).output
    assert sorted(file.name for file in models.iterdir()) == ["__init__.py", "one.py", "three.py"]


def test_a_file_that_was_not_generated_is_not_overwritten(tmp_path: Path) -> None:
    """A module written by hand where a generated one would go is one error, and stays."""
    contracts, models = folder_of(tmp_path, one=document({}))
    models.mkdir()
    (models / "one.py").write_text("x = 1\n")
    result = run(contracts, "-o", models)
    assert result.exit_code == Exit.USAGE
    assert result.stderr.startswith(f"tallystick: {models}/one.py was not generated and is in the way; move it")
    assert (models / "one.py").read_text() == "x = 1\n"


def test_two_contracts_of_one_name_are_one_error(tmp_path: Path) -> None:
    """Two contracts that would be one module are named, and nothing is written."""
    contracts, models = folder_of(tmp_path, **{"my-api": document({}), "my_api": document({})})
    result = run(contracts, "-o", models)
    assert result.exit_code == Exit.USAGE
    assert "my-api.json and " in result.stderr
    assert "would both be the module my_api" in result.stderr
    assert not models.exists()


def test_a_contract_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path) -> None:
    """The others are written, the one is named with its line, and the exit code says so."""
    contracts, models = folder_of(tmp_path, one=document({}))
    (contracts / "two.json").write_text('{"openapi": "3.1.0",\n oops}')
    result = run(contracts, contracts / "nowhere.yaml", "-o", models)
    assert result.exit_code == Exit.UNREACHABLE
    assert [line.partition(": ")[2].rpartition("/")[2][:12] for line in result.stderr.splitlines()] == [
        *("two.json:2: ", "nowhere.yaml"),
    ]
    assert (models / "one.py").exists()


def test_a_folder_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    """A folder below a file cannot be made; the message says which folder was to be written, and what is in the way."""
    contracts, _ = folder_of(tmp_path, one=document({}))
    (tmp_path / "file").write_text("")
    result = run(contracts, "-o", tmp_path / "file" / "models")
    assert result.exit_code == Exit.UNREACHABLE
    obstacle = f"{tmp_path}/file is no folder, or is below a file"
    assert result.stderr == f"tallystick: {tmp_path}/file/models: cannot be written: {obstacle}\n"


def test_what_has_no_model_is_told_and_strict_refuses_it(tmp_path: Path) -> None:
    """A part without a model is a line on stderr; with --strict nothing is written."""
    contracts, models = folder_of(tmp_path, one=document({"A": {"type": "strng"}}))
    strict = run(contracts, "-o", models, "--strict")
    assert strict.exit_code == Exit.VIOLATIONS
    assert "one.json:1: unreadable-part: type must be one of " in strict.stderr
    assert not models.exists()
    assert run(contracts, "-o", models).exit_code == Exit.CLEAN
    assert models.exists()


def test_the_api_writes_what_it_says(tmp_path: Path) -> None:
    """`generate` changes nothing until its modules are written."""
    contracts, models = folder_of(tmp_path, one=document({}))
    result = generate([str(contracts)], Configuration(tmp_path))
    assert [change.file for change in result.changes] == [models / "__init__.py", models / "one.py"]
    assert not models.exists()
    assert write(models, result.modules) == list(result.changes)
    assert generate([str(contracts)], Configuration(tmp_path)).changes == ()
