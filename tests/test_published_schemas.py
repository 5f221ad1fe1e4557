"""The JSON Schemas that are published: made from the code, and kept by our own files."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from support.asking import asker, contract
from support.commands import CONTRACT, run, written
from support.folders import ROOT, TESTS
from support.mocking import PETS

from tallystick.cli.schema import FOLDER, NAMES
from tallystick.documents.text import parse
from tests.published_schemas import schemas, text_of

DOCS = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]
TOML = re.compile(r"```toml\n(.*?)```", re.DOTALL)


def faults(name: str, value: Any) -> list[str]:
    """Why a value does not keep a schema."""
    validator = jsonschema_rs.validator_for(json.loads((FOLDER / f"{name}.json").read_text()), validate_formats=True)
    return [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(value)]


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_what_the_code_says(name: str) -> None:
    """The published file is what `make docs` writes, and `tallystick schema` prints it."""
    published = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    assert published == text_of(schemas()[name])
    assert run("schema", name).output == published
    jsonschema_rs.meta.validate(json.loads(published))


def configurations() -> list[dict[str, Any]]:
    """Each configuration that the documentation shows, and our own."""
    found = [tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["tallystick"]]
    first = (ROOT / "tallystick" / "cli" / "first_files" / "tallystick.toml").read_text()
    found.append(tomllib.loads(first.replace("{{contracts}}", '["openapi"]')))
    for page in DOCS:
        for block in TOML.findall(page.read_text(encoding="utf-8")):
            table = tomllib.loads(block)
            table = table.get("tool", {}).get("tallystick", table)
            if not {"ignored", "known", "project"} & set(table):
                found.append(table)
    return found


def test_our_configurations_keep_the_schema() -> None:
    """Our own configuration, the one that `init` writes, and each that a page shows keep the schema."""
    assert len(configurations()) > 6
    assert [(each, fault) for each in configurations() for fault in faults("configuration", each)] == []


@pytest.mark.parametrize(
    "text",
    [
        "contract = []",
        "[mock]\nvalidate = 'loud'",
        "[mock]\nport = 4010",
        "[rules]\nexample-valid = 'off'",
        "[diff]\nfail-on = 'info'",
        "[fuzz]\nbearer = 'secret'",
        "[[overrides]]\nrules = {}",
    ],
)
def test_what_the_command_refuses_breaks_the_schema(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown key or value breaks the schema, and the command refuses it too."""
    assert faults("configuration", tomllib.loads(text)) != []
    written(tmp_path, "api.yaml", CONTRACT)
    written(tmp_path, "tallystick.toml", text)
    monkeypatch.chdir(tmp_path)
    command = {
        "[mock]": ("mock", "--list"),
        "[fuzz]": ("fuzz", "--url", "http://127.0.0.1:9"),
        "[diff]": ("diff", "api.yaml"),
    }
    arguments = command.get(text.partition("\n")[0], ("check",))
    assert run(*arguments, *(["api.yaml"] if arguments != ("check",) else [])).exit_code == 2


def test_our_scenarios_keep_the_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each scenario of the tests keeps the schema, and so do those of witnesses."""
    files = sorted((TESTS / "scenarios").rglob("*.yaml"))
    monkeypatch.chdir(tmp_path)
    new = CONTRACT.replace("/day:", "/night:")
    run(
        "diff", str(written(tmp_path, "a.yaml", CONTRACT)), str(written(tmp_path, "b.yaml", new)), "--witnesses", "kept"
    )
    witnesses = [*(tmp_path / "kept").glob("*.scenario.yaml")]
    assert len(witnesses) == 1
    told = [
        (file.name, fault) for file in (*files, *witnesses) for fault in faults("scenario", parse(file.read_text(), ""))
    ]
    assert told == []
    recorded = [*(tmp_path / "kept" / "recording").glob("*.yaml")]
    assert [fault for file in recorded for fault in faults("recording", parse(file.read_text(), ""))] == []
    assert len(recorded) == 1


def test_what_the_mock_tells_keeps_the_schema() -> None:
    """The journal that the control API gives keeps the schema."""
    ask = asker(contract(PETS))
    ask("GET /pets/1")
    ask("PUT /pets/x", {"Content-Type": "application/json"}, b"{}")
    listed = json.loads(ask("GET /_tallystick/journal", {"host": "localhost"}).body)
    assert len(listed["exchanges"]) == 2
    assert faults("journal", listed) == []
