"""`tallystick init`: a project gets what it lacks of a configuration, a contract, a workflow and a hook."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from tallystick.cli import version
from tallystick.config import load_configuration
from tallystick.contracts.files import documents_named, looks_like_contract
from tallystick.files.kinds import reason
from tallystick.files.writing import write_whole
from tallystick.nouns.errors import Exit, UnreachableError
from tallystick.nouns.printing import print_lines
from tallystick.nouns.words import counted

_TEMPLATES = Path(__file__).parent / "first_files"
_CONTRACT = "openapi/api.yaml"
_MOST_NAMED = 8
"""How many contracts the configuration names one by one; beyond it, it names the folders that they are in."""


@dataclass(frozen=True, slots=True)
class _FirstFile:
    """A file that a project gets if it has none of its kind; `kept` says why it is left as it is, "" if it is new."""

    name: str
    template: str
    kept: str = ""


@click.command(short_help="Give a project what it lacks.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would be written.")
def command(dry_run: bool) -> int:
    """Write a configuration, a first contract, a CI workflow and a pre-commit hook: those that the project lacks.

    It asks nothing: the contracts that are here are taken, GitLab is seen by its files, and no file is overwritten.
    """
    contracts = sorted(str(file) for file in documents_named(["."]) if looks_like_contract(file))
    values = {"contracts": json.dumps(_named(contracts)), "version": _pinned()}
    written = 0
    for file in _first_files(contracts):
        if file.kept:
            print_lines(f"kept     {file.name}: {file.kept}")
            continue
        text = (_TEMPLATES / file.template).read_text("utf-8")
        for name, value in values.items():
            text = text.replace(f"{{{{{name}}}}}", value)
        if not dry_run:
            _write(Path(file.name), text)
        print_lines(f"{'missing' if dry_run else 'written'}  {file.name}")
        written += 1
    if contracts:
        print_lines(f"taken    {counted(len(contracts), 'contract')}: {', '.join(_named(contracts))}")
    print_lines(
        "next: `tallystick mock` serves them, `tallystick check` judges them" if written else "nothing is missing"
    )
    return Exit.CLEAN


def _first_files(contracts: Sequence[str]) -> Iterator[_FirstFile]:
    if not contracts:
        kept = "it is yours, and no contract yet" if os.path.lexists(_CONTRACT) else ""
        yield _FirstFile(_CONTRACT, "contract.yaml", kept)
    configured = load_configuration().file
    here = f"the configuration is in {configured.name}" if configured is not None else ""
    yield _FirstFile("tallystick.toml", "tallystick.toml", here)
    elsewhere = _where_git_is()
    gitlab = Path(".gitlab-ci.yml")
    workflow = gitlab if gitlab.exists() else Path(".github/workflows/contracts.yml")
    template = "gitlab.yml" if workflow is gitlab else "github.yml"
    yield _FirstFile(str(workflow), template, elsewhere or _what_it_has(workflow, "tallystick check"))
    hooks = Path(".pre-commit-config.yaml")
    yield _FirstFile(str(hooks), "pre-commit.yaml", elsewhere or _what_it_has(hooks, "tallystick-check"))


def _where_git_is() -> str:
    """Why CI would not see a file here: the repository is that of a folder above; "" where it would."""
    here = Path.cwd()
    if (here / ".git").exists():
        return ""
    root = next((folder for folder in here.parents if (folder / ".git").exists()), None)
    return f"the repository is {root}; run `tallystick init` there" if root is not None else ""


def _what_it_has(file: Path, sign: str) -> str:
    """Why a file of the user's is left as it is; "" if it is not there."""
    try:
        text = file.read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"it cannot be read ({reason(error)})"
    return "it has tallystick" if sign in text else f"it is yours; run `{sign.replace('-', ' ', 1)}` there"


def _named(contracts: Sequence[str]) -> list[str]:
    """What the configuration names: the contracts, or the folders that they are in where they are many."""
    if not contracts:
        return [str(Path(_CONTRACT).parent)]
    if len(contracts) <= _MOST_NAMED:
        return list(contracts)
    return sorted({str(Path(each).parent) for each in contracts})


def _pinned() -> str:
    return f"=={version()}" if version() else ""


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, text.encode("utf-8"))
    except OSError as error:
        raise UnreachableError(f"{file}: cannot be written: {reason(error)}") from None
