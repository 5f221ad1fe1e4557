"""`tallystick init`: what a project lacks is written, and what it has is left alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from support.running import PETS

from tallystick.cli import main

NAMES = ["openapi/api.yaml", "tallystick.toml", ".github/workflows/contracts.yml", ".pre-commit-config.yaml"]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which the command works in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(*arguments: str) -> str:
    """What the command prints; it must end well."""
    ended = CliRunner().invoke(main, [*arguments])
    assert ended.exit_code == 0, ended.output
    return ended.output


def files(folder: Path) -> dict[str, str]:
    """The text of each file below a folder, by its name."""
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def test_an_empty_folder_becomes_a_project(project: Path) -> None:
    """In an empty folder all four files are written, and the first contract has no violation, nor has its mock."""
    output = told("init")
    assert sorted(files(project)) == sorted(NAMES)
    assert [line for line in output.splitlines() if line.startswith("written")] == [
        f"written  {name}" for name in NAMES
    ]
    assert "{{" not in "".join(files(project).values()).replace("${{", "")
    assert told("check") == "1 contract, 4 operations: no violations\n"
    assert "curl -i http://127.0.0.1:4010/tasks\n" in told("mock", "--list")


def test_a_second_run_changes_nothing(project: Path) -> None:
    """A second run names what it keeps, and writes nothing."""
    told("init")
    before = files(project)
    output = told("init")
    assert files(project) == before
    assert output.endswith("nothing is missing\n")


def test_a_dry_run_writes_nothing(project: Path) -> None:
    """With --dry-run what is missing is named, and the folder stays empty."""
    assert [f"missing  {name}" for name in NAMES] == told("init", "--dry-run").splitlines()[:4]
    assert files(project) == {}


def test_what_is_there_is_taken(project: Path) -> None:
    """Contracts that are there are named in the configuration; files of the user's own stay as they are."""
    (project / "spec").mkdir()
    (project / "spec" / "pets.yaml").write_text(PETS)
    (project / ".gitlab-ci.yml").write_text("test:\n  script: [make]\n")
    (project / ".pre-commit-config.yaml").write_text("repos: []\n")
    output = told("init")
    assert files(project)["tallystick.toml"].count('contracts = ["spec/pets.yaml"]') == 1
    assert files(project)[".gitlab-ci.yml"] == "test:\n  script: [make]\n"
    assert "kept     .gitlab-ci.yml: it is yours; run `tallystick check` there\n" in output
    assert "kept     .pre-commit-config.yaml: it is yours; run `tallystick check` there\n" in output
    assert "openapi/api.yaml" not in files(project)


def test_a_folder_of_a_repository_gets_no_workflow_of_its_own(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the folder of a repository, the workflow and the hook are left to that folder."""
    subprocess.run(["git", "init", "-q", project], check=True)
    (project / "shop").mkdir()
    monkeypatch.chdir(project / "shop")
    output = told("init")
    assert sorted(files(project / "shop")) == ["openapi/api.yaml", "tallystick.toml"]
    assert f"the repository is {project}; run `tallystick init` there" in output


def test_a_file_that_cannot_be_written_is_one_error(project: Path) -> None:
    """A file in the place of a folder is one line, and the exit code 3."""
    (project / "openapi").write_text("")
    ended = CliRunner().invoke(main, ["init"], standalone_mode=True)
    assert ended.exit_code == 3
    assert ended.output.startswith("tallystick: openapi/api.yaml: cannot be written: ")


def test_the_workflows_are_yaml_and_run_what_there_is() -> None:
    """Each command line of tallystick in the first workflows is one that the command line knows."""
    templates = Path(__file__).parent.parent / "tallystick" / "cli" / "first_files"
    github = yaml.safe_load((templates / "github.yml").read_text())
    lines = [step["run"] for step in github["jobs"]["contracts"]["steps"] if "run" in step]
    lines += yaml.safe_load((templates / "gitlab.yml").read_text())["contracts"]["script"]
    lines += [
        hook["entry"] for hook in yaml.safe_load((templates / "pre-commit.yaml").read_text())["repos"][0]["hooks"]
    ]
    commands = [line.partition("tallystick ")[2].split() for line in lines if "tallystick " in line]
    assert {arguments[0] for arguments in commands} == {"check", "diff"}
    for name, *arguments in commands:
        known = main.get_command(main.make_context("tallystick", ["check"]), name)  # type: ignore[attr-defined]
        options = {option for parameter in known.params for option in parameter.opts}
        assert {argument for argument in arguments if argument.startswith("--")} <= options
