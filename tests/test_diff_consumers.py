"""Whom a change hits: recordings of consumers, judged by the new contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.archives import archive, entry
from support.commands import run, written

OLD = """
openapi: 3.1.0
info: {title: Pets, version: 1.2.0}
servers: [{url: 'https://pets.test/v1'}]
paths:
  /pets:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer, maximum: 100}}
        - {name: sort, in: query, schema: {type: string}}
      responses:
        '200':
          description: Pets
          content:
            application/json:
              schema: {type: array, items: {type: object, required: [name], properties: {name: {type: string}}}}
  /dogs: {get: {responses: {'200': {description: Dogs}}}}
"""
NEW = OLD.replace("maximum: 100", "maximum: 50")


def asked(query: str) -> dict[str, Any]:
    """An entry of a HAR file: a list of pets that somebody asked for."""
    return entry(f"GET https://pets.test/v1/pets{query}", 200, [{"name": "Rex"}])


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two contracts, and what two consumers were seen to send."""
    written(tmp_path, "old.yaml", OLD)
    written(tmp_path, "new.yaml", NEW)
    for name, entries in (
        ("web", [asked("?limit=80"), asked("?limit=10"), asked("")]),
        ("app/first", [asked("?limit=20")]),
        ("app/second", [asked("?sort=name")]),
    ):
        written(tmp_path, f"traffic/{name}.har", json.dumps(archive(*entries)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def consumers(rule: str) -> list[dict[str, Any]]:
    output = run("diff", "old.yaml", "new.yaml", "--consumers", "traffic", "--format", "json").output
    (change,) = [each for each in json.loads(output)["changes"] if each["rule"] == rule]
    found: list[dict[str, Any]] = change["consumers"]
    return found


@pytest.mark.usefixtures("pair")
def test_each_change_says_who_uses_what_has_changed() -> None:
    """A consumer is named with how often it sends the parameter, how often that is refused now, and when last."""
    assert consumers("request-maximum-narrowed") == [
        {"name": "app", "used": 1, "refused": 0, "last": "2026-01-01"},
        {"name": "web", "used": 2, "refused": 1, "last": "2026-01-01"},
    ]
    output = run("diff", "old.yaml", "new.yaml", "--consumers", "traffic/web.har").output
    assert "used by web (2 times, 1 of them refused now, last on 2026-01-01)" in output


def test_what_nobody_uses(pair: Path) -> None:
    """A change that no recording concerns says so, and does not fail with --consumers-only."""
    written(pair, "new.yaml", OLD.replace("/dogs:", "/hounds:"))
    flags = ("--consumers", "traffic")
    assert "nobody seen uses it" in run("diff", "old.yaml", "new.yaml", *flags).output
    assert run("diff", "old.yaml", "new.yaml", *flags).exit_code == 1
    assert run("diff", "old.yaml", "new.yaml", *flags, "--consumers-only").exit_code == 0


@pytest.mark.usefixtures("pair")
def test_only_what_a_consumer_feels_fails() -> None:
    """With --consumers-only a narrowed parameter fails where a recorded request is refused now."""
    flags = ("--consumers-only", "--consumers")
    assert run("diff", "old.yaml", "new.yaml", *flags, "traffic/web.har").exit_code == 1
    assert run("diff", "old.yaml", "new.yaml", *flags, "traffic/app").exit_code == 0
    assert run("diff", "old.yaml", "new.yaml", "--consumers-only").exit_code == 2


def test_a_response_that_was_read(pair: Path) -> None:
    """A changed property of a response concerns who was sent it."""
    written(pair, "new.yaml", OLD.replace("{name: {type: string}}", "{name: {type: [string, integer]}}"))
    assert [each["name"] for each in consumers("response-type-widened")] == ["app", "web"]


@pytest.mark.usefixtures("pair")
def test_a_folder_without_recordings() -> None:
    """A folder that has no recordings is told, and a file that is none."""
    Path("empty").mkdir()
    assert run("diff", "old.yaml", "new.yaml", "--consumers", "empty").exit_code == 3
    assert run("diff", "old.yaml", "new.yaml", "--consumers", "old.yaml").exit_code == 3
