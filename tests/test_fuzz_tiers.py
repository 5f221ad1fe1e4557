"""How much a run tries: its tier, and what a change of the contract touches."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.order_api import TENANT, OrderApi, order_document

from tallystick.cli import main
from tallystick.cli.fuzz_cases import CaseOptions, tier_of
from tallystick.nouns.errors import Exit

app = OrderApi()
LOGIN = 'POST /token {"user": "ada", "password": "lovelace"}'


def options(**given: object) -> CaseOptions:
    """Options of which only some are given."""
    return {"tier": None, "seed": None, "max_examples": None, "max_time": None, **given}  # type: ignore[typeddict-item]


def test_a_tier_says_what_no_flag_says() -> None:
    """The tier for a pull request has a seed, a time and few phases; a flag goes before each of them."""
    tier = tier_of(options(tier="pr"))
    assert (tier.seed, tier.max_seconds, tier.phases) == (1, 80, ("examples", "coverage"))
    assert tier_of(options(tier="pr", seed=7, max_time=20))[:3] == (7, None, 20)
    assert tier_of(options(tier="nightly")).max_examples == 300
    assert "stateful" in tier_of(options()).phases


def git(folder: Path, *words: str) -> None:
    """A call of git in a folder."""
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def command(*words: str) -> Result:
    """`tallystick fuzz` on the orders of the working folder."""
    fixed = ("--app", "test_fuzz_tiers:app", "--login", LOGIN, "--set", f"X-Tenant={TENANT}", "--tier", "pr")
    return CliRunner().invoke(main, ["fuzz", "orders.json", *fixed, "--format", "json", *words])


def test_only_what_a_change_touches_is_tested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Since a revision, the operations that a change touches are tested; where there is none, nothing is."""
    monkeypatch.chdir(tmp_path)
    git(tmp_path, "init", "-q")
    document = order_document()
    (tmp_path / "orders.json").write_text(json.dumps(document))
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "one")
    result = command("--changed-since", "HEAD")
    assert result.exit_code == Exit.CLEAN
    assert result.stderr == "no operation of orders.json is touched by a change since HEAD\n"
    document["paths"]["/orders"]["get"]["parameters"][0]["schema"]["maximum"] = 50
    (tmp_path / "orders.json").write_text(json.dumps(document))
    told = json.loads(command("--changed-since", "HEAD").stdout)
    assert [each["operation"] for each in told["operations"]] == ["GET /orders"]
    result = command("--changed-since", "nowhere")
    assert result.exit_code == Exit.USAGE
    assert "--changed-since nowhere: git knows no such revision here" in result.stderr
