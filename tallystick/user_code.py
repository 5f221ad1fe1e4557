"""The user's own modules: import them by name, and describe in one line what they raise."""

from __future__ import annotations

import importlib
import os
import re
import sys
import traceback
from pathlib import Path
from types import ModuleType

from tallystick.nouns.errors import UnreachableError, UsageError

_INSTALLED = re.compile(r"[/\\\\](?:site|dist)-packages[/\\\\]")
_NOT_THEIRS = frozenset(("tallystick", "__main__"))


def import_user_module(name: str, asked: str, expected: str) -> ModuleType:
    """The module of a dotted name; `UsageError` where there is none, whose message ends with what was `expected`."""
    module = find_user_module(name, asked)
    if module is not None:
        return module
    parts = name.split(".")
    prefixes = (".".join(parts[:length]) for length in range(1, len(parts) + 1))
    missing = next(prefix for prefix in prefixes if find_user_module(prefix, asked) is None)
    raise UsageError(f"{asked}: there is no module {missing!r} here; {expected}")


def find_user_module(name: str, asked: str) -> ModuleType | None:
    """The module of a dotted name, looked for in the working folder first; None where there is none of that name.

    Raises `UnreachableError` where the module is there and cannot be imported. `asked` begins its message: how the user
    asked for the module (`--handlers shop.handlers`).
    """
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            return None
        raise unloadable(asked, error) from None
    except (Exception, SystemExit) as error:  # whatever the user's own module raises
        raise unloadable(asked, error) from error


def user_modules() -> dict[str, Path]:
    """The modules that were imported from files below the working folder, with these files; no installed ones."""
    here = Path.cwd()
    modules: dict[str, Path] = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and not _INSTALLED.search(file) and name.partition(".")[0] not in _NOT_THEIRS:
            path = Path(file)
            if path.is_relative_to(here):
                modules[name] = path
    return modules


def unloadable(asked: str, error: BaseException) -> UnreachableError:
    """The error for a user's module whose own code raised something when it was imported."""
    return UnreachableError(f"{asked}: cannot be loaded: {describe_error(error)}")


def describe_error(error: BaseException) -> str:
    """An exception in one line, with the file and line that raised it: `KeyError: 'id' (shop/main.py:12)`."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return f"{type(error).__name__}: {error.msg} ({os.path.relpath(error.filename)}:{error.lineno})"
    text = " ".join(str(error).split())
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return f"{type(error).__name__}: {text}"
    return f"{type(error).__name__}: {text} ({os.path.relpath(frames[-1].filename)}:{frames[-1].lineno})"
