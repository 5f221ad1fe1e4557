"""Work without garbage collection, and what the collector sees afterwards."""

from __future__ import annotations

import gc

from tallystick.documents.garbage_collection import in_place_of_others, uncollected


def test_what_was_made_meanwhile_is_old_afterwards() -> None:
    """The collector is off for a while, and does not look at all that was made at once when it is on again."""
    gc.unfreeze()  # what a command that ran in this process has frozen
    gc.collect()
    with uncollected():
        assert not gc.isenabled()
        kept = [[number] for number in range(10_000)]
    assert gc.isenabled()
    assert gc.get_count()[0] < len(kept)
    assert gc.get_freeze_count() == 0
    cycle: list[object] = []
    cycle.append(cycle)
    del cycle
    assert gc.collect() >= 1


def test_it_stays_off_for_who_has_switched_it_off() -> None:
    """Within another such block, and where a program did so itself, it is not switched on."""
    with uncollected():
        with uncollected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_is_exempt_for_good_is_looked_at_when_something_takes_its_place() -> None:
    """Within the block everything can be collected; behind it all that is left is exempt again."""
    gc.unfreeze()
    with uncollected(for_good=True):
        cycle: list[object] = []
        cycle.append(cycle)
        del cycle
    assert gc.get_freeze_count() > 0
    with in_place_of_others():
        assert gc.get_freeze_count() == 0
        assert gc.collect() >= 1
    assert gc.get_freeze_count() > 0
    gc.unfreeze()
    with in_place_of_others():
        pass
    assert gc.get_freeze_count() == 0
