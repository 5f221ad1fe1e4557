"""Opens the page of a mock in the user's browser."""

from __future__ import annotations

import os
from functools import partial

from tallystick.mock.app import Mock
from tallystick.nouns.errors import UsageError
from tallystick.nouns.printing import of_server, print_error
from tallystick.nouns.threads import start_beside

_ANYWHERE = ("//0.0.0.0:", "//[::]:")
"""How the origin of a mock says that it is reached by each address of its machine."""


def page_path(app: Mock) -> str:
    """The path of the page of a mock; raises `UsageError` where it has none."""
    if app.control is None:
        raise UsageError("--open opens the page of the control API; leave out --no-control")
    if app.control.guard.is_off:
        raise UsageError("--open opens the page, which is off where others reach the mock; give --control-token TOKEN")
    return f"{app.control.paths.path}/"


def open_page(origin: str, path: str) -> None:
    """Open a page in the default browser, or say where it is; nobody waits for the browser."""
    for anywhere in _ANYWHERE:
        origin = origin.replace(anywhere, "//127.0.0.1:")
    start_beside(partial(_open, f"{origin}{path}"), "browser")


def _open(url: str) -> None:
    import webbrowser  # few starts open a browser

    try:
        # One in the terminal would take the place of the mock; what the variable BROWSER names is what its user wants.
        has_window = "BROWSER" in os.environ or type(webbrowser.get()) is not webbrowser.GenericBrowser
        is_open = has_window and webbrowser.open(url)
    except (webbrowser.Error, OSError):
        is_open = False
    if not is_open:
        print_error(of_server(f"there is no browser to open here; the page is {url}"))
