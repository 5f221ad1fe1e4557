"""Which documents `check` reads, and what a configuration makes of what it finds."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from support.checking import CONTRACT, changed, checked, lines
from support.folders import OPENAPI

from tallystick.check.run import check, check_rule_ids
from tallystick.config import Configuration, Override, path_from_here
from tallystick.contracts.files import files_at
from tallystick.documents import text
from tallystick.nouns.errors import Exit, UsageError
from tallystick.nouns.violation import Severity


def test_our_own_contracts_have_no_violation() -> None:
    """The documented endpoints' contracts are clean, warnings included."""
    outcome = checked(OPENAPI)
    assert lines(outcome) == []
    assert (len(outcome.contracts), sum(len(contract.operations) for contract in outcome.contracts)) == (4, 5)
    assert outcome.code(strict=True) is Exit.CLEAN


def test_a_bound_may_be_larger_than_any_float(tmp_path: Path) -> None:
    """A whole number of hundreds of digits is compared with a fraction, and does not end the check."""
    bounds = f"schema: {{type: number, minimum: -1.5, maximum: {10**400}, multipleOf: 0.5}}"
    file = tmp_path / "days.yaml"
    file.write_text(changed(("schema: {type: string, format: date}", bounds), ("example: 2024-01-01", "example: 2")))
    assert lines(checked(file)) == []


def test_a_folder_without_contracts_says_so(tmp_path: Path) -> None:
    """A folder is searched, and one in which there is nothing to read is an error."""
    (tmp_path / "notes.yaml").write_text("openapi is mentioned here: nothing more\nx:\n  openapi: 3.1.0\n")
    (tmp_path / "package.json").write_text('{"scripts": {"openapi": "3.1.0"}}')
    outcome = checked(tmp_path)
    expected = "no contract in this folder: no .yaml, .yml or .json file here has `openapi` (or `swagger`) at its top"
    assert [one.message for one in outcome.violations] == [expected]
    assert outcome.code() is Exit.UNREACHABLE


def test_a_folder_is_read_all_the_way_down(tmp_path: Path) -> None:
    """Files that have the field at their top are read, the parts that they refer to only through them."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "a" / "b" / "one.yaml").write_text(CONTRACT)
    (tmp_path / "two.yml").write_text(f"# a comment\n---\n{CONTRACT}")
    (tmp_path / "three.json").write_text(json.dumps(text.parse(CONTRACT, "")))
    (tmp_path / "flow.yaml").write_text("{openapi: 3.1.0, info: {title: a, version: '1'}, paths: {}}")
    (tmp_path / "part.yaml").write_text("type: string\n")
    (tmp_path / "notes.md").write_text("openapi: 3.1.0\n")
    (tmp_path / ".hidden" / "four.yaml").write_text(CONTRACT)
    found = [str(file.relative_to(tmp_path)) for file in files_at(str(tmp_path))]
    assert found == ["a/b/one.yaml", "flow.yaml", "three.json", "two.yml"]


def test_a_glob_names_files_and_nothing_that_matches_is_an_error(tmp_path: Path) -> None:
    """Of the files that match, the contracts are read."""
    (tmp_path / "one.yaml").write_text(CONTRACT)
    (tmp_path / "part.yaml").write_text("type: string\n")
    assert [contract.name for contract in checked(f"{tmp_path}/*.yaml").contracts] == ["one"]
    assert [one.message for one in checked(f"{tmp_path}/*.json").violations] == ["no file matches"]
    expected = "no file that matches has `openapi` (or `swagger`) at its top"
    assert [one.message for one in checked(f"{tmp_path}/p*.yaml").violations] == [expected]


def test_what_cannot_be_read_does_not_hide_the_rest(tmp_path: Path) -> None:
    """The others are judged, a file that is named twice once, and the exit code says that something was not read."""
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(CONTRACT)
    bad.write_text(changed(("example: 2024-01-01", "example: 5")))
    outcome = checked(tmp_path / "none.yaml", good, tmp_path)
    assert [contract.name for contract in outcome.contracts] == ["good", "bad"]
    assert lines(outcome) == [
        "bad.yaml:13: example-not-valid: "
        "the example: 5 is an integer; expected a string; write it in quotes (schema: line 12)",
        "none.yaml: unreadable-document: there is no such file",
    ]
    assert outcome.code() is Exit.UNREACHABLE


@pytest.mark.skipif(os.geteuid() == 0, reason="everything may be read as root")
def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    """The operating system's reason is told."""
    file = tmp_path / "x.yaml"
    file.write_text(CONTRACT)
    file.chmod(0)
    assert lines(checked(file)) == ["x.yaml: unreadable-document: cannot be read: Permission denied"]


