"""Contracts of git revisions compared with those of the work tree."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.commands import CONTRACT, run, written

from tallystick.documents.revision import load_from_revision

SPLIT = CONTRACT.replace("{description: A day}", "{$ref: 'parts/day.yaml'}")
REMOVED = CONTRACT.replace("/day:", "/night:")


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    subprocess.run(("git", *identity, *arguments), cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose revision has a contract in two files, and whose work tree has another one in its place."""
    git(tmp_path, "init", "-q", "-b", "main")
    written(tmp_path, "openapi/days.yaml", SPLIT)
    part = written(tmp_path, "openapi/parts/day.yaml", "description: A day\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "One")
    written(tmp_path, "openapi/days.yaml", REMOVED)
    part.unlink()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_of_a_revision(repository: Path) -> None:
    """REVISION:FILE is read from git, with the files that its references lead to; the work tree stays as it is."""
    result = run("diff", "main:openapi/days.yaml", "openapi/days.yaml")
    assert result.exit_code == 1
    assert "old main:openapi/days.yaml:5" in result.output
    assert not (repository / "openapi/parts/day.yaml").exists()
    assert run("diff", "main:openapi/days.yaml", "HEAD:openapi/days.yaml").exit_code == 0


@pytest.mark.usefixtures("repository")
def test_each_contract_since_a_revision() -> None:
    """--base compares each contract with the same file of a revision, and tells of new ones."""
    written(Path(), "openapi/more.yaml", CONTRACT)
    result = run("diff", "--base", "main")
    assert result.exit_code == 1
    assert "breaking operation-removed" in result.output
    assert "info contract-added: the contract more was added" in result.output


@pytest.mark.usefixtures("repository")
def test_a_revision_that_is_not_there() -> None:
    """A revision or a file of it that is not there is told."""
    assert run("diff", "--base", "nowhere").exit_code == 2
    result = run("diff", "main:openapi/none.yaml", "openapi/days.yaml")
    assert result.exit_code == 3
    assert "main:openapi/none.yaml: the revision has no such file" in result.stderr
    assert run("diff", "openapi/days.yaml").exit_code == 2


def test_an_external_example_is_that_of_the_revision(repository: Path) -> None:
    """An `externalValue` is read from the revision too."""
    example = "{application/json: {examples: {day: {externalValue: day.json}}}}"
    text = CONTRACT.replace("{description: A day}", "{description: A day, content: " + example + "}")
    written(repository, "openapi/days.yaml", text)
    written(repository, "openapi/day.json", '"old"')
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "Two")
    written(repository, "openapi/day.json", '"new"')
    document = load_from_revision("main:openapi/days.yaml").document
    assert document.external((), "day.json") == b'"old"'


@pytest.mark.usefixtures("repository")
def test_a_folder_of_a_revision() -> None:
    """A folder of a revision is compared with a folder, its contracts by name; parts of contracts are none."""
    result = run("diff", "main:openapi", "openapi")
    assert result.exit_code == 1
    assert "breaking operation-removed" in result.output
    assert "contract-removed" not in result.output
    assert run("diff", "main:openapi/", "HEAD:openapi").exit_code == 0
    assert run("diff", "main:openapi", "openapi/days.yaml").exit_code == 2
