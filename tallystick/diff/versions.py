"""What the version of a contract ought to become, by Semantic Versioning 2.0.0."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tallystick.diff.table import TABLE
from tallystick.nouns.change import Change, Grade, Way

_VERSION = re.compile(r"v?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?(?:[-+].*)?")
_PLAIN = ("operation-tags-changed", "operation-id-added", "operation-reinstated")
_STEPS = ("major", "minor", "patch")

Number = tuple[int, int, int]


def needed_step(changes: Sequence[Change]) -> str:
    """The part of the version that has to rise: `major`, `minor` or `patch`."""
    if any(change.grade is Grade.BREAKING for change in changes):
        return "major"
    if any(TABLE[change.rule].way is not Way.CONTRACT or change.rule not in _PLAIN for change in changes):
        return "minor"
    return "patch"


def advice(old: str, new: str, changes: Sequence[Change], is_same: bool) -> tuple[str, bool]:
    """What is to be said of the version of the new contract, and whether it is too low.

    "" and False where it is as it ought to be; `is_same` says that both contracts have the same text.
    """
    if is_same:
        return "", False
    step = needed_step(changes)
    before, after = _number(old), _number(new)
    if before is None or after is None:
        if old == new:
            return f"the version {new} was not changed, and a {step} change was made", True
        return "", False
    least = _least(before, step)
    if after >= least:
        return "", False
    shown = ".".join(map(str, least))
    state = f"is still {new}" if old == new else f"went from {old} to {new}"
    return f"the version {state}, and ought to be {shown} at least: {_why(step)}", True


def _number(version: str) -> Number | None:
    match = _VERSION.fullmatch(version.strip())
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def _least(before: Number, step: str) -> Number:
    """The least version after a change; before 1.0.0 a minor version may break (item 4), and a patch may add."""
    major, minor, patch = before
    if major == 0:
        step = _STEPS[min(_STEPS.index(step) + 1, 2)]
    if step == "major":
        return major + 1, 0, 0
    return (major, minor + 1, 0) if step == "minor" else (major, minor, patch + 1)


def _why(step: str) -> str:
    reasons = {"major": "it breaks clients", "minor": "it adds or changes something", "patch": "its text was changed"}
    return reasons[step]
