"""The user's own modules: import them by name, and describe in one line what they raise."""

from __future__ import annotations

import importlib
import os
import re
import sys
import sysconfig
import traceback
from pathlib import Path
from types import ModuleType

from tallystick.nouns.errors import UnreachableError, UsageError

_INSTALLED = re.compile(r"[/\\\\](?:site|dist)-packages[/\\\\]")
_STANDARD_LIBRARY = tuple(
    os.path.join(folder, "") for name, folder in sysconfig.get_paths().items() if name in ("stdlib", "platstdlib")
)
_OWN_FOLDER = os.path.join(os.path.dirname(__file__), "")
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
    """An exception in one line, with the line of the user's code that it is of: `KeyError: 'id' (shop/main.py:12)`."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return f"{type(error).__name__}: {error.msg} ({os.path.relpath(error.filename)}:{error.lineno})"
    text = " ".join(str(error).split())
    file, line = users_place(error)
    return f"{type(error).__name__}: {text} ({file}:{line})" if file else f"{type(error).__name__}: {text}"


def users_place(error: BaseException) -> tuple[str, int]:
    """The file and the line of the user's own code that an exception comes from; ("", 0) where nothing is known.

    That is the innermost frame in a file below the working folder; else the innermost one that is neither of an
    installed package nor of Python itself; else the innermost one of all.
    """
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if os.path.isfile(frame.filename)]
    here = os.path.join(os.getcwd(), "")
    theirs = [frame for frame in frames if not _is_foreign(frame.filename)]
    own = [frame for frame in theirs if os.path.abspath(frame.filename).startswith(here)]
    for candidates in (own, theirs, frames):
        if candidates:
            return os.path.relpath(candidates[-1].filename), candidates[-1].lineno or 0
    return "", 0


def _is_foreign(file: str) -> bool:
    """Whether a file is of an installed package, of Python's standard library, or of tallystick."""
    return bool(_INSTALLED.search(file)) or file.startswith((*_STANDARD_LIBRARY, _OWN_FOLDER))
