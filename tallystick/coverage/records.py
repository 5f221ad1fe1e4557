"""The records of coverages in what other commands reported."""

from __future__ import annotations

from tallystick.nouns.json_value import JSON


def records_in(value: JSON) -> list[JSON]:
    """The records in a report of a fuzz run, of coverages, or a record itself; empty for anything else."""
    if not isinstance(value, dict):
        return []
    if isinstance(value.get("seen"), dict) and "exchanges" in value:
        return [value]
    several = value.get("coverages")
    holders = several if isinstance(several, list) else [value.get("coverage")]
    return [each["record"] for each in holders if isinstance(each, dict) and isinstance(each.get("record"), dict)]
