"""Fixtures of several modules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.browser import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser for all tests of a module; its driver has an event loop, which other modules must not meet."""
    with chromium() as started:
        yield started
