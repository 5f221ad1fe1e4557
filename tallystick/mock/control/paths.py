"""Which requests are for the control API, by their paths."""

from __future__ import annotations

import re
from typing import NamedTuple

from tallystick.examples.pictures import PICTURES
from tallystick.mock.routes import normal_base_path
from tallystick.mock.sessions import MARK
from tallystick.nouns.errors import UsageError


class ControlTarget(NamedTuple):
    """A request for the control API: its path there, what stood before it, and what names a session in it, if that."""

    path: str
    prefix: str
    mark: str


class ControlPaths:
    """The paths of the control API: below its own at the root, and below the base path; with a session's name, or
    without."""

    def __init__(self, path: str, base: str) -> None:
        self.path = control_path(path)
        mark, below = rf"(?:({MARK[0]}{MARK[1]}[^/]*))?", f"(?:{re.escape(base)})?"
        self._pattern = re.compile(rf"({mark}{below}{mark}{re.escape(self.path)})(/.*|)", re.DOTALL)
        self.beginnings = tuple(dict.fromkeys((self.path, base + self.path)))

    def target(self, path: str) -> ControlTarget | None:
        """The target of a request for the control API; None for another request, such as one for a picture."""
        match = self._pattern.fullmatch(path)
        if match is None or path.startswith(PICTURES):
            return None
        prefix, first, second, below = match.groups()
        return ControlTarget(below or "/", prefix, first or second or "")


def control_path(text: str) -> str:
    """The path of the control API with a slash before it and none after it; `UsageError` for what cannot be one."""
    path = normal_base_path(text, "--control-path")
    if not path or path.startswith(MARK):
        raise UsageError(f"--control-path {text}: a path of its own was expected, as in /_tallystick")
    return path
