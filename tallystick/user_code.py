"""Modules of the user's own: imported by name, and what they raise said in one line."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from types import ModuleType

from tallystick.nouns.errors import UnreachableError


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
        raise _unloadable(asked, error) from None
    except (Exception, SystemExit) as error:  # whatever the user's own module raises
        raise _unloadable(asked, error) from error


def _unloadable(asked: str, error: BaseException) -> UnreachableError:
    return UnreachableError(f"{asked}: cannot be loaded: {describe_error(error)}")


def describe_error(error: BaseException) -> str:
    """What was raised, and where in the last file that it went through: `KeyError: 'id' (shop/main.py:12)`."""
    text = " ".join(str(error).split())
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return f"{type(error).__name__}: {text}"
    return f"{type(error).__name__}: {text} ({os.path.relpath(frames[-1].filename)}:{frames[-1].lineno})"