def test_a_reference_out_of_the_folder_is_followed_where_it_is_allowed(tmp_path: Path) -> None:
    """What leaves the contract's folder is not read until the user allows it, and the exit code says so."""
    (tmp_path / "api").mkdir()
    (tmp_path / "day.yaml").write_text("type: strin\n")
    file = tmp_path / "api" / "x.yaml"
    file.write_text(changed(("{type: string, format: date}", "{$ref: ../day.yaml}")))
    outcome = checked(file)
    assert [(one.rule, one.severity) for one in outcome.violations] == [("reference-not-followed", Severity.ERROR)]
    assert outcome.violations[0].message.endswith(f"allow it with --allow-ref {path_from_here(tmp_path)}")
    assert outcome.code() is Exit.UNREACHABLE
    graded = checked(file, configuration=Configuration(rules={"reference-not-followed": "warning"}))
    assert (graded.code(), graded.code(strict=True)) == (Exit.CLEAN, Exit.VIOLATIONS)
    for allowed in (
        check([str(file)], Configuration(), [str(tmp_path)]),
        checked(file, configuration=Configuration(allow_refs=(str(tmp_path),))),
    ):
        assert [str(one.contract) for one in allowed.violations] == [f"{tmp_path}/day.yaml:1"]


def test_the_configuration_grades_rules(tmp_path: Path) -> None:
    """A rule may be switched off or graded otherwise, everywhere or in some files, and the last override decides."""
    (tmp_path / "old").mkdir()
    for file in (tmp_path / "new.yaml", tmp_path / "old" / "a.yaml", tmp_path / "old" / "b.yaml"):
        file.write_text(changed(("      operationId: getDay\n", "")))
    overrides = (
        Override(("old/*.yaml",), {"operation-id-missing": "off"}),
        Override(("old/b.yaml",), {"operation-id-missing": "warning"}),
    )
    configuration = Configuration(tmp_path, rules={"operation-id-missing": "error"}, overrides=overrides)
    outcome = checked(tmp_path, configuration=configuration)
    assert [(Path(one.contract.file).name, one.severity) for one in outcome.violations] == [
        ("new.yaml", Severity.ERROR),
        ("b.yaml", Severity.WARNING),
    ]
    assert outcome.code() is Exit.VIOLATIONS


def test_a_rule_that_there_is_not_is_named(tmp_path: Path) -> None:
    """A misspelt rule in the configuration is an error that names the nearest one."""
    configuration = Configuration(tmp_path, tmp_path / "tallystick.toml", rules={"operation-id-mising": "off"})
    with pytest.raises(UsageError, match=r"unknown rule 'operation-id-mising'; did you mean 'operation-id-missing'\?"):
        check_rule_ids(configuration)


def test_what_cannot_be_read_cannot_be_graded(tmp_path: Path) -> None:
    """A document that nobody can read is not a matter of taste."""
    configuration = Configuration(tmp_path, tmp_path / "tallystick.toml", rules={"unreadable-document": "off"})
    with pytest.raises(UsageError, match="unreadable-document cannot be graded"):
        check_rule_ids(configuration)


def test_no_contract_at_all_is_a_usage_error(tmp_path: Path) -> None:
    """Without a path, a configuration and the folder openapi/, the message says what would have worked."""
    with pytest.raises(UsageError, match="give a PATH, put contracts into openapi/, or name them"):
        check([], Configuration(tmp_path))
