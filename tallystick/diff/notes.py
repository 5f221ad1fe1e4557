"""The rules for what judges no value, and still means something to a reader of the contract."""

from __future__ import annotations

from tallystick.diff.spots import Spot
from tallystick.diff.views import EXTENSIBLE, View
from tallystick.nouns.change import Way

_NAMES = {"deprecated": "deprecated", "readOnly": "read-only", "writeOnly": "write-only"}
_CODINGS = ("contentMediaType", "contentEncoding")


def of_note(way: Way, spot: Spot, is_parameter: bool) -> str:
    """The rule for a change of a keyword that judges no value."""
    keyword = spot.keyword
    is_old, is_new = (keyword in view.notes for view in (spot.old_view, spot.new_view))
    change = "changed" if is_old and is_new else "added" if is_new else "removed"
    if keyword == "discriminator":
        return _of_discriminator(way, spot)
    if keyword == "contentSchema":
        return f"{way}-content-schema-changed"
    if keyword in _CODINGS:
        return f"{way}-content-coding-{change}"
    if keyword == EXTENSIBLE:
        old, new = (_known_values(view) for view in (spot.old_view, spot.new_view))
        return f"{way}-known-value-{'removed' if not new >= old else 'added'}"
    if keyword == "default":
        if is_parameter and not spot.levels:
            return "request-default-changed" if is_old else "request-default-added"
        return f"{way}-property-default-changed"
    return f"{way}-{_NAMES[keyword]}-changed"


def _known_values(view: View) -> set[str]:
    values = view.notes.get(EXTENSIBLE)
    return set(map(str, values)) if isinstance(values, list) else set()


def _of_discriminator(way: Way, spot: Spot) -> str:
    old, new = spot.old_view.discriminators, spot.new_view.discriminators
    if spot.detail:
        is_old, is_new = (any(spot.detail in mapped for mapped in each.values()) for each in (old, new))
        return f"{way}-discriminator-value-{'changed' if is_old and is_new else 'added' if is_new else 'removed'}"
    return f"{way}-discriminator-{'changed' if old and new else 'added' if new else 'removed'}"


def discriminator_fact(spot: Spot) -> str:
    """What was changed of a discriminator, in words."""
    old, new = spot.old_view.discriminators, spot.new_view.discriminators
    if not spot.detail:
        names = [" and ".join(map(repr, each)) for each in (old, new)]
        if old and new:
            return f"the discriminator was {names[0]} and is {names[1]}"
        return f"the discriminator {names[1]} was added" if new else f"the discriminator {names[0]} was removed"
    targets = [
        node.path[-1] if node is not None else "a schema that cannot be read"
        for each in (old, new)
        for mapped in each.values()
        for node in ([mapped[spot.detail]] if spot.detail in mapped else [])
    ]
    value = f"the value {spot.detail!r} of the discriminator"
    if len(targets) > 1:
        return f"{value} named {targets[0]} and names {targets[1]}"
    is_new = any(spot.detail in mapped for mapped in new.values())
    return f"{value} was {'added, for' if is_new else 'removed, which named'} {targets[0]}"
