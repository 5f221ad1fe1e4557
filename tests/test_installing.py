"""What stands around the package: the image, its steps, the jobs of CI, and completion in a shell."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from click.shell_completion import get_completion_class
from support.folders import ROOT

from tallystick.cli import main
from tallystick.cli.check import command as check_command
from tallystick.documents.text import parse
from tallystick.nouns.extras import EXTRAS

DOCKERFILE = (ROOT / "Dockerfile").read_text()
STEPS = [
    tuple(line.split(maxsplit=1)) for line in DOCKERFILE.replace("\\\n", " ").splitlines() if line and line[0] != "#"
]
PAGE = (ROOT / "docs" / "installing.md").read_text()


def test_the_image_copies_what_the_wheel_is_built_of() -> None:
    """Each file that the image copies is here and passes .dockerignore: the package, and what pyproject.toml names."""
    passed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = [word for step, rest in STEPS if step == "COPY" and "--from" not in rest for word in rest.split()[:-1]]
    assert {*copied} == passed
    assert all((ROOT / name).exists() for name in copied)
    named = re.findall(r'"([A-Z]+(?:\.md)?)"', (ROOT / "pyproject.toml").read_text().partition("dependencies")[0])
    assert {*named} <= {*copied}


def test_the_image_runs_without_root() -> None:
    """The last user is no root, what is installed is pinned and not cached, and the command is the program itself."""
    assert [rest for step, rest in STEPS if step == "USER"] == ["10001"]
    installs = [rest for step, rest in STEPS if step == "RUN" and "pip install" in rest]
    assert all("--no-cache-dir" in rest and "--constraint" in rest for rest in installs)
    assert ("ENTRYPOINT", '["tallystick"]') in STEPS
    assert {rest.split()[0] for step, rest in STEPS if step == "FROM"} == {"python:3.13-slim"}
    extras = dict(STEPS)["ARG"].partition("=")[2]
    assert extras == "all" or extras in EXTRAS


def test_the_page_shows_the_job_that_init_writes() -> None:
    """The job of GitLab on the page is the one of `init`, without a version."""
    page = (ROOT / "docs" / "ci.md").read_text()
    blocks = [parse(text, "") for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
    written = (
        (ROOT / "tallystick" / "cli" / "first_files" / "gitlab.yml")
        .read_text()
        .replace("'tallystick{{version}}'", "tallystick")
    )
    assert parse(written, "") in blocks


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_commands_flags_and_values_are_completed(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each shell has a script, whose variable the page names, and is told commands, flags and the values of flags."""
    variable = "_TALLYSTICK_COMPLETE"
    assert f"{variable}={shell}_source tallystick" in PAGE
    found = get_completion_class(shell)
    assert found is not None
    monkeypatch.setattr(found, "_check_version", lambda *_: None, raising=False)
    completion = found(main, {}, "tallystick", variable)
    assert "tallystick" in completion.source()

    def told(line: str, last: str) -> list[str]:
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", last if shell == "fish" else str(len(line.split(" ")) - 1))
        return [item.value for item in completion.get_completions(*completion.get_completion_args())]

    assert told("tallystick ch", "ch") == ["check"]
    assert "--format" in told("tallystick check --fo", "--fo")
    assert "junit" in told("tallystick check --format j", "j")
    assert check_command.name == "check"


def test_bash_completes() -> None:
    """A bash that has read the script completes a command."""
    script = (
        'eval "$(_TALLYSTICK_COMPLETE=bash_source tallystick)"; COMP_WORDS=(tallystick sch); COMP_CWORD=1; '
        '_tallystick_completion tallystick sch; echo "${COMPREPLY[@]}"'
    )
    path = f"{os.path.dirname(sys.executable)}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if "requires" in done.stderr or done.returncode == 127:
        pytest.skip(f"no bash that completes is here: {done.stderr}")
    assert done.stdout.split() == ["schema"], done.stderr
