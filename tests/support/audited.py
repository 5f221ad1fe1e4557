"""Imports generated modules in a process of its own, under an audit hook, and tells what else happened.

Run as a script with files, one a line on standard input, it prints what the hook heard of each, as JSON.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import unicodedata  # noqa: F401  # Python itself imports it for names of other letters
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HEARD = "tallystick.heard"
"""The event that a hostile text would raise if it ran as code."""
_UNASKED = ("subprocess.", "os.", "socket.", "shutil.", "ctypes.", "urllib.", "http.", "ftplib.", "tempfile.", "code.")


def unexpected(usual: Path, files: Iterable[Path]) -> dict[Path, list[str]]:
    """By file, what happened at its import and the building of its types that no model does; empty where nothing did.

    A module that cannot be imported, or has a type that cannot be built, tells that. What is imported for the `usual`
    module is nothing unexpected.
    """
    listed = "\n".join(map(str, (usual, *files)))
    done = subprocess.run(
        [sys.executable, "-B", "-W", "error", __file__], input=listed, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    heard: dict[str, list[str]] = json.loads(done.stdout)
    return {Path(file): events for file, events in heard.items()}


class _Hook:
    """Notes the events of what is imported, once it listens."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.is_listening = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.is_listening and self.is_unexpected(event, arguments):
            self.heard.append(f"{event} {arguments!r}"[:500])

    def is_unexpected(self, event: str, arguments: tuple[Any, ...]) -> bool:
        """Whether a model has no reason for an event."""
        if event == "open":
            return isinstance(arguments[1], str) and not set(arguments[1]) <= set("rbt")
        if event == "import":
            return not str(arguments[0]).startswith(_NAME)
        return event == HEARD or event.startswith(_UNASKED)


_NAME = "hostile_models"


def _failure(file: str) -> list[str]:
    """Why a module cannot be imported, or has a type that cannot be built; empty where all is well."""
    from pydantic import BaseModel, TypeAdapter
    from typing_extensions import TypeAliasType

    spec = importlib.util.spec_from_file_location(_NAME, file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[_NAME] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        for value in list(vars(module).values()):
            if isinstance(value, type) and issubclass(value, BaseModel) and value.__module__ == _NAME:
                value.model_rebuild()
            elif isinstance(value, TypeAliasType):
                TypeAdapter(value)
    except Exception as error:  # whatever a module raises is told
        return [f"{type(error).__name__}: {error}"]
    return []


def main() -> None:
    """Import the files, and listen from the second one on."""
    hook = _Hook()
    sys.addaudithook(hook)
    usual, *files = sys.stdin.read().splitlines()
    result = {usual: _failure(usual)}
    for file in files:
        hook.heard = result[file] = []
        hook.is_listening = True
        failure = _failure(file)
        hook.is_listening = False
        result[file] += failure
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
