"""`tallystick diff` on the command line: reports, exit codes, files and folders."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from support.commands import CONTRACT, run, written
from support.folders import CORPUS

from tallystick.contracts.read import read_contract
from tallystick.diff.run import compare
from tallystick.nouns.change import Grade

REMOVED = CONTRACT.replace("/day:", "/night:")
RENAMED = CONTRACT.replace("getDay", "readDay")
CASES = CORPUS.parent / "diff-cases"


def test_a_breaking_change_fails(tmp_path: Path) -> None:
    """A breaking change is told with its witness as a curl line, and the exit code is 1."""
    old, new = written(tmp_path, "old.yaml", CONTRACT), written(tmp_path, "new.yaml", REMOVED)
    result = run("diff", str(old), str(new))
    assert result.exit_code == 1
    assert "breaking operation-removed: GET /day was removed" in result.output
    assert "curl -i http://127.0.0.1:4010/day" in result.output
    assert run("diff", str(old), str(new), "--fail-on", "never").exit_code == 0


def test_no_change(tmp_path: Path) -> None:
    """A document and itself have no change, and the exit code is 0."""
    old, new = written(tmp_path, "old.yaml", CONTRACT), written(tmp_path, "new.yaml", CONTRACT + "# the same\n")
    result = run("diff", str(old), str(new))
    assert (result.exit_code, result.output) == (0, "no change\n")


def test_a_warning_fails_where_it_is_asked_for(tmp_path: Path) -> None:
    """A warning fails with --fail-on warning alone."""
    old, new = written(tmp_path, "old.yaml", CONTRACT), written(tmp_path, "new.yaml", RENAMED)
    assert run("diff", str(old), str(new)).exit_code == 0
    assert run("diff", str(old), str(new), "--fail-on", "warning").exit_code == 1


def test_json(tmp_path: Path) -> None:
    """The report in JSON has each change with its rule, severity, places and witness."""
    old, new = written(tmp_path, "old.yaml", CONTRACT), written(tmp_path, "new.yaml", REMOVED)
    report = json.loads(run("diff", str(old), str(new), "--format", "json").output)
    assert report["counts"] == {"breaking": 1, "warning": 0, "info": 1}
    change = report["changes"][0]
    assert (change["rule"], change["severity"], change["operation"]) == ("operation-removed", "breaking", "GET /day")
    assert change["old"] == {"file": str(old), "line": 5, "pointer": "/paths/~1day/get"}
    assert change["new"] is None
    assert change["witness"]["curl"] == "curl -i http://127.0.0.1:4010/day"


def test_folders_are_compared_by_the_names_of_their_files(tmp_path: Path) -> None:
    """The contracts of two folders are compared by name; one that only the old folder has is breaking."""
    for side, text in (("old", CONTRACT), ("new", RENAMED)):
        written(tmp_path, f"{side}/days.yaml", text)
    written(tmp_path, "old/nights.yaml", REMOVED)
    report = json.loads(run("diff", str(tmp_path / "old"), str(tmp_path / "new"), "--format", "json").output)
    assert [change["rule"] for change in report["changes"]] == ["contract-removed", "operation-id-changed"]


def test_a_folder_beside_a_file_is_a_wrong_command_line(tmp_path: Path) -> None:
    """A folder is not compared with a file, and a file that is not there is told."""
    old = written(tmp_path, "old.yaml", CONTRACT)
    assert run("diff", str(old), str(tmp_path)).exit_code == 2
    assert run("diff", str(old), str(tmp_path / "none.yaml")).exit_code == 3


def test_pairs_of_real_changes() -> None:
    """What another tool calls breaking is found where a value shows it or could, and nothing else is without proof.

    Six pairs change what no value shows: an `allOf` that adds nothing (four), a bound of arrays on texts, and a schema
    that no value fits before or after.
    """
    if not CASES.is_dir():
        pytest.skip(f"{CASES} is not here")
    found = witnessed = alarms = 0
    with (CASES / "INDEX.tsv").open() as file:
        for row in list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)):
            old, new = (read_contract(CASES / row["name"] / f"{side}.yaml") for side in ("base", "revision"))
            breaking = [each for each in compare(old, new, date(2026, 1, 1)) if each.grade is Grade.BREAKING]
            found += row["verdict"] == "breaking" and bool(breaking)
            witnessed += row["verdict"] == "breaking" and any(each.witness is not None for each in breaking)
            alarms += row["verdict"] != "breaking" and any(each.witness is None for each in breaking)
    assert (found, witnessed, alarms) == (56, 48, 0)
