"""The pages of the site that are made from the code."""

from __future__ import annotations

import importlib.util

import pytest
from support.folders import ROOT

from tallystick.cli import COMMANDS


def test_every_command_and_flag_has_its_place() -> None:
    """The page of commands has each command, and the flags of one that is below another."""
    pytest.importorskip("mkdocs")
    spec = importlib.util.spec_from_file_location("site_hooks", ROOT / "docs" / "hooks.py")
    assert spec is not None
    assert spec.loader is not None
    hooks = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hooks)
    page = hooks.commands_page()
    assert [name for name in COMMANDS if f"\n## tallystick {name}\n" not in page] == []
    assert "Usage: tallystick report merge [OPTIONS] FILE..." in page
