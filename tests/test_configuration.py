"""A project's configuration is found, read, and refused where it is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.commands import BROKEN, CONTRACT, run, written

from tallystick.config import load_configuration
from tallystick.nouns.errors import Exit, UsageError
from tallystick.nouns.timeouts import Timeouts


def configured(folder: Path, content: str, name: str = "tallystick.toml") -> Any:
    """The configuration that a file with this content gives a folder below it."""
    written(folder, name, content)
    below = folder / "deep" / "er"
    below.mkdir(parents=True, exist_ok=True)
    return load_configuration(below)


def test_the_configuration_is_found_upward(tmp_path: Path) -> None:
    """Any folder of a project has the project's settings, whose paths are relative to their file."""
    found = configured(
        tmp_path,
        '[tool.tallystick]\ncontracts = ["api"]\nmodels = "made"\nallow-refs = ["../shared", "example.com"]\n'
        '[tool.tallystick.rules]\noperation-id-missing = "off"\n'
        '[[tool.tallystick.overrides]]\npaths = ["old/*"]\nrules = { component-unused = "error" }\n',
        "pyproject.toml",
    )
    assert (found.folder, found.contracts, found.models) == (tmp_path, ("api",), "made")
    assert found.allow_refs == (f"{tmp_path}/../shared", "example.com")
    assert found.grade("operation-id-missing", "x.yaml", "warning") is None
    assert found.grade("component-unused", str(tmp_path / "old" / "x.yaml"), "warning") == "error"
    assert found.grade("component-unused", str(tmp_path / "x.yaml"), "warning") == "warning"


def test_a_pyproject_of_another_is_passed_over(tmp_path: Path) -> None:
    """A file without the table is no configuration, and the search goes on; tallystick.toml goes before pyproject."""
    written(tmp_path, "pyproject.toml", '[tool.tallystick]\nmodels = "outer"\n')
    written(tmp_path, "deep/pyproject.toml", '[tool.other]\nname = "tallystick"\n')
    assert load_configuration(tmp_path / "deep").models == "outer"
    written(tmp_path, "tallystick.toml", 'models = "own"\n')
    assert load_configuration(tmp_path / "deep").models == "own"


def test_without_a_configuration_there_are_defaults(tmp_path: Path) -> None:
    """No file at all means the defaults, and the folder that was asked about."""
    found = load_configuration(tmp_path)
    assert (found.file, found.contracts, found.models, found.rules) == (None, (), "generated", {})


def test_the_timeouts_of_the_mock_are_configured(tmp_path: Path) -> None:
    """Each is a number of seconds; those that are left out stay as they are."""
    timeouts = configured(tmp_path, "[mock]\nhead-seconds = 5\nwrite-idle-seconds = 0.5\n").timeouts
    assert timeouts == Timeouts(head_seconds=5, write_idle_seconds=0.5)
    assert timeouts.keep_alive_seconds == 75


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('contract = ["a"]', "unknown key 'contract'; did you mean 'contracts'?"),
        (
            "port = 4010",
            "unknown key 'port'; known: allow-refs, baseline, contracts, diff, expect, fuzz, mock, models, overrides, "
            "rules",
        ),
        ("mock = 4010", "mock: a table was expected, not 4010"),
        (
            "[mock]\nhead-seconds = 0",
            "mock: head-seconds: a number of seconds was expected, above 0 and at most 86,400; not 0",
        ),
        (
            "[mock]\nbody-idle-seconds = true",
            "mock: body-idle-seconds: a number of seconds was expected, above 0 and at most 86,400; not True",
        ),
        ('contracts = "a"', "contracts: a list of strings was expected, not 'a'"),
        ("models = 5", "models: a string was expected, not 5"),
        ('rules = "off"', "rules: a table was expected, not 'off'"),
        ('[rules]\na-b = "no"', "rules: a-b: expected off, warning, error; not 'no'"),
        ("overrides = {}", "overrides: a list of tables was expected, each with `paths` and `rules`"),
        (
            '[[overrides]]\npaths = ["a"]',
            "overrides (number 1): `rules` are needed, and `paths` or `operations` that they are for",
        ),
        ('[[overrides]]\npath = ["a"]', "overrides (number 1): unknown key 'path'; did you mean 'paths'?"),
        ("models = ", "not TOML: Invalid value (at end of document)"),
    ],
)
def test_a_wrong_configuration_says_where_and_what(
    content: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the file, the key and what would have worked."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as error:
        configured(tmp_path, content)
    assert str(error.value) == f"tallystick.toml: {said}"


def test_the_configuration_names_the_contracts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From any folder of the project, `check` without a path checks what the configuration names."""
    written(tmp_path, "tallystick.toml", 'contracts = ["api"]\n')
    written(tmp_path, "api/a.yaml", BROKEN)
    (tmp_path / "src").mkdir()
    for folder, shown in ((tmp_path, "api/a.yaml"), (tmp_path / "src", f"{tmp_path}/api/a.yaml")):
        monkeypatch.chdir(folder)
        result = run("check")
        assert result.output.startswith(f"{shown}:7: response-without-description")
        assert result.exit_code == Exit.VIOLATIONS


def test_a_wrong_configuration_ends_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that there is not is a usage error of the command."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "tallystick.toml", '[rules]\ncomponent-unusd = "off"\n')
    written(tmp_path, "a.yaml", CONTRACT)
    result = run("check", "a.yaml")
    assert result.exit_code == Exit.USAGE
    assert result.stderr.strip().endswith("unknown rule 'component-unusd'; did you mean 'component-unused'?")


def test_a_setting_that_is_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for `stateful`, as a flag or a key, is told that it is what the mock does."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "a.yaml", CONTRACT)
    flagged = run("mock", "--stateful", "a.yaml")
    assert flagged.exit_code == Exit.USAGE
    assert "--stateful: the mock remembers what was created" in flagged.stderr
    written(tmp_path, "tallystick.toml", "[mock]\nstateful = true\n")
    configured_so = run("mock", "--list", "a.yaml")
    assert configured_so.exit_code == Exit.USAGE
    assert "tallystick.toml: mock: stateful: the mock remembers" in configured_so.stderr
