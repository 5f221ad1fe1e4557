"""Whether a known consumer feels a change."""

from __future__ import annotations

from tallystick.diff.table import TABLE
from tallystick.nouns.change import Change, Way

_STRUCTURAL = ("-removed", "-changed", "-replaced")


def is_felt(change: Change) -> bool:
    """Whether a consumer was seen whose requests are refused now, or who uses what is gone or is read otherwise."""
    seen = change.consumers or ()
    if any(each.refused for each in seen):
        return True
    is_refusal = TABLE[change.rule].way is Way.REQUEST and not change.rule.endswith(_STRUCTURAL)
    return not is_refusal and any(each.used for each in seen)
