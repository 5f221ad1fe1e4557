"""How many connections a process holds follows from the file descriptors that it may have."""

from __future__ import annotations

import pytest

from tallystick.mock.serving.server import most_connections
from tallystick.nouns import budgets

resource = pytest.importorskip("resource", reason="this system has no limits of resources")


@pytest.mark.parametrize(
    ("limit", "count"),
    [(256, 128), (1024, 724), (1_048_576, budgets.CONNECTIONS), (resource.RLIM_INFINITY, budgets.CONNECTIONS)],
)
def test_some_descriptors_are_left_for_all_else(limit: int, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few hundred are kept back, but never more than half: a small limit leaves room for clients."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, limit))
    assert most_connections() == count
