"""The extras of an installation: libraries that only some commands need, and the line that installs them."""

from __future__ import annotations

EXTRAS = {
    "fuzz": "tallystick fuzz",
    "http2": "an upstream that speaks HTTP/2",
    "models": "tallystick models",
    "redis": "state in a Redis",
    "second-opinion": "tallystick check --second-opinion",
    "tls": "a certificate of the mock's own",
}
"""What each extra is for."""


def install_line(extra: str) -> str:
    """The command that installs an extra."""
    assert extra in EXTRAS
    return f"python -m pip install 'tallystick[{extra}]'"


def lacks(extra: str, library: str, error: ImportError) -> str:
    """The sentence about a library that cannot be imported: what needs it, and what to type."""
    return f"{EXTRAS[extra]} needs {library}, which cannot be imported ({error}); type: {install_line(extra)}"
