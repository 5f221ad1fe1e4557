"""The GitHub action: the script of each of its steps, run as it stands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.folders import ROOT
from support.running import PETS
from support.servers import free_port

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS: dict[str, dict[str, Any]] = {step["name"]: step for step in ACTION["runs"]["steps"]}
GH = """#!/bin/sh
printf '%s\\n' "$*" >> "$RUNNER_TEMP/gh.txt"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with one contract on the branch `main`, and commands that the steps find."""
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "tallystick").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tallystick "$@"\n')
    (commands / "gh").write_text(GH)
    for command in commands.iterdir():
        command.chmod(0o755)
    folder = tmp_path / "project"
    (folder / "openapi").mkdir(parents=True)
    (folder / "openapi" / "pets.yaml").write_text(PETS)
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *arguments], cwd=folder, check=True)
    return folder


def ran(name: str, project: Path, **values: str) -> subprocess.CompletedProcess[str]:
    """A step's script, run by bash as GitHub runs it; its variables are those of the step, or have these values."""
    step = STEPS[name]
    assert values.keys() <= step["env"].keys()
    temporary = project.parent
    environment = {
        **os.environ,
        **dict.fromkeys(step["env"], ""),
        **values,
        "PATH": f"{temporary / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "RUNNER_TEMP": str(temporary),
        "GITHUB_STEP_SUMMARY": str(temporary / "summary.md"),
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=120)


def test_each_input_is_used() -> None:
    """Each input of the action stands in a step, and each step takes inputs by variables, not within its script."""
    text = (ROOT / "action.yml").read_text()
    assert all(f"inputs.{name}" in text for name in ACTION["inputs"])
    assert not any("${{" in step["run"] for step in STEPS.values())


def test_the_check_annotates_what_is_wrong(project: Path) -> None:
    """A right contract passes; a wrong one fails with an annotation for its line."""
    assert ran("Check", project).returncode == 0
    (project / "openapi" / "pets.yaml").write_text(PETS.replace("responses:", "answers:"))
    wrong = ran("Check", project, CONTRACTS="\n  openapi/pets.yaml\n".replace("  ", ""))
    assert wrong.returncode == 1
    assert "::error file=openapi/pets.yaml,line=" in wrong.stdout


def test_models_that_do_not_match_fail(project: Path) -> None:
    """Models that were not written fail the step."""
    assert ran("Models", project).returncode == 1


def test_a_change_is_told_in_the_summary_and_as_a_comment(project: Path) -> None:
    """A change that breaks clients fails the step, stands in its summary, and in a comment where that is wanted."""
    (project / "openapi" / "pets.yaml").write_text(PETS.replace("/pets", "/animals"))
    changed = ran("Diff", project, BASE="main", COMMENT="true", NUMBER="7")
    assert changed.returncode == 1, changed.stderr
    assert "::error " in changed.stdout
    assert "operation-removed" in (project.parent / "summary.md").read_text()
    assert (project.parent / "gh.txt").read_text().startswith("pr comment 7 --edit-last --create-if-none --body-file ")


def test_no_change_passes(project: Path) -> None:
    """Without a change the step passes, and no comment is written that was not wanted."""
    assert ran("Diff", project, BASE="main").returncode == 0
    assert not (project.parent / "gh.txt").exists()


def test_a_fuzz_run_ends_as_it_should(project: Path) -> None:
    """The exit code of the step is that of the run, and what it says is in the summary."""
    ended = ran("Fuzz", project, FUZZ=f"openapi/pets.yaml --url 'http://127.0.0.1:{free_port()}' --max-time 5")
    assert ended.returncode == 3
    assert "cannot be reached" in ended.stderr
    assert "```text" in (project.parent / "summary.md").read_text()
