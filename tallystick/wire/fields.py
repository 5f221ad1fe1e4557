"""The fields of a query or form, by name; those whose names begin alike are found without a look at all others."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property

from tallystick.wire.values import pairs


class Fields(dict[str, list[str]]):
    """Raw values by decoded name, in order."""

    def beginning_with(self, prefix: str) -> list[tuple[str, list[str]]]:
        """The fields whose names begin with a prefix, in order."""
        names = self._sorted
        names_below: list[str] = []
        for index in range(bisect_left(names, prefix), len(names)):
            if not names[index].startswith(prefix):
                break
            names_below.append(names[index])
        if len(names_below) > 1:
            names_below.sort(key=self._positions.__getitem__)
        return [(name, self[name]) for name in names_below]

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self)

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self)}


def fields_of(query: str) -> Fields:
    """The fields of a query or form."""
    fields = Fields()
    for name, raw in pairs(query):
        fields.setdefault(name, []).append(raw)
    return fields


class OtherFields:
    """Says of query fields whether they belong to another parameter than a given one, or to a security scheme."""

    def __init__(self, parameter_names: list[str], key_names: set[str]) -> None:
        self._counts: dict[str, int] = {}
        for name in parameter_names:
            self._counts[name] = self._counts.get(name, 0) + 1
        self._key_names = key_names
        self._longest = max(map(len, self._counts), default=0)

    def belongs_elsewhere(self, own: str, name: str) -> bool:
        """Whether a field is not that of the parameter `own`: it has another's name, maybe with brackets behind it."""
        if name in self._key_names or self.is_named(own, name):
            return True
        bracket = name.find("[")
        while 0 <= bracket <= self._longest:
            if self.is_named(own, name[:bracket]):
                return True
            bracket = name.find("[", bracket + 1)
        return False

    def is_named(self, own: str, name: str) -> bool:
        """Whether a field has the name of another parameter than `own`."""
        return self._counts.get(name, 0) > (name == own)
