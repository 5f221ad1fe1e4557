"""The names that `import tallystick` gives to library users."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tallystick

ROOT = Path(__file__).parent.parent
LIBRARY = (ROOT / "docs" / "library.md").read_text()


def static_imports() -> dict[str, str]:
    """What type checkers see: each name that the front door imports under TYPE_CHECKING, and where it is defined."""
    tree = ast.parse(Path(tallystick.__file__).read_text())
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    return {
        alias.asname or alias.name: f"{node.module}:{alias.name}" if alias.asname else str(node.module)
        for node in imports
        for alias in node.names
        if str(node.module).startswith("tallystick.")
    }


@pytest.mark.parametrize("name", tallystick.__all__)
def test_each_name_is_there_and_documented(name: str) -> None:
    """Every name of the front door is a class or function with a docstring of its own."""
    value = getattr(tallystick, name)
    assert callable(value)
    assert value.__doc__
    assert value.__doc__ not in (tuple.__doc__, Exception.__doc__)
    assert name in dir(tallystick)


def test_type_checkers_see_what_is_imported() -> None:
    """The imports for type checkers name the same things, from the same modules, as those on first use."""
    assert static_imports() == tallystick._SOURCES
    assert sorted(tallystick.__all__) == sorted(static_imports())


def test_the_page_lists_every_name() -> None:
    """The table of docs/library.md has each name once, and no other."""
    rows = [line.split("|")[1] for line in LIBRARY.splitlines() if line.startswith("| `")]
    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sorted(tallystick.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    """A misspelt name fails as it does for every module."""
    with pytest.raises(AttributeError, match="module 'tallystick' has no attribute 'juge'"):
        _ = tallystick.juge  # type: ignore[attr-defined]


def modules_loaded_by(statement: str) -> list[str]:
    """The modules of ours that a fresh interpreter has loaded after a statement."""
    code = f"{statement}\nimport sys\nprint(*(name for name in sys.modules if name.startswith('tallystick')))"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def test_importing_the_package_loads_nothing_else() -> None:
    """`import tallystick` loads no other module of ours."""
    assert modules_loaded_by("import tallystick") == ["tallystick"]


def test_the_command_line_pays_nothing_for_the_front_door() -> None:
    """The command line loads none of the rooms that the front door leads to."""
    rooms = {name.split(".")[1] for name in modules_loaded_by("import tallystick.cli") if "." in name}
    assert rooms == {"cli", "nouns"}


def test_a_star_import_gives_every_name() -> None:
    """`from tallystick import *` gives all names of the front door."""
    namespace: dict[str, object] = {}
    exec("from tallystick import *", namespace)
    assert set(tallystick.__all__) <= namespace.keys()


def test_the_example_of_the_page_prints_what_stands_below_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each Python block of docs/library.md runs in the repository, and prints the block of text that follows it."""
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", LIBRARY, re.DOTALL)
    assert blocks
    for code, output in blocks:
        exec(compile(code, "library.md", "exec"), {"__name__": "__main__"})
        assert capsys.readouterr().out == output
