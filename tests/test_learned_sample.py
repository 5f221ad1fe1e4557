"""Our own mock's traffic, recorded, replayed and learned from: a bounded sample of what `make learned` does."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.folders import OPENAPI

from tallystick.contracts.read import read_contract
from tests.learned import LEAST_AGREED, measured

FILES = sorted(OPENAPI.glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_recorded_is_replayed_and_learned(file: Path) -> None:
    """A replay answers as the mock did; the learned contract is valid, kept by the recording, and as the true one."""
    row = measured(read_contract(file), file.name, 6, 6)
    assert row.other_answers == []
    assert row.flaws == []
    assert row.seen > 0
    assert row.agreed >= LEAST_AGREED * row.seen, [*row.notes, *row.other_members]
