"""docs/architecture.md is true of the tree."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text()
_PATH = re.compile(r"`((?:tallystick|mock_server|tests|docs|openapi|generated|benchmarks)/[\w./]*)`")


def test_every_path_on_the_page_is_there() -> None:
    """A file or folder that the page names exists."""
    paths = _PATH.findall(PAGE)
    assert len(paths) > 40
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_room_is_on_the_map_in_the_order_of_the_floors() -> None:
    """The map has each folder of the package once, in the order in which the import floors have them."""
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]["layers"]
    rooms = [
        room.strip() for layer in layers for room in layer.split("|") if (ROOT / "tallystick" / room.strip()).is_dir()
    ]
    table = PAGE.partition("| room |")[2].partition("\n\n")[0]
    on_the_map = [
        path
        for row in table.splitlines()
        for path in re.findall(r"`tallystick/(\w+)/`", row.partition("|")[2].partition("|")[0])
    ]
    assert on_the_map == rooms
    assert set(rooms) == {folder.parent.name for folder in (ROOT / "tallystick").glob("*/__init__.py")}


def test_each_command_has_its_walk() -> None:
    """There is a walk for each command, which begins at its module."""
    for module in (ROOT / "tallystick" / "cli").glob("*.py"):
        if "command" in re.findall(r"^def (\w+)", module.read_text(), re.MULTILINE):
            assert f"`tallystick/cli/{module.name}`" in PAGE.partition("## Walks")[2]


def importers() -> dict[str, set[str]]:
    """The modules of the package that import each library, as paths from the root of the repository."""
    paths: dict[str, set[str]] = {}
    for module in (ROOT / "tallystick").rglob("*.py"):
        for statement in ast.walk(ast.parse(module.read_text())):
            names = [alias.name for alias in statement.names] if isinstance(statement, ast.Import) else []
            if isinstance(statement, ast.ImportFrom):
                names.append(statement.module or "")
            for name in names:
                paths.setdefault(name.partition(".")[0], set()).add(module.relative_to(ROOT).as_posix())
    return paths


def test_each_library_is_imported_where_the_page_says() -> None:
    """A library in the table is imported at the places in its row, and nowhere else."""
    rows = PAGE.partition("| where it is imported |\n|---|---|\n")[2].partition("\n\n")[0].splitlines()
    assert len(rows) > 5
    importing = importers()
    for row in rows:
        library, *places = re.findall(r"`([^`]+)`", row)
        modules = {
            module.relative_to(ROOT).as_posix()
            for place in places
            for path in ROOT.glob(place.rstrip("/"))
            for module in ([path] if path.is_file() else path.rglob("*.py"))
        }
        assert importing.get(library), row
        assert importing[library] <= modules, (library, importing[library] - modules)
